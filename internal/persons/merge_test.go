// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/ties"
	"fera/internal/worldtest"
)

func merge(t *testing.T, d *db.DB, one, other persons.ID) (p ties.Pair) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = persons.Merge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: one, Other: other, Reason: "the same card and the same mother"})
		return err
	})
	return p
}

func unmerge(t *testing.T, d *db.DB, p ties.Pair) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.Unmerge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: persons.ID(p.One), Other: persons.ID(p.Other), Reason: "her sister"})
	})
}

// desk is a government desk of Manikganj that reaches nobody but by the area.
func desk() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000010", Name: "Lata", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.Caseworker, access.InArea("3056"))
	return a
}

// twice registers one woman with Amina's organisation and with Basil's: marked
// with canaries there.
func twice(t *testing.T, d *db.DB, clock *dbtest.Clock) (amina, basil persons.ID) {
	t.Helper()
	r := full()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeCoordinate, Given: true})
	amina = register(t, d, worldtest.Amina(), r)
	clock.Move(time.Minute)
	theirs := protect(marked())
	theirs.Consents = append(theirs.Consents, persons.Consent{Purpose: persons.PurposePhoto, Given: true})
	basil = register(t, d, worldtest.Basil(), theirs)
	life(t, d, worldtest.Basil(), basil, true)
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return persons.KeepPhoto(ctx, tx, worldtest.Basil(), persons.Picture{Person: basil, Content: picture(t, 40)})
	})
	for _, protected := range []bool{false, true} {
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.AddFile(ctx, tx, worldtest.Basil(), files.Upload{Person: string(basil), Kind: files.Document, Protected: protected, Title: canaryName, Content: picture(t, 30)})
			return err
		})
	}
	return amina, basil
}

// seesAll is everything that who is shown of both records, by every way in.
func seesAll(t *testing.T, d *db.DB, who access.Actor, ids ...persons.ID) string {
	t.Helper()
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(shown(t, d, who, id))
		for _, a := range acts("x") {
			p := persons.Person{Card: persons.Card{ID: id}, Claims: make([]persons.Claim, 1), Contacts: make([]persons.Contact, 1), Journeys: make([]persons.Journey, 1)}
			err := tryOut(t, d, func(tx *db.Tx) error { return a.do(t.Context(), tx, who, p) })
			fmt.Fprintln(&b, a.name, err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			for _, protected := range []bool{false, true} {
				all, err := persons.Files(t.Context(), q, who, id, protected)
				fmt.Fprintln(&b, all, err)
			}
			n, err := persons.Count(t.Context(), q, who, 100)
			fmt.Fprintln(&b, n, err)
			pairs, err := persons.Tied(t.Context(), q, who, id)
			fmt.Fprintln(&b, pairs, err)
			ok, until, err := persons.SeesProtected(t.Context(), q, who, id)
			fmt.Fprintln(&b, ok, until, err)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// Nobody who sees one of two records is shown anything else once they are merged:
// not by a value, a count, a version, a time or an error, nor in the trail.
func TestAMergeShowsNobodyMore(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hers, theirs := twice(t, d, clock)
		both := []string{"Esha", "Gita", "Ishrat"} // Gita by her office and by her area
		before := map[string]string{}
		for _, who := range append(worldtest.Cast(), desk()) {
			before[who.Name] = seesAll(t, d, who, hers, theirs)
		}
		merge(t, d, hers, theirs)
		changed := []string{}
		for _, who := range append(worldtest.Cast(), desk()) {
			now := seesAll(t, d, who, hers, theirs)
			if now == before[who.Name] {
				continue
			}
			changed = append(changed, who.Name)
			if !slices.Contains(both, who.Name) {
				a, b := strings.Split(before[who.Name], "\n"), strings.Split(now, "\n")
				for i := range min(len(a), len(b)) {
					if a[i] != b[i] {
						t.Errorf("%s was shown\n%s\nand now\n%s", who.Name, a[i], b[i])
						break
					}
				}
			}
		}
		if !slices.Equal(changed, both) {
			t.Errorf("who sees both sees it: %v, want %v", changed, both)
		}
		// Nor what is entered by the other organisation afterwards.
		after := seesAll(t, d, worldtest.Amina(), hers, theirs)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.Change(ctx, tx, worldtest.Basil(), persons.Amendment{Person: theirs, Source: persons.FromNID, Values: map[persons.Field]string{persons.Birth: "1980-02-02", persons.NameLatin: "Zqlater"}})
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.AddContact(ctx, tx, worldtest.Basil(), theirs, persons.Contact{Number: "01898765432"})
		})
		if now := seesAll(t, d, worldtest.Amina(), hers, theirs); now != after {
			t.Error("Amina was shown what Basil entered")
		}
	})
}

