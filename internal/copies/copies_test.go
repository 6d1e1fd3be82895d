// SPDX-License-Identifier: Apache-2.0

package copies_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/assessments"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/copies"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/services"
	"fera/internal/shelters"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// world is a register in which a woman has everything that there can be about one, and another has as much, of which nothing
// may be in the copy of the first.
type world struct {
	d          *db.DB
	clock      *dbtest.Clock
	her, other persons.ID
	id         cases.ID
	note       string // an ordinary note of her case
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d, jorina())
		w := world{d: d, clock: clock}
		w.other, _ = w.person(t, "foreign")
		w.her, w.id = w.person(t, "hers")
		w.sheltered(t)
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := cases.Notes(t.Context(), q, worldtest.Amina(), w.id, cases.Part{})
			w.note = all[0].ID
			return err
		}); err != nil {
			t.Fatal(err)
		}
		fn(t, w)
	})
}

// person registers a woman with a canary in every field, works on her case and gives her things. What is protected is "deep".
func (w world) person(t *testing.T, canary string) (p persons.ID, id cases.ID) {
	t.Helper()
	ctx, amina := t.Context(), worldtest.Amina()
	say := func(what string) string { return canary + "-" + what }
	deep := func(what string) string { return canary + "-deep-" + what }
	number := map[string]string{"hers": "01712345678", "foreign": "01987654321"}[canary]
	r := worldtest.Rahima()
	r.Values[persons.NameLatin], r.Values[persons.FatherName], r.Values[persons.HomeText], r.Values[persons.Ethnicity] = say("name"), say("father"), say("village"), deep("ethnicity")
	r.Contacts[0].Number, r.Contacts[0].Hours = number, say("hours")
	r.Identifiers = []persons.Identifier{{Kind: "passport", Number: map[string]string{"hers": "BX0123456", "foreign": "BX7654321"}[canary], Issuer: say("issuer")}}
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Relations = []persons.Relation{{Relation: "mother", Name: say("mother"), LivesWith: true}}
	r.Journeys = []persons.Journey{{Country: "SA", City: say("city"), Employer: say("employer"), Recruiter: say("recruiter"), Work: say("work"), Cost: 450000, PaidBy: []string{"moneylender"},
		Returned: dates.Partial{Year: 2029, Month: 3, Day: 4}, Circumstances: &persons.Circumstances{Happened: []string{"beaten"}, Account: deep("account"), Owed: 90000}}}
	r.Functioning = &persons.Functioning{Vision: 3, Hearing: 1}
	do := func(act func(tx *db.Tx) error) {
		t.Helper()
		w.clock.Move(time.Second)
		dbtest.Write(t, w.d, act)
	}
	do(func(tx *db.Tx) (err error) { p, err = persons.Register(ctx, tx, amina, r); return err })
	do(func(tx *db.Tx) (err error) {
		id, err = cases.Open(ctx, tx, amina, cases.Opening{Person: p, Programme: "reintegration", Origin: "airport", Why: say("wish")})
		return err
	})
	do(func(tx *db.Tx) error { return cases.TakeUp(ctx, tx, amina, id, 0) })
	do(func(tx *db.Tx) error {
		return cases.Rate(ctx, tx, amina, cases.Rating{Case: id, Risk: cases.High, Why: deep("danger at home")})
	})
	do(func(tx *db.Tx) error { return cases.Write(ctx, tx, amina, id, cases.Note{Text: say("note")}) })
	do(func(tx *db.Tx) error {
		return cases.Write(ctx, tx, amina, id, cases.Note{Text: deep("note"), Protected: true})
	})
	do(func(tx *db.Tx) error {
		_, err := cases.Remember(ctx, tx, amina, cases.Task{Case: id, What: say("task"), DueOn: dates.Partial{Year: 2030, Month: 12, Day: 1}})
		return err
	})
	do(func(tx *db.Tx) error {
		step := plans.Step{What: say("step"), Who: "returnee", By: dates.Partial{Year: 2030, Month: 12, Day: 1}}
		secret := plans.Step{What: deep("step"), Who: "worker", By: dates.Partial{Year: 2030, Month: 12, Day: 1}}
		_, err := plans.Draw(ctx, tx, amina, plans.Drawing{Case: id, Goals: []plans.Goal{{Dimension: plans.Economic, Level: plans.Family, Words: say("goal"), Steps: []plans.Step{step}},
			{Dimension: plans.Psychosocial, Level: plans.Individual, Words: deep("goal"), Steps: []plans.Step{secret}}}})
		return err
	})
	for _, g := range []services.Giving{{Code: "food", Quantity: 2, Remark: say("food")}, {Code: "health_care", Remark: deep("remark"), Details: map[string]string{"complaint": deep("complaint")}},
		{Code: "counselling_individual", Remark: deep("session"), Notes: "secret of the session"},
		{Code: "business_grant", Amount: 1500050, Conditions: []string{"returned", "business_plan"}, Papers: []string{"nid"}, Remark: say("grant")}} {
		g.Case = id
		do(func(tx *db.Tx) error { _, err := services.Log(ctx, tx, amina, g); return err })
	}
	do(func(tx *db.Tx) error {
		_, err := appointments.Book(ctx, tx, amina, appointments.Booking{Case: id, With: amina.ID, Place: say("place"), At: time.Date(2030, 3, 10, len(canary), 0, 0, 0, time.UTC), Minutes: 30, Purpose: "job", Note: say("appointment"), Override: true, Reason: say("override")})
		return err
	})
	w.asked(t, p, do)
	return p, id
}

