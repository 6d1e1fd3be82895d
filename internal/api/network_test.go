// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/worldtest"
)

// asked is a referral, as either side reads it.
type asked struct {
	ID, Number, Need, State, Outcome, Answer, Case, Where string
	Version, Rounds, Tries                                int
	Whole, Protected                                      bool
	Sheet                                                 map[string]string
	Papers, Missing, Possible, Links                      []string
	Events                                                []struct{ Act, Side, Why, By, Way string }
	Agreement                                             *struct{ Fields []string }
	DueOn                                                 string `json:"due_on"`
}

// offer is what Bandhan offers: services of the directory by the need that they are for.
type offer map[string]string

// linked is a case from which somebody is referred, and what Bandhan offers.
type linked struct {
	*desk
	offer
}

// offered opens a case at Aparajita, and enters what Bandhan offers.
func offered(t *testing.T, d *db.DB, clock *dbtest.Clock) *linked {
	t.Helper()
	k := &linked{opened(t, d, clock), offer{}}
	k.does(t, "Amina", "/take", `{"version": %d}`)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		who := access.System(access.Permissions()...)
		o, err := directory.Add(t.Context(), tx, who, directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Bandhan"}, Partner: worldtest.Bandhan}}})
		if err != nil {
			return err
		}
		for _, need := range []string{"loan", "legal_aid"} {
			s := &listing.Service{Organisation: o.ID, Name: listing.Text{En: need}, State: listing.Active, Needs: []string{need}, Areas: []string{listing.Country}}
			if need == "loan" {
				s.Papers = []listing.Paper{{Code: "nid"}}
			}
			e, err := directory.Add(t.Context(), tx, who, directory.Addition{Body: listing.Body{Service: s}})
			if err != nil {
				return err
			}
			k.offer[need] = e.ID
		}
		return nil
	})
	return k
}

func (k *linked) asks(t *testing.T, who, method, path, body string) asked {
	t.Helper()
	k.tick()
	r := k.as(who, method, path, body)
	if r.StatusCode != 200 && r.StatusCode != 201 {
		t.Fatalf("%s %s %s %s: %d %s", who, method, path, body, r.StatusCode, r.text)
	}
	return read[asked](t, r)
}

// begins drafts a referral.
func (k *linked) begins(t *testing.T, need, more string) (asked, string) {
	t.Helper()
	a := k.asks(t, "Amina", "POST", k.place+"/referrals", fmt.Sprintf(`{"service": %q, "need": %q, "urgency": "days", "typed": {"ask": "please help her with %s"}%s}`, k.offer[need], need, need, more))
	return a, k.place + "/referrals/" + a.ID
}

const yesSpoken = `{"version": %d, "agreed": true, "method": "spoken", "language": "bn"}`

