// SPDX-License-Identifier: Apache-2.0

package torture_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
)

// kills is how often a test kills.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TORTURE_KILLS")
	if text == "" {
		return 10
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("TORTURE_KILLS is %q, want a number", text)
	}
	return n
}

// between is a random time between two.
func between(low, high time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(high-low)))
	if err != nil {
		panic(err)
	}
	return low + time.Duration(n.Int64())
}

// witness remembers what the killed program said.
type witness struct {
	begun   map[string]bool   // operations
	done    map[string]string // operation → person
	refused map[string]int    // by message
	kills   int
}

func newWitness() *witness {
	return &witness{begun: map[string]bool{}, done: map[string]string{}, refused: map[string]int{}}
}

// hear reads what a child says until it says no more. A last line that was cut is no answer.
func (w *witness) hear(t *testing.T, out io.Reader, ready chan<- struct{}) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch f := strings.Fields(line); f[0] {
		case "ready":
			close(ready)
		case "begun":
			w.begun[f[1]] = true
		case "done":
			w.done[f[1]] = f[2]
		case "refused":
			w.refused[strings.TrimSpace(line)]++
		default:
			t.Errorf("the program said %q", line)
		}
	}
}

// store is what is tortured.
type store struct {
	url, keys string
	fault     func(t *testing.T) // what to kill beside the program, nil for nothing
}

// round starts the program, kills it after a random time, and takes down what it said.
func (w *witness) round(t *testing.T, s store) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childStore+"="+s.url, childKeys+"="+s.keys)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ready, heard := make(chan struct{}), make(chan struct{})
	go func() {
		w.hear(t, out, ready)
		close(heard)
	}()
	select {
	case <-ready:
	case <-heard:
		t.Fatal("the program ended by itself")
	case <-time.After(time.Minute):
		child.Process.Kill()
		t.Fatal("the program did not start")
	}
	time.Sleep(between(10*time.Millisecond, 200*time.Millisecond))
	if s.fault != nil {
		s.fault(t)
	}
	child.Process.Kill() // SIGKILL
	<-heard
	child.Wait()
	w.kills++
}

func open(t *testing.T, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{Keys: dbtest.Ring()})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func set(t *testing.T, q db.Reader, query string) map[string]string {
	t.Helper()
	rows, err := q.Query(t.Context(), query)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (p [2]string, err error) { return p, r.Scan(&p[0], &p[1]) })
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, p := range all {
		m[p[0]] = p[1]
	}
	return m
}

// check opens the store again and looks for everyone who was acknowledged.
func (w *witness) check(t *testing.T, url string) {
	t.Helper()
	d := open(t, url)
	defer d.Close()
	lost := 0
	d.Read(t.Context(), func(q db.Reader) error {
		here := set(t, q, `SELECT o.id, p.id FROM operations o JOIN persons p ON p.id = o.subject`)
		for operation, person := range w.done {
			if here[operation] != person {
				lost++
			}
		}
		return nil
	})
	if lost > 0 {
		t.Errorf("after %d kills %d of %d acknowledged persons are lost", w.kills, lost, len(w.done))
	}
}

