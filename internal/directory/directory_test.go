// SPDX-License-Identifier: Apache-2.0

package directory_test

import (
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/agreements"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/bodies"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/fault"
	"fera/internal/worldtest"
)

// What serves her upazila, district, division or the whole country is found, the nearest first, and nothing else.
func TestSeekFindsWhatIsForHerNearestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := add(t, d, keeper(), organisation("Lawyers", ""))
		saturia, manikganj, dhaka := add(t, d, keeper(), location(o, "Saturia", "305670")), add(t, d, keeper(), location(o, "Manikganj Sadar", "305646")), add(t, d, keeper(), location(o, "Dhaka", "3026"))
		add(t, d, keeper(), service(o, "everywhere", func(s *listing.Service) { s.At = at(dhaka, manikganj, saturia) }))
		add(t, d, keeper(), service(o, "line", nil))
		add(t, d, keeper(), service(o, "district", func(s *listing.Service) { s.Areas, s.At = []string{"3056"}, at(manikganj) }))
		add(t, d, keeper(), service(o, "elsewhere", func(s *listing.Service) { s.Areas, s.At = []string{"2015"}, at(dhaka) }))
		add(t, d, keeper(), service(o, "money", func(s *listing.Service) { s.Needs = []string{"loan"} }))
		want := []string{"everywhere at Saturia", "district at Manikganj Sadar", "everywhere at Manikganj Sadar", "line", "everywhere at Dhaka"}
		got := seek(t, d, near.Wanted{Need: "legal_aid", Place: "305670"})
		if !slices.Equal(names(got), want) {
			t.Errorf("found %v, want %v", names(got), want)
		}
		if got[0].Near != near.InUpazila || got[3].Near != near.ByPhone || got[4].Near != near.InDivision || got[4].Km < 10 || got[4].Km > 100 {
			t.Errorf("near: %+v", got)
		}
		if n := len(seek(t, d, near.Wanted{Need: "legal_aid"})); n != 6 {
			t.Errorf("without a place %d are found, want 6", n)
		}
		if n := len(seek(t, d, near.Wanted{})); n != 7 {
			t.Errorf("of everything %d are found, want 7", n)
		}
	})
}

func TestSeekHeedsWhoSheIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := add(t, d, keeper(), organisation("Help", ""))
		none, some := 0, 3
		for name, change := range map[string]func(s *listing.Service){
			"women only":   func(s *listing.Service) { s.For.Sex, s.Staff = "female", "women" },
			"men only":     func(s *listing.Service) { s.For.Sex, s.Staff = "male", "men" },
			"the young":    func(s *listing.Service) { s.For.MaxAge = 30 },
			"just back":    func(s *listing.Service) { s.For.Returns = 12 },
			"full":         func(s *listing.Service) { s.Capacity = &listing.Capacity{Free: &none, On: dates.Of(dbtest.Noon)} },
			"room":         func(s *listing.Service) { s.Capacity = &listing.Capacity{Free: &some, On: dates.Of(dbtest.Noon)} },
			"needs papers": func(s *listing.Service) { s.Papers = []listing.Paper{{Code: "nid"}, {Code: "passport"}} },
		} {
			add(t, d, keeper(), service(o, name, change))
		}
		for what, test := range map[string]struct {
			w    near.Wanted
			miss []string
		}{
			"a woman":             {near.Wanted{Sex: "female"}, []string{"men only"}},
			"forty":               {near.Wanted{Age: 40}, []string{"the young"}},
			"back two years":      {near.Wanted{Returned: dates.Of(dbtest.Noon).Add(-730)}, []string{"just back"}},
			"back this year":      {near.Wanted{Returned: dates.Of(dbtest.Noon).Add(-60)}, nil},
			"where there is room": {near.Wanted{Free: true}, []string{"full"}},
		} {
			got := names(seek(t, d, test.w))
			for _, miss := range test.miss {
				if slices.Contains(got, miss) {
					t.Errorf("%s: finds %q", what, miss)
				}
			}
			if len(got) != 7-len(test.miss) {
				t.Errorf("%s: finds %v", what, got)
			}
		}
		if got := names(seek(t, d, near.Wanted{Women: true})); !slices.Equal(got, []string{"women only"}) {
			t.Errorf("with women: %v", got)
		}
		for _, m := range seek(t, d, near.Wanted{Papers: []string{"nid"}}) {
			if m.Service.Name().En == "needs papers" && (len(m.Missing) != 1 || m.Missing[0].Code != "passport") {
				t.Errorf("missing %+v", m.Missing)
			}
		}
	})
}

