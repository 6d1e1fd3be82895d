// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/imports"
	"fera/internal/links"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/words"
)

const alikeHead = "নাম,Name in English,Sex,Birth,Father's name,Mobile,NID,District,Upazila\n"

// strangers are rows of people who resemble nobody in particular.
func strangers(n int) string {
	given, family := []string{"Jamal", "Nasrin", "Bilkis", "Habibur", "Sultana", "Monir", "Parvin", "Tareq"}, []string{"Mia", "Sarkar", "Talukdar", "Biswas", "Mollah"}
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, ",%s %s,M,%d-%02d-%02d,%s %s,018%08d,,%s,\n", given[i%8], family[i%5], 1970+i%25, 1+i%12, 1+i%27, given[(i+3)%8], family[i%5], 1234567+i*7919,
			[]string{"Manikganj", "Sylhet", "Bandarban"}[i%3])
	}
	return s.String()
}

func TestTwoRowsOfOnePersonAreFoundHoweverTheyAreSpelled(t *testing.T) {
	for name, second := range map[string]string{
		"another spelling":                      ",Md. Abdul Korim Hawlader,M,1987-05-14,Nozrul Hawlader,,,Manikganj,Saturia\n",
		"the other script":                      "আব্দুল করিম হাওলাদার,,পুরুষ,1987-05-14,নজরুল হাওলাদার,,,Manikganj,Saturia\n",
		"a slip in the day, the same telephone": ",Abdul Karim Howlader,M,1987-05-15,,01712345678,,Manikganj,Saturia\n",
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				b := w.send(alikeHead + strangers(10) + ",Abdul Karim Howlader,M,1987-05-14,Nazrul Howlader,01712345678,,Manikganj,Saturia\n" + strangers(10) + second)
				w.check(b.ID, w.planned(b.ID))
				doubles := w.lines(b.ID, imports.RowDouble)
				found := false
				for _, l := range doubles {
					found = found || l.Number == 23 && l.OfRow == 12 && len(l.Why) > 2 && (l.Strength == links.Strong || l.Strength == links.Probable)
				}
				if !found {
					w.Errorf("row 23 is not known again as row 12: %+v", doubles)
				}
			})
		})
	}
}

func TestWhoIsInTheRegisterIsFoundInAnotherSpellingWithReasons(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(alikeHead + strangers(20) + "আব্দুল করিম হাওলাদার,,M,1987-05-14,নজরুল হাওলাদার,01712345678,,Manikganj,Saturia\n")
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		entered := w.people()
		again := w.send(alikeHead + ",Abdul Korim Hawlader,M,1987,Nozrul Hawladar,,,Manikganj,Saturia\n,Somebody Else,F,1960,,,,Sylhet,\n")
		w.check(again.ID, w.planned(again.ID))
		l := w.lines(again.ID, imports.RowDouble)
		if len(l) != 1 || l[0].Number != 2 || l[0].OfPerson != string(entered[0].ID) || !saysOf(l[0], "match.name.sounding") || !saysOf(l[0], "match.father.sounding") {
			w.Fatalf("doubles: %+v, want row 2 of %s", l, entered[0].ID)
		}
		if said := l[0].Said(words.In(words.English), again.Plan); !strings.Contains(said, "in the register already. Because: ") {
			w.Errorf("it says %q", said)
		}
		if n := len(w.people()); n != len(entered) {
			w.Errorf("%d people after a check, %d before it", n, len(entered))
		}
		w.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Erase(ctx, tx, terminal(), entered[0].ID, "asked for")
			return err
		})
		if l := w.lines(again.ID, imports.RowDouble); len(l) != 1 || l[0].OfPerson != "" || l[0].Why != nil || l[0].Strength != "" {
			w.Errorf("of somebody who was erased since it says %+v", l)
		}
	})
}

func TestWhoPerhapsIsThereIsEnteredUnlessSomebodyLeavesHerOut(t *testing.T) {
	each(t, func(w *world) {
		text := alikeHead + strangers(20) + ",Abdul Karim Howlader,M,1987,,,,Manikganj,Saturia\n,Abdul Korim Hawlader,M,1988,,,,Manikganj,Saturia\n"
		b := w.send(text)
		w.check(b.ID, w.planned(b.ID))
		b = w.find(b.ID)
		l := w.lines(b.ID, imports.RowAnyway)
		if b.Perhaps != 1 || b.Doubled != 0 || len(l) != 1 || l[0].Strength != links.Possible || l[0].OfRow != 22 {
			w.Fatalf("%+v, %+v", b.Counts, l)
		}
		ready := b.Ready()
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return imports.Choose(ctx, tx, w.boss, imports.Choice{Batch: b.ID, Row: l[0].Number})
		})
		if b = w.find(b.ID); b.Ready() != ready-1 {
			w.Errorf("%d ready when one is left out, %d before", b.Ready(), ready)
		}
		w.enter(b.ID)
		if b = w.find(b.ID); b.Entered != ready-1 {
			w.Errorf("entered %d, want %d", b.Entered, ready-1)
		}
	})
}

func TestOneNumberOnThePapersOfTwoIsForAPerson(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(alikeHead + strangers(20) + ",Abdul Karim Howlader,M,1987-05-14,,,1234567890,Manikganj,\n,Parvin Biswas,F,1999-02-03,,,1234567890,Sylhet,\n")
		w.check(b.ID, w.planned(b.ID))
		if l := w.lines(b.ID, imports.RowDouble); len(l) != 1 || l[0].OfRow != 22 || !saysOf(l[0], "match.smart_nid.equal") {
			w.Errorf("doubles: %+v", l)
		}
	})
}

