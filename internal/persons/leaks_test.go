// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/worldtest"
)

// Words that stand nowhere else, one for each thing that must not be seen.
const (
	canaryPeople  = "Zqpeople"
	canaryTongue  = "Zqtongue"
	canaryAccount = "Zqaccount"
	canaryLater   = "Zqlater"
	canaryReason  = "Zqreason"
	canaryOwed    = "987123654"
	canaryNumber  = "1798765431"    // the end of a telephone
	canaryPaper   = "1991587654321" // a card's number
	canaryName    = "Zqname"
)

func protectedCanaries() []string {
	return []string{canaryPeople, canaryTongue, canaryAccount, canaryLater, canaryOwed, "sexual_abuse", "functioning", "circumstances", "ethnicity", "mother_tongue"}
}

// marked is a registration in which every field that matters holds a canary.
func marked() persons.Registration {
	r := worldtest.Rahima()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Values[persons.NameLatin], r.Values[persons.NameBn] = canaryName+" Khatun", "রহিমা "+canaryName
	r.Values[persons.FatherName], r.Values[persons.HomeText] = canaryName+" Karim", "beside the "+canaryName
	r.Contacts[0].Number, r.Contacts[0].Hours = "0"+canaryNumber, "not when "+canaryName+" is at home"
	r.Identifiers = []persons.Identifier{{Kind: "nid", Number: canaryPaper, Issuer: canaryName}}
	r.Journeys = []persons.Journey{{Country: "SA", City: canaryName, Employer: canaryName, Recruiter: canaryName, Work: canaryName, Cost: 913274}}
	r.Relations = []persons.Relation{{Relation: "son", Name: canaryName}}
	return r
}

// protect adds everything of class 3 to a registration.
func protect(r persons.Registration) persons.Registration {
	r.Values[persons.Ethnicity], r.Values[persons.MotherTongue] = canaryPeople, canaryTongue
	r.Journeys[0].Circumstances = &persons.Circumstances{Happened: []string{"sexual_abuse"}, Account: canaryAccount, Owed: 987123654}
	r.Functioning = &persons.Functioning{Vision: 4, Hearing: 1, Mobility: 1, Cognition: 1, SelfCare: 1, Communication: 1}
	return r
}

// life is what happens to a person after she was registered; with class 3 in it, or the same without.
func life(t *testing.T, d *db.DB, who access.Actor, id persons.ID, secret bool) {
	t.Helper()
	p, err := find(t, d, who, id)
	if err != nil {
		t.Fatal(err)
	}
	journey := func() persons.Journey {
		j := persons.Journey{Country: "OM", City: "Muscat"}
		if secret {
			j.Circumstances = &persons.Circumstances{Happened: []string{"sexual_abuse"}, Account: canaryLater}
		}
		return j
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error { return persons.AddJourney(ctx, tx, who, id, journey()) })
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		j := journey()
		j.ID, j.Version, j.City = p.Journeys[0].ID, p.Journeys[0].Version, "Riyadh"
		return persons.ChangeJourney(ctx, tx, who, id, j)
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		v := map[persons.Field]string{persons.CallName: "Rani"}
		if secret {
			v[persons.Ethnicity] = canaryPeople + " again"
		}
		return persons.Change(ctx, tx, who, persons.Amendment{Person: id, Values: v, Reason: "she said so"})
	})
	if !secret {
		return
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.Change(ctx, tx, who, persons.Amendment{Person: id, Values: map[persons.Field]string{persons.MotherTongue: canaryTongue + " again"}})
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.RecordFunctioning(ctx, tx, who, id, persons.Functioning{Vision: 4})
	})
	for range 12 { // more than a page of the history
		write(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := persons.Look(ctx, tx, who, id); return err })
	}
}

