// SPDX-License-Identifier: Apache-2.0

package links_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/links"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/persons"
	"fera/internal/ties"
	"fera/internal/worldtest"
)

// karim is a registration with enough in it to be known again.
func karim() persons.Registration {
	r := worldtest.Rahima()
	r.Values = map[persons.Field]string{persons.NameLatin: "Abdul Karim Howlader", persons.NameBn: "আব্দুল করিম হাওলাদার", persons.SexField: "male", persons.Birth: "1987-05-14",
		persons.FatherName: "Nazrul Howlader", persons.MotherName: "Rahima Khatun", persons.Home: "305670", persons.HomeText: "Char Kalai"}
	r.Contacts = []persons.Contact{{Number: "01712345678"}}
	r.Identifiers = []persons.Identifier{{Kind: "nid", Number: "19875612345678901"}}
	return r
}

// again is the same man as somebody else wrote him down.
func again() persons.Registration {
	r := karim()
	r.Values = maps.Clone(r.Values)
	r.Values[persons.NameLatin] = "Md. Abdul Korim Hawlader"
	delete(r.Values, persons.NameBn)
	r.Identifiers = []persons.Identifier{{Kind: "nid", Number: "5612345678901"}}
	return r
}

func register(t *testing.T, d *db.DB, who access.Actor, r persons.Registration) (id persons.ID) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = persons.Register(t.Context(), tx, who, r)
		return err
	})
	return id
}

// crowd registers some people who resemble nobody in particular.
func crowd(t *testing.T, d *db.DB, who access.Actor) {
	t.Helper()
	given := []string{"Jamal", "Nasrin", "Bilkis", "Habibur", "Sultana", "Monir", "Parvin", "Tareq"}
	family := []string{"Mia", "Sarkar", "Talukdar", "Biswas", "Mollah"}
	for i := range 40 {
		r := worldtest.Rahima()
		r.Values = map[persons.Field]string{persons.NameLatin: given[i%8] + " " + family[i%5], persons.FatherName: given[(i+3)%8] + " " + family[i%5],
			persons.Birth: fmt.Sprintf("%d-%02d-%02d", 1970+i%25, 1+i%12, 1+i%27), persons.Home: []string{"305670", "305628", "1004"}[i%3]}
		r.Contacts = []persons.Contact{{Number: fmt.Sprintf("018%08d", 1234567+i*7919)}}
		register(t, d, who, r)
	}
}

func finder(t *testing.T, d *db.DB) *links.Finder {
	t.Helper()
	f := links.NewFinder(d)
	if err := f.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

func likely(t *testing.T, d *db.DB, f *links.Finder, who access.Actor, r persons.Registration) (found []links.Proposal) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		found, err = f.Likely(t.Context(), q, who, r)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func waiting(t *testing.T, d *db.DB, who access.Actor) (all []links.Pending) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		page, err := links.Waiting(t.Context(), q, who, links.Desk{Limit: 50})
		all = page.Pairs
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// round seals the trail, as a server does all the time, and links what is new.
func round(t *testing.T, d *db.DB, f *links.Finder) {
	t.Helper()
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func decide(t *testing.T, d *db.DB, f *links.Finder, who access.Actor, j links.Judgement) (state links.State, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
		state, err = f.Decide(t.Context(), tx, who, j)
		return err
	})
	return state, err
}

// desk is a second person at the registry desk.
func desk() access.Actor {
	a := worldtest.Ishrat()
	a.ID, a.Name = "00000000-0000-7000-9000-000000000020", "Jahanara"
	return a
}

// Whoever was registered is found by the next question: with the trail sealed or
// not, by this server or by another, and no longer once erased.
func TestFoundByTheNextQuestion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		crowd(t, d, amina)
		here, there := finder(t, d), finder(t, d)
		if found := likely(t, d, here, amina, again()); len(found) != 0 {
			t.Errorf("nobody is he, and %+v was found", found)
		}
		id := register(t, d, amina, karim())
		for _, sealed := range []bool{false, true} {
			if sealed {
				if _, err := audit.Seal(t.Context(), d); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range []*links.Finder{here, there} {
				found := likely(t, d, f, amina, again())
				if len(found) != 1 || found[0].Card.ID != id || found[0].Verdict != matching.Certain || len(found[0].Why) < 4 {
					t.Fatalf("sealed %t: found %+v, want him", sealed, found)
				}
			}
		}
		// Unfinished, while somebody types.
		r := persons.Registration{Values: map[persons.Field]string{persons.NameLatin: "Abdul Karim", persons.Home: "305670"}, Contacts: []persons.Contact{{Number: "0171234"}}}
		if found := likely(t, d, here, amina, r); len(found) > 1 {
			t.Errorf("by a beginning: %+v", found)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := persons.Erase(t.Context(), tx, worldtest.Esha(), id, "he asked for it")
			return err
		})
		for _, f := range []*links.Finder{here, there} {
			if found := likely(t, d, f, amina, again()); len(found) != 0 {
				t.Errorf("after he was erased %+v was found", found)
			}
		}
	})
}

