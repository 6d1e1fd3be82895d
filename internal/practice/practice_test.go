// SPDX-License-Identifier: Apache-2.0

package practice_test

import (
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/links"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/practice"
	"fera/internal/worldtest"
)

// training opens the training office of Aparajita and lets somebody practise there.
func training(t *testing.T, d *db.DB, self access.Actor) access.Actor {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		_, err := offices.FindTraining(t.Context(), tx, access.System(access.ReadOffices), self.Organisation)
		if fault.KindOf(err) == fault.NotFound {
			_, err = offices.Add(t.Context(), tx, worldtest.Farid(), offices.Opening{Organisation: self.Organisation, NameEn: "Practice", Kind: offices.Training, Place: "30"})
		}
		return err
	})
	var who access.Actor
	token := "token of " + self.Name
	dbtest.Write(t, d, func(tx *db.Tx) error {
		s := accounts.Signed{Self: self, Actor: self, Session: accounts.Session{ID: ids.New(tx.Now())}, User: accounts.User{ID: self.ID, Language: "bn"}}
		if err := accounts.BeginPractice(t.Context(), tx, s); err != nil {
			return err
		}
		var double, office string
		if err := tx.QueryRow(t.Context(), `SELECT u.id, u.office_id FROM practisers p JOIN users u ON u.id = p.practice_id WHERE p.user_id = ?`, self.ID).Scan(&double, &office); err != nil {
			return err
		}
		o, err := offices.Find(t.Context(), tx, self, office)
		roles := map[access.Role]bool{}
		for _, r := range self.Roles {
			roles[r] = true
		}
		who = access.Practising(access.Actor{ID: double, Name: token, Office: office, Organisation: o.Organisation, Grants: map[access.Permission]access.Reach{}}, roles)
		return err
	})
	return who
}

func begin(t *testing.T, d *db.DB, who access.Actor, story string) (b practice.Begun) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) { b, err = practice.Begin(t.Context(), tx, who, story); return err })
	return b
}

// Each story can be begun by everybody who practises, and gives a person and a case that say that they are made up.
func TestStoriesBegin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		who := training(t, d, worldtest.Amina())
		for _, s := range practice.Stories() {
			b := begin(t, d, who, s.Code)
			if !ids.IsApart(string(b.Person)) || !ids.IsApart(string(b.Case)) {
				t.Errorf("%s: %+v does not say that it is made up", s.Code, b)
			}
			if s.TitleBn == "" || s.TitleEn == "" {
				t.Errorf("%s has no title", s.Code)
			}
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := practice.Begin(t.Context(), tx, worldtest.Amina(), practice.Stories()[0].Code)
			return err
		})
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("a made-up person at a real office: %v", err)
		}
	})
}

// everywhere may do everything everywhere, which is more than any role gives.
func everywhere() access.Actor { return access.System(access.Permissions()...) }