// jorina keeps a shelter.
func jorina() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000020", Name: "Jorina", Office: worldtest.Sylhet, Organisation: worldtest.Aparajita}
	a.Grant(access.ShelterKeeper, access.AtOffice(worldtest.Sylhet))
	return a
}

// sheltered gives her a bed, in a house that is called nothing that may be in her copy.
func (w world) sheltered(t *testing.T) {
	t.Helper()
	var house shelters.ID
	var stays []shelters.StayID
	ctx, amina := t.Context(), worldtest.Amina()
	for _, act := range []func(tx *db.Tx) error{
		func(tx *db.Tx) (err error) {
			house, err = shelters.Open(ctx, tx, jorina(), shelters.Opening{Name: "Shefali", Division: "30", Days: 10, Extension: 7, Rules: "Lights out at ten."}, shelters.Whereabouts{Address: "House 7, Zqlane", Telephone: "01799887766"})
			return err
		},
		func(tx *db.Tx) error {
			return shelters.Furnish(ctx, tx, jorina(), shelters.Furnishing{Shelter: house, Label: "Zqroom", Serves: shelters.Women, Beds: 2})
		},
		func(tx *db.Tx) (err error) {
			stays, err = shelters.Ask(ctx, tx, amina, shelters.Asking{Case: w.id, Division: "30", Needs: "hers-deep-needs", Guests: []shelters.Guest{{CalledAs: "hers-deep-called"}}})
			return err
		},
		func(tx *db.Tx) error { return shelters.FindBed(ctx, tx, amina, shelters.Acting{Stay: stays[0]}) },
	} {
		dbtest.Write(t, w.d, act)
	}
}

// asked asks a questionnaire of class 2 and one of class 3.
func (w world) asked(t *testing.T, p persons.ID, do func(func(*db.Tx) error)) {
	t.Helper()
	ctx, amina := t.Context(), worldtest.Amina()
	for name, answers := range map[string]map[string]string{"progress_check": {"pc_income": "2", "pc_debt": "0"}, "phq9": {"phq9_1": "1", "phq9_2": "1"}} {
		var id assessments.ID
		do(func(tx *db.Tx) (err error) {
			id, err = assessments.Begin(ctx, tx, amina, assessments.Beginning{Person: p, Name: name, Language: "en"})
			return err
		})
		do(func(tx *db.Tx) error {
			o, err := assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Answers: answers})
			for n := 0; err == nil && n < 60 && len(o.Filling.Faults()) > 0; n++ { // the rest of what has to be answered, as its first option
				more := map[string]string{}
				for _, f := range o.Filling.Faults() {
					for _, e := range o.Filling.Whole("en").Entries {
						if e.Key == f.Key && len(e.Options) > 0 {
							more[e.Key] = e.Options[0].Name
						}
					}
				}
				o, err = assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Answers: more})
			}
			return err
		})
		do(func(tx *db.Tx) error {
			_, err := assessments.Finish(ctx, tx, amina, assessments.Completing{ID: id})
			return err
		})
	}
}