// No question takes long, whatever is sent.
func TestLongTextsAreCut(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	f := finder(t, d)
	for _, text := range []string{strings.Repeat("a", 1<<20), strings.Repeat("a ", 1<<19), strings.Repeat("\u0985", 1<<18), strings.Repeat("\xff", 1<<20)} {
		r := persons.Registration{Values: map[persons.Field]string{persons.NameLatin: text, persons.FatherName: text, persons.HomeText: text}}
		done := make(chan bool)
		go func() { likely(t, d, f, worldtest.Amina(), r); close(done) }()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Fatalf("a name of %d bytes takes longer than five seconds", len(text))
		}
	}
}

// What is changed is compared as it is now.
func TestAChangeIsCompared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		crowd(t, d, amina)
		r := karim()
		r.Identifiers, r.Contacts, r.Values = nil, nil, map[persons.Field]string{persons.NameLatin: "Karim"}
		f := finder(t, d)
		id := register(t, d, amina, r)
		if found := likely(t, d, f, amina, again()); len(found) > 0 && found[0].Verdict == matching.Certain {
			t.Errorf("by a name alone: %+v", found)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return persons.Change(t.Context(), tx, amina, persons.Amendment{Person: id, Values: karim().Values})
		})
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return persons.AddIdentifier(t.Context(), tx, amina, id, karim().Identifiers[0])
		})
		if found := likely(t, d, f, amina, again()); len(found) != 1 || found[0].Verdict != matching.Certain {
			t.Errorf("after the change: %+v", found)
		}
	})
}

