// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

var seed = flag.Int64("seed", 0, "seed of the random tests; 0 takes one from the clock")

// chance is the source of a test's random choices; its seed is in the log.
func chance(t *testing.T, stream uint64) *rand.Rand {
	s := *seed
	if s == 0 {
		s = time.Now().UnixNano()
	}
	t.Logf("seed %d", s)
	return rand.New(rand.NewPCG(uint64(s), stream))
}

var errUndo = errors.New("undo")

// tryOut does an act and undoes it, and returns how it was answered.
func tryOut(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) (answer error) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		answer = fn(tx)
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	return answer
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

// full is a registration in which every list and every protected field is filled.
func full() persons.Registration {
	r := worldtest.Rahima()
	r.Values[persons.Ethnicity], r.Values[persons.MotherTongue] = "Garo", "Achik"
	r.Values[persons.FatherName] = "Abdul Karim"
	r.Identifiers = []persons.Identifier{{Kind: "nid", Number: "1991587654321"}}
	r.Journeys = []persons.Journey{{Country: "SA", City: "Jeddah", Work: "housework", Circumstances: &persons.Circumstances{Happened: []string{"beaten"}, Account: "he beat me", Owed: 43721}}}
	r.Relations = []persons.Relation{{Relation: "son", Name: "Rakib", Sex: persons.Male}}
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Functioning = &persons.Functioning{Vision: 3, Hearing: 1, Mobility: 1, Cognition: 1, SelfCare: 1, Communication: 1}
	return r
}

// act is one thing that can be done to a person, with the permissions it takes.
type act struct {
	name  string
	perms []access.Permission
	do    func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error
}

func acts(opening string) []act {
	change := []access.Permission{access.ChangePerson}
	both := []access.Permission{access.ChangePerson, access.ChangeProtected}
	return []act{
		{"Change", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.Change(ctx, tx, who, persons.Amendment{Person: p.ID, Version: p.Version, Values: map[persons.Field]string{persons.CallName: "Rani"}})
		}},
		{"Change of what is protected", both, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.Change(ctx, tx, who, persons.Amendment{Person: p.ID, Version: p.Version, Values: map[persons.Field]string{persons.Ethnicity: "Santal"}})
		}},
		{"Choose", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.Choose(ctx, tx, who, persons.Choice{Person: p.ID, Version: p.Version, Claim: p.Claims[0].ID})
		}},
		{"AddContact", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.AddContact(ctx, tx, who, p.ID, persons.Contact{Number: "01812345678"})
		}},
		{"ChangeContact", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.ChangeContact(ctx, tx, who, p.ID, persons.Contact{ID: p.Contacts[0].ID, Version: 1, Safety: "unsafe"})
		}},
		{"End", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.End(ctx, tx, who, persons.Ending{Person: p.ID, Row: persons.ContactRow, ID: p.Contacts[0].ID, Version: 1})
		}},
		{"AddIdentifier", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.AddIdentifier(ctx, tx, who, p.ID, persons.Identifier{Kind: "passport", Number: "BX0123456"})
		}},
		{"AddJourney", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.AddJourney(ctx, tx, who, p.ID, persons.Journey{Country: "OM"})
		}},
		{"AddJourney with what happened", both, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.AddJourney(ctx, tx, who, p.ID, persons.Journey{Country: "OM", Circumstances: &persons.Circumstances{Account: "x"}})
		}},
		{"ChangeJourney", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.ChangeJourney(ctx, tx, who, p.ID, persons.Journey{ID: p.Journeys[0].ID, Version: 1, Country: "QA"})
		}},
		{"ChangeJourney to say that nothing happened", both, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.ChangeJourney(ctx, tx, who, p.ID, persons.Journey{ID: p.Journeys[0].ID, Version: 1, Country: "QA", Circumstances: &persons.Circumstances{}})
		}},
		{"AddRelation", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.AddRelation(ctx, tx, who, p.ID, persons.Relation{Relation: "mother", Name: "Amena"})
		}},
		{"AnswerConsent", change, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.AnswerConsent(ctx, tx, who, p.ID, persons.Consent{Purpose: persons.PurposeContact})
		}},
		{"RecordFunctioning", []access.Permission{access.ChangeProtected}, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.RecordFunctioning(ctx, tx, who, p.ID, persons.Functioning{Vision: 1})
		}},
		{"Look", []access.Permission{access.ReadProtected}, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			_, err := persons.Look(ctx, tx, who, p.ID)
			return err
		}},
		{"Reveal", []access.Permission{access.RevealNumbers}, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			_, err := persons.Reveal(ctx, tx, who, persons.RowOf{Person: p.ID, Row: persons.ContactRow, ID: p.Contacts[0].ID})
			return err
		}},
		{"BreakGlass", []access.Permission{access.BreakGlass}, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			_, err := persons.BreakGlass(ctx, tx, who, p.ID, "she called and is in danger")
			return err
		}},
		{"Assign", []access.Permission{access.AssignPerson}, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.Assign(ctx, tx, who, persons.Assignment{Person: p.ID, User: worldtest.Dipu().ID, On: true})
		}},
		{"Erase", []access.Permission{access.ErasePerson}, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			_, err := persons.Erase(ctx, tx, who, p.ID, "she asked for it")
			return err
		}},
		{"ReviewGlass", []access.Permission{access.ReviewGlass}, func(ctx context.Context, tx *db.Tx, who access.Actor, p persons.Person) error {
			return persons.ReviewGlass(ctx, tx, who, persons.Review{Person: p.ID, Opening: opening, Finding: "rightly"})
		}},
	}
}

