// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const peopleList = "নাম,Mobile,NID,Sex\nরহিমা খাতুন,01712345678,1234567890,নারী\nAbdul Karim,01812345678,,M\nNo Sex,01912345678,,perhaps\n"

// consented is what has to be said of everybody in a list.
func consented(more ...string) []string {
	return append([]string{"--consent", "register,contact", "--method", "signed", "--on", "2026-02-01", "--statement", "Each signed a form at the desk."}, more...)
}

// store makes a store with one office and returns the flags that name it.
func storeWithOffice(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	must(t, "user", "add", "farid", "--name", "Farid Ahmed", "--organisation", "Shetu", "--office", "Head office", "--data", dir)
	return []string{"--data", dir, "--office", "Head office"}
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func imported(t *testing.T, parts ...[]string) said {
	t.Helper()
	args := []string{"import", "persons"}
	for _, p := range parts {
		args = append(args, p...)
	}
	return run(t, args...)
}

func TestAListIsBroughtInAndTakenBack(t *testing.T) {
	at := storeWithOffice(t)
	list, wrong := written(t, "list.csv", peopleList), filepath.Join(t.TempDir(), "wrong.xlsx")
	dry := imported(t, []string{list, "--dry-run"}, at, consented())
	if dry.code != 9 || !strings.Contains(dry.out, "3 rows: 2 can be entered, 1 are wrong") || !strings.Contains(dry.out, "row 4: Sex: Write female, male or other.") {
		t.Errorf("dry run: %d\n%s\n%s", dry.code, dry.out, dry.errs)
	}
	stopped := imported(t, []string{list}, at, consented())
	if stopped.code != 9 || !strings.Contains(stopped.errs, "Nobody was entered") {
		t.Errorf("with a wrong row: %d %s", stopped.code, stopped.errs)
	}
	batch := regexp.MustCompile(`Batch (\S+)`).FindStringSubmatch(stopped.out)[1]
	resumed := imported(t, []string{"--resume", batch, "--leave-out", "--errors", wrong}, at[:2])
	if resumed.code != 9 || !strings.Contains(resumed.out, "2 people were entered.") {
		t.Errorf("resumed: %d\n%s\n%s", resumed.code, resumed.out, resumed.errs)
	}
	if info, err := os.Stat(wrong); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of errors: %v %v, want it to be for one pair of eyes", info, err)
	}
	back := imported(t, []string{"--undo", batch, "--reason", "the wrong list"}, at[:2])
	if back.code != 0 || !strings.Contains(back.out, "2 people were taken back.") {
		t.Errorf("taken back: %d\n%s\n%s", back.code, back.out, back.errs)
	}
	if s := run(t, append([]string{"verify"}, at[:2]...)...); s.code != 0 {
		t.Errorf("verify: %d %s", s.code, s.errs)
	}
}

func TestAListThatIsRightEndsWithNought(t *testing.T) {
	at := storeWithOffice(t)
	s := imported(t, []string{written(t, "list.csv", "who;number\nKarim;01712345678\n"), "--map", "who=name_latin"}, at, consented())
	if s.code != 0 || !regexp.MustCompile(`who\s+name_latin\s+--map`).MatchString(s.out) || !regexp.MustCompile(`number\s+\(left out\)`).MatchString(s.out) {
		t.Errorf("%d\n%s\n%s", s.code, s.out, s.errs)
	}
}

func TestTextTypedForBijoyNeedsADecision(t *testing.T) {
	at := storeWithOffice(t)
	list := written(t, "list.csv", "name,mobile\n†gvt iwng,01712345678\niwngv LvZzb,01812345678\n")
	if s := imported(t, []string{list}, at, consented()); s.code != 2 || !strings.Contains(s.errs, `"†gvt iwng" would be "মোঃ রহিম"`) && !strings.Contains(s.errs, "--bijoy yes") {
		t.Errorf("without one: %d %s", s.code, s.errs)
	}
	if s := imported(t, []string{list, "--bijoy", "yes"}, at, consented()); s.code != 0 {
		t.Errorf("with one: %d %s", s.code, s.errs)
	}
}

func TestMistakesWithListsAreSaidPlainly(t *testing.T) {
	at := storeWithOffice(t)
	list := written(t, "list.csv", peopleList)
	for _, test := range []struct {
		name string
		args []string
		code int
		say  string
	}{
		{"nothing named", nil, 2, "Name one file"},
		{"two named", []string{list, "--undo", "x"}, 2, "Name one file"},
		{"no file", []string{"none.csv"}, 2, "no such file"},
		{"no consent", []string{list}, 1, "Nobody is entered without her agreement"},
		{"no such column", append([]string{list, "--map", "colour=name"}, consented()...), 2, "no column colour"},
		{"no such target", append([]string{list, "--map", "Sex=colour"}, consented()...), 2, "no colour that"},
		{"no batch", []string{"--undo", "x", "--reason", "y"}, 1, "cannot find this file"},
		{"no table", append([]string{written(t, "x.pdf", "%PDF-1.4")}, consented()...), 1, "not a table"},
		{"a quote that stays open", append([]string{written(t, "x.csv", "name\nKarim\n\"open\nRahim\n")}, consented()...), 1, "opens in row 3"},
	} {
		if s := imported(t, test.args, at); s.code != test.code || !strings.Contains(s.errs, test.say) {
			t.Errorf("%s: %d %s, want %d and %q", test.name, s.code, s.errs, test.code, test.say)
		}
	}
	if s := imported(t, []string{list}, at[:2], consented()); s.code != 2 || !strings.Contains(s.errs, "--office") {
		t.Errorf("without an office: %d %s", s.code, s.errs)
	}
}