// Who may not see somebody learns only that he is known, by his card's number, a
// few times an hour, and each time is in the trail.
func TestKnownToTheNetwork(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		crowd(t, d, worldtest.Amina())
		register(t, d, worldtest.Amina(), karim())
		f, basil := finder(t, d), worldtest.Basil()
		if found := likely(t, d, f, basil, again()); len(found) != 0 {
			t.Errorf("Basil found %+v", found)
		}
		ask := func(r persons.Registration) (known bool, err error) {
			err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
				known, err = f.Known(t.Context(), tx, basil, r)
				return err
			})
			return known, err
		}
		unlike := again()
		unlike.Values = map[persons.Field]string{persons.NameLatin: "Sufia Begum", persons.SexField: "female"}
		another := again()
		another.Identifiers = []persons.Identifier{{Kind: "nid", Number: "1234567890"}}
		without := again()
		without.Identifiers = nil
		for name, test := range map[string]struct {
			r    persons.Registration
			want bool
		}{"by his card": {again(), true}, "his card, another person": {unlike, false}, "another card": {another, false}, "no card": {without, false}} {
			if known, err := ask(test.r); err != nil || known != test.want {
				t.Errorf("%s: known %t, %v, want %t", name, known, err, test.want)
			}
		}
		var err error
		asked := 3
		for ; err == nil && asked < 100; asked++ {
			_, err = ask(again())
		}
		if fault.KindOf(err) != fault.Forbidden || asked != 31 {
			t.Errorf("asked %d times, then %v", asked, err)
		}
		clock.Move(2 * time.Hour)
		if _, err := ask(again()); err != nil {
			t.Errorf("two hours later: %v", err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			lines, err := audit.List(t.Context(), q, audit.Filter{Actor: basil.ID, Limit: 100})
			if len(lines) != 31 || !slices.Equal(lines[0].Fields, []string{"known_to_the_network"}) {
				t.Errorf("%d questions in the trail, want 31: %+v", len(lines), lines[0])
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A pair is put before who sees both records, and nobody else.
func TestTheReviewDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, worldtest.Amina())
		f := finder(t, d)
		one, other := register(t, d, worldtest.Amina(), karim()), register(t, d, worldtest.Basil(), again())
		round(t, d, f)
		pairs := waiting(t, d, worldtest.Ishrat())
		if len(pairs) != 1 || pairs[0].Pair != ties.PairOf(string(one), string(other)) || pairs[0].Bits < 10 {
			t.Fatalf("before the desk: %+v", pairs)
		}
		if pairs := waiting(t, d, worldtest.Chandra()); len(pairs) != 0 {
			t.Errorf("before who sees one of them: %+v", pairs)
		}
		for _, who := range []access.Actor{worldtest.Amina(), worldtest.Farid()} {
			err := d.Read(t.Context(), func(q db.Reader) error {
				_, err := links.Waiting(t.Context(), q, who, links.Desk{Limit: 10})
				return err
			})
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v, want forbidden", who.Name, err)
			}
		}
		for who, want := range map[string]fault.Kind{"Chandra": fault.NotFound, "Amina": fault.NotFound} {
			actor := map[string]access.Actor{"Chandra": worldtest.Chandra(), "Amina": worldtest.Amina()}[who]
			err := d.Read(t.Context(), func(q db.Reader) error {
				_, err := f.Compare(t.Context(), q, actor, pairs[0].Pair)
				return err
			})
			if fault.KindOf(err) != want || err == nil {
				t.Errorf("%s compares: %v", who, err)
			}
			if _, err := decide(t, d, f, actor, links.Judgement{One: one, Other: other, Answer: links.Same}); err == nil || fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s decides: %v", who, err)
			}
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			c, err := f.Compare(t.Context(), q, worldtest.Ishrat(), pairs[0].Pair)
			if c.P < 0.99 || len(c.Why) < 4 || c.Sides[0].Person.NameLatin == c.Sides[1].Person.NameLatin {
				t.Errorf("compared: %+v", c)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// Of two organisations' records it takes two people to make one person; whoever
// said so first cannot say so again.
func TestTwoPeopleMerge(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, worldtest.Amina())
		f := finder(t, d)
		one, other := register(t, d, worldtest.Amina(), karim()), register(t, d, worldtest.Basil(), again())
		round(t, d, f)
		same := links.Judgement{One: one, Other: other, Answer: links.Same, Reason: "one card"}
		if state, err := decide(t, d, f, worldtest.Ishrat(), same); err != nil || state != links.Proposed {
			t.Fatalf("the first says so: %s, %v", state, err)
		}
		if merged(t, d, one) {
			t.Fatal("one person's word merged them")
		}
		if pairs := waiting(t, d, desk()); len(pairs) != 1 || pairs[0].Proposed.UserName != "Ishrat" {
			t.Errorf("before the second: %+v", pairs)
		}
		if _, err := decide(t, d, f, worldtest.Ishrat(), same); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the first says so again: %v", err)
		}
		if state, err := decide(t, d, f, desk(), same); err != nil || state != links.Holds {
			t.Fatalf("the second says so: %s, %v", state, err)
		}
		if !merged(t, d, one) || len(waiting(t, d, desk())) != 0 {
			t.Error("they are not one, or still asked about")
		}
		if _, err := decide(t, d, f, desk(), same); fault.KindOf(err) != fault.Conflict {
			t.Errorf("once more: %v", err)
		}
		// Taken apart, they are not asked about again, until there is something new.
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return f.TakeApart(t.Context(), tx, worldtest.Ishrat(), links.Judgement{One: one, Other: other, Reason: "his brother used his card"})
		})
		round(t, d, f)
		if merged(t, d, one) || len(waiting(t, d, desk())) != 0 {
			t.Error("they are one, or asked about again")
		}
	})
}

func merged(t *testing.T, d *db.DB, id persons.ID) bool {
	t.Helper()
	var group ties.Group
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		group, err = ties.Of(t.Context(), q, string(id))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return len(group) > 1
}

// What was decided is remembered, and asked again only when either record says
// something new.
func TestADecisionIsRemembered(t *testing.T) {
	for _, answer := range []links.Answer{links.Different, links.Household, links.Unsure} {
		t.Run(string(answer), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				amina := worldtest.Amina()
				crowd(t, d, amina)
				f := finder(t, d)
				one, other := register(t, d, amina, karim()), register(t, d, amina, again())
				round(t, d, f)
				if state, err := decide(t, d, f, worldtest.Chandra(), links.Judgement{One: one, Other: other, Answer: answer, Reason: "I know both"}); err != nil || state != links.Holds {
					t.Fatalf("decided: %s, %v", state, err)
				}
				dbtest.Write(t, d, func(tx *db.Tx) error {
					return persons.AddJourney(t.Context(), tx, amina, one, persons.Journey{Country: "OM"}) // nothing that is compared
				})
				round(t, d, f)
				if pairs := waiting(t, d, worldtest.Chandra()); len(pairs) != 0 {
					t.Errorf("asked again without anything new: %+v", pairs)
				}
				dbtest.Write(t, d, func(tx *db.Tx) error {
					return persons.AddIdentifier(t.Context(), tx, amina, one, persons.Identifier{Kind: "passport", Number: "BX0123456"})
				})
				round(t, d, f)
				if pairs := waiting(t, d, worldtest.Chandra()); len(pairs) != 1 {
					t.Errorf("not asked again with a new passport: %+v", pairs)
				}
			})
		})
	}
}

