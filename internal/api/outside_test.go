// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/api"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/worldtest"
)

// nasrin speaks for Bandhan, which is a network with a system of its own.
func nasrin() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000015", Name: "Nasrin", Office: worldtest.Barishal, Organisation: worldtest.Bandhan}
	a.Grant(access.ProviderFocal, "own")
	return a
}

// keyed gives Bandhan's system a key of Nasrin's, for some permissions.
func (k *linked) keyed(t *testing.T, permissions ...access.Permission) (key string) {
	t.Helper()
	dbtest.Write(t, k.d, func(tx *db.Tx) (err error) {
		_, key, err = accounts.AddToken(t.Context(), tx, worldtest.Farid(), accounts.Token{Owner: nasrin().ID, Name: "the system of Bandhan", Permissions: permissions, EndsAt: tx.Now().Add(300 * 24 * time.Hour)})
		return err
	})
	return key
}

// connected is a case, and Bandhan as a network outside that has nothing here but a key.
func connected(t *testing.T, d *db.DB, clock *dbtest.Clock) *linked {
	t.Helper()
	k := offered(t, d, clock)
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
		n := nasrin()
		if _, err := tx.Exec(t.Context(), `INSERT INTO users (id, login, name, office_id, language, password, totp_step, enrolment, added_at, version) VALUES (?, 'nasrin', ?, ?, 'bn', '', 0, '', ?, 1)`,
			n.ID, n.Name, n.Office, tx.Now()); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO user_roles (user_id, role, scope, granted_by, granted_at) VALUES (?, 'provider_focal', 'own', ?, ?)`, n.ID, n.ID, tx.Now()); err != nil {
			return err
		}
		return access.Place(t.Context(), tx, n.ID, access.AtOffice(n.Office), access.OfOrganisation(n.Organisation))
	}); err != nil {
		t.Fatal(err)
	}
	k.h = api.New(api.Options{DB: d, Log: slog.New(slog.NewTextHandler(k.logs, nil)), Actor: func(ctx context.Context, q db.Reader, bearer string) (access.Actor, error) {
		if strings.HasPrefix(bearer, "fera_") {
			return accounts.ByToken(ctx, q, bearer)
		}
		return byName(ctx, q, bearer)
	}})
	return k
}

// A provider that is a network of its own answers with a key: it sees its inbox and nothing else.
func TestANetworkOutsideAnswersWithAKey(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := connected(t, d, clock)
		key := k.keyed(t, access.AnswerReferral)
		a, at := k.begins(t, "loan", `, "papers": ["nid"]`)
		k.asks(t, "Amina", "POST", at+"/send", fmt.Sprintf(yesSpoken, 1))
		if all := k.list(t, key, "/inbox"); len(all.Items) != 1 || all.Items[0].ID != a.ID {
			t.Fatalf("the inbox: %+v", all)
		}
		got := k.asks(t, key, "POST", "/inbox/"+a.ID+"/open", "")
		got = k.asks(t, key, "POST", "/inbox/"+a.ID+"/answer", fmt.Sprintf(`{"version": %d, "act": "decline", "reason": "our fund is empty"}`, got.Version))
		if got.State != "declined" || len(got.Sheet) != 0 {
			t.Errorf("declined, it sees %+v", got)
		}
		events := read[struct {
			Items []struct{ Act, By, Why string }
		}](t, k.as("Amina", "GET", at+"/events", "").want(t, 200)).Items
		if last := events[len(events)-1]; last.Act != "decline" || last.By != "Nasrin (the system of Bandhan)" || last.Why != "our fund is empty" {
			t.Errorf("events: %+v", events)
		}
		for _, path := range []string{at, k.place, k.her, "/persons", "/cases", "/referrals/incoming", "/referrals/flows"} {
			if r := k.as(key, "GET", path, ""); r.StatusCode != 403 && r.StatusCode != 404 {
				t.Errorf("%s answers the key %d %s", path, r.StatusCode, r.text)
			}
		}
	})
}

// Another network refers somebody here, asks where that stands, and hears what came of it. Repeating is safe.
func TestANetworkOutsideBringsAReferral(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := connected(t, d, clock)
		key := k.keyed(t, access.BringReferral)
		service := ""
		dbtest.Write(t, d, func(tx *db.Tx) error {
			who := access.System(access.Permissions()...)
			o, err := directory.Add(t.Context(), tx, who, directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Aparajita"}, Partner: worldtest.Aparajita}}})
			if err != nil {
				return err
			}
			s, err := directory.Add(t.Context(), tx, who, directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: o.ID, Name: listing.Text{En: "Counselling"}, State: listing.Active,
				Needs: []string{"counselling"}, Areas: []string{listing.Country}}}})
			service = s.ID
			return err
		})
		body := func(ask, on string) string {
			return fmt.Sprintf(`{"reference": "B/17", "service": %q, "need": "counselling", "urgency": "day", "sheet": {"ask": %q, "sex": "female", "name": "Zqname Begum", "what_happened": "zqcanary at sea"},
				"statement": {"agreed": true, "method": "spoken", "language": "bn", "by": "Nasrin", "on": %q}}`, service, ask, on)
		}
		today := clock.Now().Format(time.DateOnly)
		p := k.as(key, "POST", "/referrals/incoming", strings.Replace(body("talk to her", today), `"female"`, `"f"`, 1)).wrong(t, 422, "referral.value_unreadable")
		if len(p.Errors) != 1 || p.Errors[0].Field != "sheet.sex" {
			t.Errorf("errors: %+v", p.Errors)
		}
		if p := k.as(key, "POST", "/referrals/incoming", strings.Replace(body("talk to her", "2099-01-01"), `"spoken"`, `""`, 1)).wrong(t, 422, "fault.bad_choice"); len(p.Errors) != 2 || p.Errors[1].Field != "statement.on" {
			t.Errorf("errors: %+v", p.Errors)
		}
		r := k.as(key, "POST", "/referrals/incoming", body("talk to her", today)).want(t, 201)
		again := k.as(key, "POST", "/referrals/incoming", body("talk to her", today)).want(t, 201)
		at := strings.TrimPrefix(r.Header.Get("Location"), "/api/v1")
		if again.Header.Get("Location") != r.Header.Get("Location") || strings.Contains(r.text, "Zqname") {
			t.Errorf("brought: %s %s", r.text, again.text)
		}
		k.as(key, "POST", "/referrals/incoming", body("give her money", today)).wrong(t, 409, "referral.reference_used")
		a := read[asked](t, r)
		if all := k.list(t, key, "/referrals/incoming?reference=B/17"); len(all.Items) != 1 || all.Items[0].ID != a.ID {
			t.Errorf("by the reference: %+v", all)
		}
		if text := k.as("Amina", "GET", "/inbox", "").want(t, 200).text; strings.Contains(text, "counselling") || strings.Contains(text, "zqcanary") || !strings.Contains(text, a.ID) {
			t.Errorf("the inbox: %s", text)
		}
		got := k.asks(t, "Amina", "POST", "/inbox/"+a.ID+"/open", "")
		if got.Sheet["name"] != "" || got.Sheet["what_happened"] != "" {
			t.Errorf("before Amina agreed she sees %+v", got)
		}
		got = k.asks(t, "Amina", "POST", "/inbox/"+a.ID+"/answer", fmt.Sprintf(`{"version": %d, "act": "accept"}`, got.Version))
		if got.Sheet["what_happened"] == "" {
			t.Errorf("after Amina agreed she sees %+v", got)
		}
		got = k.asks(t, "Amina", "POST", "/inbox/"+a.ID+"/answer", fmt.Sprintf(`{"version": %d, "act": "serve", "reason": "three talks"}`, got.Version))
		a = k.asks(t, key, "GET", at, "")
		if a.State != "served" || len(a.Events) != 4 || a.Events[3].Why != "three talks" {
			t.Errorf("the network sees %+v", a)
		}
		k.as(key, "POST", at+"/act", fmt.Sprintf(`{"version": %d, "act": "close"}`, a.Version)).wrong(t, 409, "referral.ask_her_first")
		a = k.asks(t, key, "POST", at+"/act", fmt.Sprintf(`{"version": %d, "act": "confirm", "words": "she feels better"}`, a.Version))
		if a = k.asks(t, key, "POST", at+"/act", fmt.Sprintf(`{"version": %d, "act": "close"}`, a.Version)); a.State != "closed" || len(a.Possible) != 0 {
			t.Errorf("closed: %+v", a)
		}
		for _, who := range []string{"Amina", "Chandra", "Basil", "Farid"} {
			if r := k.as(who, "GET", at, ""); r.StatusCode != 403 {
				t.Errorf("%s reads it: %d %s", who, r.StatusCode, r.text)
			}
		}
		if k.logs.String() != "" {
			t.Errorf("log: %.500s", k.logs)
		}
	})
}