// A shelter stands nowhere: not when it is added, not when a need makes a shelter of it.
func TestAShelterHasNoAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := add(t, d, keeper(), organisation("Home", ""))
		l := add(t, d, keeper(), location(o, "somewhere", "305670"))
		_, err := tryAdd(t, d, keeper(), service(o, "shelter", func(s *listing.Service) { s.Needs, s.At = []string{"shelter"}, at(l) }))
		if key(err) != "directory.shelter_has_no_address at" {
			t.Errorf("a shelter with an address: %v", err)
		}
		_, err = tryAdd(t, d, keeper(), service(o, "safe house", func(s *listing.Service) { s.Hidden, s.At = true, at(l) }))
		if key(err) != "directory.shelter_has_no_address at" {
			t.Errorf("a hidden service with an address: %v", err)
		}
		e := add(t, d, keeper(), service(o, "talk", func(s *listing.Service) { s.At = at(l) }))
		body := e.Body
		body.Service.Needs = []string{"shelter"}
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := directory.Alter(t.Context(), tx, keeper(), directory.Change{ID: e.ID, Version: 1, Body: body})
			return err
		})
		if key(err) != "directory.shelter_has_no_address at" {
			t.Errorf("a service that becomes a shelter: %v", err)
		}
		add(t, d, keeper(), service(o, "shelter by phone", func(s *listing.Service) { s.Needs = []string{"shelter"} }))
		if got := seek(t, d, near.Wanted{Need: "shelter", Place: "305670"}); len(got) != 1 || got[0].Location != nil {
			t.Errorf("found %v", names(got))
		}
	})
}

// Each version stays, what was taken out is not offered, and an earlier version comes back.
func TestNothingIsWrittenOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := add(t, d, keeper(), organisation("Help", ""))
		e := add(t, d, keeper(), service(o, "first", nil))
		body := e.Body
		body.Service.Name = listing.Text{En: "second"}
		var err error
		write(t, d, func(tx *db.Tx) error {
			e, err = directory.Alter(t.Context(), tx, keeper(), directory.Change{ID: e.ID, Version: 1, Body: body, Reason: "renamed"})
			return err
		})
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := directory.Alter(t.Context(), tx, keeper(), directory.Change{ID: e.ID, Version: 1, Body: body})
			return err
		}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a stale change: %v, want Conflict", err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := directory.Withdraw(t.Context(), tx, keeper(), directory.Ending{ID: e.ID, Version: 2})
			return err
		}); key(err) != "fault.needed reason" {
			t.Errorf("withdrawn without a reason: %v", err)
		}
		write(t, d, func(tx *db.Tx) error {
			_, err := directory.Withdraw(t.Context(), tx, keeper(), directory.Ending{ID: e.ID, Version: 2, Reason: "closed"})
			return err
		})
		if got := seek(t, d, near.Wanted{}); len(got) != 0 {
			t.Errorf("what was taken out is offered: %v", names(got))
		}
		write(t, d, func(tx *db.Tx) error {
			_, err := directory.Restore(t.Context(), tx, keeper(), directory.Return{ID: e.ID, Version: 3, To: 1, Reason: "still there"})
			return err
		})
		if got := names(seek(t, d, near.Wanted{})); !slices.Equal(got, []string{"first"}) {
			t.Errorf("after bringing it back: %v", got)
		}
		read(t, d, func(q db.Reader) error {
			all, err := directory.History(t.Context(), q, keeper(), e.ID, 10)
			var acts []string
			for _, v := range all {
				acts = append(acts, v.Act+" "+v.Name().En)
			}
			if want := []string{"restored first", "withdrawn second", "changed second", "added first"}; !slices.Equal(acts, want) {
				t.Errorf("history %v, want %v", acts, want)
			}
			return err
		})
	})
}

