// SPDX-License-Identifier: Apache-2.0

package gateways_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"fera/internal/gateways"
	"fera/internal/messages"
)

const desk = "desk@provider.example"

// post is a mail server: it keeps what it took, and fails as it is told to.
type post struct {
	mu     sync.Mutex
	took   []taken
	signed int
	fail   error // at the address
	refuse error // after the text
	hold   time.Duration
	cut    bool // break off after the text
}

type taken struct {
	from, to string
	text     string
	tls      bool
}

// NewSession implements smtp.Backend.
func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &visit{post: p, conn: c}, nil }

type visit struct {
	*post
	conn *smtp.Conn
	now  taken
}

func (v *visit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if user != "fera" || pass != password {
			return errors.New("no " + user)
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.signed++
		return nil
	}), nil
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	_, v.now.tls = v.conn.TLSConnectionState()
	v.now.from = from
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.now.to = to
	return v.fail
}

func (v *visit) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	time.Sleep(v.hold)
	if v.cut {
		v.conn.Conn().Close()
		return nil
	}
	if v.refuse != nil {
		return v.refuse
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now.text = string(text)
	v.took = append(v.took, v.now)
	return nil
}

// certify makes a certificate for an address, and who vouches for it.
func certify(t *testing.T, ip net.IP) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{ip}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(made)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// serving is how a server is reached: whether it knows TLS, and whether from the first byte.
type serving struct {
	ip       string
	tls      bool
	implicit bool
}

