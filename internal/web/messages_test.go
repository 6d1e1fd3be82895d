// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/gateways"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// refusing is a gateway that takes nothing, and keeps what it refused.
type refusing struct{ texts []string }

// Name implements messages.Gateway.
func (*refusing) Name() string { return "kannel" }

// Ways implements messages.Gateway.
func (*refusing) Ways() []string { return []string{messages.SMS} }

// Carry implements messages.Gateway.
func (g *refusing) Carry(_ context.Context, o messages.Outgoing) (messages.Outcome, error) {
	g.texts = append(g.texts, o.To, o.Text)
	return messages.Refused, errors.New("not today")
}

// Who works with her sees that a message was not sent and why, on her page and on the case's; who looks after messages sees that
// it failed, and neither her, nor number, nor text. Both send it again. Others find nothing.
func TestMessagesAreSeenWithoutTexts(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		amina := s.add(t, "amina", "caseworker o:"+s.office)
		s.add(t, "chandra", "supervisor g:"+s.org)
		s.add(t, "harun", "national_observer all")
		who := access.Actor{ID: amina.ID, Name: "amina", Office: s.office, Organisation: s.org}
		who.Grant(access.Caseworker, access.AtOffice(s.office))
		var her persons.ID
		var place cases.ID
		gateway := &refusing{}
		post, err := gateways.NewMail(gateways.Mailbox{URL: "smtps://mail.example.org", From: "fera@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		send := func(contact persons.Contact) {
			t.Helper()
			r := worldtest.Rahima()
			r.Contacts = []persons.Contact{contact}
			dbtest.Write(t, s.d, func(tx *db.Tx) (err error) { her, err = persons.Register(t.Context(), tx, who, r); return err })
			dbtest.Write(t, s.d, func(tx *db.Tx) (err error) {
				place, err = cases.Open(t.Context(), tx, who, cases.Opening{Person: her, Programme: "reintegration", Origin: "self", Why: "begins anew"})
				return err
			})
			dbtest.Write(t, s.d, func(tx *db.Tx) error {
				_, err := messages.Send(t.Context(), tx, who, messages.Message{Person: her, Case: place, Kind: "please_call", With: map[string]any{"number": "16135"}, Subject: "referral:1"})
				return err
			})
			sender := messages.NewSender(s.d, messages.Options{Gateway: gateway, Holder: "x"})
			if err := sender.Open(t.Context(), messages.NewSender(s.d, messages.Options{Gateway: post, Holder: "y"})); err != nil {
				t.Fatal(err)
			}
			if _, err := sender.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		en := words.In(words.English)
		b := s.signIn(t, "amina")

		send(persons.Contact{Kind: "phone", Number: "01712345678", Owner: "husband", Safety: "careful", Ways: []string{"sms"}})
		for _, page := range []string{"/persons/" + string(her) + "/messages", "/cases/" + string(place) + "/messages"} {
			got := b.get(page)
			if got.status != http.StatusOK || !strings.Contains(got.text(), en.T("call.no.owner")) || !strings.Contains(got.text(), en.T("message.state.held")) {
				t.Errorf("%s: %d\n%s", page, got.status, got.text())
			}
		}

		send(persons.Contact{Kind: "phone", Number: "01812345678", Owner: "own", Safety: "safe", Ways: []string{"sms"}})
		if len(gateway.texts) != 2 {
			t.Fatalf("the gateway was told %v", gateway.texts)
		}
		room := s.signIn(t, "chandra").get("/messages")
		if room.status != http.StatusOK || !strings.Contains(room.text(), en.T("message.failed.refused")) || !strings.Contains(room.text(), en.T("message.gateway_mail")) || !strings.Contains(room.text(), en.T("message.gateway_kannel")) {
			t.Fatalf("the room: %d\n%s", room.status, room.text())
		}
		for _, held := range append(gateway.texts, string(her), string(place), "Rahima", "রহিমা", "1812345678", "16135") {
			if strings.Contains(room.body, held) {
				t.Errorf("the room shows %q", held)
			}
		}
		for _, m := range regexp.MustCompile(`action="(/messages/[0-9a-f-]{36}/again)"`).FindAllStringSubmatch(room.body, -1) {
			if got := s.signIn(t, "harun").post(m[1], nil); got.status != http.StatusNotFound {
				t.Errorf("again, by who may not: %d", got.status)
			}
			if got := b.post(m[1], nil); got.status != http.StatusNotFound {
				t.Errorf("again, by a caseworker in the room: %d", got.status)
			}
		}
		page := "/cases/" + string(place) + "/messages"
		again := regexp.MustCompile(`action="(` + page + `/[0-9a-f-]{36}/again)"`).FindStringSubmatch(b.get(page).body)
		if again == nil {
			t.Fatal("no way to send it again")
		}
		if got := b.post(again[1], nil); got.status != http.StatusSeeOther {
			t.Errorf("again: %d %s", got.status, got.text())
		}
		if text := b.get(page).text(); !strings.Contains(text, en.T("message.state.waiting")) {
			t.Errorf("it does not wait: %s", text)
		}
		other := s.signIn(t, "harun")
		for _, path := range []string{"/messages", page, "/persons/" + string(her) + "/messages"} {
			if got := other.get(path); got.status != http.StatusNotFound {
				t.Errorf("%s by who may not: %d", path, got.status)
			}
		}
	})
}
