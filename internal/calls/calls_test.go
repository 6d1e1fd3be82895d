// SPDX-License-Identifier: Apache-2.0

package calls_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/calls"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/procedures"
	"fera/internal/worldtest"
)

// rahima has a telephone of her own for calls, and her husband's.
func rahima(t *testing.T, d *db.DB) (id persons.ID, own, his string) {
	t.Helper()
	r := worldtest.Rahima()
	r.Contacts = []persons.Contact{{Kind: "phone", Number: "01712345678", Owner: "own", Safety: "safe", Ways: []string{"call"}},
		{Kind: "phone", Number: "01812345678", Owner: "husband", Safety: "careful"}}
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		if id, err = persons.Register(t.Context(), tx, worldtest.Amina(), r); err != nil {
			return err
		}
		p, err := persons.Find(t.Context(), tx, worldtest.Amina(), id)
		for _, c := range p.Contacts {
			if c.Owner == "own" {
				own = c.ID
			} else {
				his = c.ID
			}
		}
		return err
	})
	return id, own, his
}

func enter(t *testing.T, d *db.DB, who access.Actor, e calls.Entry) (r calls.Result, err error) {
	t.Helper()
	if e.Other == "" {
		e.Other, e.Outcome = "herself", "talked"
	}
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) { r, err = calls.Enter(t.Context(), tx, who, e); return err })
	return r, err
}

func answer(t *testing.T, d *db.DB, who access.Actor, in calls.Incoming) (r calls.Result) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) { r, err = calls.Answer(t.Context(), tx, who, in); return err })
	return r
}

func of(t *testing.T, d *db.DB, who access.Actor, id persons.ID) (all []calls.Call) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		all, err = calls.Of(t.Context(), q, who, id, calls.Filter{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// A call that is safe is entered; one that is not is refused, and of it the trail keeps that it was tried and nothing more.
func TestWhatIsAgainstTheRuleIsRefusedAndSaidInTheTrail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, own, his := rahima(t, d)
		amina, chandra, basil := worldtest.Amina(), worldtest.Chandra(), worldtest.Basil()
		if r, err := enter(t, d, amina, calls.Entry{Person: id, Contact: own, Way: "call", About: "how she is"}); err != nil || r.ID == "" {
			t.Fatal(r, err)
		}
		const secret = "the husband's telephone was tried"
		r, err := enter(t, d, amina, calls.Entry{Person: id, Contact: his, Way: "call", About: secret})
		if err != nil || r.ID != "" || r.Verdict.Why != "call.no.owner" {
			t.Fatalf("the husband's telephone: %+v, %v", r, err)
		}
		if r, err := enter(t, d, amina, calls.Entry{Person: id, Contact: his, Way: "call", Override: true, Reason: "it cannot wait any longer"}); err != nil || r.ID != "" {
			t.Errorf("a caseworker goes on against the rule: %+v, %v", r, err)
		}
		if _, err := enter(t, d, chandra, calls.Entry{Person: id, Contact: his, Way: "call", Override: true, Reason: "so"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		if r, err := enter(t, d, chandra, calls.Entry{Person: id, Contact: his, Way: "call", Override: true, Reason: "her child is in hospital"}); err != nil || r.ID == "" {
			t.Errorf("a supervisor with a reason: %+v, %v", r, err)
		}
		if _, err := enter(t, d, basil, calls.Entry{Person: id, Contact: own, Way: "call"}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of another organisation: %v, want not found", err)
		}
		all := of(t, d, amina, id)
		slices.SortFunc(all, func(a, b calls.Call) int { return strings.Compare(a.About, b.About) }) // both of the same instant
		if len(all) != 2 || !all[0].Overridden || all[0].Reason == "" || all[1].About != "how she is" {
			t.Errorf("calls = %+v", all)
		}
		if len(of(t, d, basil, id)) != 0 {
			t.Error("Basil sees the calls")
		}
		refusals := 0
		if err := d.Read(t.Context(), func(q db.Reader) error {
			lines, err := persons.History(t.Context(), q, amina, id, audit.Filter{Limit: 50})
			for _, l := range lines {
				if strings.Contains(fmt.Sprintf("%+v", l), secret) {
					t.Error("the trail holds what a refused call was about")
				}
				if strings.Contains(fmt.Sprintf("%+v", l), "refused") {
					refusals++
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if refusals != 2 {
			t.Errorf("the trail has %d refused attempts, want 2", refusals)
		}
	})
}

// Hours that were settled are held to the minute, in Dhaka.
func TestHoursHold(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		id, own, _ := rahima(t, d)
		amina := worldtest.Amina()
		set := func(h calls.Hours) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return calls.SetHours(t.Context(), tx, amina, id, h) })
		}
		if err := set(calls.Hours{Contact: own, From: 720, To: 600}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("hours that end before they begin: %v", err)
		}
		if err := set(calls.Hours{Contact: "00000000-0000-7000-8000-00000000dead", From: 600, To: 720}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("hours of nobody's contact: %v", err)
		}
		if err := set(calls.Hours{Contact: own, From: 18 * 60, To: 19 * 60}); err != nil { // noon in London is six in Dhaka
			t.Fatal(err)
		}
		if r, err := enter(t, d, amina, calls.Entry{Person: id, Contact: own, Way: "call"}); err != nil || r.ID == "" {
			t.Errorf("at six: %+v, %v", r, err)
		}
		clock.Move(time.Hour)
		if r, err := enter(t, d, amina, calls.Entry{Person: id, Contact: own, Way: "call"}); err != nil || r.Verdict.Why != "call.no.hours" {
			t.Errorf("at seven: %+v, %v", r, err)
		}
	})
}