func (w world) make(t *testing.T, who access.Actor, a copies.Asking) (c copies.Copy, err error) {
	t.Helper()
	w.clock.Move(time.Second)
	if a.Person == "" {
		a.Person = w.her
	}
	if a.Language == "" {
		a.Language = words.English
	}
	err = w.d.Write(t.Context(), func(tx *db.Tx) (err error) { c, err = copies.Make(t.Context(), tx, who, a); return err })
	return c, err
}

// text is the copy as another system gets it.
func text(t *testing.T, c copies.Copy) string {
	t.Helper()
	all, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func refused(t *testing.T, err error, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Key != key {
		t.Errorf("answered %v, want %s", err, key)
	}
}

// All that was written about her is in the copy, what is protected only if she asks for it, and nothing of another person ever.
func TestACopyHoldsWhatIsHersAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		plainly := []string{"name", "father", "village", "hours", "issuer", "mother", "city", "employer", "recruiter", "work", "wish", "note", "task", "step", "goal", "food", "grant", "place", "appointment", "override"}
		deeply := []string{"ethnicity", "account", "danger at home", "note", "goal", "step", "remark", "complaint", "session", "needs", "called"}
		plain, err := w.make(t, worldtest.Amina(), copies.Asking{})
		if err != nil {
			t.Fatal(err)
		}
		whole, err := w.make(t, worldtest.Amina(), copies.Asking{Protected: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range words.Languages() {
			for what, c := range map[string]copies.Copy{"plain": plain, "whole": whole} {
				if lang == words.Bangla {
					if c, err = w.make(t, worldtest.Amina(), copies.Asking{Protected: what == "whole", Language: lang}); err != nil {
						t.Fatal(err)
					}
				}
				got := text(t, c)
				for _, canary := range plainly {
					if !strings.Contains(got, `"hers-`+canary) && !strings.Contains(got, " hers-"+canary) {
						t.Errorf("%s %s: hers-%s is not in it", lang, what, canary)
					}
				}
				for _, canary := range deeply {
					if strings.Contains(got, "hers-deep-"+canary) != (what == "whole") {
						t.Errorf("%s %s: hers-deep-%s is in it: %t", lang, what, canary, what != "whole")
					}
				}
				for _, never := range []string{"foreign", "01987654321", "1987654321", "BX7654321", "secret of the session", "Shefali", "Zqlane", "Zqroom", "01799887766", "Amina", "Chandra", string(w.other), worldtest.Amina().ID, "⟦"} {
					if strings.Contains(got, never) {
						t.Errorf("%s %s: %q is in it: %s", lang, what, never, around(got, never))
					}
				}
				if !strings.Contains(got, "1712345678") || !strings.Contains(got, "BX0123456") {
					t.Errorf("%s %s: her own numbers are not in full", lang, what)
				}
				if strings.Contains(got, "phq9") != (what == "whole") || !strings.Contains(got, "pc_income") {
					t.Errorf("%s %s: the questionnaires are wrong", lang, what)
				}
			}
		}
	})
}

func around(s, what string) string {
	at := strings.Index(s, what)
	return s[max(0, at-80):min(len(s), at+80)]
}

