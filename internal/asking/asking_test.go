// SPDX-License-Identifier: Apache-2.0

package asking_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/asking"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/words"
)

// world is two organisations: Shapla keeps the directory, and Bandhan's focal person keeps what is Bandhan's.
type world struct {
	d             *db.DB
	keya, lima    access.Actor
	shapla, other string // organisations of the directory: Bandhan's, and one that nobody keeps
	service       directory.Entry
}

func system() access.Actor { return access.System(access.Permissions()...) }

func open(t *testing.T, d *db.DB) (w world) {
	t.Helper()
	w.d = d
	dbtest.Write(t, d, func(tx *db.Tx) error {
		admin, _, err := accounts.FirstAdministrator(t.Context(), tx, system(), accounts.First{Addition: accounts.Addition{Login: "farid", Name: "Farid", Language: words.English},
			Organisation: offices.Organisation{NameEn: "Shapla", Kind: offices.Sectors()[0]}, Opening: offices.Opening{NameEn: "Head", Kind: offices.Kinds()[0], Place: "3056"}})
		if err != nil {
			return err
		}
		first, err := offices.Find(t.Context(), tx, system(), admin.Office)
		if err != nil {
			return err
		}
		bandhan, err := offices.AddOrganisation(t.Context(), tx, system(), offices.Organisation{NameEn: "Bandhan", Kind: offices.Sectors()[0]})
		if err != nil {
			return err
		}
		desk, err := offices.Add(t.Context(), tx, system(), offices.Opening{Organisation: bandhan.ID, NameEn: "Desk", Kind: offices.Kinds()[0], Place: "3056"})
		if err != nil {
			return err
		}
		if w.keya, err = user(t, tx, "keya", admin.Office, accounts.Held{Role: access.ProgrammeManager, Scope: "all"}); err != nil {
			return err
		}
		if w.lima, err = user(t, tx, "lima", desk.ID, accounts.Held{Role: access.ProviderFocal, Scope: access.AtOffice(desk.ID)}); err != nil {
			return err
		}
		w.keya.Organisation, w.lima.Organisation = first.Organisation, bandhan.ID
		for into, partner := range map[*string]string{&w.shapla: bandhan.ID, &w.other: ""} {
			e, err := directory.Add(t.Context(), tx, system(), directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "One"}, Partner: partner}}})
			if err != nil {
				return err
			}
			*into = e.ID
			s, err := directory.Add(t.Context(), tx, system(), directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: e.ID, State: listing.Active, Name: listing.Text{En: "Help"}, Areas: []string{listing.Country}}}})
			if partner != "" {
				w.service = s
			}
			if err != nil {
				return err
			}
		}
		for _, id := range []string{w.shapla, w.service.ID} {
			if _, err := directory.Confirm(t.Context(), tx, system(), directory.Confirmation{Entry: id, Way: "call", By: "Lima"}, 1); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func user(t *testing.T, tx *db.Tx, login, office string, held accounts.Held) (access.Actor, error) {
	u, _, err := accounts.AddUser(t.Context(), tx, system(), accounts.Addition{Login: login, Name: login, Office: office, Language: words.English})
	if err != nil {
		return access.Actor{}, err
	}
	held.User = u.ID
	a := access.Actor{ID: u.ID, Name: login, Office: office}
	a.Grant(held.Role, held.Scope)
	return a, accounts.GrantRole(t.Context(), tx, system(), held)
}

// told are the keys of the notices of somebody, the latest first.
func (w world) told(t *testing.T, who access.Actor) (keys []string) {
	t.Helper()
	if err := w.d.Read(t.Context(), func(q db.Reader) error {
		all, err := accounts.Notices(t.Context(), q, who, 50)
		for _, n := range all {
			if strings.HasPrefix(n.Key, "notice.directory") {
				keys = append(keys, n.Key)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return keys
}

func (w world) work(t *testing.T) {
	t.Helper()
	for range 2 { // what was asked once is not asked again
		var u asking.Upkeep
		if err := u.Work(t.Context(), w.d); err != nil {
			t.Fatal(err)
		}
	}
}

const day = 24 * time.Hour

// Her own people are asked before an entry is due and when it is late, each once; after a month of silence who keeps the directory is
// told. A confirmation begins it anew.
func TestWhoKeepsAnEntryIsAsked(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d)
		want := func(when string, lima, keya []string) {
			t.Helper()
			w.work(t)
			if got := w.told(t, w.lima); !slices.Equal(got, lima) {
				t.Errorf("%s: the focal person was told %v, want %v", when, got, lima)
			}
			if got := w.told(t, w.keya); !slices.Equal(got, keya) {
				t.Errorf("%s: who keeps the directory was told %v, want %v", when, got, keya)
			}
		}
		soon, late, escalated := "notice.directory_soon", "notice.directory_late", "notice.directory_escalated"
		want("at first", nil, nil)
		clock.Move(170 * day) // services hold for 180 days
		want("ten days before", []string{soon}, nil)
		clock.Move(12 * day)
		want("two days after", []string{late, soon}, nil)
		clock.Move(30 * day)
		want("a month after", []string{late, soon}, []string{escalated})
		w.groups(t, w.keya, true)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := directory.Confirm(t.Context(), tx, w.lima, directory.Confirmation{Entry: w.service.ID}, 1)
			return err
		})
		want("confirmed", []string{late, soon}, []string{escalated})
		clock.Move(181 * day) // by now the organisation, which holds for a year, is late too
		want("half a year later", []string{late, late, soon}, []string{escalated})
	})
}

