// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"fmt"
	"slices"
	"testing"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/geo"
)

// Where there is more than is ranked at once, the same is found as when all were ranked, and as near.
func TestWhatIsNearIsFoundAmongMuch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		everywhere(t, d)
		for _, place := range []string{"305670", "3056", "30", "201508", "100409", geo.Children("305670")[0].Code} {
			for _, limit := range []int{3, 12, 20, 50, 110} {
				var all, some []Match
				if err := d.Read(t.Context(), func(q db.Reader) (err error) {
					if all, err = Seek(t.Context(), q, near.Wanted{Need: "legal_aid", Place: place, Limit: limit}); err != nil {
						return err
					}
					some, err = Seek(t.Context(), q, near.Wanted{Need: "legal_aid", Place: place, Limit: limit, AtOnce: limit + 1})
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if len(all) == 0 || len(some) != len(all) {
					t.Fatalf("%s: of %d found %d among all, %d among some", place, limit, len(all), len(some))
				}
				for i, m := range some { // beyond the district, places go by the middle of theirs
					if far := m.Km - all[i].Km; m.Near != all[i].Near || far > 0.1 && (m.Near == near.InUpazila || m.Near == near.InDistrict || far > 70) {
						t.Errorf("%s, %d of %d: %s, %.0f km, want %s, %.0f km", place, i, limit, m.Near, m.Km, all[i].Near, all[i].Km)
					}
				}
				seen := map[string]bool{}
				for _, m := range some {
					id := m.Service.ID
					if m.Offer != nil {
						id = m.Offer.ID
					}
					if seen[id] {
						t.Errorf("%s: found twice", place)
					}
					seen[id] = true
				}
			}
		}
	})
}

// everywhere opens an office in each upazila of three districts and in each district, and offers everybody help by telephone.
func everywhere(t *testing.T, d *db.DB) {
	who := access.System(access.ManageDirectory, access.ReadDirectory)
	var places []string
	for _, division := range geo.Children("") {
		for _, district := range geo.Children(division.Code) {
			places = append(places, district.Code)
			if slices.Contains([]string{"3056", "2015", "1004"}, district.Code) {
				for _, u := range geo.Children(district.Code) {
					places = append(places, u.Code, u.Code)
				}
			}
		}
	}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		o, err := Add(t.Context(), tx, who, Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Help"}}}})
		if err != nil {
			return err
		}
		s := &listing.Service{Organisation: o.ID, State: listing.Active, Needs: []string{"legal_aid"}, Areas: []string{listing.Country}, Name: listing.Text{En: "A lawyer"}}
		for i, code := range places {
			l, err := Add(t.Context(), tx, who, Addition{Body: listing.Body{Location: &listing.Location{Organisation: o.ID, Kind: "physical", Place: code, Name: listing.Text{En: fmt.Sprint("Office ", i)}}}})
			if err != nil {
				return err
			}
			s.At = append(s.At, listing.Offer{Location: l.ID})
		}
		nowhere, err := Add(t.Context(), tx, who, Addition{Body: listing.Body{Location: &listing.Location{Organisation: o.ID, Kind: "physical", Name: listing.Text{En: "Somewhere"}}}})
		if err != nil {
			return err
		}
		s.At = append(s.At, listing.Offer{Location: nowhere.ID})
		if _, err = Add(t.Context(), tx, who, Addition{Body: listing.Body{Service: s}}); err != nil {
			return err
		}
		for i := range 6 {
			line := &listing.Service{Organisation: o.ID, State: listing.Active, Needs: []string{"legal_aid"}, Areas: []string{listing.Country}, Name: listing.Text{En: fmt.Sprint("Line ", i)}}
			if _, err = Add(t.Context(), tx, who, Addition{Body: listing.Body{Service: line}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// A provider who does not answer comes after one who does, as near as that, for those who ask; the public is not told.
func TestTheSilentComeLast(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := access.System(access.ManageDirectory, access.ReadDirectory)
		ids := map[string]string{}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			for _, name := range []string{"A silent", "B prompt", "C unknown"} {
				o, err := Add(t.Context(), tx, who, Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: name}}}})
				if err != nil {
					return err
				}
				e, err := Add(t.Context(), tx, who, Addition{Body: listing.Body{Service: &listing.Service{Organisation: o.ID, State: listing.Active, Needs: []string{"legal_aid"}, Areas: []string{listing.Country}, Name: listing.Text{En: name}}}})
				if err != nil {
					return err
				}
				ids[name], ids[name+" service"] = o.ID, e.ID
			}
			days, today := 2, dates.Of(tx.Now())
			if err := NoteConduct(t.Context(), tx, Conduct{Entry: ids["A silent"], Unanswered: 5, AsOf: today}); err != nil {
				return err
			}
			if err := NoteConduct(t.Context(), tx, Conduct{Entry: ids["B prompt"], Unanswered: 3, AsOf: today}); err != nil { // of the organisation; its service is known better
				return err
			}
			if err := NoteConduct(t.Context(), tx, Conduct{Entry: ids["B prompt service"], Unanswered: 9, AsOf: today}); err != nil {
				return err
			}
			tx.Recorded()
			return NoteConduct(t.Context(), tx, Conduct{Entry: ids["B prompt service"], Days: &days, AsOf: today})
		})
		order := func(w near.Wanted) (all []string, said []*Conduct) {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				found, err := Seek(t.Context(), q, w)
				for _, m := range found {
					all, said = append(all, m.Service.Name().En), append(said, m.Conduct)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return all, said
		}
		if got, said := order(near.Wanted{Need: "legal_aid", Place: "305670"}); !slices.Equal(got, []string{"A silent", "B prompt", "C unknown"}) || said[0] != nil {
			t.Errorf("the public finds %v %v", got, said)
		}
		got, said := order(near.Wanted{Need: "legal_aid", Place: "305670", Conduct: true})
		if !slices.Equal(got, []string{"B prompt", "C unknown", "A silent"}) {
			t.Errorf("who refers finds %v", got)
		}
		if said[0] == nil || said[0].Days == nil || *said[0].Days != 2 || said[0].Silent() || said[1] != nil || said[2] == nil || said[2].Unanswered != 5 || !said[2].Silent() {
			t.Errorf("conduct: %+v", said)
		}
		for what, c := range map[string]Conduct{"of nobody": {Entry: "00000000-0000-7000-8000-000000000001", AsOf: dates.Of(d.Now())}, "on no day": {Entry: ids["A silent"]}, "fewer than none": {Entry: ids["A silent"], Unanswered: -1, AsOf: dates.Of(d.Now())}} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return NoteConduct(t.Context(), tx, c) }); err == nil {
				t.Errorf("conduct %s is taken", what)
			}
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			if all, err := Conducts(t.Context(), q, access.Actor{}, []string{ids["A silent"]}); err != nil || len(all) != 0 {
				t.Errorf("somebody without rights reads %v, %v", all, err)
			}
			all, err := Conducts(t.Context(), q, who, []string{ids["A silent service"], ids["C unknown"], ids["B prompt service"]})
			if len(all) != 2 || all[ids["A silent service"]].Unanswered != 5 || all[ids["B prompt service"]].Days == nil {
				t.Errorf("conducts %+v", all)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