// partner is a supervisor of another organisation.
func (w *world) partner() (who access.Actor) {
	w.Helper()
	w.must(func(ctx context.Context, tx *db.Tx) error {
		org, err := offices.AddOrganisation(ctx, tx, terminal(), offices.Organisation{NameEn: "Bandhan", Kind: offices.CivilSociety})
		if err != nil {
			return err
		}
		o, err := offices.Add(ctx, tx, terminal(), offices.Opening{Organisation: org.ID, NameEn: "Third", Kind: offices.HeadOffice, Place: "3026"})
		if err != nil {
			return err
		}
		u, _, err := accounts.AddUser(ctx, tx, terminal(), accounts.Addition{Login: "curious", Name: "curious", Office: o.ID, Language: words.English})
		if err != nil {
			return err
		}
		who = access.Actor{ID: u.ID, Name: "curious", Office: o.ID, Organisation: org.ID}
		who.Grant(access.Supervisor, access.AtOffice(o.ID))
		return accounts.GrantRole(ctx, tx, terminal(), accounts.Held{User: u.ID, Role: access.Supervisor, Scope: access.AtOffice(o.ID)})
	})
	return who
}

// book is a list of forty people: as their organisation keeps it, or as much of it as somebody else has.
func book(papers bool) string {
	var s strings.Builder
	s.WriteString(alikeHead)
	for i := range 40 {
		nid := ""
		if papers {
			nid = fmt.Sprintf("%d", 4_234_567_890+i*1_000_003)
		}
		name := []string{"Rahima", "Salma", "Kulsum", "Jahanara", "Morzina", "Shirin", "Rokeya", "Nargis"}[i%8] + " " + []string{"Khatun", "Begum", "Akter", "Bibi", "Parvin"}[i%5]
		fmt.Fprintf(&s, ",%s,F,%d-%02d-%02d,,017%08d,%s,Manikganj,Saturia\n", name, 1965+i, 1+i%12, 2+i%26, 1_234_567+i*7919, nid)
	}
	return s.String()
}

// A partner who sends a telephone book learns nothing about whom others have met;
// who has their papers too learns of a few, in a day, and the trail says so. What
// is told is no more than a word, and the people can be entered all the same.
func TestTheCuriousPartner(t *testing.T) {
	each(t, func(w *world) {
		known := w.send(book(true))
		w.check(known.ID, w.planned(known.ID))
		w.enter(known.ID)
		if n := w.find(known.ID).Entered; n != 40 {
			w.Fatalf("%d are in the register, want 40", n)
		}
		w.boss = w.partner()
		ask := func(text string) imports.Batch {
			b := w.send(text)
			w.check(b.ID, w.planned(b.ID))
			return w.find(b.ID)
		}
		if b := ask(book(false)); b.Known+b.Doubled+b.Perhaps != 0 || b.Ready() != 40 {
			w.Errorf("with a telephone book the partner learns %+v", b.Counts)
		}
		first := ask(book(true))
		if first.Known != links.MostTold() || first.Doubled+first.Perhaps != 0 || first.Ready() != 40 {
			w.Errorf("with papers the partner learns %+v, want %d known and all ready", first.Counts, links.MostTold())
		}
		for _, l := range w.lines(first.ID, imports.RowAnyway) {
			if said := l.Said(words.In(words.English), first.Plan); l.OfPerson != "" || l.Why != nil || l.OfRow != 0 || said != "Already known to the network; ask the registry desk." {
				w.Fatalf("a row says %q: %+v", said, l)
			}
		}
		if b := ask(book(true)); b.Known != 0 {
			w.Errorf("asked again on the same day: %+v", b.Counts)
		}
		w.clock.Move(25 * time.Hour)
		if b := ask(book(true)); b.Known != links.MostTold() {
			w.Errorf("on the next day: %+v", b.Counts)
		}
		told := w.toldInTrail()
		if told["import:"+string(first.ID)] != links.MostTold() {
			w.Errorf("the trail says %v were told, want %d of %s", told, links.MostTold(), first.ID)
		}
		w.enter(first.ID)
		w.onTheDesk(40)
	})
}

// toldInTrail sums what the trail says was told, by list.
func (w *world) toldInTrail() map[string]int {
	w.Helper()
	told := map[string]int{}
	if err := w.d.Read(w.Context(), func(q db.Reader) error {
		lines, err := audit.List(w.Context(), q, audit.Filter{Act: access.RegisterPerson, Limit: 1000})
		if err == nil {
			err = audit.WithValues(w.Context(), q, lines)
		}
		for _, l := range lines {
			var n int
			if text, ok := l.After["known_to_the_network"]; ok && json.Unmarshal(text, &n) == nil {
				told[l.Subject] += n
			}
		}
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return told
}

// onTheDesk wants so many pairs to wait for who sees both records.
func (w *world) onTheDesk(want int) {
	w.Helper()
	if _, err := audit.Seal(w.Context(), w.d); err != nil {
		w.Fatal(err)
	}
	for {
		if n, err := w.finder.Round(w.Context()); err != nil || n == 0 {
			if err != nil {
				w.Fatal(err)
			}
			break
		}
	}
	if err := w.d.Read(w.Context(), func(q db.Reader) error {
		page, err := links.Waiting(w.Context(), q, terminal(), links.Desk{Limit: 200})
		if len(page.Pairs) != want {
			w.Errorf("%d pairs wait at the desk, want %d", len(page.Pairs), want)
		}
		return err
	}); err != nil {
		w.Fatal(err)
	}
}