// A referral goes its whole way between two organisations by the API: declared, sent, received, answered, told, denied, told
// again, confirmed and closed. Each side sees its own.
func TestAReferralByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := offered(t, d, clock)
		k.as("Amina", "POST", k.place+"/referrals", fmt.Sprintf(`{"service": %q, "need": "loan", "urgency": "days", "share": ["health_note"], "typed": {"ask": "x"}}`, k.offer["loan"])).wrong(t, 422, "referral.not_for_this_need")
		k.as("Amina", "POST", k.place+"/referrals", fmt.Sprintf(`{"service": %q, "need": "loan", "urgency": "days"}`, k.offer["loan"])).wrong(t, 422, "fault.needed")
		if p := k.as("Amina", "POST", k.place+"/referrals", fmt.Sprintf(`{"service": %q, "need": "loan", "urgency": "days", "typed": {"ask": " "}}`, k.offer["loan"])).wrong(t, 422, "fault.needed"); len(p.Errors) != 1 || p.Errors[0].Field != "typed.ask" {
			t.Errorf("errors: %+v", p.Errors)
		}
		a, at := k.begins(t, "loan", `, "share": ["home"]`)
		if a.State != "drafted" || !a.Whole || a.Version != 1 || !slices.Equal(a.Missing, []string{"nid"}) || !slices.Contains(a.Possible, "send") {
			t.Errorf("drafted: %+v", a)
		}
		k.as("Amina", "POST", at+"/send", fmt.Sprintf(yesSpoken, 1)).wrong(t, 422, "referral.papers_missing")
		k.as("Amina", "POST", at+"/send", `{"version": 1, "agreed": false, "method": "spoken", "language": "bn"}`).wrong(t, 422, "referral.consent_needed")
		a = k.asks(t, "Amina", "PUT", at, fmt.Sprintf(`{"version": 1, "service": %q, "need": "loan", "urgency": "day", "share": ["home"], "typed": {"ask": "a loan for a machine"}, "papers": ["nid"]}`, k.offer["loan"]))
		k.as("Amina", "PUT", at, fmt.Sprintf(`{"version": 1, "service": %q, "need": "loan", "urgency": "day", "typed": {"ask": "a loan"}}`, k.offer["loan"])).wrong(t, 409, "referral.changed_meanwhile")
		seen := read[struct{ Request, Accepted map[string]string }](t, k.as("Amina", "GET", at+"/preview", "").want(t, 200))
		if seen.Request["ask"] != "a loan for a machine" || seen.Request["name"] != "" || seen.Accepted["name"] == "" || seen.Accepted["home"] == "" {
			t.Errorf("preview: %+v", seen)
		}
		if all := k.list(t, "Basil", "/inbox"); len(all.Items) != 0 {
			t.Errorf("a draft came to Basil: %+v", all)
		}
		k.as("Basil", "POST", "/inbox/"+a.ID+"/open", "").wrong(t, 404, "referral.not_found")
		a = k.asks(t, "Amina", "POST", at+"/send", fmt.Sprintf(yesSpoken, a.Version))
		if a.State != "sent" || a.Agreement == nil || !slices.Contains(a.Agreement.Fields, "home") || a.DueOn == "" {
			t.Errorf("sent: %+v", a)
		}
		k.answers(t, a, at)
	})
}