// Without her word nothing is confirmed, to nobody; three wrong ones close the question for an hour.
func TestTheWordOpensAndGuessingDoesNot(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		id, _, _ := rahima(t, d)
		amina, basil := worldtest.Amina(), worldtest.Basil()
		herself := func(word string) calls.Incoming { return calls.Incoming{Person: id, Other: "herself", Word: word} }
		if r := answer(t, d, amina, herself("shapla")); r.Verdict.OK {
			t.Error("a word is right where none was chosen")
		}
		set := func(who access.Actor, word string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return calls.SetCodeWord(t.Context(), tx, who, id, word) })
		}
		if err := set(amina, "ক"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a word of one letter: %v", err)
		}
		if err := set(basil, "shapla"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of another organisation: %v", err)
		}
		if err := set(amina, "Shapla Phul"); err != nil {
			t.Fatal(err)
		}
		if r := answer(t, d, amina, herself(" shapla  phul ")); !r.Verdict.OK {
			t.Error("the right word is not right")
		}
		if r := answer(t, d, amina, calls.Incoming{Person: id, Other: "husband", Word: "shapla phul", About: "asks where she is"}); r.Verdict.OK {
			t.Error("the husband is told something, since he knows the word")
		}
		for range 3 {
			if r := answer(t, d, amina, herself("golap")); r.Verdict.OK {
				t.Error("a wrong word is right")
			}
		}
		if r := answer(t, d, amina, herself("shapla phul")); r.Verdict.OK {
			t.Error("the word can be guessed without end")
		}
		clock.Move(time.Hour + time.Minute)
		if r := answer(t, d, amina, herself("shapla phul")); !r.Verdict.OK {
			t.Error("the question stays closed after an hour")
		}
		all := of(t, d, amina, id)
		if !slices.ContainsFunc(all, func(c calls.Call) bool {
			return c.Other == "husband" && c.Incoming && c.Outcome == calls.Nothing && c.About == "asks where she is"
		}) {
			t.Errorf("the husband's call is not noted as his: %+v", all)
		}
	})
}