// A merge that would make one person of two who were said to be different is refused.
func TestAMergeAgainstADecision(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		crowd(t, d, amina)
		f := finder(t, d)
		var ids []persons.ID
		for range 3 {
			clock.Move(time.Second)
			ids = append(ids, register(t, d, amina, again()))
		}
		both := func(one, other persons.ID) error {
			for _, who := range []access.Actor{worldtest.Ishrat(), desk()} {
				state, err := decide(t, d, f, who, links.Judgement{One: one, Other: other, Answer: links.Same})
				if err != nil || state == links.Holds {
					return err
				}
			}
			return nil
		}
		if _, err := decide(t, d, f, worldtest.Ishrat(), links.Judgement{One: ids[0], Other: ids[2], Answer: links.Household}); err != nil {
			t.Fatal(err)
		}
		if err := both(ids[0], ids[1]); err != nil {
			t.Fatal(err)
		}
		if err := both(ids[1], ids[2]); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "link.said_different") {
			t.Errorf("merged against a decision: %v", err)
		}
	})
}

// Within one organisation, strong evidence and nothing of class 3 need no second
// person, except by the lot; so that to be asked for one says nothing.
func TestWhenOneIsEnough(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		crowd(t, d, amina)
		f := finder(t, d)
		outcome := map[bool]map[links.State]int{false: {}, true: {}}
		for i := range 30 {
			protected := i%2 == 0
			one, other := karim(), again()
			for _, r := range []*persons.Registration{&one, &other} {
				r.Values = maps.Clone(r.Values)
				r.Values[persons.Birth] = fmt.Sprintf("19%02d-03-%02d", 60+i, 2+i%20)
				r.Identifiers = []persons.Identifier{{Kind: "passport", Number: fmt.Sprintf("BX01234%02d", i)}}
				r.Contacts = nil
			}
			if protected {
				one.Values[persons.Ethnicity] = "Garo"
				one.Consents = append(slices.Clone(one.Consents), persons.Consent{Purpose: persons.PurposeProtected, Given: true})
			}
			clock.Move(time.Second)
			a, b := register(t, d, amina, one), register(t, d, amina, other)
			round(t, d, f)
			state, err := decide(t, d, f, worldtest.Chandra(), links.Judgement{One: a, Other: b, Answer: links.Same})
			if err != nil {
				t.Fatal(err)
			}
			outcome[protected][state]++
		}
		if outcome[true][links.Holds] > 0 || outcome[false][links.Holds] == 0 || outcome[false][links.Proposed] == 0 {
			t.Errorf("outcomes %v: with class 3 always a second, without sometimes", outcome)
		}
	})
}

// Who says at once that somebody is none of those whom she resembles is not asked
// about them, and who may not see one of them cannot name her.
func TestRegisterAsDifferent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		crowd(t, d, amina)
		f := finder(t, d)
		known := register(t, d, amina, karim())
		r := links.Registering{Registration: again(), Different: []persons.ID{known}, Reason: "his cousin"}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := f.Register(t.Context(), tx, amina, r)
			return err
		})
		round(t, d, f)
		if pairs := waiting(t, d, worldtest.Chandra()); len(pairs) != 0 || merged(t, d, known) {
			t.Errorf("asked about %+v, merged %t", pairs, merged(t, d, known))
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			lines, err := persons.History(t.Context(), q, amina, known, audit.Filter{})
			if len(lines) != 2 || lines[0].Act != access.ReviewMatches || lines[0].Reason != "his cousin" {
				t.Errorf("his history: %+v", lines)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := f.Register(t.Context(), tx, worldtest.Basil(), r)
			return err
		})
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("by who may not see him: %v", err)
		}
	})
}