// shown is everything that the functions of the package show who of a person, as text.
func shown(t *testing.T, d *db.DB, who access.Actor, id persons.ID) string {
	t.Helper()
	var b strings.Builder
	say := func(v any, err error) {
		text, _ := json.Marshal(v)
		fmt.Fprintf(&b, "%s %+v %v\n", text, v, err)
	}
	d.Read(t.Context(), func(q db.Reader) error {
		p, err := persons.Find(t.Context(), q, who, id)
		say(p, err)
		for before := ""; ; {
			lines, err := persons.History(t.Context(), q, who, id, audit.Filter{Before: before, Limit: 5})
			for _, l := range lines {
				say(l, err)
			}
			if len(lines) == 0 {
				break
			}
			before = lines[len(lines)-1].ID
		}
		looks, err := persons.Looks(t.Context(), q, who, id)
		say(looks, err)
		for _, query := range []string{"", canaryName, canaryPeople, canaryTongue, canaryAccount, canaryOwed, "sexual abuse", "Achik", "0" + canaryNumber, canaryPaper} {
			page, err := persons.List(t.Context(), q, who, persons.Filter{Query: query, Typing: true})
			say(page, err)
		}
		return nil
	})
	for _, a := range acts("x") {
		if a.name == "Look" || a.name == "Reveal" {
			say(nil, tryOut(t, d, func(tx *db.Tx) error {
				return a.do(t.Context(), tx, who, persons.Person{Card: persons.Card{ID: id}, Claims: make([]persons.Claim, 1), Contacts: make([]persons.Contact, 1), Journeys: make([]persons.Journey, 1)})
			}))
		}
	}
	return b.String()
}

// Who may see a person but not class 3 sees the same whether there is any or not.
func TestProtectedLeavesNoSign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		with, without := register(t, d, amina, protect(marked())), register(t, d, amina, marked())
		life(t, d, amina, with, true)
		life(t, d, amina, without, false)
		for _, who := range []access.Actor{worldtest.Chandra(), worldtest.Esha(), worldtest.Gita(), worldtest.Basil(), worldtest.Farid(), worldtest.Harun(), worldtest.Dipu()} {
			text := shown(t, d, who, with)
			for _, canary := range append(protectedCanaries(), canaryNumber, canaryPaper) {
				if strings.Contains(text, canary) {
					t.Errorf("%s was shown %q:\n%s", who.Name, canary, around(text, canary))
				}
			}
			var had, hadNot []persons.Claim
			d.Read(t.Context(), func(q db.Reader) error {
				a, _ := persons.History(t.Context(), q, who, with, audit.Filter{Before: "", Limit: 100})
				b, _ := persons.History(t.Context(), q, who, without, audit.Filter{Before: "", Limit: 100})
				if len(a) != len(b) {
					t.Errorf("%s sees %d entries with class 3 and %d without", who.Name, len(a), len(b))
				}
				if x, y := outline(a), outline(b); x != y {
					t.Errorf("%s sees with class 3\n%s\nand without\n%s", who.Name, x, y)
				}
				x, _ := persons.Find(t.Context(), q, who, with)
				y, _ := persons.Find(t.Context(), q, who, without)
				had, hadNot = x.Claims, y.Claims
				return nil
			})
			if len(had) != len(hadNot) {
				t.Errorf("%s sees %d values with class 3 and %d without", who.Name, len(had), len(hadNot))
			}
		}
		// The canaries can be seen: by her caseworker, who looks.
		var p persons.Protected
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			p, err = persons.Look(ctx, tx, amina, with)
			return err
		})
		text := fmt.Sprintf("%+v", p) + shown(t, d, amina, with)
		for _, canary := range protectedCanaries()[:6] {
			if canary != canaryAccount && canary != canaryOwed && !strings.Contains(text, canary) { // the first account was replaced by a later one
				t.Errorf("her caseworker does not see %q", canary)
			}
		}
	})
}

// outline says what the lines of a history show, whatever their order.
func outline(lines []audit.Line) string {
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprint(l.Act, l.Fields, slices.Sorted(maps.Keys(l.Before)), slices.Sorted(maps.Keys(l.After)), l.Reason))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func around(text, canary string) string {
	i := strings.Index(text, canary)
	return text[max(0, i-150):min(len(text), i+150)]
}

// everything is the content of all tables, one row a line.
func everything(t *testing.T, d *db.DB) []byte {
	t.Helper()
	var b bytes.Buffer
	eachRow(t, d, func(table string, columns []string, values []any) {
		fmt.Fprint(&b, table)
		for i, v := range values {
			if raw, ok := v.([]byte); ok {
				fmt.Fprintf(&b, " %s=%s", columns[i], raw)
			} else {
				fmt.Fprintf(&b, " %s=%v", columns[i], v)
			}
		}
		b.WriteByte('\n')
	})
	return b.Bytes()
}

