// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fera/internal/cli"
)

// said is how a command ended.
type said struct {
	code      int
	out, errs string
}

func run(t *testing.T, args ...string) said {
	t.Helper()
	return runIn(t, nil, args...)
}

func runIn(t *testing.T, env []string, args ...string) said {
	t.Helper()
	const long = time.Minute // one that should have failed would serve for ever
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var out, errs bytes.Buffer
	code := cli.Run(ctx, args, env, &out, &errs)
	return said{code, out.String(), errs.String()}
}

// must runs a command that has to succeed and returns what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	s := run(t, args...)
	if s.code != 0 {
		t.Fatalf("fera %s: exit code %d: %s", strings.Join(args, " "), s.code, s.errs)
	}
	return s.out
}

// serving is a running fera serve or demo.
type serving struct {
	address string
	out     *screen
	stop    func() said
}

// screen keeps what is printed while it is being printed.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

var servedAt = regexp.MustCompile(`Fera serves at (\S+)\nready\n`)

// start runs a command that serves, and waits until it says that it is ready.
func start(t *testing.T, args ...string) serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, errs := &screen{}, &screen{}
	ended := make(chan int, 1)
	go func() { ended <- cli.Run(ctx, args, nil, out, errs) }()
	stop := sync.OnceValue(func() said {
		cancel()
		return said{<-ended, out.String(), errs.String()}
	})
	t.Cleanup(func() { stop() })
	for {
		if m := servedAt.FindStringSubmatch(out.String()); m != nil {
			return serving{m[1], out, stop}
		}
		select {
		case code := <-ended:
			ended <- code
			t.Fatalf("fera %s ended with %d: %s", strings.Join(args, " "), code, errs)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// each runs fn with the arguments that name a fresh store of each engine.
func each(t *testing.T, fn func(t *testing.T, dir string, where []string)) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		fn(t, dir, []string{"--data", dir})
	})
	t.Run("postgres", func(t *testing.T) {
		dir := t.TempDir()
		where := []string{"--data", dir, "--database", emptyPostgres(t)}
		must(t, append([]string{"migrate"}, where...)...)
		fn(t, dir, where)
	})
}

func TestHelpIsAsWritten(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	var all strings.Builder
	for _, command := range []string{"", "serve", "demo", "demo start", "demo code", "simulate", "import persons", "export", "figures publish", "referral", "referral recount", "migrate", "move", "user", "user add", "user list", "user role",
		"user reset", "token", "token add", "token list", "token revoke", "keys", "keys rotate", "verify", "project", "project list", "project iati", "instrument", "instrument list", "instrument check", "instrument show", "instrument score", "instrument rescore", "version"} {
		all.WriteString("$ fera " + strings.TrimSpace(command+" --help") + "\n" + must(t, append(strings.Fields(command), "--help")...) + "\n")
	}
	const path = "testdata/help.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("help differs from %s; UPDATE_GOLDEN=1 writes it anew:\n%s", path, diff)
	}
}

func TestEachCommandShowsAnExample(t *testing.T) {
	for _, command := range []string{"serve", "demo start", "demo code", "simulate", "import persons", "export", "figures publish", "referral recount", "migrate", "move", "user add", "user list", "user role", "user reset",
		"token add", "token list", "token revoke", "keys rotate", "verify", "project list", "project iati", "instrument list", "instrument check", "instrument show", "instrument score"} {
		words := strings.Fields(command)
		if help := must(t, append(words, "--help")...); !regexp.MustCompile(`(?m)^    fera ` + words[0]).MatchString(help) {
			t.Errorf("fera %s --help shows no example:\n%s", command, help)
		}
	}
}