// Who sees both sees one person with everything of either, by either id, and class
// 3 of none that is not on her caseload.
func TestMergedIsOne(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hers, theirs := twice(t, d, clock)
		parts := map[persons.ID]persons.Person{}
		for _, id := range []persons.ID{hers, theirs} {
			parts[id], _ = find(t, d, worldtest.Ishrat(), id)
		}
		merge(t, d, theirs, hers)
		for _, id := range []persons.ID{hers, theirs} {
			p, err := find(t, d, worldtest.Ishrat(), id)
			if err != nil {
				t.Fatal(err)
			}
			a, b := parts[hers], parts[theirs]
			if p.ID != hers || p.NameLatin != b.NameLatin || p.Photo != b.Photo || p.Photo == "" {
				t.Errorf("found %+v under %s, want the names and photo that are newest, under %s", p.Card, id, hers)
			}
			for what, n := range map[string][3]int{"claims": {len(p.Claims), len(a.Claims), len(b.Claims)}, "contacts": {len(p.Contacts), len(a.Contacts), len(b.Contacts)},
				"papers": {len(p.Identifiers), len(a.Identifiers), len(b.Identifiers)}, "consents": {len(p.Consents), len(a.Consents), len(b.Consents)},
				"journeys": {len(p.Journeys), len(a.Journeys), len(b.Journeys)}, "relations": {len(p.Relations), len(a.Relations), len(b.Relations)},
				"registrations": {len(p.Recorded), len(a.Recorded), len(b.Recorded)}} {
				if n[0] != n[1]+n[2] || n[1] == 0 || n[2] == 0 {
					t.Errorf("%d %s, want %d and %d", n[0], what, n[1], n[2])
				}
			}
		}
		for _, query := range []string{"", canaryName, "rahima", "0" + canaryNumber, "01712345678"} {
			page := list(t, d, worldtest.Ishrat(), persons.Filter{Query: query})
			if len(page.Cards) != 1 || page.Cards[0].ID != hers {
				t.Errorf("a search for %q finds %+v, want her once", query, page.Cards)
			}
		}
		d.Read(t.Context(), func(q db.Reader) error {
			if n, err := persons.Count(t.Context(), q, worldtest.Ishrat(), 10); n != 1 || err != nil {
				t.Errorf("counted %d (%v), want 1", n, err)
			}
			docs, err := persons.Files(t.Context(), q, worldtest.Ishrat(), hers, false)
			if len(docs) != 2 || err != nil {
				t.Errorf("files %+v (%v), want her photo and the paper", docs, err)
			}
			lines, err := persons.History(t.Context(), q, worldtest.Ishrat(), hers, audit.Filter{Limit: 200})
			if n := len(slices.DeleteFunc(slices.Clone(lines), func(l audit.Line) bool { return l.Act != access.MergePersons })); n != 2 || err != nil {
				t.Errorf("%d entries of the merge (%v), want one for each record", n, err)
			}
			return nil
		})
		p, _ := find(t, d, worldtest.Ishrat(), hers)
		for _, c := range p.Contacts {
			write(t, d, func(ctx context.Context, tx *db.Tx) error {
				number, err := persons.Reveal(ctx, tx, worldtest.Ishrat(), persons.RowOf{Person: hers, Row: persons.ContactRow, ID: c.ID})
				if !strings.HasPrefix(number, "+880") {
					t.Errorf("revealed %q", number)
				}
				return err
			})
		}
		if err := tryOut(t, d, func(tx *db.Tx) error { _, err := persons.Look(t.Context(), tx, worldtest.Ishrat(), hers); return err }); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("the registry desk looks at what is protected: %v", err)
		}
		// Each caseworker still opens her own, and only that.
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			private, err := persons.Look(ctx, tx, worldtest.Amina(), hers)
			if private.Values[persons.Ethnicity] != "Garo" || strings.Contains(fmt.Sprint(private), "Zq") {
				t.Errorf("Amina opened %+v", private)
			}
			return err
		})
	})
}