// whole checks that nobody was left half written and that the trail and the store hold.
func (w *witness) whole(t *testing.T, d *db.DB) {
	t.Helper()
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Error(err)
	}
	var trail audit.Report
	var people int64
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		if trail, err = audit.Verify(t.Context(), q); err != nil {
			return err
		}
		if err := q.QueryRow(t.Context(), `SELECT count(*) FROM persons`).Scan(&people); err != nil {
			return err
		}
		for what, query := range map[string]string{
			"without a registration": `SELECT count(*) FROM persons p WHERE (SELECT count(*) FROM person_registrations r WHERE r.person_id = p.id) <> 1`,
			"without all values":     `SELECT count(*) FROM persons p JOIN person_registrations r ON r.person_id = p.id WHERE r.given NOT LIKE '%"name_latin":%"sex":%"consents":[{%{%{%' OR r.sealed IS NULL`,
			"without a sealed value": `SELECT count(*) FROM persons p WHERE (SELECT count(*) FROM person_claims c WHERE c.person_id = p.id AND c.sealed IS NOT NULL) <> 1`,
			"without a contact":      `SELECT count(*) FROM persons p WHERE (SELECT count(*) FROM person_contacts c WHERE c.person_id = p.id) <> 1`,
			"without scopes":         `SELECT count(*) FROM persons p WHERE (SELECT count(*) FROM access_scopes s WHERE s.subject_id = p.id) <> 3`,
			"without terms":          `SELECT count(*) FROM persons p WHERE (SELECT count(*) FROM index_waiting w WHERE w.subject_id = p.id) + (SELECT count(*) FROM index_terms s WHERE s.subject_id = p.id AND s.term = 'RHM') <> 1`,
			"without a key":          `SELECT count(*) FROM persons p WHERE NOT EXISTS (SELECT 1 FROM seal_keys k WHERE k.subject_id = p.id)`,
			"without a trail":        `SELECT count(*) FROM persons p WHERE (SELECT count(*) FROM audit_entries a WHERE a.person_id = p.id) <> 1`,
			"without an operation":   `SELECT count(*) FROM persons p WHERE (SELECT count(*) FROM operations o WHERE o.subject = p.id) <> 1`,
			"only as a trail":        `SELECT count(*) FROM audit_entries a WHERE NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = a.person_id)`,
			"only as values":         `SELECT count(*) FROM person_claims a WHERE NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = a.person_id)`,
			"only as an operation":   `SELECT count(*) FROM operations o WHERE NOT EXISTS (SELECT 1 FROM persons p WHERE p.id = o.subject)`,
		} {
			var n int
			if err := q.QueryRow(t.Context(), query).Scan(&n); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			if n != 0 {
				t.Errorf("%d persons are there %s", n, what)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !trail.Holds() || trail.Waiting != 0 || trail.Entries != people {
		t.Errorf("the trail of %d persons: %+v", people, trail)
	}
}

// settle sends again what was begun and never answered: nobody is lost, nobody is there twice.
func (w *witness) settle(t *testing.T, d *db.DB) {
	t.Helper()
	open := 0
	for operation := range w.begun {
		earlier, answered := w.done[operation]
		if answered && open%50 != 0 { // of the answered ones a few
			continue
		}
		open++
		id, err := register(context.Background(), d, operation)
		if err != nil || answered && string(id) != earlier {
			t.Errorf("sent again: %s, %v, want %q", id, err, earlier)
		}
	}
	var people int
	d.Read(t.Context(), func(q db.Reader) error {
		return q.QueryRow(t.Context(), `SELECT count(*) FROM persons`).Scan(&people)
	})
	if people != len(w.begun) {
		t.Errorf("%d persons after %d registrations were all sent", people, len(w.begun))
	}
	t.Logf("%d kills: %d registrations begun, %d acknowledged, none of these may be lost; %d refusals", w.kills, len(w.begun), len(w.done), len(w.refused))
	for message, n := range w.refused {
		t.Logf("%d times %s", n, message)
	}
}

func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fera.key")
	if err := dbtest.Ring().Save(path, ""); err != nil {
		t.Fatal(err)
	}
	return path
}

// The program is killed while eight register, again and again, on one SQLite file.
func TestTortureSQLite(t *testing.T) {
	w, s := newWitness(), store{url: dbtest.SQLite(t), keys: keyFile(t)}
	for range kills(t) {
		w.round(t, s)
		w.check(t, s.url)
	}
	d := open(t, s.url)
	defer d.Close()
	w.whole(t, d)
	w.settle(t, d)
	w.whole(t, d)
	d.Read(t.Context(), func(q db.Reader) error {
		for pragma, want := range map[string]string{"integrity_check": "ok", "synchronous": "2", "journal_mode": "wal"} {
			var got string
			if err := q.QueryRow(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %q, %v, want %q", pragma, got, err, want)
			}
		}
		if broken := set(t, q, `SELECT "table", parent FROM pragma_foreign_key_check`); len(broken) != 0 {
			t.Errorf("references broken: %v", broken)
		}
		return nil
	})
	if len(w.done) == 0 {
		t.Error("nobody was acknowledged: the test shows nothing")
	}
}
