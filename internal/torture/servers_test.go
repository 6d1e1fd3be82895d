// SPDX-License-Identifier: Apache-2.0

package torture_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ids"
)

// fleet is several servers, processes of the real program, on one PostgreSQL database.
type fleet struct {
	program, url string
	servers      []*server
}

// server is one process. What it mints is later than begun, and earlier than
// the begun of the server started after it.
type server struct {
	dir, begun, address string
	cmd                 *exec.Cmd
	log                 bytes.Buffer // to be read when it is gone
	gone                chan struct{}
}

// build makes the program from the source that is tested.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fera")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/fera")
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	return path
}

// fera is a command of the program, with nothing from the environment. Each
// data directory has a copy of the same key file.
func (f *fleet) fera(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(f.program, append(args, "--data", dir, "--database", f.url)...)
	cmd.Env = []string{"HOME=" + dir}
	return cmd
}

func (f *fleet) start(t *testing.T) {
	t.Helper()
	s := &server{dir: filepath.Dir(keyFile(t)), begun: ids.New(time.Now()), gone: make(chan struct{})}
	s.cmd = f.fera(s.dir, "serve", "--migrate", "--listen", "127.0.0.1:0", "--log", "json")
	s.cmd.Stderr = &s.log
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		<-s.gone
	})
	ready := make(chan string, 1)
	go func() {
		address := ""
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if said, ok := strings.CutPrefix(lines.Text(), "Fera serves at "); ok {
				address = said
			}
			if lines.Text() == "ready" {
				ready <- address
			}
		}
		s.cmd.Wait()
		close(s.gone)
	}()
	select {
	case s.address = <-ready:
	case <-s.gone:
		t.Fatalf("a server ended instead of getting ready: %s", s.log.String())
	case <-time.After(time.Minute):
		t.Fatal("a server does not get ready")
	}
	f.servers = append(f.servers, s)
}

// migrate brings the schema up to date, from several machines at the same moment.
func (f *fleet) migrate(t *testing.T) {
	t.Helper()
	var group sync.WaitGroup
	for range 3 {
		dir := filepath.Dir(keyFile(t))
		group.Go(func() {
			if text, err := f.fera(dir, "migrate").CombinedOutput(); err != nil {
				t.Errorf("one of three that migrate at once: %v\n%s", err, text)
			}
		})
	}
	group.Wait()
}

// sealer is the server that holds the lease on sealing the trail, by when it
// minted the name under which it holds it; nil while nobody does.
func (f *fleet) sealer(t *testing.T, d *db.DB) (found *server) {
	t.Helper()
	var holder string
	err := d.Read(t.Context(), func(q db.Reader) error {
		return q.QueryRow(t.Context(), `SELECT holder FROM queue_leases WHERE name = 'audit.seal' AND until > ?`, q.Now()).Scan(&holder)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	for _, s := range f.servers {
		if s.begun < holder {
			found = s
		}
	}
	return found
}

// sealed counts the entries that have a position and those that wait. It
// complains when the positions are not one, two, three and so on.
func sealed(t *testing.T, d *db.DB) (positions, waiting int) {
	t.Helper()
	var distinct, last int
	err := d.Read(t.Context(), func(q db.Reader) error {
		return q.QueryRow(t.Context(), `SELECT count(position), count(*) - count(position), count(DISTINCT position), COALESCE(max(position), 0) FROM audit_entries`).
			Scan(&positions, &waiting, &distinct, &last)
	})
	if err != nil {
		t.Fatal(err)
	}
	if distinct != positions || last != positions {
		t.Errorf("%d entries are sealed, at %d positions, the last of which is %d", positions, distinct, last)
	}
	return positions, waiting
}

// await waits until something holds, for as long as a dead server's lease and a busy machine may take.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it was waited in vain until %s", what)
		}
	}
}

