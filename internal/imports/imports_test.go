// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/imports"
	"fera/internal/links"
	"fera/internal/lists"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/sheets"
	"fera/internal/words"
)

// world is an organisation with two offices, and a supervisor at the first.
type world struct {
	*testing.T
	d      *db.DB
	clock  *dbtest.Clock
	finder *links.Finder
	boss   access.Actor // supervises the first office
	clerk  access.Actor // caseworker there
	other  access.Actor // supervises the second office
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := &world{T: t, d: d, clock: clock, finder: links.NewFinder(d)}
		w.settle()
		fn(w)
	})
}

func terminal() access.Actor { return access.System(access.Permissions()...) }

func (w *world) settle() {
	dbtest.Write(w, w.d, func(tx *db.Tx) error {
		ctx := w.Context()
		org, err := offices.AddOrganisation(ctx, tx, terminal(), offices.Organisation{NameEn: "Shetu", Kind: offices.CivilSociety})
		if err != nil {
			return err
		}
		add := func(office string) (string, error) {
			o, err := offices.Add(ctx, tx, terminal(), offices.Opening{Organisation: org.ID, NameEn: office, Kind: offices.HeadOffice, Place: "3026"})
			return o.ID, err
		}
		first, err := add("First")
		if err != nil {
			return err
		}
		second, err := add("Second")
		if err != nil {
			return err
		}
		hire := func(login, office string, role access.Role) (a access.Actor, err error) {
			u, _, err := accounts.AddUser(ctx, tx, terminal(), accounts.Addition{Login: login, Name: login, Office: office, Language: words.English})
			if err != nil {
				return a, err
			}
			a = access.Actor{ID: u.ID, Name: login, Office: office, Organisation: org.ID}
			a.Grant(role, access.AtOffice(office))
			return a, accounts.GrantRole(ctx, tx, terminal(), accounts.Held{User: u.ID, Role: role, Scope: access.AtOffice(office)})
		}
		var errs [3]error
		w.boss, errs[0] = hire("boss", first, access.Supervisor)
		w.clerk, errs[1] = hire("clerk", first, access.Caseworker)
		w.other, errs[2] = hire("other", second, access.Supervisor)
		return errors.Join(errs[:]...)
	})
}

func (w *world) write(fn func(ctx context.Context, tx *db.Tx) error) error {
	return w.d.Write(w.Context(), func(tx *db.Tx) error { return fn(w.Context(), tx) })
}