// serve starts a mail server and returns how it is reached.
func (p *post) serve(t *testing.T, s serving) gateways.Mailbox {
	t.Helper()
	cert, pool := certify(t, net.ParseIP(s.ip))
	server := smtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "mail.example.org", true, log.New(io.Discard, "", 0)
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	if s.tls && !s.implicit {
		server.TLSConfig = config
	}
	l, err := net.Listen("tcp", net.JoinHostPort(s.ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	scheme := "smtp://"
	if s.implicit {
		l, scheme = tls.NewListener(l, config), "smtps://"
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return gateways.Mailbox{URL: scheme + l.Addr().String(), From: "fera@example.org", Roots: pool}
}

func mailed() messages.Outgoing {
	return messages.Outgoing{ID: "m1", Way: messages.Email, To: desk, Subject: "একটি রেফারেল অপেক্ষায় আছে · A referral waits", Text: "একটি রেফারেল\nhttps://fera.example.org/r/abc\n"}
}

func carry(t *testing.T, box gateways.Mailbox) (messages.Outcome, error) {
	t.Helper()
	g, err := gateways.NewMail(box)
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := g.Carry(t.Context(), mailed())
	mute(t, err)
	return outcome, err
}

// mute fails when an error tells an address, a text, a link or the password.
func mute(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range []string{"desk", "provider", password, "রেফারেল", "/r/", "abc", "fera@"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %s: %v", secret, err)
		}
	}
}

// A mail arrives as it was written, over TLS begun either way, and over none on this machine alone; with a name and password where they
// are asked for.
func TestMailArrives(t *testing.T) {
	for name, s := range map[string]serving{"STARTTLS": {ip: "127.0.0.1", tls: true}, "TLS": {ip: "127.0.0.1", tls: true, implicit: true}, "this machine, without": {ip: "127.0.0.1"}} {
		p := &post{}
		box := p.serve(t, s)
		if s.tls {
			box.User, box.Password = "fera", password
		}
		if outcome, err := carry(t, box); outcome != messages.Taken || err != nil {
			t.Fatalf("%s: %s, %v", name, outcome, err)
		}
		if len(p.took) != 1 || p.took[0].to != desk || p.took[0].from != "fera@example.org" || p.took[0].tls != s.tls || (p.signed == 1) != s.tls {
			t.Fatalf("%s: %+v, signed in %d times", name, p.took, p.signed)
		}
		m, err := mail.ReadMessage(strings.NewReader(p.took[0].text))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := decode(m.Header.Get("Subject"))
		if err != nil || subject != mailed().Subject || m.Header.Get("Message-Id") != "<m1@example.org>" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("User-Agent")+m.Header.Get("X-Mailer") != "" {
			t.Errorf("%s: %q, %v, %v", name, subject, m.Header, err)
		}
		if got := body(t, m); strings.TrimSpace(strings.ReplaceAll(got, "\r\n", "\n")) != strings.TrimSpace(mailed().Text) {
			t.Errorf("%s: the text is %q", name, got)
		}
	}
}

// Nothing is said to a server elsewhere that speaks no TLS, to one whose certificate nobody vouches for, or with a wrong password: the
// mail waits.
func TestMailIsSaidToNobodyElse(t *testing.T) {
	p := &post{}
	wrong := p.serve(t, serving{ip: "127.0.0.1", tls: true})
	wrong.User, wrong.Password = "fera", "wrong"
	unknown := p.serve(t, serving{ip: "127.0.0.1", tls: true})
	unknown.Roots = x509.NewCertPool()
	strange := p.serve(t, serving{ip: "127.0.0.1", tls: true, implicit: true})
	strange.Roots = x509.NewCertPool()
	boxes := map[string]gateways.Mailbox{"a wrong password": wrong, "an unknown certificate": unknown, "an unknown certificate from the first byte": strange,
		"nobody": {URL: "smtp://127.0.0.1:1", From: "fera@example.org"}}
	if ip := elsewhere(t); ip != "" {
		boxes["a server elsewhere without TLS"] = p.serve(t, serving{ip: ip})
	}
	for name, box := range boxes {
		if outcome, err := carry(t, box); outcome != messages.Later || err == nil {
			t.Errorf("%s: %s, %v", name, outcome, err)
		}
	}
	if len(p.took) > 0 {
		t.Errorf("taken: %+v", p.took)
	}
	if ip := elsewhere(t); ip != "" {
		if outcome, err := carry(t, p.serve(t, serving{ip: ip, tls: true})); outcome != messages.Taken || err != nil || !p.took[0].tls {
			t.Errorf("a server elsewhere with TLS: %s, %v", outcome, err)
		}
	}
}

// elsewhere is an address of this machine that is none of its own alone.
func elsewhere(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	t.Log("this machine has no address but its own: TLS is not shown to be needed elsewhere")
	return ""
}

// Each answer means one thing.
func TestMailServersAnswer(t *testing.T) {
	hard := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no " + desk + " here"}
	soft := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: desk + ": try later"}
	for name, c := range map[string]struct {
		post *post
		want messages.Outcome
	}{
		"nobody there":           {&post{fail: hard}, messages.Refused},
		"try later":              {&post{fail: soft}, messages.Later},
		"the text is refused":    {&post{refuse: hard}, messages.Refused},
		"the text is put off":    {&post{refuse: soft}, messages.Later},
		"cut off after the text": {&post{cut: true}, messages.Unsure},
	} {
		if outcome, err := carry(t, c.post.serve(t, serving{ip: "127.0.0.1", tls: true})); outcome != c.want || err == nil {
			t.Errorf("%s: %s, %v, want %s", name, outcome, err, c.want)
		}
	}
	slow := &post{hold: 2 * time.Second}
	g, err := gateways.NewMail(slow.serve(t, serving{ip: "127.0.0.1"}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, done := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer done()
	began := time.Now()
	outcome, err := g.Carry(ctx, mailed())
	mute(t, err)
	if outcome != messages.Unsure || time.Since(began) > time.Second {
		t.Errorf("told, and no answer in time: %s, %v, after %s", outcome, err, time.Since(began))
	}
}

func TestNewMailRefuses(t *testing.T) {
	for _, box := range []gateways.Mailbox{{}, {URL: "mail.example.org:587", From: "a@b.org"}, {URL: "http://mail.example.org", From: "a@b.org"}, {URL: "smtp://user:pass@mail.example.org", From: "a@b.org"},
		{URL: "smtp://mail.example.org/x", From: "a@b.org"}, {URL: "smtp://mail.example.org:587", From: "nobody"}, {URL: "smtp://mail.example.org:587", From: "Fera <a@b.org>"}, {URL: "smtp://mail.example.org:587"}} {
		if _, err := gateways.NewMail(box); err == nil {
			t.Errorf("%+v was taken", box)
		}
	}
	files, err := gateways.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if got := gateways.Only(files, messages.SMS); len(got.Ways()) != 1 || got.Ways()[0] != messages.SMS || got.Name() != "files" {
		t.Errorf("only SMS: %v", got.Ways())
	}
}

func decode(header string) (string, error) { return new(mime.WordDecoder).DecodeHeader(header) }

func body(t *testing.T, m *mail.Message) string {
	t.Helper()
	r := m.Body
	if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
