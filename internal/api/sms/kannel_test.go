// SPDX-License-Identifier: Apache-2.0

package sms_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/api/sms"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/gateways"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// program finds one of Kannel's, or skips the test: it runs where Debian's kannel and kannel-extras are installed.
func program(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/usr/lib/kannel/test"} {
		if path := filepath.Join(dir, name); exists(path) {
			return path
		}
	}
	t.Skipf("%s of Kannel is not installed", name)
	return ""
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// free is a port that nobody listens on.
func free(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// output collects what a program says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

// String returns what was said until now.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func start(t *testing.T, path string, args ...string) (*output, context.CancelFunc) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out := &output{}
	c := exec.CommandContext(ctx, path, args...)
	c.Stdout, c.Stderr = out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); c.Wait() })
	return out, stop
}

// until waits for something, for a while.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 200 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s did not happen", what)
}

func reached(port int) bool {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// Through a real Kannel and its simulated centre: Bangla arrives, the report comes back, and so does her answer.
func TestThroughKannel(t *testing.T) {
	bearerbox, smsbox, fakesmsc := program(t, "bearerbox"), program(t, "smsbox"), program(t, "fakesmsc")
	d := dbtest.Open(t, dbtest.SQLite(t), func() time.Time { return dbtest.Noon })
	worldtest.Hire(t, d)
	fera := httptest.NewServer(sms.New(sms.Options{DB: d, Log: slog.New(slog.DiscardHandler), Secret: secret}))
	defer fera.Close()

	admin, boxes, centre, send := free(t), free(t), free(t), free(t)
	conf := filepath.Join(t.TempDir(), "kannel.conf")
	if err := os.WriteFile(conf, []byte(fmt.Sprintf(`group = core
admin-port = %d
admin-password = a
admin-interface = 127.0.0.1
smsbox-port = %d
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = FAKE
port = %d
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %d
sendsms-interface = 127.0.0.1
global-sender = 16135

group = sendsms-user
username = fera
password = pw
max-messages = 2
concatenation = true

group = sms-service
keyword = default
get-url = "%s%s?secret=%s&from=%%p&text=%%b&id=%%I"
max-messages = 0
omit-empty = true
catch-all = true
`, admin, boxes, centre, send, fera.URL, sms.ArrivePath, secret)), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, bearerbox, "-v", "3", conf)
	until(t, "the bearerbox", func() bool { return reached(boxes) })
	start(t, smsbox, "-v", "3", conf)
	until(t, "the smsbox", func() bool { return reached(send) })
	phone, hangUp := start(t, fakesmsc, "-H", "127.0.0.1", "-r", fmt.Sprint(centre), "-i", "1000", "-m", "0", "16135 16135 text never")

	gateway, err := gateways.NewKannel(gateways.Account{URL: fmt.Sprintf("http://127.0.0.1:%d/cgi-bin/sendsms", send), User: "fera", Password: "pw"})
	if err != nil {
		t.Fatal(err)
	}
	r := worldtest.Rahima()
	r.Contacts = []persons.Contact{{Kind: "phone", Number: "01712345678", Owner: "own", Safety: "safe", Ways: []string{"sms"}}}
	var p persons.ID
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		p, err = persons.Register(t.Context(), tx, worldtest.Amina(), r)
		return err
	})
	dbtest.Write(t, d, func(tx *db.Tx) error {
		_, err := messages.Send(t.Context(), tx, worldtest.Amina(), messages.Message{Person: p, Kind: "ask_received", Subject: "referral:9"})
		return err
	})
	sender := messages.NewSender(d, messages.Options{Gateway: gateway, Holder: "one", Reports: fera.URL + sms.ReportPath})
	of := func() (i messages.Item) {
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := messages.OfPerson(t.Context(), q, worldtest.Amina(), p)
			if len(all) == 1 {
				i = all[0]
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return i
	}
	if _, err := sender.Work(t.Context()); err != nil || of().State == messages.Waiting {
		t.Fatalf("%+v, %v", of(), err)
	}
	until(t, "the delivery", func() bool { return of().State == messages.Delivered })
	until(t, "the arrival at the centre", func() bool { return strings.Contains(phone.String(), "8801712345678") })
	t.Logf("the centre got: %.400q", phone.String())
	hangUp() // the centre has one line
	var code string
	if err := d.Read(t.Context(), func(q db.Reader) error { return q.QueryRow(t.Context(), `SELECT code FROM messages`).Scan(&code) }); err != nil || !regexp.MustCompile(`^[0-9]{5}$`).MatchString(code) {
		t.Fatal(code, err)
	}
	start(t, fakesmsc, "-H", "127.0.0.1", "-r", fmt.Sprint(centre), "-i", "1", "-m", "2", "+8801712345678 16135 text "+code+" 2")
	until(t, "her answer", func() bool { return of().Answer == messages.No })
}