// Two offices of one organisation registered her: the supervisor adds through the
// newest, chooses between values of both, and what she asks holds for both.
func TestActsOnAMergedPerson(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		centre := worldtest.Chandra()
		first := register(t, d, worldtest.Amina(), full())
		clock.Move(time.Minute)
		r := full()
		r.Values[persons.NameLatin] = "Rahema Begum"
		second := register(t, d, centre, r)
		merge(t, d, first, second)
		p, err := find(t, d, centre, second)
		if err != nil || p.ID != first || p.NameLatin != "Rahema Begum" {
			t.Fatalf("found %+v, %v", p.Card, err)
		}
		clock.Move(time.Minute)
		for _, stale := range []int{1, 2} {
			if err := tryOut(t, d, func(tx *db.Tx) error {
				return persons.Change(t.Context(), tx, centre, persons.Amendment{Person: first, Version: stale, Values: map[persons.Field]string{persons.CallName: "Rani"}})
			}); fault.KindOf(err) != fault.Conflict {
				t.Errorf("a form from before the merge, version %d: %v, want a conflict", stale, err)
			}
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.Change(ctx, tx, centre, persons.Amendment{Person: first, Version: p.Version, Values: map[persons.Field]string{persons.CallName: "Rani"}})
		})
		clock.Move(time.Minute)
		older := p.Claims[slices.IndexFunc(p.Claims, func(c persons.Claim) bool { return c.Field == persons.NameLatin && c.Value == "Rahima Khatun" })]
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.Choose(ctx, tx, centre, persons.Choice{Person: first, Claim: older.ID})
		})
		clock.Move(time.Minute)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.AnswerConsent(ctx, tx, centre, first, persons.Consent{Purpose: persons.PurposeContact})
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.End(ctx, tx, centre, persons.Ending{Person: first, Row: persons.ContactRow, ID: p.Contacts[0].ID})
		})
		if p, _ = find(t, d, centre, first); p.NameLatin != "Rahima Khatun" || p.CallName != "Rani" || p.Agreed(persons.PurposeContact) || len(p.Contacts) != 1 {
			t.Errorf("afterwards %+v", p)
		}
		unmerge(t, d, ties.PairOf(string(first), string(second)))
		a, _ := find(t, d, centre, first)
		b, _ := find(t, d, centre, second)
		if a.CallName != "" || b.CallName != "Rani" || a.NameLatin != "Rahima Khatun" || b.NameLatin != "Rahema Begum" {
			t.Errorf("taken apart: %+v and %+v", a.Card, b.Card)
		}
		if a.Agreed(persons.PurposeContact) || b.Agreed(persons.PurposeContact) || len(a.Contacts) != 0 || len(b.Contacts) != 1 {
			t.Errorf("taken apart: %+v and %+v", a, b)
		}
	})
}

// A refusal in one record wins over a yes in another, and that she is not to be
// called holds for all.
func TestARefusalInOneRecordWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, b := full(), full()
		a.Consents = append(a.Consents, persons.Consent{Purpose: persons.PurposePhoto, Given: true}, persons.Consent{Purpose: persons.PurposeCoordinate, Given: true})
		b.Consents = append(b.Consents, persons.Consent{Purpose: persons.PurposePhoto})
		b.Values[persons.DoNotContact] = "yes"
		one, other := register(t, d, worldtest.Amina(), a), register(t, d, worldtest.Amina(), b)
		theirs := register(t, d, worldtest.Basil(), worldtest.Rahima())
		merge(t, d, one, other)
		merge(t, d, one, theirs)
		p, err := find(t, d, worldtest.Amina(), one)
		if err != nil || p.Agreed(persons.PurposePhoto) || !p.DoNotContact || !p.Agreed(persons.PurposeCoordinate) {
			t.Errorf("found %+v, %v", p.Card, err)
		}
		if err := tryOut(t, d, func(tx *db.Tx) error {
			return persons.KeepPhoto(t.Context(), tx, worldtest.Amina(), persons.Picture{Person: one, Content: picture(t, 10)})
		}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a photo against her refusal: %v", err)
		}
		// Basil's desk is told not to call, and nothing else.
		if p, err = find(t, d, worldtest.Basil(), theirs); err != nil || !p.DoNotContact || len(p.Recorded) != 1 {
			t.Errorf("Basil found %+v, %v", p, err)
		}
		// Her area sees the record in which she agreed to that, and no other.
		if p, err = find(t, d, desk(), one); err != nil || !p.CardOnly || p.ID != one {
			t.Errorf("her area found %+v, %v", p, err)
		}
		if _, err = find(t, d, desk(), other); fault.KindOf(err) != fault.NotFound {
			t.Errorf("her area found the other record: %v", err)
		}
	})
}