// somebody is a user of any role, at any office, organisation, area or nowhere.
func somebody(rng *rand.Rand) access.Actor {
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	a := access.Actor{ID: fmt.Sprintf("00000000-0000-7000-9000-0000000001%02d", rng.IntN(50)), Name: "Somebody", Office: one(worldtest.Sylhet, worldtest.Barishal, worldtest.Centre), Organisation: one(worldtest.Aparajita, worldtest.Bandhan)}
	if rng.IntN(4) == 0 {
		a.ID = worldtest.Amina().ID
	}
	for range rng.IntN(3) {
		a.Grant(access.Roles()[rng.IntN(len(access.Roles()))], one("all", "own", access.AtOffice(a.Office), access.OfOrganisation(a.Organisation), access.InArea("30"), access.InArea("3056"), access.InArea("40")))
	}
	return a
}

// Every act is done by whom the matrix allows it, refused to who only sees the
// person, and to who does not see her there is nobody.
func TestRights(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rng := chance(t, 1)
		amina := worldtest.Amina()
		shared := full()
		shared.Consents = append(shared.Consents, persons.Consent{Purpose: persons.PurposeCoordinate, Given: true})
		var all []persons.Person
		var in [][]access.Scope
		for _, r := range []persons.Registration{full(), shared} {
			p, err := find(t, d, amina, register(t, d, amina, r))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
			scopes := []access.Scope{access.AtOffice(worldtest.Sylhet), access.OfOrganisation(worldtest.Aparajita), access.OnCaseload(amina.ID)}
			if p.Agreed(persons.PurposeCoordinate) {
				scopes = append(scopes, access.InArea("30"), access.InArea("3056"), access.InArea("305670"))
			}
			in = append(in, scopes)
		}
		var opening access.Opening
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			opening, err = persons.BreakGlass(ctx, tx, worldtest.Chandra(), all[0].ID, "she called and is in danger")
			return err
		})
		outcomes := map[string]int{}
		for range 60 {
			who, i := somebody(rng), rng.IntN(len(all))
			p, scopes := all[i], in[i]
			if got, err := find(t, d, who, p.ID); err == nil && got.CardOnly == who.Covers(access.ReadPersons, scopes...) {
				t.Errorf("Find by %+v: card only %t", who.Grants[access.ReadPersons], got.CardOnly)
			} else if (err == nil) != who.Covers(access.ReadCards, scopes...) {
				t.Errorf("Find by %+v: %v", who.Grants[access.ReadCards], err)
			}
			for _, a := range acts(opening.ID) {
				err := tryOut(t, d, func(tx *db.Tx) error { return a.do(t.Context(), tx, who, p) })
				want := "done"
				for _, perm := range a.perms {
					if !who.Covers(perm, scopes...) {
						want = "refused"
					}
				}
				switch {
				case a.name == "ReviewGlass" && want == "done" && i != 0:
					want = "conflict" // the opening is over another person
				case a.name != "ReviewGlass" && !who.Covers(access.ReadCards, scopes...):
					want = "nobody there"
				}
				got := map[fault.Kind]string{fault.NotFound: "nobody there", fault.Forbidden: "refused", fault.Conflict: "conflict", fault.Internal: "failed", fault.Invalid: "invalid"}[fault.KindOf(err)]
				if err == nil {
					got = "done"
				}
				outcomes[got]++
				if got != want {
					t.Errorf("%s by %+v over a person in %v: %s (%v), want %s", a.name, who.Grants, scopes, got, err, want)
				}
			}
		}
		for _, o := range []string{"done", "refused", "nobody there"} {
			if outcomes[o] == 0 {
				t.Errorf("no act was answered %q: the test shows nothing", o)
			}
		}
	})
}