// real are actors who between them reach everything that is not made up.
func real() []access.Actor {
	org := access.Actor{ID: worldtest.Chandra().ID, Name: "Chandra", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	for _, role := range access.Roles() {
		org.Grant(role, access.OfOrganisation(worldtest.Aparajita))
	}
	area := access.Actor{ID: worldtest.Gita().ID, Name: "Gita", Office: worldtest.Barishal, Organisation: worldtest.Bandhan}
	area.Grant(access.Supervisor, access.InArea("30"))
	area.Grant(access.Supervisor, "own")
	return append(worldtest.Cast(), org, area, everywhere())
}

// Nobody who does not practise finds what is made up: in no list, search, count or board, not by its identifier, not as somebody whom a
// new registration resembles. Nor does who practises find what is real.
func TestNothingMadeUpIsSeenElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		who := training(t, d, worldtest.Amina())
		b := begin(t, d, who, "careful_phone")
		r := practice.Stories()[1].Registration
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeCoordinate, Given: true})
		r.Identifiers = []persons.Identifier{{Kind: "nid", Number: "19912692512345678", Seen: true}}
		var shared, truly persons.ID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			if shared, err = persons.Register(t.Context(), tx, who, r); err == nil {
				truly, err = persons.Register(t.Context(), tx, worldtest.Amina(), worldtest.Rahima())
			}
			if err == nil {
				_, err = calls.Answer(t.Context(), tx, who, calls.Incoming{Person: b.Person, Other: "husband"})
			}
			return err
		})
		f := links.NewFinder(d)
		for _, other := range real() {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				for _, id := range []persons.ID{b.Person, shared} {
					if _, err := persons.FindCard(t.Context(), q, other, id); fault.KindOf(err) != fault.NotFound {
						t.Errorf("%s finds the card of a made-up person: %v", other.Name, err)
					}
				}
				if _, err := cases.Find(t.Context(), q, other, b.Case); fault.KindOf(err) != fault.NotFound {
					t.Errorf("%s finds a made-up case: %v", other.Name, err)
				}
				for _, query := range []string{"", "অনুশীলন", "Onushilon", "01300000002", "19912692512345678"} {
					page, err := persons.List(t.Context(), q, other, persons.Filter{Query: query})
					if err != nil && fault.KindOf(err) == fault.Internal {
						return err
					}
					for _, c := range page.Cards {
						if ids.IsApart(string(c.ID)) {
							t.Errorf("%s, searching for %q, finds a made-up person", other.Name, query)
						}
					}
				}
				n, err := persons.Count(t.Context(), q, other, 100)
				if err != nil {
					return err
				}
				if n > 1 {
					t.Errorf("%s counts %d persons, and one is real", other.Name, n)
				}
				list, err := cases.List(t.Context(), q, other, cases.Filter{})
				if err != nil {
					return err
				}
				if len(list.Cases) > 0 {
					t.Errorf("%s lists %d cases, and none is real", other.Name, len(list.Cases))
				}
				if _, err := cases.Board(t.Context(), q, other, who.Office, q.Now()); fault.KindOf(err) != fault.NotFound {
					t.Errorf("%s sees the board of the training office: %v", other.Name, err)
				}
				all, err := calls.Of(t.Context(), q, other, b.Person, calls.Filter{})
				if err != nil || len(all) > 0 {
					t.Errorf("%s sees a call about a made-up person, %v", other.Name, err)
				}
				users, err := accounts.ListUsers(t.Context(), q, other, accounts.UserFilter{Limit: 100})
				for _, u := range users {
					if ids.IsApart(u.ID) {
						t.Errorf("%s is shown a user who practises: %s", other.Name, u.Login)
					}
				}
				if err != nil {
					return err
				}
				offered, err := offices.List(t.Context(), q, other, "")
				for _, o := range offered {
					if o.Kind == offices.Training {
						t.Errorf("%s is offered the training office", other.Name)
					}
				}
				if err != nil || !other.Holds(access.RegisterPerson) {
					return err
				}
				found, err := f.Likely(t.Context(), q, other, r)
				if len(found) > 0 {
					t.Errorf("%s is told that somebody resembles a made-up person", other.Name)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			for _, s := range []access.Scope{access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)} {
				for _, p := range access.Permissions() {
					if other.Covers(p, s) {
						t.Errorf("%s has %s at %s", other.Name, p, s)
					}
				}
			}
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			known, err := f.Known(t.Context(), tx, worldtest.Basil(), r)
			if known {
				t.Error("the network knows somebody who is made up")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			if _, err := persons.FindCard(t.Context(), q, who, truly); fault.KindOf(err) != fault.NotFound {
				t.Errorf("who practises finds a real person: %v", err)
			}
			page, err := persons.List(t.Context(), q, who, persons.Filter{})
			if len(page.Cards) != 2 {
				t.Errorf("who practises lists %d persons, want the two who are made up", len(page.Cards))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// The walk could fail: who practises sees all of it.
func TestWhoPractisesSeesWhatIsMadeUp(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	worldtest.Hire(t, d)
	who := training(t, d, worldtest.Chandra())
	b := begin(t, d, training(t, d, worldtest.Amina()), "shop")
	if err := d.Read(t.Context(), func(q db.Reader) error {
		if _, err := persons.Find(t.Context(), q, who, b.Person); err != nil {
			t.Error(err)
		}
		if _, err := cases.Find(t.Context(), q, who, b.Case); err != nil {
			t.Error(err)
		}
		if _, err := cases.Board(t.Context(), q, who, who.Office, q.Now()); err != nil {
			t.Error(err)
		}
		users, err := accounts.ListUsers(t.Context(), q, who, accounts.UserFilter{})
		if len(users) != 2 {
			t.Errorf("a supervisor who practises has %d colleagues, want two who practise", len(users))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// What is made up is merged with, assigned to and placed with nothing that is real.
func TestMadeUpAndRealStayApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		who := training(t, d, worldtest.Chandra())
		b := begin(t, d, who, "debt")
		amina := worldtest.Amina()
		var real persons.ID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			real, err = persons.Register(t.Context(), tx, amina, worldtest.Rahima())
			return err
		})
		both := everywhere()
		both.Grants[access.ReadPersons] = access.Reach{Scopes: []access.Scope{access.AtOffice(who.Office), access.AtOffice(worldtest.Sylhet)}}
		both.Grants[access.ReadCards], both.Grants[access.MergePersons], both.Grants[access.AssignPerson] = both.Grants[access.ReadPersons], both.Grants[access.ReadPersons], both.Grants[access.ReadPersons]
		for name, act := range map[string]func(tx *db.Tx) error{
			"merge": func(tx *db.Tx) error {
				_, err := persons.Merge(t.Context(), tx, both, persons.Merging{One: b.Person, Other: real, Reason: "so"})
				return err
			},
			"assign a made-up person to a real worker": func(tx *db.Tx) error {
				return persons.Assign(t.Context(), tx, both, persons.Assignment{Person: b.Person, User: amina.ID, On: true})
			},
			"assign a real person to who practises": func(tx *db.Tx) error {
				return persons.Assign(t.Context(), tx, both, persons.Assignment{Person: real, User: who.ID, On: true})
			},
			"place a made-up case at a real office": func(tx *db.Tx) error {
				return access.Add(t.Context(), tx, string(b.Case), access.AtOffice(worldtest.Sylhet))
			},
			"hand a made-up case to a real worker": func(tx *db.Tx) error {
				return cases.HandOver(t.Context(), tx, who, cases.HandingOver{Cases: []cases.ID{b.Case}, To: amina.ID})
			},
		} {
			err := d.Write(t.Context(), act)
			if k := fault.KindOf(err); err == nil || k == fault.Internal {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// One act empties the training office, for who may; what is real is as it was.
func TestEmpty(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		amina, chandra := training(t, d, worldtest.Amina()), training(t, d, worldtest.Chandra())
		begin(t, d, amina, "shop")
		begin(t, d, chandra, "debt")
		var real persons.ID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			real, err = persons.Register(t.Context(), tx, worldtest.Amina(), worldtest.Rahima())
			return err
		})
		for _, who := range []access.Actor{amina, worldtest.Chandra(), everywhere()} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := practice.Empty(t.Context(), tx, who); return err }); err == nil {
				t.Errorf("%s empties it", who.Name)
			}
		}
		var n int
		dbtest.Write(t, d, func(tx *db.Tx) (err error) { n, err = practice.Empty(t.Context(), tx, chandra); return err })
		if n != 2 {
			t.Errorf("%d were erased, want 2", n)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			page, err := persons.List(t.Context(), q, chandra, persons.Filter{})
			if len(page.Cards) != 0 {
				t.Errorf("%d are left", len(page.Cards))
			}
			if err != nil {
				return err
			}
			var names string
			if err := q.QueryRow(t.Context(), `SELECT COALESCE(string_agg(name_bn, ' '), '') FROM persons`).Scan(&names); err != nil {
				return err
			}
			if strings.Contains(names, "অনুশীলন") {
				t.Errorf("names are left: %s", names)
			}
			_, err = persons.Find(t.Context(), q, worldtest.Amina(), real)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