// Erasing a merged person destroys the key of each record, and leaves no tie.
func TestEraseAMergedPerson(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hers, theirs := twice(t, d, clock)
		third := register(t, d, worldtest.Amina(), worldtest.Rahima())
		merge(t, d, hers, theirs)
		merge(t, d, theirs, third)
		var receipts []seal.Erasure
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			receipts, err = persons.Erase(ctx, tx, worldtest.Esha(), theirs, "she asked for it")
			return err
		})
		if len(receipts) != 3 {
			t.Errorf("%d receipts, want one for each record", len(receipts))
		}
		for _, id := range []persons.ID{hers, theirs, third} {
			gone(t, d, id)
		}
		if text := string(everything(t, d)); strings.Contains(text, "\nties ") || strings.Contains(text, "\ntie_pairs ") {
			t.Error("a tie is left")
		}
	})
}

// Who registers somebody known again makes a registration of her own, tied to the
// record that she saw; sent twice, it is made once.
func TestRegisterAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		known := register(t, d, amina, full())
		r := worldtest.Rahima()
		r.Operation = "op-again"
		var again [2]persons.ID
		for i := range again {
			write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				again[i], _, err = persons.RegisterAgain(ctx, tx, amina, known, r)
				return err
			})
		}
		p, err := find(t, d, amina, known)
		if again[0] != again[1] || err != nil || len(p.Recorded) != 2 {
			t.Errorf("registered again as %v: %+v, %v", again, p.Recorded, err)
		}
		err = tryOut(t, d, func(tx *db.Tx) error {
			_, _, err := persons.RegisterAgain(t.Context(), tx, worldtest.Basil(), known, worldtest.Rahima())
			return err
		})
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("by who does not see her: %v, want not found", err)
		}
	})
}

// Only who may, and sees both, merges and takes apart.
func TestMergeRefuses(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hers, theirs := twice(t, d, clock)
		second := register(t, d, worldtest.Chandra(), full())
		both := func(who access.Actor, one, other persons.ID) error {
			return tryOut(t, d, func(tx *db.Tx) error {
				_, err := persons.Merge(t.Context(), tx, who, persons.Merging{One: one, Other: other, Reason: "same"})
				return err
			})
		}
		for _, c := range []struct {
			who        access.Actor
			one, other persons.ID
			want       fault.Kind
		}{
			{worldtest.Amina(), hers, second, fault.Forbidden}, {worldtest.Chandra(), hers, theirs, fault.NotFound}, {worldtest.Farid(), hers, theirs, fault.NotFound},
			{worldtest.Esha(), hers, theirs, fault.Forbidden}, {worldtest.Ishrat(), hers, hers, fault.Conflict}, {worldtest.Ishrat(), hers, "01900000-0000-7000-8000-000000000000", fault.NotFound},
		} {
			if err := both(c.who, c.one, c.other); err == nil || fault.KindOf(err) != c.want {
				t.Errorf("%s merges: %v, want kind %d", c.who.Name, err, c.want)
			}
		}
		if err := both(worldtest.Chandra(), hers, second); err != nil {
			t.Errorf("a supervisor merges two of her organisation's: %v", err)
		}
		pair := merge(t, d, hers, theirs)
		for _, who := range []access.Actor{worldtest.Amina(), worldtest.Basil(), worldtest.Chandra(), worldtest.Esha()} {
			err := tryOut(t, d, func(tx *db.Tx) error {
				return persons.Unmerge(t.Context(), tx, who, persons.Merging{One: persons.ID(pair.One), Other: persons.ID(pair.Other), Reason: "no"})
			})
			if k := fault.KindOf(err); err == nil || k != fault.NotFound && k != fault.Forbidden {
				t.Errorf("%s takes apart: %v", who.Name, err)
			}
		}
	})
}