func TestMistakesAreSaidPlainly(t *testing.T) {
	occupied, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer occupied.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := func() string { return t.TempDir() }
	made := fresh()
	must(t, "migrate", "--data", made)
	for name, c := range map[string]struct {
		args string
		code int
		want string
	}{
		"no such command":        {"sreve", 2, "sreve"},
		"no such flag":           {"serve --prot 80", 2, "--prot"},
		"flag without value":     {"serve --listen", 2, "--listen"},
		"no such address":        {"serve --listen nowhere --data " + fresh(), 2, "127.0.0.1:8080"},
		"port taken":             {"serve --listen " + occupied.Addr().String() + " --data " + fresh(), 6, "is in use"},
		"metrics port taken":     {"serve --listen 127.0.0.1:0 --metrics " + occupied.Addr().String() + " --data " + fresh(), 6, "is in use"},
		"proxies that are none":  {"serve --listen 127.0.0.1:0 --proxies here --data " + fresh(), 2, "--proxies"},
		"log of no form":         {"serve --log xml --data " + fresh(), 2, "log is auto, json or text"},
		"data below a file":      {"serve --data " + file + "/data", 5, "cannot be made"},
		"database below a file":  {"serve --data " + fresh() + " --database " + file + "/x.db", 5, "cannot be opened"},
		"another kind of server": {"serve --data " + fresh() + " --database mysql://h/d", 5, `"mysql"`},
		"server not there":       {"serve --data " + fresh() + " --database postgres://u:hush@127.0.0.1:1/d", 5, "cannot be reached"},
		"unreadable address":     {"serve --data " + fresh() + " --database postgres://%zz", 5, "cannot be reached"},
		"nothing to verify":      {"verify --data " + fresh(), 5, "There is no database"},
		"checkpoint not there":   {"verify --data " + made + " --checkpoint nowhere", 2, "cannot be read"},
		"checkpoint that is not": {"verify --data " + made + " --checkpoint " + file, 2, "no checkpoint of this installation"},
		"nothing to save":        {"verify --data " + made + " --save " + file, 1, "no checkpoint"},
		"settings not there":     {"serve --config nowhere.toml", 2, "nowhere.toml"},
		"passphrase not there":   {"serve --passphrase-file nowhere --data " + fresh(), 2, "passphrase file"},
		"no organisation":        {"user add x.y --name N --office O --data " + fresh(), 2, "--organisation"},
		"no such user":           {"user reset nobody --data " + made, 2, "no user"},
		"no such role":           {"user role nobody king --data " + made, 2, "no role"},
		"no such token":          {"token revoke nothing --data " + made, 1, "fera: "},
		"no such key":            {"keys rotate spare --data " + made, 2, "root"},
		"no such organisation":   {"keys rotate organisation --organisation x --data " + made, 1, "no key yet"},
		"no such district":       {"simulate --district 9999 --data " + fresh(), 2, "no district"},
		"fewer than nobody":      {"simulate --persons=-1 --data " + fresh(), 2, "--persons"},
		"no such caseload":       {"simulate --caseload few --data " + fresh(), 2, "caseload"},
		"no such project":        {"project iati --project nowhere --data " + made, 1, "no project nowhere"},
		"demo in a real store":   {"demo --data " + made, 1, "no demonstration"},
		"code of no demo":        {"demo code --data " + made, 1, "no demonstration"},
		"move the wrong way":     {"move --data " + made + " --to other.db", 2, "Moving goes"},
	} {
		t.Run(name, func(t *testing.T) {
			s := run(t, strings.Fields(c.args)...)
			if s.code != c.code || !strings.Contains(s.errs, c.want) || s.out != "" {
				t.Errorf("fera %s: code %d, want %d; said %q, want %q in it; printed %q", c.args, s.code, c.code, s.errs, c.want, s.out)
			}
			if strings.Contains(s.errs, "goroutine") || strings.Contains(s.errs, "hush") || strings.Contains(s.errs, "⟦") {
				t.Errorf("fera %s says too much or too little: %q", c.args, s.errs)
			}
		})
	}
}