// Registering somebody known again makes one person at once, and is a decision.
func TestRegisterAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		f := finder(t, d)
		known := register(t, d, amina, karim())
		r := again()
		r.Operation = "op-again"
		var ids [2]persons.ID
		for i := range ids {
			dbtest.Write(t, d, func(tx *db.Tx) (err error) {
				ids[i], err = f.Register(t.Context(), tx, amina, links.Registering{Registration: r, Same: known})
				return err
			})
		}
		if ids[0] != ids[1] || !merged(t, d, known) {
			t.Errorf("registered again as %v, merged %t", ids, merged(t, d, known))
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := links.Decisions(t.Context(), q, ties.PairOf(string(known), string(ids[0])))
			if len(all) != 1 || all[0].How != links.ByRegistration || all[0].Answer != links.Same {
				t.Errorf("decisions: %+v", all)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A run over the register finds what rounds would, goes on where it was stopped,
// and asks nothing twice.
func TestRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, worldtest.Amina())
		one, other := register(t, d, worldtest.Amina(), karim()), register(t, d, worldtest.Basil(), again())
		f := links.NewFinder(d)
		ctx, stop := context.WithCancel(t.Context())
		if _, err := f.Run(ctx, func(int, int) { stop() }); err == nil {
			t.Log("the register was compared before it could be stopped")
		}
		for range 2 {
			last := 0
			r, err := f.Run(t.Context(), func(done, of int) { last = done })
			if err != nil || r.Records != 42 || last != 42 {
				t.Fatalf("ran over %+v, up to %d: %v", r, last, err)
			}
			if pairs := waiting(t, d, worldtest.Ishrat()); len(pairs) == 0 || pairs[0].Pair != ties.PairOf(string(one), string(other)) {
				t.Errorf("before the desk: %+v", pairs)
			}
		}
		if _, err := decide(t, d, f, worldtest.Ishrat(), links.Judgement{One: one, Other: other, Answer: links.Different}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Run(t.Context(), func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		for _, p := range waiting(t, d, worldtest.Ishrat()) {
			if p.Pair == ties.PairOf(string(one), string(other)) {
				t.Error("asked again")
			}
		}
	})
}

// A round is small, so that the work can make way for the desk, and rounds leave nothing out.
func TestARoundIsSmall(t *testing.T) {
	const people = 1_100
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			for i := range people {
				r := worldtest.Rahima()
				r.Contacts[0].Number = fmt.Sprintf("017%08d", i)
				if _, err := persons.Register(t.Context(), tx, worldtest.Amina(), r); err != nil {
					return err
				}
			}
			return nil
		})
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		f, total, rounds := finder(t, d), 0, 0
		for {
			n, err := f.Round(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n > 500 {
				t.Fatalf("a round looked at %d records, want at most 500", n)
			}
			if n == 0 {
				break
			}
			total, rounds = total+n, rounds+1
		}
		if total != people || rounds < 3 {
			t.Errorf("%d rounds looked at %d records, want all %d in three or more", rounds, total, people)
		}
	})
}

// A number on any paper finds its holder, whatever else was written down.
func TestFoundByAnyPaper(t *testing.T) {
	for _, paper := range []persons.Identifier{{Kind: "birth", Number: "19853090123456789"}, {Kind: "permit", Number: "TP1234567"}, {Kind: "card", Number: "1234567890"}, {Kind: "passport", Number: "BX0123456"}} {
		t.Run(paper.Kind, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				amina := worldtest.Amina()
				crowd(t, d, amina)
				f := finder(t, d)
				r := karim()
				r.Identifiers = []persons.Identifier{paper}
				id := register(t, d, amina, r)
				asked := persons.Registration{Values: map[persons.Field]string{persons.NameLatin: "Shirin Akter"}, Identifiers: []persons.Identifier{paper}}
				found := likely(t, d, f, amina, asked)
				if len(found) == 0 || found[0].Card.ID != id || found[0].Verdict == matching.Certain {
					t.Fatalf("found %+v, want him, for a person to look at", found)
				}
			})
		})
	}
}

// A model that an earlier version learned, of fewer fields, is not used and stops nothing.
func TestAnEarlierModelIsLeftAside(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		old, err := index.Default()
		if err != nil {
			t.Fatal(err)
		}
		old.Version, old.Fields = "earlier", old.Fields[:4]
		var text strings.Builder
		if err := old.Write(&text); err != nil {
			t.Fatal(err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			tx.Allowed()
			tx.Recorded()
			_, err := tx.Exec(t.Context(), `INSERT INTO link_marks (name, at, text) VALUES ('model', 0, ?)`, text.String())
			return err
		})
		amina := worldtest.Amina()
		crowd(t, d, amina)
		id := register(t, d, amina, karim())
		if found := likely(t, d, finder(t, d), amina, again()); len(found) != 1 || found[0].Card.ID != id {
			t.Errorf("found %+v, want him", found)
		}
	})
}