// A location that is withdrawn takes its offer away, an organisation all of its services; both come back.
func TestWhatStandsOnAnotherFallsWithIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := add(t, d, keeper(), organisation("Help", ""))
		l, m := add(t, d, keeper(), location(o, "one", "305670")), add(t, d, keeper(), location(o, "two", "305670"))
		add(t, d, keeper(), service(o, "help", func(s *listing.Service) { s.At = at(l, m) }))
		count := func(want int, when string) {
			t.Helper()
			if got := names(seek(t, d, near.Wanted{Place: "305670"})); len(got) != want {
				t.Errorf("%s: %v, want %d", when, got, want)
			}
		}
		count(2, "at first")
		withdraw := func(e directory.Entry) {
			write(t, d, func(tx *db.Tx) error {
				_, err := directory.Withdraw(t.Context(), tx, keeper(), directory.Ending{ID: e.ID, Version: 1, Reason: "gone"})
				return err
			})
		}
		restore := func(e directory.Entry) {
			write(t, d, func(tx *db.Tx) error {
				_, err := directory.Restore(t.Context(), tx, keeper(), directory.Return{ID: e.ID, Version: 2, To: 1})
				return err
			})
		}
		withdraw(l)
		count(1, "without a location")
		withdraw(o)
		count(0, "without the organisation")
		restore(o)
		count(1, "with the organisation")
		restore(l)
		count(2, "with the location")
	})
}

// An entry is unconfirmed, then fresh, then stale; whoever asks writes down whom.
func TestEntriesGrowOld(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		o := add(t, d, keeper(), organisation("Help", worldtest.Bandhan))
		e := add(t, d, keeper(), service(o, "help", nil))
		fresh := func(want directory.Freshness, days int) {
			t.Helper()
			read(t, d, func(q db.Reader) error {
				e, err := directory.Find(t.Context(), q, keeper(), e.ID)
				if f, n := e.Freshness(dates.Of(q.Now())); f != want || n != days {
					t.Errorf("it is %s for %d days, want %s for %d", f, n, want, days)
				}
				return err
			})
		}
		fresh(directory.Unconfirmed, 0)
		confirm := func(who access.Actor, c directory.Confirmation) error {
			c.Entry = e.ID
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := directory.Confirm(t.Context(), tx, who, c, 1)
				return err
			})
		}
		if err := confirm(keeper(), directory.Confirmation{Way: "call"}); key(err) != "directory.confirmed_by by" {
			t.Errorf("confirmed by nobody: %v", err)
		}
		if err := confirm(keeper(), directory.Confirmation{Way: "call", By: "Mr Hasan", On: dates.Of(clock.Now()).Add(1)}); key(err) != "directory.confirmed_day on" {
			t.Errorf("confirmed tomorrow: %v", err)
		}
		if err := confirm(keeper(), directory.Confirmation{Way: "call", By: "Mr Hasan"}); err != nil {
			t.Fatal(err)
		}
		fresh(directory.Fresh, 0)
		clock.Move(181 * 24 * time.Hour)
		fresh(directory.Stale, 181)
		if err := confirm(lima(), directory.Confirmation{}); err != nil {
			t.Errorf("its own people confirm: %v", err)
		}
		fresh(directory.Fresh, 0)
		read(t, d, func(q db.Reader) error {
			all, err := directory.Confirmations(t.Context(), q, keeper(), e.ID, 10)
			if len(all) != 2 || all[0].Way != "account" || all[0].By != "Lima" || all[1].By != "Mr Hasan" {
				t.Errorf("confirmations %+v", all)
			}
			return err
		})
	})
}

