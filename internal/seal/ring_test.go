// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/seal"
)

func verifier(t *testing.T, r *seal.Ring) string {
	t.Helper()
	v, err := r.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A key file opens with its passphrase only, is its owner's only, and leaves nothing beside it.
func TestRingFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "fera.key")
	if _, err := seal.LoadRing(path, "", false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	made, err := seal.LoadRing(path, "সোনার বাংলা", true)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	for _, wrong := range []string{"", "সোনার", "sonar bangla"} {
		if _, err := seal.LoadRing(path, wrong, true); !errors.Is(err, seal.ErrPassphrase) {
			t.Errorf("passphrase %q: %v, want ErrPassphrase", wrong, err)
		}
	}
	again, err := seal.LoadRing(path, "সোনার বাংলা", false)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := made.Wrap([]byte("key"), "a")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Unwrap(wrapped, "a"); err != nil || string(plain) != "key" || verifier(t, again) != verifier(t, made) || !bytes.Equal(again.MacKey(), made.MacKey()) {
		t.Errorf("loaded again: %q, %v", plain, err)
	}
	if _, err := again.Unwrap(wrapped, "b"); err == nil {
		t.Error("unwrapped in another context")
	}
	text, err := os.ReadFile(path)
	if err != nil || bytes.Contains(text, []byte("PRIVATE")) || bytes.Contains(text, made.MacKey()) {
		t.Errorf("the file says %q", text)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A file that is something else, or damaged, is refused and never written over.
func TestRingFileRefuses(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "other": "hello", "newer": `{"version":2,"body":"e30="}`, "hollow": `{"version":1,"body":"e30="}`, "cut": `{"version":1,"body":"e3`} {
		path := filepath.Join(t.TempDir(), "fera.key")
		os.WriteFile(path, []byte(text), 0o600)
		if _, err := seal.LoadRing(path, "", true); err == nil {
			t.Errorf("%s: loaded", name)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%s: written over", name)
		}
	}
}

// Two first starts at once end with one ring.
func TestRingFileMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fera.key")
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			r, err := seal.LoadRing(path, "", true)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = verifier(t, r)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Errorf("started with %s and %s", keys[0], k)
		}
	}
}

func destroy(t *testing.T, d *db.DB, subject string) {
	t.Helper()
	put(t, d, subject, "x", "secret")
	maintain(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := seal.Destroy(ctx, tx, subject); return err })
}

// Ledger and database learn from one another who was erased.
func TestLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ledger := seal.Ledger{Path: filepath.Join(t.TempDir(), "erasures")}
		sync := func() []seal.Erasure {
			t.Helper()
			again, err := ledger.Sync(t.Context(), d, dbtest.Ring())
			if err != nil {
				t.Fatal(err)
			}
			return again
		}
		if again := sync(); len(again) != 0 {
			t.Errorf("nothing was erased, and %v is to be", again)
		}
		destroy(t, d, "rahima")
		sync()
		// A power failure cut a line; what comes after must not be lost with it.
		f, err := os.OpenFile(ledger.Path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.WriteString(`{"subject":"kari`)
		f.Close()
		destroy(t, d, "karima")
		sync()
		if info, err := os.Stat(ledger.Path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the ledger's mode is %v (%v)", info.Mode(), err)
		}
		maintain(t, d, func(ctx context.Context, tx *db.Tx) error { // an older copy
			_, err := tx.Exec(ctx, `DELETE FROM seal_erasures`)
			return err
		})
		again := sync()
		if len(again) != 2 || again[0].Subject != "rahima" || again[1].Subject != "karima" {
			t.Fatalf("after a restore %v are to be erased again, want both", again)
		}
		for _, e := range again {
			maintain(t, d, func(ctx context.Context, tx *db.Tx) error { return seal.Replay(ctx, tx, e) })
		}
		if again := sync(); len(again) != 0 {
			t.Errorf("erased again, and still %v are to be", again)
		}
	})
}

// A ledger in which somebody wrote stops the start instead of erasing, or sparing, anybody.
func TestLedgerRefusesForgery(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	ledger := seal.Ledger{Path: filepath.Join(t.TempDir(), "erasures")}
	destroy(t, d, "rahima")
	if _, err := ledger.Sync(t.Context(), d, dbtest.Ring()); err != nil {
		t.Fatal(err)
	}
	honest, err := os.ReadFile(ledger.Path)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := seal.NewRing("fera-test")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"another's receipt": strings.Replace(string(honest), `"subject":"rahima"`, `"subject":"karima"`, 1),
		"no receipt":        string(honest) + `{"subject":"karima","receipt":""}` + "\n",
		"altered receipt":   strings.Replace(string(honest), `subject rahima`, `subject karima`, 1),
		"a line too long":   strings.Repeat("x", 1<<20) + "\n" + string(honest),
	} {
		os.WriteFile(ledger.Path, []byte(text), 0o600)
		if again, err := ledger.Sync(t.Context(), d, dbtest.Ring()); err == nil {
			t.Errorf("%s: accepted (%v)", name, again)
		}
	}
	os.WriteFile(ledger.Path, honest, 0o600)
	if _, err := ledger.Sync(t.Context(), d, stranger); err == nil {
		t.Error("accepted with another ring")
	}
	if _, err := ledger.Sync(t.Context(), d, dbtest.Ring()); err != nil {
		t.Errorf("the honest one: %v", err)
	}
}
