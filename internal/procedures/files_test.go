// SPDX-License-Identifier: Apache-2.0

package procedures_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fera/internal/audit"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// Who copies the files of a store, or a backup of them, reads nothing of class 3 in them.
func TestTheFilesHoldNothingProtectedInClear(t *testing.T) {
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	path := dbtest.SQLite(t)
	d := dbtest.Open(t, path, clock.Now)
	worldtest.Hire(t, d)
	l := worldtest.Live(t, d, clock, worldtest.Amina())
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(text, []byte(l.Person))
		if bytes.Contains(text, []byte(worldtest.Canary)) {
			t.Errorf("%s holds what is protected, in clear", filepath.Base(name))
		}
	}
	if !found {
		t.Errorf("nothing of her is in %v: the test shows nothing", names)
	}
}
