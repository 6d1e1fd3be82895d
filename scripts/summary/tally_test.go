// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func tell(t *testing.T, lines ...string) (text string, well bool) {
	t.Helper()
	var out strings.Builder
	sum := newTally(&out)
	if err := sum.read(strings.NewReader(strings.Join(lines, "\n"))); err != nil {
		t.Fatal(err)
	}
	well = sum.close()
	return out.String(), well
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestSubtestsAreCountedInPlaceOfTheirParent(t *testing.T) {
	text, well := tell(t,
		`{"Action":"run","Package":"p","Test":"TestA"}`,
		`{"Action":"run","Package":"p","Test":"TestA/sqlite"}`,
		`{"Action":"run","Package":"p","Test":"TestA/postgres"}`,
		`{"Action":"pass","Package":"p","Test":"TestA/sqlite"}`,
		`{"Action":"output","Package":"p","Test":"TestA/postgres","Output":"    x_test.go:9: no server\n"}`,
		`{"Action":"skip","Package":"p","Test":"TestA/postgres"}`,
		`{"Action":"pass","Package":"p","Test":"TestA"}`,
		`{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}`,
		`{"Action":"pass","Package":"p"}`)
	if got := lastLine(text); got != "1 passed, 0 failed, 1 skipped" || !well {
		t.Errorf("summary = %q, well = %t", got, well)
	}
	if !strings.Contains(text, "skipped 1: no server\n  p TestA/postgres") || !strings.Contains(text, "ok  \tp") {
		t.Errorf("want the reason of the skip and the package's line in:\n%s", text)
	}
}

func TestAFailureIsShownOnceWithItsOutput(t *testing.T) {
	text, well := tell(t,
		`{"Action":"output","Package":"p","Output":"-test.shuffle 77\n"}`,
		`{"Action":"run","Package":"p","Test":"TestA"}`,
		`{"Action":"run","Package":"p","Test":"TestA/x"}`,
		`{"Action":"output","Package":"p","Test":"TestA/x","Output":"=== RUN   TestA/x\n"}`,
		`{"Action":"output","Package":"p","Test":"TestA/x","Output":"    x_test.go:3: got 1, want 2\n"}`,
		`{"Action":"fail","Package":"p","Test":"TestA/x"}`,
		`{"Action":"fail","Package":"p","Test":"TestA"}`,
		`{"Action":"fail","Package":"p"}`)
	if got := lastLine(text); got != "0 passed, 1 failed, 0 skipped" || well {
		t.Errorf("summary = %q, well = %t", got, well)
	}
	if strings.Count(text, "got 1, want 2") != 1 || strings.Contains(text, "=== RUN") || !strings.Contains(text, "-test.shuffle=77") {
		t.Errorf("want the failure once, the order and no noise in:\n%s", text)
	}
}

func TestAPackageThatDoesNotBuildHasFailed(t *testing.T) {
	text, well := tell(t,
		`{"ImportPath":"p","Action":"build-output","Output":"p/x.go:3:1: syntax error\n"}`,
		`{"ImportPath":"p","Action":"build-fail"}`,
		`{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}`,
		`{"Action":"fail","Package":"p","FailedBuild":"p"}`)
	if got := lastLine(text); got != "0 passed, 1 failed, 0 skipped" || well {
		t.Errorf("summary = %q, well = %t", got, well)
	}
	if !strings.Contains(text, "syntax error") {
		t.Errorf("want the compiler's words in:\n%s", text)
	}
}

func TestATestThatNeverEndedIsShown(t *testing.T) {
	text, well := tell(t,
		`{"Action":"run","Package":"p","Test":"TestA"}`,
		`{"Action":"output","Package":"p","Test":"TestA","Output":"panic: test timed out\n"}`,
		`{"Action":"fail","Package":"p"}`)
	if well || !strings.Contains(text, "TestA did not end") || !strings.Contains(text, "timed out") {
		t.Errorf("well = %t, text:\n%s", well, text)
	}
}

func TestARunWithoutTestsIsNotWell(t *testing.T) {
	if text, well := tell(t, `go: cannot find main module`); well || !strings.Contains(text, "cannot find main module") {
		t.Errorf("well = %t, text:\n%s", well, text)
	}
}