// Who may not hand it out is refused, and a stranger learns nothing.
func TestWhoMayHandOutACopy(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		_, err := w.make(t, worldtest.Basil(), copies.Asking{})
		refused(t, err, "person.not_found")
		_, err = w.make(t, worldtest.Ishrat(), copies.Asking{})
		refused(t, err, "access.not_allowed")
		_, err = w.make(t, worldtest.Esha(), copies.Asking{})
		refused(t, err, "access.not_allowed")
		if _, err = w.make(t, worldtest.Chandra(), copies.Asking{}); err != nil {
			t.Errorf("a supervisor: %v", err)
		}
		_, err = w.make(t, worldtest.Chandra(), copies.Asking{Protected: true})
		refused(t, err, "person.protected_not_allowed")
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			_, err := persons.BreakGlass(t.Context(), tx, worldtest.Chandra(), w.her, "she is in danger tonight")
			return err
		})
		_, err = w.make(t, worldtest.Chandra(), copies.Asking{Protected: true})
		refused(t, err, "person.protected_not_allowed")
		_, err = w.make(t, worldtest.Amina(), copies.Asking{Language: "fr"})
		refused(t, err, "fault.bad_choice")
		_, err = w.make(t, worldtest.Amina(), copies.Asking{Person: "01900000-0000-7000-8000-000000000000"})
		refused(t, err, "person.not_found")
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			_, err := persons.Erase(t.Context(), tx, worldtest.Esha(), w.her, "her wish")
			return err
		})
		if _, err = w.make(t, worldtest.Amina(), copies.Asking{}); err == nil {
			t.Error("a copy of an erased person was made")
		}
	})
}

// A paper that may not be safe with her is made only if she insists.
func TestAnUnsafePaperIsRefusedUnlessSheInsists(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return persons.AddContact(t.Context(), tx, worldtest.Amina(), w.her, persons.Contact{Number: "01812345678", Owner: "husband", Safety: "unsafe"})
		})
		_, err := w.make(t, worldtest.Amina(), copies.Asking{})
		refused(t, err, "copy.not_safe")
		if f := fault.Of(err); f.Field != "insists" {
			t.Errorf("the fault stands at %q", f.Field)
		}
		if _, err := w.make(t, worldtest.Amina(), copies.Asking{Insists: true}); err != nil {
			t.Error(err)
		}
		home := func(value string) {
			t.Helper()
			w.clock.Move(time.Second)
			dbtest.Write(t, w.d, func(tx *db.Tx) error {
				her, err := persons.Find(t.Context(), tx, worldtest.Amina(), w.her)
				if err != nil {
					return err
				}
				return persons.Change(t.Context(), tx, worldtest.Amina(), persons.Amendment{Person: w.her, Version: her.Version, Source: persons.OwnWord, Values: map[persons.Field]string{persons.PapersHome: value}})
			})
		}
		home("yes")
		if _, err := w.make(t, worldtest.Amina(), copies.Asking{}); err != nil {
			t.Errorf("she said that papers are safe at home: %v", err)
		}
		home("no")
		_, err = w.make(t, worldtest.Amina(), copies.Asking{})
		refused(t, err, "copy.not_safe")
		banned := persons.Person{Card: persons.Card{DoNotContact: true}}
		careful := persons.Person{Contacts: []persons.Contact{{Safety: "careful"}, {Safety: "unasked"}}}
		if !copies.Unsafe(banned) || copies.Unsafe(careful) {
			t.Error("who is not to be contacted is unsafe, and careful is not")
		}
	})
}