// rowsOf is what the store holds, without the trail, versions and times of change,
// by the record that each row hangs on.
func rowsOf(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	rows := map[string][]string{}
	eachRow(t, d, func(table string, columns []string, values []any) {
		if strings.HasPrefix(table, "audit_") {
			return
		}
		line, of := table, "none"
		for i, name := range columns {
			value := fmt.Sprintf("%v", values[i])
			if raw, ok := values[i].([]byte); ok {
				value = fmt.Sprintf("%x", raw)
			}
			if name == "person_id" || name == "subject_id" || name == "id" && table == "persons" {
				of = value
			}
			if name != "version" && name != "changed_at" {
				line += " " + name + "=" + value
			}
		}
		rows[of] = append(rows[of], line)
	})
	all := map[string]string{}
	for of, lines := range rows {
		slices.Sort(lines)
		all[of] = strings.Join(lines, "\n")
	}
	return all
}

// Whatever is merged and taken apart in whatever order, the store is to the byte
// what it was; and what is entered meanwhile is with the record through which it
// was, and nowhere else.
func TestUnmergeIsExact(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		cast := []access.Actor{worldtest.Amina(), worldtest.Basil(), worldtest.Chandra()}
		rounds := 0
		rapid.Check(t, func(rt *rapid.T) {
			if rounds++; rounds > 25 {
				return // each round adds to one store
			}
			own := map[persons.ID]string{}
			var people []persons.ID
			for range rapid.IntRange(2, 4).Draw(rt, "people") {
				who := rapid.SampledFrom(cast).Draw(rt, "who registers")
				clock.Move(time.Second)
				id := register(t, d, who, full())
				own[id], people = who.Organisation, append(people, id)
			}
			before := rowsOf(t, d)
			var pairs []ties.Pair
			touched := map[string]bool{}
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				clock.Move(time.Second)
				id := rapid.SampledFrom(people).Draw(rt, "person")
				switch rapid.IntRange(0, 3).Draw(rt, "step") {
				case 0:
					other := rapid.SampledFrom(people).Draw(rt, "other")
					err := d.Write(t.Context(), func(tx *db.Tx) error {
						p, err := persons.Merge(t.Context(), tx, worldtest.Ishrat(), persons.Merging{One: id, Other: other, Reason: "same"})
						if err == nil {
							pairs = append(pairs, p)
						}
						return err
					})
					if err != nil && fault.KindOf(err) != fault.Conflict {
						rt.Fatal(err)
					}
				case 1:
					if len(pairs) > 0 {
						i := rapid.IntRange(0, len(pairs)-1).Draw(rt, "pair")
						unmerge(t, d, pairs[i])
						pairs = slices.Delete(pairs, i, i+1)
					}
				default:
					for _, record := range edit(t, rt, d, rapid.SampledFrom(cast).Draw(rt, "who edits"), id) {
						touched[record.id] = true
						if own[persons.ID(record.id)] != record.organisation {
							rt.Errorf("an edit of %s went to a record of %s", record.organisation, own[persons.ID(record.id)])
						}
					}
				}
			}
			for len(pairs) > 0 {
				i := rapid.IntRange(0, len(pairs)-1).Draw(rt, "last pair")
				unmerge(t, d, pairs[i])
				pairs = slices.Delete(pairs, i, i+1)
			}
			after := rowsOf(t, d)
			for _, of := range slices.Sorted(maps.Keys(after)) {
				if !touched[of] && before[of] != after[of] {
					rt.Errorf("nobody touched %s, and it was\n%s\nand is\n%s", of, before[of], after[of])
				}
			}
			for of := range touched {
				if before[of] == after[of] {
					rt.Errorf("an edit of %s is lost", of)
				}
			}
			if len(before) != len(after) {
				rt.Errorf("rows of %d records, want %d", len(after), len(before))
			}
		})
	})
}