// answers is what Bandhan does with a referral that was sent, and what she says of it.
func (k *linked) answers(t *testing.T, a asked, at string) {
	t.Helper()
	list := k.as("Basil", "GET", "/inbox", "").want(t, 200).text
	if strings.Contains(list, "Rahima") || strings.Contains(list, "machine") || !strings.Contains(list, a.ID) {
		t.Errorf("the inbox: %s", list)
	}
	got := k.asks(t, "Basil", "POST", "/inbox/"+a.ID+"/open", "")
	if got.State != "received" || got.Sheet["ask"] == "" || got.Sheet["name"] != "" || got.Case != "" {
		t.Errorf("opened: %+v", got)
	}
	k.as("Basil", "POST", "/inbox/"+a.ID+"/answer", `{"version": 1, "act": "accept"}`).wrong(t, 409, "referral.changed_meanwhile")
	k.as("Basil", "POST", "/inbox/"+a.ID+"/answer", fmt.Sprintf(`{"version": %d, "act": "confirm"}`, got.Version)).wrong(t, 403, "access.not_allowed")
	body := fmt.Sprintf(`{"version": %d, "act": "accept"}`, got.Version)
	k.tick()
	first := k.as("Basil", "POST", "/inbox/"+a.ID+"/answer", body, "Idempotency-Key", "yes").want(t, 200)
	again := k.as("Basil", "POST", "/inbox/"+a.ID+"/answer", body, "Idempotency-Key", "yes").want(t, 200)
	if got = read[asked](t, first); got.State != "accepted" || !strings.Contains(got.Sheet["name"], "Rahima") || again.Header.Get("Idempotent-Replay") == "" || read[asked](t, again).Version != got.Version {
		t.Errorf("accepted: %s and %s", first.text, again.text)
	}
	got = k.asks(t, "Basil", "POST", "/inbox/"+a.ID+"/answer", fmt.Sprintf(`{"version": %d, "act": "appoint", "at": %q, "where": "second floor"}`, got.Version, k.clock.Now().Add(48*time.Hour).Format(time.RFC3339)))
	got = k.asks(t, "Basil", "POST", "/inbox/"+a.ID+"/answer", fmt.Sprintf(`{"version": %d, "act": "serve", "reason": "10,000 taka"}`, got.Version))
	a = k.asks(t, "Amina", "GET", at, "")
	if a.State != "served" || a.Where != "second floor" || !slices.Contains(a.Links, "confirm") {
		t.Errorf("served: %+v", a)
	}
	k.as("Amina", "POST", at+"/close", fmt.Sprintf(`{"version": %d}`, a.Version)).wrong(t, 409, "referral.ask_her_first")
	a = k.asks(t, "Amina", "POST", at+"/hear", fmt.Sprintf(`{"version": %d, "act": "deny", "way": "call", "words": "I got nothing"}`, a.Version))
	if a.State != "reopened" || a.Rounds != 1 {
		t.Errorf("denied: %+v", a)
	}
	got = k.asks(t, "Basil", "POST", "/inbox/"+a.ID+"/open", "")
	got = k.asks(t, "Basil", "POST", "/inbox/"+a.ID+"/answer", fmt.Sprintf(`{"version": %d, "act": "serve"}`, got.Version))
	secret := read[struct{ Secret string }](t, k.as("Amina", "POST", at+"/link", `{"purpose": "confirm"}`).want(t, 201)).Secret
	k.as("Amina", "POST", at+"/link", `{"purpose": "answer"}`).wrong(t, 409, "referral.not_now")
	if len(secret) < 20 {
		t.Errorf("secret %q", secret)
	}
	a = k.asks(t, "Amina", "POST", at+"/hear", fmt.Sprintf(`{"version": %d, "act": "confirm", "way": "visit"}`, got.Version))
	a = k.asks(t, "Amina", "POST", at+"/close", fmt.Sprintf(`{"version": %d}`, a.Version))
	if a.State != "closed" || len(a.Possible) != 0 {
		t.Errorf("closed: %+v", a)
	}
	events := read[struct {
		Items []struct{ Act, Side, Why string }
	}](t, k.as("Amina", "GET", at+"/events", "").want(t, 200)).Items
	var acts []string
	for _, e := range events {
		acts = append(acts, e.Act)
	}
	if fmt.Sprint(acts) != "[send receive accept appoint serve deny serve confirm close]" || events[5].Why != "I got nothing" || events[4].Side != "receiver" {
		t.Errorf("events: %+v", events)
	}
	flows := k.as("Harun", "GET", "/referrals/flows?by=need", "").want(t, 200).text
	if !strings.Contains(flows, `"group":"loan"`) || !strings.Contains(flows, `{"step":"confirmed","covered":"small"}`) || strings.Contains(flows, `"count":1`) {
		t.Errorf("flows: %s", flows)
	}
	k.as("Harun", "GET", "/referrals/flows?from=2026", "").wrong(t, 422, "api.month_needed")
	k.as("Harun", "GET", "/referrals/flows?by=person", "").wrong(t, 422, "fault.bad_choice")
	k.as("Amina", "GET", "/referrals/flows", "").wrong(t, 403, "access.not_allowed")
}