// Who may not see a person is answered as if she did not exist, to the letter.
func TestHiddenIsAsMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hidden, err := find(t, d, worldtest.Amina(), register(t, d, worldtest.Amina(), full()))
		if err != nil {
			t.Fatal(err)
		}
		missing := hidden
		missing.ID = "01900000-0000-7000-8000-000000000000"
		reads := map[string]func(q db.Reader, id persons.ID) error{
			"Find": func(q db.Reader, id persons.ID) error {
				_, err := persons.Find(t.Context(), q, worldtest.Basil(), id)
				return err
			},
			"FindCard": func(q db.Reader, id persons.ID) error {
				_, err := persons.FindCard(t.Context(), q, worldtest.Basil(), id)
				return err
			},
			"History": func(q db.Reader, id persons.ID) error {
				_, err := persons.History(t.Context(), q, worldtest.Basil(), id, audit.Filter{Before: "", Limit: 9})
				return err
			},
			"Looks": func(q db.Reader, id persons.ID) error {
				_, err := persons.Looks(t.Context(), q, worldtest.Basil(), id)
				return err
			},
		}
		for name, read := range reads {
			d.Read(t.Context(), func(q db.Reader) error {
				a, b := read(q, hidden.ID), read(q, missing.ID)
				if a == nil || b == nil || a.Error() != b.Error() || fault.KindOf(a) != fault.NotFound {
					t.Errorf("%s: hidden %v, missing %v", name, a, b)
				}
				return nil
			})
		}
		for _, a := range acts("x") {
			x := tryOut(t, d, func(tx *db.Tx) error { return a.do(t.Context(), tx, worldtest.Basil(), hidden) })
			y := tryOut(t, d, func(tx *db.Tx) error { return a.do(t.Context(), tx, worldtest.Basil(), missing) })
			if x == nil || y == nil || x.Error() != y.Error() || fault.KindOf(x) != fault.KindOf(y) {
				t.Errorf("%s: hidden %v, missing %v", a.name, x, y)
			}
		}
		// Nor does a registration tell, by naming her as a relative.
		kin := func(other persons.ID) error {
			r := worldtest.Rahima()
			r.Relations = []persons.Relation{{Relation: "mother", Other: other}}
			return tryOut(t, d, func(tx *db.Tx) error { _, err := persons.Register(t.Context(), tx, worldtest.Basil(), r); return err })
		}
		if x, y := kin(hidden.ID), kin(missing.ID); fault.KindOf(x) != fault.NotFound || x.Error() != y.Error() {
			t.Errorf("Register with a relative: hidden %v, missing %v", x, y)
		}
	})
}