// That a copy was made is in the trail, and what it opened; a copy without what is protected opens nothing.
func TestACopyIsInTheTrail(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		acts := func() (all []access.Permission) {
			if err := w.d.Read(t.Context(), func(q db.Reader) error {
				lines, err := audit.List(t.Context(), q, audit.Filter{Person: string(w.her), Limit: 200})
				for _, l := range lines {
					if l.At.Equal(w.clock.Now()) {
						all = append(all, l.Act)
					}
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return all
		}
		if _, err := w.make(t, worldtest.Amina(), copies.Asking{}); err != nil {
			t.Fatal(err)
		}
		if got := acts(); !slices.Contains(got, access.CopyPerson) || slices.Contains(got, access.ReadProtected) {
			t.Errorf("the trail has %v", got)
		}
		if _, err := w.make(t, worldtest.Amina(), copies.Asking{Protected: true}); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, act := range acts() {
			if act == access.ReadProtected {
				n++
			}
		}
		if n < 5 { // the record, the notes, the plan, the services, the questionnaire
			t.Errorf("%d looks are in the trail", n)
		}
	})
}

// Notes that tell of others are left out, and the copy says how many.
func TestNotesAreLeftOut(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		c, err := w.make(t, worldtest.Amina(), copies.Asking{LeaveOut: []string{w.note, "no note"}})
		if err != nil {
			t.Fatal(err)
		}
		if c.LeftOut != 1 || strings.Contains(text(t, c), "hers-note") {
			t.Errorf("%d left out: %s", c.LeftOut, text(t, c))
		}
	})
}

// said is all that a paper says, as a reader copies it.
func said(t *testing.T, paper []byte) string {
	t.Helper()
	var b strings.Builder
	for _, m := range streams.FindAllSubmatch(paper, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range spoken.FindAllSubmatch(content, -1) {
			var units []uint16
			for i := 0; i < len(line[1]); i += 4 {
				n, err := strconv.ParseUint(string(line[1][i:i+4]), 16, 16)
				if err != nil {
					t.Fatal(err)
				}
				units = append(units, uint16(n))
			}
			b.WriteString(string(utf16.Decode(units)) + "\n")
		}
	}
	return b.String()
}

var streams = regexp.MustCompile(`(?s)/FlateDecode[^>]*>>\nstream\n(.*?)\nendstream\nendobj`)

var spoken = regexp.MustCompile(`/ActualText <FEFF([0-9A-F]*)>`)

// The paper says every word of the copy, in order, in both languages.
func TestThePaperSaysWhatTheCopyHolds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, lang := range words.Languages() {
			c, err := w.make(t, worldtest.Amina(), copies.Asking{Protected: true, Language: lang, LeaveOut: []string{w.note}})
			if err != nil {
				t.Fatal(err)
			}
			paper, err := c.Paper()
			if err != nil {
				t.Fatal(err)
			}
			if folder := os.Getenv("PDF_SAMPLE"); folder != "" {
				if err := os.WriteFile(fmt.Sprintf("%s/copy-%s.pdf", folder, lang), paper, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := squeezed(said(t, paper))
			missing := 0
			for _, section := range c.Sections {
				for _, words := range textsOf(section) {
					if !strings.Contains(got, squeezed(words)) {
						if missing++; missing < 10 {
							t.Errorf("%s: the paper does not say %q", lang, words)
						}
					}
				}
			}
			if !strings.Contains(got, squeezed(words.In(lang).T("copy.left_out", "count", 1))) || !strings.Contains(got, squeezed(c.Name)) {
				t.Errorf("%s: the paper does not begin as it should: %.300s", lang, got)
			}
			if strings.Contains(got, "foreign") || strings.Contains(got, "⟦") {
				t.Errorf("%s: the paper says what it may not", lang)
			}
		}
	})
}

func textsOf(s copies.Section) (all []string) {
	all = append(all, s.Title)
	for _, e := range s.Entries {
		all = append(all, e.Title)
		for _, f := range e.Facts {
			all = append(all, f.Label, f.Text)
		}
	}
	return all
}

// squeezed is a text without its spaces: where lines end is not a matter of what is said.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// A canary that nothing could find would guard nothing: what is kept about the other is in the other's copy.
func TestCanariesAreCaught(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		c, err := w.make(t, worldtest.Amina(), copies.Asking{Person: w.other, Protected: true})
		if err != nil {
			t.Fatal(err)
		}
		got := text(t, c)
		for _, canary := range []string{"foreign-name", "foreign-deep-account", "987654321", "BX7654321"} {
			if !strings.Contains(got, canary) {
				t.Errorf("%s is not in her copy", canary)
			}
		}
	})
}