// To other organisations, to colleagues without the caseload where something is of class 3, and under another case, a referral is not there.
func TestAReferralIsSeenByItsSidesAlone(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := offered(t, d, clock)
		k.let(bulbul(), kohinoor())
		plain, at := k.begins(t, "loan", `, "papers": ["nid"]`)
		close3, at3 := k.begins(t, "legal_aid", `, "share": ["what_happened"]`)
		mixed, atMixed := k.begins(t, "loan", `, "papers": ["nid"]`)
		a := k.asks(t, "Amina", "PUT", atMixed, fmt.Sprintf(`{"version": 1, "service": %q, "need": "loan", "urgency": "days", "typed": {"ask": "a loan", "help_needed": "zqcanary she hears badly"}, "papers": ["nid"]}`, k.offer["loan"]))
		if a.Sheet["help_needed"] == "" || !close3.Protected || plain.Protected || mixed.Protected {
			t.Errorf("class 3: %+v %+v", a, close3)
		}
		k.as("Amina", "GET", at3, "").wrong(t, 404, "referral.not_found") // a look is needed
		k.as("Amina", "GET", atMixed, "").wrong(t, 404, "referral.not_found")
		k.as("Amina", "GET", atMixed+"/preview", "").wrong(t, 404, "referral.not_found")
		if got := k.asks(t, "Amina", "GET", at3+"/protected", ""); got.Need != "legal_aid" {
			t.Errorf("looked: %+v", got)
		}
		all := k.as("Amina", "GET", k.place+"/referrals", "").want(t, 200).text
		if strings.Contains(all, "legal_aid") || strings.Contains(all, close3.ID) || strings.Contains(all, "zqcanary") || !strings.Contains(all, `"whole":false`) {
			t.Errorf("the list of class 2: %s", all)
		}
		if got := k.list(t, "Amina", k.place+"/referrals/protected"); len(got.Items) != 1 || got.Items[0].ID != close3.ID {
			t.Errorf("the look: %+v", got)
		}
		k.asks(t, "Chandra", "GET", at, "")
		k.as("Chandra", "GET", k.place+"/referrals/protected", "").wrong(t, 403, "person.protected_not_allowed")
		k.as("Chandra", "POST", k.place+"/referrals", fmt.Sprintf(`{"service": %q, "need": "legal_aid", "urgency": "days", "typed": {"ask": "x"}}`, k.offer["legal_aid"])).wrong(t, 403, "person.protected_not_allowed")
		for _, who := range []string{"Chandra", "Kohinoor"} {
			for _, path := range []string{at3 + "/protected", at3 + "/events", atMixed + "/protected"} {
				k.as(who, "GET", path, "").wrong(t, 404, "referral.not_found")
			}
			k.as(who, "POST", at3+"/send", fmt.Sprintf(yesSpoken, 1)).wrong(t, 404, "referral.not_found")
			k.as(who, "POST", "/inbox/"+plain.ID+"/open", "").wrong(t, 404, "referral.not_found")
		}
		for _, who := range []string{"Basil", "Bulbul"} {
			for _, path := range []string{at, at + "/protected", at + "/events", at + "/preview", at3 + "/protected"} {
				k.as(who, "GET", path, "").wrong(t, 404, "referral.not_found")
			}
			k.as(who, "GET", k.place+"/referrals", "").wrong(t, 404, "case.not_found")
			for act, body := range map[string]string{"/send": fmt.Sprintf(yesSpoken, 1), "/withdraw": `{"version": 1, "why": "because"}`, "/revoke": `{"version": 1}`, "/close": `{"version": 1}`,
				"/hear": `{"version": 1, "act": "confirm", "way": "call"}`, "/link": `{"purpose": "answer"}`} {
				k.as(who, "POST", at+act, body).wrong(t, 404, "referral.not_found")
			}
			k.as(who, "POST", k.place+"/referrals/revoke", `{}`).wrong(t, 404, "case.not_found")
		}
		elsewhere := strings.Replace(at, k.id, "01900000-0000-7000-8000-000000000001", 1)
		k.as("Amina", "GET", elsewhere, "").wrong(t, 404, "referral.not_found")
		k.as("Amina", "POST", elsewhere+"/send", fmt.Sprintf(yesSpoken, 1)).wrong(t, 404, "referral.not_found")
		if got := k.asks(t, "Amina", "GET", at, ""); got.State != "drafted" {
			t.Errorf("an act under another case was done: %+v", got)
		}
		k.revokes(t, at, at3, close3.ID)
	})
}

// revokes sends two referrals and takes back her consent to all: the provider is told, and sees nothing any more.
func (k *linked) revokes(t *testing.T, at, at3, id3 string) {
	t.Helper()
	k.asks(t, "Amina", "POST", at+"/send", fmt.Sprintf(yesSpoken, 1))
	k.asks(t, "Amina", "POST", at3+"/send", fmt.Sprintf(yesSpoken, 1))
	inbox := k.as("Basil", "GET", "/inbox", "").want(t, 200).text
	if strings.Contains(inbox, "legal_aid") || strings.Contains(inbox, k.offer["legal_aid"]) || !strings.Contains(inbox, id3) {
		t.Errorf("the inbox says what is of class 3: %s", inbox)
	}
	if got := k.asks(t, "Basil", "POST", "/inbox/"+id3+"/open", ""); got.Need != "legal_aid" {
		t.Errorf("opened: %+v", got)
	}
	if got := read[struct{ Open []string }](t, k.as("Amina", "POST", k.place+"/referrals/revoke", `{"why": "she is afraid"}`, "Idempotency-Key", "all").want(t, 200)); len(got.Open) != 0 {
		t.Errorf("still open: %+v", got)
	}
	k.as("Amina", "POST", k.place+"/referrals/revoke", `{"why": "she is afraid"}`, "Idempotency-Key", "all").want(t, 200)
	k.as("Amina", "POST", k.place+"/referrals/revoke", `{}`, "Idempotency-Key", "none").want(t, 200)
	got := k.asks(t, "Basil", "POST", "/inbox/"+id3+"/open", "")
	if got.State != "withdrawn" || len(got.Sheet) != 0 || len(got.Events) != 0 || got.Need != "" || !slices.Equal(got.Possible, []string{"acknowledge"}) {
		t.Errorf("withdrawn: %+v", got)
	}
	k.asks(t, "Basil", "POST", "/inbox/"+id3+"/answer", fmt.Sprintf(`{"version": %d, "act": "acknowledge"}`, got.Version))
	if left := k.list(t, "Basil", "/inbox"); len(left.Items) != 1 {
		t.Errorf("one is not acknowledged: %+v", left)
	}
}