// tablesOf names all tables.
func tablesOf(t *testing.T, d *db.DB) (names []string) {
	t.Helper()
	tables := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if d.Engine() == "postgres" {
		tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	if err := d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), tables)
		names, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { return s, r.Scan(&s) })
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// eachRow hands on every row of every table.
func eachRow(t *testing.T, d *db.DB, fn func(table string, columns []string, values []any)) {
	t.Helper()
	names := tablesOf(t, d)
	if err := d.Read(t.Context(), func(q db.Reader) error {
		for _, name := range names {
			rows, err := q.Query(t.Context(), `SELECT * FROM `+name)
			if err != nil {
				return err
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				values, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				fn(name, columns, values)
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// day is a day of work on one person: class 3, numbers, looks, glass, relatives.
func day(t *testing.T, d *db.DB) (id, kin persons.ID) {
	t.Helper()
	amina, chandra := worldtest.Amina(), worldtest.Chandra()
	id = register(t, d, amina, protect(marked()))
	life(t, d, amina, id, true)
	sister := worldtest.Rahima()
	sister.Relations = []persons.Relation{{Relation: "sister", Other: id}}
	kin = register(t, d, amina, sister)
	var o access.Opening
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = persons.BreakGlass(ctx, tx, chandra, id, canaryReason+" and more")
		return err
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := persons.Look(ctx, tx, chandra, id); return err })
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.ReviewGlass(ctx, tx, worldtest.Esha(), persons.Review{Person: id, Opening: o.ID, Finding: canaryReason})
	})
	p, err := find(t, d, amina, id)
	if err != nil {
		t.Fatal(err)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.End(ctx, tx, amina, persons.Ending{Person: id, Row: persons.ContactRow, ID: p.Contacts[0].ID, Reason: canaryReason})
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.AddContact(ctx, tx, amina, id, persons.Contact{Number: "0" + canaryNumber, Hours: canaryName})
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, err := persons.Reveal(ctx, tx, amina, persons.RowOf{Person: id, Row: persons.IdentifierRow, ID: p.Identifiers[0].ID})
		return err
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.Choose(ctx, tx, amina, persons.Choice{Person: id, Claim: p.Claims[0].ID, Reason: canaryReason})
	})
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return id, kin
}

// After a day of work neither class 3 nor a number stands anywhere in a table.
func TestTablesHoldNothingProtected(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		day(t, d)
		text := everything(t, d)
		for _, canary := range []string{canaryPeople, canaryTongue, canaryAccount, canaryLater, canaryOwed, "sexual_abuse", canaryNumber, canaryPaper} {
			if i := bytes.Index(text, []byte(canary)); i >= 0 {
				t.Errorf("%q stands in a table: %s", canary, around(string(text), canary))
			}
		}
		if !bytes.Contains(text, []byte(canaryName)) {
			t.Error("her name stands nowhere: the test shows nothing")
		}
	})
}

// The same of the bytes of a SQLite file and its log, while it is open and closed;
// and once she is erased and the log folded in, not even her name is left in a freed page.
func TestFileHoldsNothingProtected(t *testing.T) {
	path := dbtest.SQLite(t)
	d := dbtest.Open(t, path, nil)
	id, _ := day(t, d)
	scan := func(when string, canaries ...string) {
		files, _ := filepath.Glob(path + "*")
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, canary := range canaries {
				if bytes.Contains(text, []byte(canary)) {
					t.Errorf("%s: %q stands in %s", when, canary, filepath.Base(f))
				}
			}
		}
	}
	hidden := []string{canaryPeople, canaryTongue, canaryAccount, canaryLater, canaryOwed, "sexual_abuse", canaryNumber, canaryPaper}
	scan("open", hidden...)
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, err := persons.Erase(ctx, tx, worldtest.Esha(), id, "she asked for it")
		return err
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	scan("erased and closed", append(hidden, canaryName, canaryReason, "913274")...)
}