func (w *world) must(fn func(ctx context.Context, tx *db.Tx) error) {
	w.Helper()
	if err := w.write(fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) send(text string) imports.Batch {
	w.Helper()
	var b imports.Batch
	w.must(func(ctx context.Context, tx *db.Tx) (err error) {
		b, err = imports.Send(ctx, tx, w.boss, imports.Sending{Source: "Airport desk", FileName: "list.csv", Content: []byte(text)})
		return err
	})
	return b
}

// planned is what is proposed for a batch, with consent stated for all.
func (w *world) planned(id imports.ID) (p lists.Plan) {
	w.Helper()
	err := w.d.Read(w.Context(), func(q db.Reader) error {
		proposal, err := imports.Propose(w.Context(), q, w.boss, imports.From{Batch: id})
		p = proposal.Plan()
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	p.Basis = lists.Basis{Purposes: []persons.Purpose{persons.PurposeRegister, persons.PurposeContact}, Method: "signed", On: "2030-02-01", Statement: "Each signed a form at the desk; forms in folder 12."}
	p.Language = "en"
	return p
}

func (w *world) check(id imports.ID, p lists.Plan) {
	w.Helper()
	w.must(func(ctx context.Context, tx *db.Tx) error { return imports.Check(ctx, tx, w.boss, id, p) })
	w.work()
}

func (w *world) enter(id imports.ID) {
	w.Helper()
	w.must(func(ctx context.Context, tx *db.Tx) error { return imports.Enter(ctx, tx, w.boss, id) })
	w.work()
}

func (w *world) undo(id imports.ID) {
	w.Helper()
	w.must(func(ctx context.Context, tx *db.Tx) error { return imports.Undo(ctx, tx, w.boss, id, "the wrong file") })
	w.work()
}

// work does all of the work in the background.
func (w *world) work() {
	w.Helper()
	for {
		worked, err := imports.Work(w.Context(), w.d, w.finder, "tester")
		if err != nil {
			w.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

func (w *world) find(id imports.ID) (b imports.Batch) {
	w.Helper()
	if err := w.d.Read(w.Context(), func(q db.Reader) (err error) {
		b, err = imports.Find(w.Context(), q, w.boss, id)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return b
}

func (w *world) lines(id imports.ID, state imports.RowState) (all []imports.Line) {
	w.Helper()
	if err := w.d.Read(w.Context(), func(q db.Reader) (err error) {
		all, err = imports.Lines(w.Context(), q, w.boss, imports.Wanted{Batch: id, State: state, Limit: 10_000})
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return all
}

// people returns the cards that the supervisor sees, the newest first.
func (w *world) people() (all []persons.Card) {
	w.Helper()
	if err := w.d.Read(w.Context(), func(q db.Reader) error {
		page, err := persons.List(w.Context(), q, w.boss, persons.Filter{Limit: 200})
		all = page.Cards
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return all
}

func (w *world) person(id persons.ID) (p persons.Person) {
	w.Helper()
	if err := w.d.Read(w.Context(), func(q db.Reader) (err error) {
		p, err = persons.Find(w.Context(), q, w.boss, id)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return p
}

// rows counts the rows of every table that are about persons.
func (w *world) rows() map[string]int {
	w.Helper()
	counts := map[string]int{}
	for _, table := range []string{"persons", "person_registrations", "person_claims", "person_contacts", "person_identifiers", "person_consents", "person_journeys", "person_relations",
		"person_functioning", "index_terms", "index_waiting"} {
		var n int
		if err := w.d.Read(w.Context(), func(q db.Reader) error { return q.QueryRow(w.Context(), `SELECT count(*) FROM `+table).Scan(&n) }); err != nil {
			w.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

const list = `নাম,Mobile,NID,Sex,Birth,District,Upazila,Country,Returned
রহিমা খাতুন,01712345678,1234567890,নারী,1991-04-12,Manikganj,Saturia,KSA,2029-12-01
Abdul Karim,01812345678,,M,1985,Sylhet,,Oman,2029
No Sex,01912345678,,perhaps,1990,,,,
রহিমা বেগম,01612345678,1234567890,F,1991,,,,
,,,,,,,,
"Selina, Akter",01512345678,,F,"3 Feb 1988",Manikganj,Nowhere,Qatar,
`

func TestAListBecomesPeople(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		if w.people() != nil {
			t.Error("somebody was entered by sending a file")
		}
		w.check(b.ID, w.planned(b.ID))
		b = w.find(b.ID)
		if b.State != imports.Checked || b.Total != 5 || b.Wrong != 1 || b.Doubled != 1 || b.Ready() != 3 || w.people() != nil {
			t.Fatalf("checked: %+v", b)
		}
		if l := w.lines(b.ID, imports.RowWrong); len(l) != 1 || l[0].Number != 4 || l[0].Said(words.In(words.English), b.Plan) != "Sex: Write female, male or other." {
			t.Errorf("wrong: %+v", l)
		}
		if l := w.lines(b.ID, imports.RowDouble); len(l) != 1 || l[0].Number != 5 || l[0].OfRow != 2 || !saysOf(l[0], "match.smart_nid.equal") {
			t.Errorf("doubles: %+v", l)
		}
		w.enter(b.ID)
		b = w.find(b.ID)
		if b.State != imports.Entered || b.Entered != 3 || b.Done != 5 {
			t.Errorf("entered: %+v", b)
		}
		all := w.people()
		if len(all) != 3 || all[0].NameLatin != "Selina, Akter" || all[2].NameBn != "রহিমা খাতুন" || all[2].Place != "305670" || all[2].Office != w.boss.Office {
			t.Fatalf("people: %+v", all)
		}
		p := w.person(all[2].ID)
		if !p.Agreed(persons.PurposeRegister) || p.Agreed(persons.PurposeCoordinate) || p.Consents[0].AskedName != "Airport desk" || p.Consents[0].AskedBy != "" ||
			p.Consents[0].TextVersion != persons.Elsewhere || p.Consents[0].At.Format("2006-01-02") != "2030-01-31" || p.Consents[0].Method != "signed" {
			t.Errorf("consents: %+v", p.Consents)
		}
		if len(p.Journeys) != 1 || p.Journeys[0].Country != "SA" || len(p.Identifiers) != 1 || len(p.Recorded) != 1 || p.Recorded[0].User != "boss" {
			t.Errorf("record: %+v", p)
		}
		var chunks int
		if err := w.d.Read(t.Context(), func(q db.Reader) error {
			return q.QueryRow(t.Context(), `SELECT count(*) FROM import_chunks`).Scan(&chunks)
		}); err != nil || chunks != 0 {
			t.Errorf("%d pieces of the file are left, %v", chunks, err)
		}
	})
}

func TestNobodyComesOnACaseloadByAFile(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		for _, c := range w.people() {
			err := w.d.Read(t.Context(), func(q db.Reader) error {
				scopes, err := access.ScopesOf(t.Context(), q, string(c.ID))
				if strings.Contains(fmt.Sprint(scopes), "u:") {
					t.Errorf("%s lies in %v", c.Name(), scopes)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestWhoIsInTheRegisterAlreadyIsShownBeforeAnythingIsWritten(t *testing.T) {
	each(t, func(w *world) {
		first := w.send(list)
		w.check(first.ID, w.planned(first.ID))
		w.enter(first.ID)
		again := w.send(list)
		w.check(again.ID, w.planned(again.ID))
		b := w.find(again.ID)
		doubles := w.lines(again.ID, imports.RowDouble)
		if b.Doubled != 4 || len(doubles) != 4 || doubles[0].OfPerson == "" {
			t.Fatalf("%+v, doubles %+v", b.Counts, doubles)
		}
		if err := w.write(func(ctx context.Context, tx *db.Tx) error { return imports.Enter(ctx, tx, w.boss, again.ID) }); fault.Of(err) == nil || fault.Of(err).Key != "import.nobody_right" {
			t.Errorf("entering nobody: %v", err)
		}
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return imports.Choose(ctx, tx, w.boss, imports.Choice{Batch: again.ID, Row: 3, Enter: true})
		})
		w.enter(again.ID)
		if b = w.find(again.ID); b.Entered != 1 || b.Doubled != 3 || len(w.people()) != 4 {
			t.Errorf("after one was chosen: %+v, %d people", b.Counts, len(w.people()))
		}
	})
}

func TestARowOfAnotherOfficeIsNotDisclosed(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		boss := w.boss
		w.boss = w.other
		c := w.send(list)
		w.check(c.ID, w.planned(c.ID))
		if got := w.find(c.ID); got.Doubled != 1 {
			t.Errorf("the second office learns of %d, want the one within its own file", got.Doubled)
		}
		w.boss = boss
	})
}

func TestRowsWithErrorsComeBackAsATableThatCanBeSentAgain(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		var out bytes.Buffer
		to, err := sheets.NewCSV(&out)
		if err != nil {
			t.Fatal(err)
		}
		err = w.d.Read(t.Context(), func(q db.Reader) error { return imports.WriteTroubles(t.Context(), q, w.boss, b.ID, to) })
		if err := errors.Join(err, to.Close()); err != nil {
			t.Fatal(err)
		}
		want := "\xEF\xBB\xBFWhy it was not entered,নাম,Mobile,NID,Sex,Birth,District,Upazila,Country,Returned\r\n" +
			"\"Sex: Write female, male or other.\",No Sex,01912345678,,perhaps,1990,,,,\r\n" +
			"\"Probably the same person as row 2. Because: Same smart card number; Same date of birth as far as both are known. Against it: The name shares a word, and each has another besides; Another telephone number.\",রহিমা বেগম,01612345678,1234567890,F,1991,,,,\r\n"
		if out.String() != want {
			t.Errorf("%s\nwant\n%s", out.String(), want)
		}
		again := w.send(strings.Replace(out.String(), "perhaps", "male", 1))
		w.check(again.ID, w.planned(again.ID))
		if got := w.find(again.ID); got.Total != 2 || got.Wrong != 0 || got.Ready() != 1 {
			t.Errorf("sent again: %+v", got.Counts)
		}
	})
}

func TestColumnsAreRememberedForTheirSource(t *testing.T) {
	each(t, func(w *world) {
		b := w.send("Code,Who\n1234567890,Karim\n1234567891,Rahim\n1234567892,Salam\n")
		p := w.planned(b.ID)
		if p.Columns[0].Target != "nid" || p.Columns[1].Target != "" {
			t.Fatalf("proposed %+v", p.Columns)
		}
		p.Columns[0].Target, p.Columns[1].Target = "card", "name_latin"
		w.check(b.ID, p)
		next := w.planned(w.send("Who,Code\nX,1\n").ID)
		if next.Columns[0].Target != "name_latin" || next.Columns[1].Target != "card" {
			t.Errorf("remembered %+v", next.Columns)
		}
	})
}

func TestAFileThatBreaksInTheMiddleEntersNobody(t *testing.T) {
	each(t, func(w *world) {
		text := "name,phone\n" + strings.Repeat("Karim,01712345678\n", 250) + "\"open,1\nRahim,2\n"
		b := w.send(text)
		w.check(b.ID, w.planned(b.ID))
		b = w.find(b.ID)
		if b.State != imports.Checking || b.Failure == nil || b.Failure.Key != "sheet.quote_open" || b.Failure.Args["row"] != 252 || w.people() != nil {
			t.Errorf("%+v, failure %v", b, b.Failure)
		}
	})
}
