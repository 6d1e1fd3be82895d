// SPDX-License-Identifier: Apache-2.0

package simulate_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/geo"
	"fera/internal/names"
	"fera/internal/numbers"
	"fera/internal/occupations"
	"fera/internal/persons"
	"fera/internal/simulate"
	"fera/internal/worldtest"
)

var today = dates.Partial{Year: 2030, Month: 3, Day: 5}

func options(n int) simulate.Options {
	return simulate.Options{Persons: n, Seed: 7, Today: today, Clerks: []access.Actor{worldtest.Amina(), worldtest.Basil()}}
}

func draw(t *testing.T, o simulate.Options) []simulate.Simulated {
	t.Helper()
	people, err := simulate.Draw(o)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(people)
}

func TestTheSameSeedGivesTheSamePeople(t *testing.T) {
	all := draw(t, options(300))
	if diff := cmp.Diff(written(t, all[:200]), written(t, draw(t, options(200)))); diff != "" {
		t.Errorf("the first 200 of 300 are not the same as 200:\n%s", diff)
	}
	other := options(200)
	other.Seed = 8
	if cmp.Equal(written(t, all[:200]), written(t, draw(t, other))) {
		t.Error("another seed gives the same people")
	}
}

// written is what people look like in JSON, one a line.
func written(t *testing.T, people []simulate.Simulated) (lines []string) {
	t.Helper()
	for _, s := range people {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	return lines
}

// shares counts how often something holds among those to whom a question applies.
type shares struct{ yes, of int }

func (s *shares) note(applies, holds bool) {
	if applies {
		s.of++
		if holds {
			s.yes++
		}
	}
}

// within complains unless the share is what it should be, give or take five
// standard errors and what is lost by rounding.
func (s shares) within(t *testing.T, what string, want float64) {
	t.Helper()
	got := float64(s.yes) / float64(s.of)
	if s.of < 100 || math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/float64(s.of))+0.004 {
		t.Errorf("%s: %.3f of %d, want %.3f", what, got, s.of, want)
	}
}

func TestSharesFollowThePriors(t *testing.T) {
	var women, saudi, outPass, nid, young, debt, debtWomen, refuses, shared shares
	phones := map[string]bool{}
	for _, s := range draw(t, options(8000)) {
		r := s.Registration
		female := r.Values[persons.SexField] == "female"
		women.note(true, female)
		last := r.Journeys[0]
		saudi.note(true, last.Country == "SA")
		outPass.note(true, last.Papers[0] == "out_pass")
		nid.note(true, slices.ContainsFunc(r.Identifiers, func(i persons.Identifier) bool { return i.Kind == "nid" }))
		born, err := dates.Parse(r.Values[persons.Birth])
		if err != nil {
			t.Fatal(err)
		}
		if _, most := born.Age(today); born.Precision() == dates.Day {
			young.note(true, most < 30)
		}
		told := last.Circumstances != nil
		debt.note(told && !female, told && last.Circumstances.Debt > 0)
		debtWomen.note(told && female, told && last.Circumstances.Debt > 0)
		refuses.note(true, slices.ContainsFunc(r.Consents, func(c persons.Consent) bool { return c.Purpose == persons.PurposeCoordinate && !c.Given }))
		shared.note(true, phones[r.Contacts[0].Number])
		phones[r.Contacts[0].Number] = true
	}
	women.within(t, "women", 0.08)
	saudi.within(t, "back from Saudi Arabia", 0.45)
	outPass.within(t, "with an out-pass", 0.11)
	nid.within(t, "with an identity number", 0.85)
	young.within(t, "under 30", 0.32)
	debt.within(t, "men in debt", 0.55)
	debtWomen.within(t, "women in debt", 0.61)
	refuses.within(t, "who refuse to be seen by the area", 0.2)
	if s := float64(shared.yes) / float64(shared.of); s < 0.15 || s > 0.45 {
		t.Errorf("telephones already given by somebody: %.2f", s)
	}
}

func TestACentreForWomenMeetsWomen(t *testing.T) {
	o := options(2000)
	o.Caseload = simulate.WomensCentre
	var women shares
	for _, s := range draw(t, o) {
		women.note(true, s.Registration.Values[persons.SexField] == "female")
	}
	women.within(t, "women", 0.67)
}

func TestHomesLieWhereTheyShould(t *testing.T) {
	for _, s := range draw(t, options(500)) {
		if home := s.Registration.Values[persons.Home]; !geo.Within(home, simulate.Manikganj) || geo.Full("en", home) == "" {
			t.Errorf("home %s is no place in Manikganj", home)
		}
	}
	o := options(3000)
	o.District = simulate.Everywhere
	o.Lean = true
	var cumilla, rangpur shares
	for _, s := range draw(t, o) {
		home := s.Registration.Values[persons.Home]
		cumilla.note(true, geo.Within(home, "2019"))
		rangpur.note(true, geo.Within(home, "55"))
	}
	cumilla.within(t, "from Cumilla", 0.5*10.94/52.02)
	if rangpur.yes == 0 || rangpur.yes*20 > rangpur.of {
		t.Errorf("from Rangpur division: %d of %d, want few", rangpur.yes, rangpur.of)
	}
}