// Who keeps the directory keeps all of it; a focal person what is of her own organisation; everybody else reads.
func TestWhoMayKeepWhat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		theirs, others := add(t, d, keeper(), organisation("Bandhan", worldtest.Bandhan)), add(t, d, keeper(), organisation("Others", ""))
		if _, err := tryAdd(t, d, lima(), organisation("New", worldtest.Bandhan)); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a focal person adds an organisation: %v", err)
		}
		mine := add(t, d, lima(), service(theirs, "ours", nil))
		if _, err := tryAdd(t, d, lima(), service(others, "not ours", nil)); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a focal person adds a service of others: %v", err)
		}
		alter := func(who access.Actor, e directory.Entry, change func(b *listing.Body)) error {
			body, err := e.Body.Clone()
			if err != nil {
				t.Fatal(err)
			}
			change(&body)
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := directory.Alter(t.Context(), tx, who, directory.Change{ID: e.ID, Version: e.Version, Body: body})
				return err
			})
		}
		if err := alter(lima(), mine, func(b *listing.Body) { b.Service.Organisation = others.ID }); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("she gives it to others: %v", err)
		}
		if err := alter(lima(), theirs, func(b *listing.Body) { b.Organisation.Partner = worldtest.Aparajita }); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("she changes whose people keep it: %v", err)
		}
		if err := alter(lima(), others, func(b *listing.Body) { b.Organisation.Name.En = "Ours" }); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("she changes others: %v", err)
		}
		if err := alter(lima(), mine, func(b *listing.Body) { b.Service.Name.En = "ours, better" }); err != nil {
			t.Errorf("she changes her own: %v", err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := agreements.Agree(t.Context(), tx, lima(), agreements.Agreement{Organisation: theirs.ID, Kind: "memorandum", Title: "x", SignedOn: dates.Of(tx.Now())})
			return err
		}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("she agrees with herself: %v", err)
		}
		for _, who := range worldtest.Cast() {
			err := alter(who, others, func(b *listing.Body) { b.Organisation.Name.En = who.Name })
			if want := who.Name == "Farid"; (err == nil) != want {
				t.Errorf("%s changes an organisation: %v", who.Name, err)
			}
			read(t, d, func(q db.Reader) error {
				_, err := directory.Find(t.Context(), q, who, mine.ID)
				return err
			})
		}
		read(t, d, func(q db.Reader) error {
			if _, err := directory.Find(t.Context(), q, access.Actor{ID: "n"}, mine.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("somebody without rights finds it: %v", err)
			}
			return nil
		})
	})
}

// What ships is entered once, is right by every rule, and stays as it was changed.
func TestWhatShipsIsEnteredOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		seed := func() (o directory.Outcome) {
			write(t, d, func(tx *db.Tx) (err error) { o, err = directory.Seed(t.Context(), tx, keeper()); return err })
			return o
		}
		first, second := seed(), seed()
		if first.Added < 80 || second.Added != 0 || second.Same != first.Added {
			t.Errorf("first %+v, then %+v", first, second)
		}
		found := seek(t, d, near.Wanted{Need: "complaint", Place: "305670"})
		if len(found) < 3 || found[0].Location == nil || found[0].Location.Location.Place != "3056" {
			t.Errorf("found %v", names(found))
		}
		for _, in := range bodies.Shipped() {
			if in.Body.From().Text == "" || !in.Confirmed.IsZero() {
				t.Errorf("%s has no source, or says that it was confirmed", in.Body.Name().En)
			}
			if l := in.Body.Location; l != nil && (!l.Address.Empty() || l.Latitude != nil || len(l.Phones) > 0 || l.Hours.Known()) {
				t.Errorf("%s says more than its source", l.Name.En)
			}
		}
		read(t, d, func(q db.Reader) error {
			_, n, err := directory.Page(t.Context(), q, keeper(), directory.Filter{Fresh: "due"})
			if n != first.Added {
				t.Errorf("%d are to be confirmed, want all %d", n, first.Added)
			}
			all, err2 := directory.List(t.Context(), q, keeper(), directory.Filter{Words: "manikg off"})
			if len(all) != 1 || err2 != nil {
				t.Errorf("by words: %d, %v", len(all), err2)
			}
			return err
		})
	})
}
