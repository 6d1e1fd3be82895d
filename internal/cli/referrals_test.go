// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"fera/internal/cli"
)

// What was counted wrongly is put right, once; a store that is not there is said to be none.
func TestReferralsAreCountedAnew(t *testing.T) {
	dir := t.TempDir()
	run := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if got := cli.Run(t.Context(), args, nil, &out, &errs); got != want {
			t.Fatalf("%v: %d, want %d\n%s%s", args, got, want, &out, &errs)
		}
		return out.String() + errs.String()
	}
	run(0, "user", "add", "farid", "--name", "Farid Ahmed", "--organisation", "Shetu", "--office", "Head office", "--data", dir)
	if said := run(0, "referral", "recount", "--data", dir); !strings.Contains(said, "All totals are right") {
		t.Error(said)
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, "fera.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(t.Context(), `INSERT INTO referral_flows (part, period, named, beside, step, days, n) VALUES ('need', '2026-01', 'job', '3056', 'sent', 0, 7)`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 totals were wrong", "All totals are right"} {
		if said := run(0, "referral", "recount", "--data", dir); !strings.Contains(said, want) {
			t.Errorf("%q lacks %q", said, want)
		}
	}
}
