// SPDX-License-Identifier: Apache-2.0

package referrals_test

import (
	"context"
	"io"
	"log"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/gateways"
	"fera/internal/messages"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/worldtest"
)

const deskMail = "desk@provider.example"

// postbox is a mail server that takes what comes.
type postbox struct {
	mu   sync.Mutex
	to   []string
	mail []string
}

// NewSession implements smtp.Backend.
func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }

// The postbox implements smtp.Session.
func (p *postbox) Reset()                               {}
func (p *postbox) Logout() error                        { return nil }
func (p *postbox) Mail(string, *smtp.MailOptions) error { return nil }
func (p *postbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = append(p.to, to)
	return nil
}

// Data implements smtp.Session.
func (p *postbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mail = append(p.mail, string(text))
	return err
}

// opens starts the server and returns the sender that hands mails to it.
func (p *postbox) opens(t *testing.T, d *db.DB) *messages.Sender {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(p)
	server.Domain, server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	g, err := gateways.NewMail(gateways.Mailbox{URL: "smtp://" + l.Addr().String(), From: "fera@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	return messages.NewSender(d, messages.Options{Gateway: g, Holder: "mail"})
}

// mailed carries what is to be said and returns the texts of the mails that came.
func (w *world) mailed(p *postbox, s *messages.Sender) (texts []string) {
	w.t.Helper()
	before := len(p.mail)
	if _, err := referrals.Carry(w.t.Context(), w.d, "https://fera.example.org"); err != nil {
		w.t.Fatal(err)
	}
	if _, err := s.Work(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	for _, raw := range p.mail[before:] {
		m, err := mail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			w.t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			w.t.Fatal(err)
		}
		texts = append(texts, m.Header.Get("Subject")+"\n"+string(text))
		for _, told := range []string{"Rahima", "রহিমা", "usiness", "ব্যবসা", "please help", "Amina", "1712345678", "Clinic", "woman"} {
			if strings.Contains(raw+string(text), told) {
				w.t.Errorf("the mail tells %s: %s", told, text)
			}
		}
	}
	return texts
}

// speaks names somebody to speak to at the provider without accounts.
func (w *world) speaks(f listing.Focal) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		known, err := directory.Several(ctx, tx, []string{w.shop})
		if err == nil {
			f.Entry, f.Name = known[w.shop].Owner, "Desk"
			_, err = directory.Appoint(ctx, tx, keya(), f)
		}
		return err
	})
}

// A provider whose desk has an e-mail address is told by mail, at any hour, that a referral waits, and answers by the link in it.
func TestAProviderIsToldByMail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.speaks(listing.Focal{Email: deskMail})
		p := &postbox{}
		s := p.opens(t, w.d)
		w.done(s.Open(t.Context()))
		id := w.send(w.drafting("business"))
		got := w.mailed(p, s)
		if len(got) != 1 || len(p.to) != 1 || p.to[0] != deskMail || !strings.Contains(got[0], "A referral waits for your answer") || !strings.Contains(got[0], "একটি রেফারেল আছে") {
			t.Fatalf("to %v: %q", p.to, got)
		}
		link := linkForm.FindStringSubmatch(got[0])
		if link == nil {
			t.Fatalf("no link in %q", got[0])
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := referrals.Use(ctx, tx, link[1], referrals.Reply{Act: course.Accept})
			return err
		})
		w.state(id, course.Accepted)
		if again := w.mailed(p, s); len(again) != 0 {
			t.Errorf("nothing waits, and it is told %q", again)
		}
	})
}

// The telephone of a desk goes before its address, but where nothing leaves for telephones.
func TestAMailGoesWhereNoSMSDoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.speaks(listing.Focal{Email: deskMail, Phones: []listing.Phone{{Number: deskNumber}}})
		p, a := &postbox{}, &air{}
		s := p.opens(t, w.d)
		w.done(s.Open(t.Context(), messages.NewSender(w.d, messages.Options{Holder: "none"})))
		w.send(w.drafting("business"))
		if got := w.mailed(p, s); len(got) != 1 {
			t.Errorf("with a mail server alone: %q", got)
		}
		w.done(s.Open(t.Context(), messages.NewSender(w.d, messages.Options{Gateway: a, Holder: "air"})))
		w.send(w.drafting("business"))
		if got := w.mailed(p, s); len(got) != 0 {
			t.Errorf("with both a mail went: %q", got)
		}
		if sent := w.carries(a); len(sent) != 1 || !strings.HasSuffix(sent[0].To, deskNumber[1:]) {
			t.Errorf("by telephone went %+v", sent)
		}
	})
}

// What was taken back before it left does not leave; that it was taken back is told only to who was told of it.
func TestAMailThatIsOverDoesNotLeave(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.speaks(listing.Focal{Email: deskMail})
		p := &postbox{}
		s := p.opens(t, w.d)
		id := w.send(w.drafting("business"))
		if _, err := referrals.Carry(t.Context(), w.d, "https://fera.example.org"); err != nil {
			t.Fatal(err)
		}
		w.clock.Move(time.Minute)
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Withdraw(ctx, tx, worldtest.Amina(), referrals.Ending{ID: id, Why: "she found another"})
		})
		for _, text := range w.mailed(p, s) {
			if strings.Contains(text, "waits for your answer") {
				t.Errorf("after it was taken back: %q", text)
			}
		}
	})
}