// groups looks whether somebody's list holds the partner's organisation.
func (w world) groups(t *testing.T, who access.Actor, want bool) {
	t.Helper()
	if err := w.d.Read(t.Context(), func(q db.Reader) error {
		all, err := asking.Groups(t.Context(), q, who)
		i := slices.IndexFunc(all, func(g asking.Group) bool { return g.Organisation.ID == w.shapla })
		if (i >= 0) != want || i >= 0 && who.Holds(access.ManageDirectory) && !all[i].Escalated {
			t.Errorf("%s sees %+v", who.Name, all)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Each sees what she is to confirm: a focal person her own, who keeps the directory what nobody keeps.
func TestEachSeesWhatIsHersToConfirm(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d)
		w.groups(t, w.lima, false)
		clock.Move(181 * day)
		w.groups(t, w.lima, true)
		w.groups(t, w.keya, false)
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := asking.Groups(t.Context(), q, w.keya)
			if len(all) != 1 || all[0].Organisation.ID != w.other || all[0].Entries != 2 || !all[0].DueOn.IsZero() {
				t.Errorf("who keeps the directory sees %+v", all)
			}
			mine, err2 := asking.Entries(t.Context(), q, w.lima, w.shapla)
			if len(mine) != 1 || mine[0].ID != w.service.ID || err2 != nil {
				t.Errorf("her entries: %+v, %v", mine, err2)
			}
			if _, err := asking.Entries(t.Context(), q, w.lima, w.other); fault.KindOf(err) != fault.NotFound {
				t.Errorf("she reads those of others: %v", err)
			}
			if some, err := asking.Groups(t.Context(), q, access.Actor{ID: "x"}); len(some) != 0 || err != nil {
				t.Errorf("somebody without rights sees %v, %v", some, err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// One that nobody ever confirmed is asked about at once, and escalated a month later.
func TestWhatWasNeverConfirmedIsAskedAbout(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := directory.Add(t.Context(), tx, w.lima, directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: w.shapla, State: listing.Active, Name: listing.Text{En: "New"}, Areas: []string{listing.Country}}}})
			return err
		})
		w.work(t)
		clock.Move(31 * day)
		w.work(t)
		if got := w.told(t, w.lima); !slices.Equal(got, []string{"notice.directory_late"}) {
			t.Errorf("the focal person was told %v", got)
		}
		if got := w.told(t, w.keya); !slices.Equal(got, []string{"notice.directory_escalated"}) {
			t.Errorf("who keeps the directory was told %v", got)
		}
	})
}