// After an erasure nothing of her stands in any table, the totals stay, and the trail holds.
func TestErase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id, kin := day(t, d)
		esha := worldtest.Esha()
		var e []seal.Erasure
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			e, err = persons.Erase(ctx, tx, esha, id, "she asked for it")
			return err
		})
		if len(e) != 1 || !strings.Contains(e[0].Receipt, string(id)) || strings.Contains(e[0].Receipt, canaryName) {
			t.Errorf("receipts %+v", e)
		}
		gone(t, d, id)
		if p, err := find(t, d, worldtest.Amina(), kin); err != nil || len(p.Relations) != 1 || p.Relations[0].Name != "" {
			t.Errorf("her sister's record says of her %+v (%v)", p.Relations, err)
		}
		if _, err := find(t, d, worldtest.Amina(), id); err == nil {
			t.Error("her caseworker still finds her")
		}
		p, err := find(t, d, esha, id)
		if err != nil || p.Sex != persons.Female || p.Birth.String() != "1991" || p.Place != "3056" || len(p.Journeys) != 2 || p.ErasedAt.IsZero() {
			t.Errorf("for the totals stay %+v (%v)", p, err)
		}
		for _, a := range acts("x") {
			if a.name == "ReviewGlass" {
				continue
			}
			who := access.System(a.perms...)
			who.Grants[access.ReadPersons] = access.Reach{Everywhere: true}
			p := persons.Person{Card: persons.Card{ID: id}, Claims: make([]persons.Claim, 1), Contacts: make([]persons.Contact, 1), Journeys: make([]persons.Journey, 1)}
			err := tryOut(t, d, func(tx *db.Tx) error { return a.do(t.Context(), tx, who, p) })
			if a.name == "Look" {
				continue // shows what there is, which is nothing
			}
			if err == nil {
				t.Errorf("%s was done to an erased person", a.name)
			}
		}
	})
}

// gone checks that nothing of an erased person is left and that the trail holds.
func gone(t *testing.T, d *db.DB, id persons.ID) {
	t.Helper()
	text := everything(t, d)
	for _, canary := range []string{canaryPeople, canaryTongue, canaryAccount, canaryLater, canaryOwed, "sexual_abuse", canaryNumber, canaryPaper, canaryName, canaryReason, "913274", strings.ToLower(canaryName)} {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("%q is left: %s", canary, around(string(text), canary))
		}
	}
	if got := list(t, d, worldtest.Esha(), persons.Filter{Query: canaryName}); len(got.Cards) != 0 {
		t.Errorf("search still finds %+v", got.Cards)
	}
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	d.Read(t.Context(), func(q db.Reader) error {
		if r, err := audit.Verify(t.Context(), q); err != nil || !r.Holds() {
			t.Errorf("the trail: %+v, %v", r, err)
		}
		return nil
	})
}

// A copy from before an erasure is put back: the ledger sees to it that she is erased again.
func TestErasedAgainAfterRestore(t *testing.T) {
	dir := t.TempDir()
	path := dbtest.SQLite(t)
	ledger := seal.Ledger{Path: filepath.Join(dir, "erasures")}
	d := dbtest.Open(t, path, nil)
	id, _ := day(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	older, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d = dbtest.Open(t, path, nil)
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, err := persons.Erase(ctx, tx, worldtest.Esha(), id, "she asked for it")
		return err
	})
	if again, err := ledger.Sync(t.Context(), d, dbtest.Ring()); err != nil || len(again) != 0 {
		t.Fatalf("Sync = %v, %v", again, err)
	}
	if _, err := audit.Seal(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	var kept audit.Checkpoint
	d.Read(t.Context(), func(q db.Reader) (err error) { kept, err = audit.Latest(t.Context(), q); return err })
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}

	restored := filepath.Join(dir, "restored.db")
	if err := os.WriteFile(restored, older, 0o600); err != nil {
		t.Fatal(err)
	}
	d = dbtest.Open(t, restored, nil)
	if p, err := find(t, d, worldtest.Amina(), id); err != nil || !strings.Contains(p.NameLatin, canaryName) {
		t.Fatalf("the copy does not have her: %v", err)
	}
	again, err := ledger.Sync(t.Context(), d, dbtest.Ring())
	if err != nil || len(again) != 1 || again[0].Subject != string(id) {
		t.Fatalf("Sync = %v, %v, want her", again, err)
	}
	for _, e := range again {
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return persons.EraseAgain(ctx, tx, e) })
	}
	gone(t, d, id)
	if again, err := ledger.Sync(t.Context(), d, dbtest.Ring()); err != nil || len(again) != 0 {
		t.Errorf("Sync = %v, %v, want nobody", again, err)
	}
	// And who kept a later checkpoint sees that the trail went back.
	d.Read(t.Context(), func(q db.Reader) error {
		r, err := audit.Verify(t.Context(), q)
		if err != nil || !r.Holds() {
			t.Fatalf("by itself: %+v, %v", r, err)
		}
		c, err := audit.ParseCheckpoint(kept.Note, r.Verifier)
		if err != nil {
			t.Fatal(err)
		}
		if r, err = audit.Verify(t.Context(), q, c); err != nil || r.Holds() {
			t.Errorf("against a later checkpoint: %+v, %v, want that it does not hold", r, err)
		}
		return nil
	})
}