// The word is shown one at a time with an entry in the trail, and lies nowhere in the clear.
func TestTheWordIsSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, _, _ := rahima(t, d)
		amina := worldtest.Amina()
		dbtest.Write(t, d, func(tx *db.Tx) error { return calls.SetCodeWord(t.Context(), tx, amina, id, "kodomphul") })
		dbtest.Write(t, d, func(tx *db.Tx) error {
			word, err := calls.CodeWord(t.Context(), tx, amina, id)
			if word != "kodomphul" {
				t.Errorf("the word is %q", word)
			}
			return err
		})
		if err := d.Read(t.Context(), func(q db.Reader) error {
			var sealed []byte
			if err := q.QueryRow(t.Context(), `SELECT sealed FROM call_words WHERE person_id = ?`, string(id)).Scan(&sealed); err != nil {
				return err
			}
			if strings.Contains(string(sealed), "kodomphul") {
				t.Error("the word lies in the clear")
			}
			has, err := calls.HasCodeWord(t.Context(), q, worldtest.Basil(), id)
			if has {
				t.Error("Basil learns that she has a word")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A call that is sent twice is told once to who has her on the caseload.
func TestACallThatCameInIsToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, _, _ := rahima(t, d)
		in := calls.Incoming{Operation: "one", Person: id, Other: "husband", About: "asks where she is"}
		if first, second := answer(t, d, worldtest.Chandra(), in), answer(t, d, worldtest.Chandra(), in); first.ID == "" || first.ID != second.ID {
			t.Errorf("sent again it is %s, want %s", second.ID, first.ID)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			told, err := accounts.Notices(t.Context(), q, worldtest.Amina(), 10)
			if len(told) != 1 || told[0].Key != "notice.call_in" {
				t.Errorf("Amina is told %+v", told)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// Sent twice, an act is done once, and a next step is done by the call that follows.
func TestACallIsEnteredOnceAndItsNextStepIsDone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, own, _ := rahima(t, d)
		amina := worldtest.Amina()
		e := calls.Entry{Operation: "one", Person: id, Contact: own, Way: "call", Next: "call again", NextOn: dates.Of(d.Now())}
		first, err := enter(t, d, amina, e)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := enter(t, d, amina, e); err != nil || second.ID != first.ID {
			t.Errorf("sent again it is %v, %v, want %v", second.ID, err, first.ID)
		}
		due := func() (n int) {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				all, err := calls.List(t.Context(), q, amina, calls.Filter{Due: true})
				n = len(all)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if due() != 1 {
			t.Errorf("%d next steps wait, want 1", due())
		}
		if _, err := enter(t, d, amina, calls.Entry{Person: id, Contact: own, Way: "call", Follows: first.ID}); err != nil || due() != 0 {
			t.Errorf("after the next call %d wait, %v", due(), err)
		}
	})
}

// A number that must not be called is shown after a warning only, and the trail has that it was.
func TestRevealWarns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, own, his := rahima(t, d)
		reveal := func(contact string, anyway bool) (number string, err error) {
			err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
				number, err = calls.Reveal(t.Context(), tx, worldtest.Amina(), persons.RowOf{Person: id, Row: persons.ContactRow, ID: contact}, anyway)
				return err
			})
			return number, err
		}
		if n, err := reveal(own, false); err != nil || n == "" {
			t.Errorf("her own number: %q, %v", n, err)
		}
		if n, err := reveal(his, false); n != "" || fault.Of(err) == nil || fault.Of(err).Key != "call.no.owner" {
			t.Errorf("her husband's number: %q, %v, want the warning", n, err)
		}
		if n, err := reveal(his, true); err != nil || n == "" {
			t.Errorf("all the same: %q, %v", n, err)
		}
	})
}

// Erasing a person leaves nothing of her word, her hours and what the calls were about.
func TestErasingReachesTheCalls(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		id, own, _ := rahima(t, d)
		amina := worldtest.Amina()
		dbtest.Write(t, d, func(tx *db.Tx) error { return calls.SetCodeWord(t.Context(), tx, amina, id, "kodomphul") })
		if _, err := enter(t, d, amina, calls.Entry{Person: id, Contact: own, Way: "call", About: "something"}); err != nil {
			t.Fatal(err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := procedures.Erase(t.Context(), tx, worldtest.Esha(), id, "she asked for it")
			return err
		})
		if err := d.Read(t.Context(), func(q db.Reader) error {
			for query, want := range map[string]int{`SELECT count(*) FROM call_words`: 0, `SELECT count(*) FROM call_hours`: 0, `SELECT count(*) FROM calls WHERE sealed IS NOT NULL OR contact_id <> ''`: 0, `SELECT count(*) FROM calls`: 1} {
				var n int
				if err := q.QueryRow(t.Context(), query).Scan(&n); err != nil {
					return err
				}
				if n != want {
					t.Errorf("%s = %d, want %d", query, n, want)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
