// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pquerna/otp/totp"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/seal"
)

// get fetches a page and returns its status and text.
func get(t *testing.T, address string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// clerk adds the first administrator and a caseworker, and returns a key of hers.
func clerk(t *testing.T, where []string) string {
	t.Helper()
	cmd := func(args ...string) string { return must(t, append(args, where...)...) }
	cmd("user", "add", "farid", "--name", "Farid Ahmed", "--organisation", "Shetu", "--office", "Head office")
	cmd("user", "add", "amina", "--name", "Amina Begum", "--office", "head office", "--role", "caseworker")
	return strings.TrimSpace(cmd("token", "add", "amina", "--name", "test", "--allow", "person.register,person.read"))
}

const rahima = `{"values": {"name_bn": "রহিমা খাতুন"}, "consents": [{"purpose": "register", "given": true}]}`

// register posts a person and returns her id, or nothing when it was not acknowledged.
func register(address, key string) string {
	r, err := http.NewRequest("POST", address+"/api/v1/persons", strings.NewReader(rahima))
	if err != nil {
		return ""
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	var made struct{ ID string }
	if res.StatusCode != http.StatusCreated || json.NewDecoder(res.Body).Decode(&made) != nil {
		return ""
	}
	return made.ID
}

// It is stopped while people are being registered: whoever was told that it
// worked finds it there afterwards, and the trail is whole and sealed.
func TestServeStopsHavingFinished(t *testing.T) {
	each(t, func(t *testing.T, dir string, where []string) {
		key := clerk(t, where)
		serve := append([]string{"serve", "--listen", "127.0.0.1:0"}, where...)
		s := start(t, serve...)
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 200, "/api/v1/openapi.json": 200, "/nowhere": 404} {
			if code, text := get(t, s.address+path); code != want {
				t.Errorf("GET %s: %d %s, want %d", path, code, text, want)
			}
		}
		if id := register(s.address, key); id == "" {
			t.Fatal("nobody can be registered")
		}
		var mu sync.Mutex
		var acknowledged []string
		var clients sync.WaitGroup
		enough := make(chan struct{})
		for range 8 {
			clients.Go(func() {
				for {
					id := register(s.address, key)
					if id == "" {
						return // it has stopped
					}
					mu.Lock()
					if acknowledged = append(acknowledged, id); len(acknowledged) == 50 {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		if ended := s.stop(); ended.code != 0 {
			t.Errorf("stopped with %d: %s", ended.code, ended.errs)
		}
		clients.Wait()
		if out := must(t, append([]string{"verify"}, where...)...); !strings.Contains(out, " 0 wait to be") {
			t.Errorf("after a stop: %s", out)
		}
		s = start(t, serve...)
		for _, id := range acknowledged {
			if code, text := get(t, s.address+"/api/v1/persons/"+id, "Authorization", "Bearer "+key); code != 200 {
				t.Errorf("%s was acknowledged and is not there: %d %s", id, code, text)
			}
		}
	})
}

func TestTheTerminalWorksBesideAServer(t *testing.T) {
	each(t, func(t *testing.T, dir string, where []string) {
		s := start(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, where...)...)
		cmd := func(args ...string) string { return must(t, append(args, where...)...) }
		key := clerk(t, where)
		if register(s.address, key) == "" {
			t.Fatal("the key does not work")
		}
		out := cmd("user", "list")
		for _, want := range []string{"farid", "administrator@all", "amina", "caseworker@o:", "has not enrolled"} {
			if !strings.Contains(out, want) {
				t.Errorf("user list has no %q:\n%s", want, out)
			}
		}
		cmd("user", "role", "amina", "grievance_officer", "--scope", "a:3056")
		cmd("user", "role", "amina", "grievance_officer", "--scope", "a:3056", "--revoke")
		if strings.Contains(cmd("user", "list"), "grievance") {
			t.Error("a role that was taken away is listed")
		}
		if out := cmd("user", "reset", "amina"); !regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){3}`).MatchString(out) {
			t.Errorf("user reset printed no code: %s", out)
		}
		if out := cmd("keys", "rotate", "organisation"); !strings.Contains(out, "1 persons' keys") {
			t.Errorf("keys rotate organisation: %s", out)
		}
		if ended := run(t, append([]string{"keys", "rotate", "root"}, where...)...); ended.code != 1 || !strings.Contains(ended.errs, "A server is running") {
			t.Errorf("keys rotate root beside a server: code %d, %q", ended.code, ended.errs)
		}
		if register(s.address, key) == "" {
			t.Error("after a rotation nobody can be registered")
		}
		id := strings.Split(key, "_")[1]
		if out := cmd("token", "list", "amina"); !strings.Contains(out, id) || strings.Contains(out, key) {
			t.Errorf("token list: %s", out)
		}
		cmd("token", "revoke", id)
		if register(s.address, key) != "" {
			t.Error("a revoked key works")
		}
		cmd("simulate", "--persons", "100", "--add")
		if ended := run(t, append([]string{"simulate", "--persons", "1"}, where...)...); ended.code != 1 || !strings.Contains(ended.errs, "holds people already") {
			t.Errorf("simulate among people: code %d, %q", ended.code, ended.errs)
		}
		s.stop()
		cmd("keys", "rotate", "root")
		cmd("verify")
		start(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, where...)...)
	})
}

func TestMetricsNameRoutesAndNobody(t *testing.T) {
	dir := t.TempDir()
	key := clerk(t, []string{"--data", dir})
	counts := free(t)
	s := start(t, "serve", "--listen", "127.0.0.1:0", "--metrics", counts, "--data", dir)
	id := register(s.address, key)
	get(t, s.address+"/api/v1/persons/"+id, "Authorization", "Bearer "+key)
	get(t, s.address+"/api/v1/persons?q=Rahima", "Authorization", "Bearer "+key)
	get(t, s.address+"/sign-in?q=Rahima")
	code, text := get(t, "http://"+counts+"/metrics")
	for _, want := range []string{`fera_http_requests_total{route="POST /api/v1/persons",status="201"} 1`, `route="GET /api/v1/persons/{id}"`, "fera_http_request_seconds_bucket", "go_goroutines"} {
		if code != 200 || !strings.Contains(text, want) {
			t.Errorf("metrics (%d) lack %s", code, want)
		}
	}
	if code, _ := get(t, s.address+"/metrics"); code != 404 {
		t.Errorf("metrics are open to the world: %d", code)
	}
	errs := s.stop().errs
	for _, never := range []string{id, "Rahima", "রহিমা", key} {
		if strings.Contains(text, never) || strings.Contains(errs, never) {
			t.Errorf("%q stands in the metrics or the log", never)
		}
	}
	if !strings.Contains(errs, `"route":"GET /api/v1/persons/{id}"`) {
		t.Errorf("the log names no route:\n%s", errs)
	}
}

// free is an address that nobody listens on just now.
func free(t *testing.T) string {
	t.Helper()
	s := start(t, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	s.stop()
	return strings.TrimPrefix(s.address, "http://")
}

func TestVerifyFindsWhatWasDoneBehindItsBack(t *testing.T) {
	prepare := func(t *testing.T) (dir, checkpoint string) {
		dir, checkpoint = t.TempDir(), filepath.Join(t.TempDir(), "kept")
		must(t, "simulate", "--persons", "60", "--data", dir)
		if out := must(t, "verify", "--data", dir, "--save", checkpoint, "--checkpoint", checkpointOf(t, dir)); !strings.Contains(out, "The trail holds") {
			t.Fatal(out)
		}
		return dir, checkpoint
	}
	for statement, want := range map[string]string{
		`UPDATE audit_entries SET actor_name = 'nobody' WHERE position = 70`:                 "bad position is 70: the entry was altered",
		`DELETE FROM audit_entries WHERE position = 50`:                                      "bad position is 50: the entry is missing",
		`DELETE FROM audit_entries WHERE position > 80`:                                      "bad position is 81",
		`DELETE FROM audit_entries; DELETE FROM audit_checkpoints; DELETE FROM audit_values`: "the trail was cut",
		`UPDATE audit_checkpoints SET note = replace(note, 'fera/trail', 'fera/other')`:      "the checkpoint of",
	} {
		t.Run(want, func(t *testing.T) {
			dir, kept := prepare(t)
			alter(t, dir, statement)
			if s := run(t, "verify", "--data", dir, "--checkpoint", kept); s.code != 3 || !strings.Contains(s.errs, want) {
				t.Errorf("after %s: code %d, %q", statement, s.code, s.errs)
			}
		})
	}
}

// checkpointOf saves the newest checkpoint of a store and returns the file.
func checkpointOf(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "checkpoint")
	must(t, "verify", "--data", dir, "--save", path)
	return path
}

// Who was erased stays so when an older backup is put back.
func TestABackupBringsNobodyBack(t *testing.T) {
	dir := t.TempDir()
	must(t, "simulate", "--persons", "20", "--data", dir)
	backup, err := os.ReadFile(filepath.Join(dir, "fera.db"))
	if err != nil {
		t.Fatal(err)
	}
	everyone := access.System(access.Permissions()...)
	open := func(fn func(d *db.DB)) {
		ring, err := seal.LoadRing(filepath.Join(dir, "fera.key"), "", false)
		if err != nil {
			t.Fatal(err)
		}
		d, err := db.Open(t.Context(), filepath.Join(dir, "fera.db"), db.Options{Keys: ring})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		fn(d)
	}
	first := func(d *db.DB) persons.ID {
		var page persons.Page
		if err := d.Read(t.Context(), func(q db.Reader) (err error) {
			page, err = persons.List(t.Context(), q, everyone, persons.Filter{Limit: 1})
			return err
		}); err != nil || len(page.Cards) == 0 {
			t.Fatal(err, page)
		}
		return page.Cards[0].ID
	}
	var erased persons.ID
	open(func(d *db.DB) {
		erased = first(d)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := persons.Erase(t.Context(), tx, everyone, erased, "she asked for it")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
	start(t, "serve", "--listen", "127.0.0.1:0", "--data", dir).stop()
	for _, more := range []string{"-wal", "-shm"} {
		os.Remove(filepath.Join(dir, "fera.db"+more))
	}
	if err := os.WriteFile(filepath.Join(dir, "fera.db"), backup, 0o600); err != nil {
		t.Fatal(err)
	}
	open(func(d *db.DB) {
		if first(d) != erased {
			t.Fatal("the backup does not hold her: the test shows nothing")
		}
	})
	s := start(t, "serve", "--listen", "127.0.0.1:0", "--data", dir).stop()
	if !strings.Contains(s.errs, "erased again") {
		t.Errorf("the log says nothing of it: %s", s.errs)
	}
	open(func(d *db.DB) {
		if first(d) == erased {
			t.Error("the backup brought her back")
		}
	})
}

func TestDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	s := start(t, "demo", "--persons", "120", "--seed", "3", "--listen", "127.0.0.1:0", "--data", dir)
	out := s.out.String()
	for _, r := range access.Roles() {
		if !strings.Contains(out, strings.ReplaceAll(string(r), "_", " ")) {
			t.Errorf("no sign-in for %s:\n%s", r, out)
		}
	}
	for _, want := range []string{"simulated", "100%", "demo code --data " + dir} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in:\n%s", want, out)
		}
	}
	if code, _ := get(t, s.address+"/readyz"); code != 200 {
		t.Errorf("readyz: %d", code)
	}
	code := strings.TrimSpace(must(t, "demo", "code", "amina", "--data", dir))
	var note struct{ Seed string }
	text, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil || json.NewDecoder(bytes.NewReader(text)).Decode(&note) != nil {
		t.Fatal(err)
	}
	if !totp.Validate(code, note.Seed) {
		t.Errorf("demo code printed %q, which is no code of the second factor", code)
	}
	s.stop()
	again := start(t, "demo", "--listen", "127.0.0.1:0", "--data", dir)
	if strings.Contains(again.out.String(), "Registering") {
		t.Error("a demonstration that is full was filled again")
	}
	again.stop()
	if out := must(t, "project", "list", "--data", dir); !strings.Contains(out, "manikganj-women\tcompleted") {
		t.Errorf("projects: %s", out)
	}
	for code, want := range map[string]string{"remaker": `ref="BD10P0501"`, "manikganj-women": `<actual value="5625">`} {
		if out := must(t, "project", "iati", "--project", code, "--data", dir); !strings.Contains(out, want) {
			t.Errorf("%s does not say %s:\n%s", code, want, out)
		}
	}
	publishedYear(t, dir)
	out = must(t, "verify", "--data", dir)
	var sealed int
	if _, err := fmt.Sscanf(out, "The trail holds: %d", &sealed); err != nil || sealed < 120 {
		t.Errorf("trail: %s", out)
	}
}

func TestATemporaryDemoLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	start(t, "demo", "--persons", "10", "--listen", "127.0.0.1:0").stop()
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMoveTakesEverythingAlong(t *testing.T) {
	dir, to := t.TempDir(), emptyPostgres(t)
	must(t, "simulate", "--persons", "60", "--data", dir)
	if out := must(t, "move", "--data", dir, "--to", to); !strings.Contains(out, "60 rows of persons") {
		t.Errorf("move printed:\n%s", out)
	}
	if out := must(t, "verify", "--data", dir, "--database", to); !strings.Contains(out, "The trail holds") {
		t.Error(out)
	}
	if s := run(t, "move", "--data", dir, "--to", to); s.code != 1 || !strings.Contains(s.errs, "is not empty") {
		t.Errorf("move into a full database: code %d, %q", s.code, s.errs)
	}
}