// The inbox is read page by page, what is due first first, and by state.
func TestTheInboxIsReadInParts(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := offered(t, d, clock)
		for range 5 {
			_, at := k.begins(t, "loan", `, "papers": ["nid"]`)
			k.asks(t, "Amina", "POST", at+"/send", fmt.Sprintf(yesSpoken, 1))
		}
		seen, pages := map[string]bool{}, 0
		for next := "/inbox?limit=2&state=sent"; next != ""; pages++ {
			p := k.list(t, "Basil", next)
			for _, a := range p.Items {
				seen[a.ID] = true
			}
			next = strings.TrimPrefix(p.Next, "/api/v1")
		}
		if len(seen) != 5 || pages != 3 {
			t.Errorf("%d referrals on %d pages, want 5 on 3", len(seen), pages)
		}
		sender := 0
		for next := k.place + "/referrals?limit=3"; next != ""; {
			p := k.list(t, "Amina", next)
			sender, next = sender+len(p.Items), strings.TrimPrefix(p.Next, "/api/v1")
		}
		if sender != 5 {
			t.Errorf("the sender lists %d", sender)
		}
		if got := k.list(t, "Basil", "/inbox?late=true"); len(got.Items) != 0 {
			t.Errorf("late: %+v", got)
		}
		clock.Move(20 * 24 * time.Hour)
		if got := k.list(t, "Basil", "/inbox?late=true"); len(got.Items) != 5 {
			t.Errorf("%d are late, want 5", len(got.Items))
		}
		for _, bad := range []string{"state=drafted", "state=x", "late=perhaps", "limit=0", "cursor=x", "cursor=MjAzMC0wMS0wMSB4"} {
			if r := k.as("Basil", "GET", "/inbox?"+bad, ""); r.StatusCode != 422 {
				t.Errorf("%s: %d %s", bad, r.StatusCode, r.text)
			}
		}
		k.as("Amina", "GET", "/referrals/fields?need=nonsense", "").wrong(t, 422, "referral.need_unknown")
		if got := k.as("Amina", "GET", "/referrals/fields?need=loan", "").want(t, 200).text; !strings.Contains(got, `"code":"home"`) || strings.Contains(got, "what_happened") {
			t.Errorf("fields: %s", got)
		}
	})
}

// The same draft sent twice is one, and a repetition with another content is refused.
func TestADraftIsBegunOnce(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := offered(t, d, clock)
		body := fmt.Sprintf(`{"service": %q, "need": "loan", "urgency": "days", "typed": {"ask": "a loan"}}`, k.offer["loan"])
		first := k.as("Amina", "POST", k.place+"/referrals", body, "Idempotency-Key", "one").want(t, 201)
		again := k.as("Amina", "POST", k.place+"/referrals", body, "Idempotency-Key", "one").want(t, 201)
		if first.text != again.text || first.Header.Get("Location") != again.Header.Get("Location") || again.Header.Get("Idempotent-Replay") == "" || first.Header.Get("Idempotent-Replay") != "" {
			t.Errorf("twice: %s %s and %s %s", first.Header, first.text, again.Header, again.text)
		}
		k.as("Amina", "GET", strings.TrimPrefix(first.Header.Get("Location"), "/api/v1"), "").want(t, 200)
		k.as("Amina", "POST", k.place+"/referrals", strings.Replace(body, "a loan", "two loans", 1), "Idempotency-Key", "one").wrong(t, 409, "operation.reused")
		if all := k.list(t, "Amina", k.place+"/referrals"); len(all.Items) != 1 {
			t.Errorf("%d referrals, want 1", len(all.Items))
		}
	})
}