// emptied is a fresh database without a schema.
func emptied(t *testing.T) string {
	t.Helper()
	url := dbtest.Postgres(t)
	d, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Exec(`DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
		t.Fatal(err)
	}
	return url
}

// Three servers on one database are one installation: a session holds at all of
// them, the trail has one sealer, and when the one that seals is killed its
// clients go on elsewhere and nobody is lost or registered twice.
func TestThreeServersAreOne(t *testing.T) {
	f := &fleet{url: emptied(t), program: build(t)}
	f.migrate(t)
	d := open(t, f.url)
	defer d.Close()
	key := staff(t, d)
	for range 3 {
		f.start(t)
	}
	signedInEverywhere(t, f.servers)

	c := newCrowd(t, key, f.servers)
	await(t, "a hundred are registered", func() bool { return c.registered() >= 100 })
	sealed(t, d)
	var first *server
	await(t, "a server seals the trail", func() bool { first = f.sealer(t, d); return first != nil })
	first.cmd.Process.Kill() // SIGKILL
	<-first.gone
	atKill := c.registered()
	before, _ := sealed(t, d)
	await(t, "another server seals the trail", func() bool { s := f.sealer(t, d); return s != nil && s != first })
	await(t, "a hundred more are registered", func() bool { return c.registered() >= atKill+100 })
	c.goHome()
	await(t, "nothing waits to be sealed", func() bool { _, waiting := sealed(t, d); return waiting == 0 })
	if after, _ := sealed(t, d); after <= before {
		t.Errorf("%d entries were sealed at the kill, and %d are now", before, after)
	}

	var living []*server
	for _, s := range f.servers {
		if s != first {
			living = append(living, s)
		}
	}
	c.allThere(t, living)
	onceEach(t, d, c.done)
	besideServers(t, f, living[0])
	for _, s := range living {
		stops(t, s)
	}
	if f.sealer(t, d) != nil {
		t.Error("the lease on sealing was not given back")
	}
	t.Logf("%d persons registered, %d of them after one of three servers was killed; %d requests got no answer, %d were sent again and answered the same",
		len(c.done), len(c.done)-atKill, c.unanswered, c.same)
}

// onceEach checks that the store holds exactly those who were acknowledged, and that the trail holds.
func onceEach(t *testing.T, d *db.DB, done map[string]string) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) error {
		if diff := cmp.Diff(done, set(t, q, `SELECT o.id, p.id FROM operations o JOIN persons p ON p.id = o.subject`)); diff != "" {
			t.Errorf("acknowledged (-) and there (+):\n%s", diff)
		}
		for what, query := range map[string]string{
			"persons":               `SELECT count(*) FROM persons`,
			"operations":            `SELECT count(*) FROM operations`,
			"registrations":         `SELECT count(*) FROM person_registrations`,
			"telephone numbers":     `SELECT count(*) FROM person_contacts`,
			"entries about persons": `SELECT count(*) FROM audit_entries WHERE act = 'person.register'`,
		} {
			var n int
			if err := q.QueryRow(t.Context(), query).Scan(&n); err != nil {
				return err
			}
			if n != len(done) {
				t.Errorf("there are %d %s, and %d persons were acknowledged", n, what, len(done))
			}
		}
		trail, err := audit.Verify(t.Context(), q)
		if err == nil && (!trail.Holds() || trail.Waiting != 0) {
			t.Errorf("the trail: %+v", trail)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// besideServers checks that the terminal works while servers run.
func besideServers(t *testing.T, f *fleet, s *server) {
	t.Helper()
	for command, want := range map[string]string{"user list": "amina", "verify": "The trail holds"} {
		text, err := f.fera(s.dir, strings.Fields(command)...).CombinedOutput()
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("fera %s beside the servers: %v, want %q in:\n%s", command, err, want, text)
		}
	}
	if text, err := f.fera(s.dir, "keys", "rotate", "root").CombinedOutput(); err == nil {
		t.Errorf("the root key was changed under running servers: %s", text)
	}
}

// stops asks a server to end, and checks that it did so in good order.
func stops(t *testing.T, s *server) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	<-s.gone
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("a server that was asked to stop ended with %d", code)
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) {
			t.Errorf("a server complained: %s", line)
		}
	}
}
