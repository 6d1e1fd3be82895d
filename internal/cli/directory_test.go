// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fera/internal/cli"
)

// The directory is seeded, goes out, and comes into another store the same; what is wrong is said with its place.
func TestTheDirectoryGoesFromStoreToStore(t *testing.T) {
	dir := t.TempDir()
	run := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if got := cli.Run(t.Context(), args, nil, &out, &errs); got != want {
			t.Fatalf("%v: %d, want %d\n%s%s", args, got, want, &out, &errs)
		}
		return out.String() + errs.String()
	}
	one, two, zip := filepath.Join(dir, "one"), filepath.Join(dir, "two"), filepath.Join(dir, "d.zip")
	for _, data := range []string{one, two} {
		run(0, "user", "add", "farid", "--name", "Farid Ahmed", "--organisation", "Shetu", "--office", "Head office", "--data", data)
	}
	if said := run(0, "directory", "seed", "--data", one); !strings.Contains(said, "0 were there") {
		t.Error(said)
	}
	run(0, "directory", "export", zip, "--data", one)
	first, again := run(0, "directory", "import", zip, "--data", two), run(0, "directory", "import", zip, "--data", two)
	if strings.Contains(first, " 0 entries are new") || !strings.Contains(again, "0 entries are new, 0 were changed") {
		t.Errorf("first %q, then %q", first, again)
	}
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`[{"id": "x", "name": "y", "status": "active"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := run(1, "directory", "import", bad, "--data", two); !strings.Contains(said, "Nothing was taken in") || !strings.Contains(said, "id") {
		t.Error(said)
	}
	run(2, "directory", "export", filepath.Join(dir, "d.txt"), "--data", two)
}