// edited is a record to which something was added, and for whom.
type edited struct{ id, organisation string }

// edit changes a person as somebody sees her, and says which records' trails it entered.
func edit(t *testing.T, rt *rapid.T, d *db.DB, who access.Actor, id persons.ID) (all []edited) {
	t.Helper()
	started := d.Now()
	number := fmt.Sprintf("017%08d", rapid.IntRange(0, 99_999_999).Draw(rt, "number"))
	kind := rapid.IntRange(0, 3).Draw(rt, "edit")
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		p, err := persons.Find(t.Context(), tx, who, id)
		if err != nil {
			return err
		}
		switch kind {
		case 0:
			return persons.AddContact(t.Context(), tx, who, id, persons.Contact{Number: number})
		case 1:
			return persons.Change(t.Context(), tx, who, persons.Amendment{Person: id, Version: p.Version, Values: map[persons.Field]string{persons.CallName: "Rani " + number}})
		case 2:
			return persons.AddJourney(t.Context(), tx, who, id, persons.Journey{Country: "OM", City: number})
		}
		return persons.AddRelation(t.Context(), tx, who, id, persons.Relation{Relation: "son", Name: "Rakib " + number})
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil // of another organisation
	}
	if err != nil {
		rt.Fatal(err)
	}
	if err := d.Read(t.Context(), func(q db.Reader) error {
		lines, err := audit.List(t.Context(), q, audit.Filter{Actor: who.ID, Act: access.ChangePerson, Limit: 5})
		for _, l := range lines {
			if !l.At.Before(started) {
				all = append(all, edited{strings.TrimPrefix(l.Subject, "person:"), who.Organisation})
			}
		}
		return err
	}); err != nil {
		rt.Fatal(err)
	}
	if len(all) != 1 {
		rt.Errorf("an edit by %s left %d entries, want 1", who.Name, len(all))
	}
	return all
}

// handled says of every column that names a person how it comes to be that
// nothing is forgotten when she is merged. A new column needs a line here, and
// what the line says has to be so.
func handled() map[string]string {
	each := "read for each of her records that is seen"
	stays := "of one record, which a merge does not touch"
	return map[string]string{
		"persons.id": "the record", "ties.record_id": "the merge itself", "ties.person_id": "the merge itself", "tie_pairs.one_id": "the merge itself", "tie_pairs.other_id": "the merge itself",
		"person_registrations.person_id": each, "person_claims.person_id": each, "person_contacts.person_id": each, "person_identifiers.person_id": each, "person_consents.person_id": each,
		"person_journeys.person_id": each, "person_relations.person_id": each, "person_functioning.person_id": each, "files.person_id": each,
		"person_relations.other_id": "found by any of her ids",
		"audit_entries.person_id":   each, "audit_entries.subject": stays, "audit_values.key_of": stays,
		"access_scopes.subject_id": stays, "access_openings.subject_id": stays, "seal_keys.subject_id": stays, "seal_erasures.subject_id": stays, "seal_erasures.receipt": stays,
		"index_terms.subject_id": "a search folds those whom it finds", "index_waiting.subject_id": "a search folds those whom it finds",
		"link_pairs.other_id": "asked again of either record only where there is new evidence", "link_decisions.other_id": "about two records, whatever they are of",
		"import_rows.person_id": "of the record that the row made; taking the list back takes out that record, and only when nobody tied it",
		"assessments.person_id": "listed and compared over all of her records that are seen", "assessment_alerts.person_id": stays,
		"services.person_id": "the same money is looked for over all of her records that are seen",
		"cases.person_id":    "listed, and compared before another is opened, over all of her records that are seen",
		"calls.person_id":    each, "call_words.person_id": each, "call_hours.person_id": each, "call_misses.person_id": each,
		"messages.person_id": "listed, counted by the day and reached over all of her records", "message_answers.person_id": "of the message that it answers",
		"centre_ties.person_id": each, "appointments.person_id": "of the case, which knows whose record it is of",
		"shelter_stays.person_id": "of the case, which knows whose record it is of",
		"referrals.person_id":     "of the case, which knows whose record it is of", "handovers.person_id": "of the case, which knows whose record it is of", "handover_intakes.person_id": stays,
		"project_counts.subject_id": "of the record; people are counted once over all of hers", "forum_members.person_id": stays, "activity_attendances.person_id": stays, "activity_heard.person_id": stays,
		"figure_facts.subject_id": "counted anew when the trail tells of the merge", "figure_facts.person_id": "counted anew when the trail tells of the merge",
		"figure_subjects.subject_id": "counted anew when the trail tells of the merge", "figure_subjects.person_id": "counted anew when the trail tells of the merge",
		"operations.subject": "found by any of her ids",
		"notices.subject":    "found by any of her ids",
	}
}