// Nobody real can be called, or found under a paper's number.
func TestNumbersBelongToNobody(t *testing.T) {
	for _, s := range draw(t, options(2000)) {
		for _, c := range s.Registration.Contacts {
			if n, err := numbers.Phone(c.Number, ""); err != nil || n.Mobile || !strings.HasPrefix(n.Normal, "+88012") {
				t.Errorf("phone %s: %+v, %v", c.Number, n, err)
			}
		}
		for _, i := range s.Registration.Identifiers {
			number := i.Number
			switch {
			case i.Kind == "nid" && len(number) == 10:
				if !strings.HasPrefix(number, "000") {
					t.Errorf("smart card %s", number)
				}
			case i.Kind == "nid" || i.Kind == "birth":
				if !geo.DistrictByBBS(number[len(number)-13:len(number)-11]) || number[len(number)-8:len(number)-6] != "00" {
					t.Errorf("%s %s: want a real district and no union", i.Kind, number)
				}
			case i.Kind == "passport":
				if n, err := numbers.Passport(number); err != nil || number[0] != 'Z' || len(n.Warnings) > 0 {
					t.Errorf("passport %s: %+v, %v", number, n, err)
				}
			default:
				if !strings.HasPrefix(number, "SIM") {
					t.Errorf("%s %s", i.Kind, number)
				}
			}
		}
		for _, j := range s.Registration.Journeys {
			if _, ok := occupations.Find(j.Occupation); !ok {
				t.Errorf("occupation %q is not in the list", j.Occupation)
			}
		}
	}
}

// What is typed in one script must find what was written in the other.
func TestNamesSoundAlikeInBothScripts(t *testing.T) {
	var alike shares
	for _, s := range draw(t, options(2000)) {
		bn, latin := s.Registration.Values[persons.NameBn], s.Registration.Values[persons.NameLatin]
		if bn != "" && latin != "" {
			a, b := names.Keys(bn), names.Keys(latin)
			alike.note(true, slices.ContainsFunc(a, func(k string) bool { return slices.Contains(b, k) }))
		}
	}
	if share := float64(alike.yes) / float64(alike.of); share < 0.9 {
		t.Errorf("%.2f of %d names share a key with their romanisation", share, alike.of)
	}
}

func TestFillRegistersThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := options(600)
		last := 0
		o.Progress = func(done, total int) { last = done }
		if err := simulate.Fill(t.Context(), d, o); err != nil {
			t.Fatal(err)
		}
		if last != o.Persons {
			t.Errorf("progress ended at %d, want %d", last, o.Persons)
		}
		seen, contradicted := 0, 0
		for _, who := range o.Clerks {
			seen += count(t, d, who, &contradicted)
		}
		if seen != o.Persons {
			t.Errorf("the two offices see %d persons, want %d", seen, o.Persons)
		}
		if contradicted == 0 {
			t.Error("nobody has two birth dates")
		}
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			r, err := audit.Verify(t.Context(), q)
			if !r.Holds() || r.Entries < int64(o.Persons) {
				t.Errorf("trail: %+v, want an entry for each act", r)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// count goes over all that an actor sees.
func count(t *testing.T, d *db.DB, who access.Actor, contradicted *int) (n int) {
	t.Helper()
	for f := (persons.Filter{Limit: 100}); ; {
		var page persons.Page
		if err := d.Read(t.Context(), func(q db.Reader) (err error) {
			if page, err = persons.List(t.Context(), q, who, f); err != nil {
				return err
			}
			for _, c := range page.Cards {
				p, err := persons.Find(t.Context(), q, who, c.ID)
				if err != nil {
					return err
				}
				if len(slices.DeleteFunc(p.Claims, func(c persons.Claim) bool { return c.Field != persons.Birth })) == 2 {
					*contradicted++
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		n += len(page.Cards)
		if f.After = page.Next; f.After == "" {
			return n
		}
	}
}

func TestFillRefuses(t *testing.T) {
	for what, o := range map[string]simulate.Options{
		"nobody to register":  {Persons: 1},
		"a place not in list": {Persons: 1, District: "9999", Clerks: options(1).Clerks},
		"an upazila":          {Persons: 1, District: "305670", Clerks: options(1).Clerks},
	} {
		if _, err := simulate.Draw(o); err == nil {
			t.Errorf("%s: want an error", what)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	for name, lean := range map[string]bool{"full": false, "lean": true} {
		b.Run(name, func(b *testing.B) {
			o := options(b.N)
			o.Lean, o.Today = lean, dates.Partial{} // the clock is a real one
			d := dbtest.Open(b, dbtest.SQLite(b), nil)
			b.ResetTimer()
			if err := simulate.Fill(b.Context(), d, o); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkDraw(b *testing.B) {
	people, err := simulate.Draw(options(b.N))
	if err != nil {
		b.Fatal(err)
	}
	for range people {
	}
}