// Nothing but the terminal's own words stands between a lost key file and a
// store that nobody can read any more.
func TestALostKeyFileIsNotReplaced(t *testing.T) {
	each(t, func(t *testing.T, dir string, where []string) {
		if len(where) == 2 {
			must(t, append([]string{"migrate"}, where...)...)
		}
		key := filepath.Join(dir, "fera.key")
		kept, err := os.ReadFile(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(key); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"serve", "migrate", "simulate", "verify", "user list"} {
			s := run(t, append(strings.Fields(command), where...)...)
			if s.code != 7 || !strings.Contains(s.errs, "is missing") {
				t.Errorf("fera %s without its key file: code %d, %q", command, s.code, s.errs)
			}
			if _, err := os.Stat(key); err == nil {
				t.Fatalf("fera %s made a fresh key file", command)
			}
		}
		other := t.TempDir()
		must(t, "migrate", "--data", other)
		foreign, err := os.ReadFile(filepath.Join(other, "fera.key"))
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]string{string(foreign): "belongs to another database", "{}": "not a Fera key file"} {
			if err := os.WriteFile(key, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if s := run(t, append([]string{"verify"}, where...)...); s.code != 7 || !strings.Contains(s.errs, want) {
				t.Errorf("with a wrong key file: code %d, %q, want %q", s.code, s.errs, want)
			}
		}
		if err := os.WriteFile(key, kept, 0o600); err != nil {
			t.Fatal(err)
		}
		must(t, append([]string{"verify"}, where...)...)
	})
}

func TestThePassphraseOpensTheKeyFile(t *testing.T) {
	dir := t.TempDir()
	if s := runIn(t, []string{"FERA_PASSPHRASE=open sesame"}, "migrate", "--data", dir); s.code != 0 {
		t.Fatal(s.errs)
	}
	for _, c := range []struct {
		env  []string
		code int
		want string
	}{
		{[]string{"FERA_PASSPHRASE=open sesame"}, 0, ""},
		{nil, 7, "protected by a passphrase"},
		{[]string{"FERA_PASSPHRASE=open"}, 7, "does not open"},
	} {
		if s := runIn(t, c.env, "verify", "--data", dir); s.code != c.code || !strings.Contains(s.errs, c.want) {
			t.Errorf("%v: code %d, %q", c.env, s.code, s.errs)
		}
	}
}

func TestANewerDatabaseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	must(t, "migrate", "--data", dir)
	alter(t, dir, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	for _, command := range []string{"serve", "migrate", "simulate", "verify", "user list"} {
		if s := run(t, append(strings.Fields(command), "--data", dir)...); s.code != 4 || !strings.Contains(s.errs, "newer version of Fera") {
			t.Errorf("fera %s: code %d, %q", command, s.code, s.errs)
		}
	}
}

func TestAnEmptyPostgresWaitsToBeMigrated(t *testing.T) {
	where := []string{"--data", t.TempDir(), "--database", emptyPostgres(t)}
	if s := run(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, where...)...); s.code != 5 || !strings.Contains(s.errs, "fera migrate") {
		t.Errorf("code %d, %q", s.code, s.errs)
	}
	if s := start(t, append([]string{"serve", "--migrate", "--listen", "127.0.0.1:0"}, where...)...).stop(); s.code != 0 {
		t.Errorf("with --migrate: code %d, %q", s.code, s.errs)
	}
}

// alter changes a SQLite file behind the program's back, as one could who may
// write to it: what guards the tables from within is taken away first.
func alter(t *testing.T, dir, statement string) {
	t.Helper()
	raw, err := sql.Open("sqlite", filepath.Join(dir, "fera.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	rows, err := raw.Query(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var trigger string
		if err := rows.Scan(&trigger); err != nil {
			t.Fatal(err)
		}
		statement = "DROP TRIGGER " + trigger + "; " + statement
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

var databases atomic.Int64

// emptyPostgres makes a database without tables, which is dropped at the end.
func emptyPostgres(t *testing.T) string {
	t.Helper()
	server := os.Getenv("TEST_POSTGRES")
	if server == "" {
		if os.Getenv("REQUIRE_POSTGRES") != "" {
			t.Fatal("TEST_POSTGRES is not set, and REQUIRE_POSTGRES is")
		}
		t.Skip("TEST_POSTGRES is not set")
	}
	name := fmt.Sprintf("fera_cli_%d_%d", os.Getpid(), databases.Add(1))
	statement := func(text string) {
		d, err := sql.Open("pgx", server)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if _, err := d.Exec(text); err != nil {
			t.Error(err)
		}
	}
	statement(`CREATE DATABASE ` + name + ` TEMPLATE template0`)
	t.Cleanup(func() { statement(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`) })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