// unhandled are the columns that are not in handled.
func unhandled(columns []string) (all []string) {
	for _, c := range columns {
		if handled()[c] == "" && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// naming are the columns that name a person: by their name or foreign key in the
// schema, and by what is in them after people were registered, merged and erased.
func naming(t *testing.T, d *db.DB, ids []persons.ID) (columns []string) {
	t.Helper()
	for _, table := range tablesOf(t, d) {
		if err := d.Read(t.Context(), func(q db.Reader) error {
			rows, err := q.Query(t.Context(), `SELECT * FROM `+table+` LIMIT 0`)
			if err != nil {
				return err
			}
			names, _ := rows.Columns()
			for _, name := range names {
				if slices.Contains([]string{"person_id", "subject_id", "record_id", "other_id", "survivor_id", "absorbed_id"}, name) {
					columns = append(columns, table+"."+name)
				}
			}
			return rows.Close()
		}); err != nil {
			t.Fatal(err)
		}
	}
	eachRow(t, d, func(table string, names []string, values []any) {
		for i, v := range values {
			text := fmt.Sprint(v)
			if raw, ok := v.([]byte); ok {
				text = string(raw)
			}
			if slices.ContainsFunc(ids, func(id persons.ID) bool { return strings.Contains(text, string(id)) }) {
				columns = append(columns, table+"."+names[i])
			}
		}
	})
	if d.Engine() == "sqlite" {
		if err := d.Read(t.Context(), func(q db.Reader) error {
			rows, err := q.Query(t.Context(), `SELECT m.name || '.' || f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = 'persons'`)
			keys, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { return s, r.Scan(&s) })
			columns = append(columns, keys...)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return columns
}

// Every column that names a person is handled by the merge.
func TestAMergeForgetsNoColumn(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hers, theirs := twice(t, d, clock)
		kin := worldtest.Rahima()
		kin.Operation = "op-kin"
		kin.Relations = []persons.Relation{{Relation: "sister", Other: hers}}
		sister := register(t, d, worldtest.Amina(), kin)
		clock.Move(time.Minute)
		busy, _ := day(t, d)
		merge(t, d, hers, theirs)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Erase(ctx, tx, worldtest.Esha(), busy, "she asked for it")
			return err
		})
		columns := naming(t, d, []persons.ID{hers, theirs, sister, busy})
		for _, c := range unhandled(columns) {
			t.Errorf("%s names a person, and nobody said what becomes of it in a merge: see handled", c)
		}
		for c := range handled() {
			if !slices.Contains(columns, c) && c != "notices.subject" && c != "seal_erasures.receipt" {
				t.Errorf("%s is handled, and names nobody", c)
			}
		}
		p, err := find(t, d, worldtest.Ishrat(), sister)
		if err != nil || len(p.Relations) != 1 {
			t.Fatal(p, err)
		}
		if other, err := find(t, d, worldtest.Ishrat(), p.Relations[0].Other); err != nil || len(other.Recorded) != 2 {
			t.Errorf("the sister leads to %+v, %v", other.Card, err)
		}
	})
}

// The walk can fail.
func TestAMergeForgetsNoColumnCatches(t *testing.T) {
	if got := unhandled([]string{"persons.id", "dogs.person_id"}); !slices.Equal(got, []string{"dogs.person_id"}) {
		t.Errorf("unhandled = %v, want dogs.person_id", got)
	}
}
