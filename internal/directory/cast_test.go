// SPDX-License-Identifier: Apache-2.0

package directory_test

import (
	"testing"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/fault"
	"fera/internal/worldtest"
)

// keeper keeps the whole directory; lima is a focal person of Bandhan, and keeps what is Bandhan's.
func keeper() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-0000000000aa", Name: "Keya", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.ProgrammeManager, "all")
	return a
}

func lima() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-0000000000ab", Name: "Lima", Office: worldtest.Barishal, Organisation: worldtest.Bandhan}
	a.Grant(access.ProviderFocal, access.OfOrganisation(worldtest.Bandhan))
	return a
}

func add(t *testing.T, d *db.DB, who access.Actor, b listing.Body) directory.Entry {
	t.Helper()
	e, err := tryAdd(t, d, who, b)
	if err != nil {
		t.Fatalf("add %s: %v", b.Name().In("en"), err)
	}
	return e
}

func tryAdd(t *testing.T, d *db.DB, who access.Actor, b listing.Body) (e directory.Entry, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
		e, err = directory.Add(t.Context(), tx, who, directory.Addition{Body: b})
		return err
	})
	return e, err
}

func organisation(name, partner string) listing.Body {
	return listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: name}, Partner: partner}}
}

func location(of directory.Entry, name, place string) listing.Body {
	return listing.Body{Location: &listing.Location{Organisation: of.ID, Name: listing.Text{En: name}, Kind: "physical", Place: place}}
}

func service(of directory.Entry, name string, change func(s *listing.Service)) listing.Body {
	s := &listing.Service{Organisation: of.ID, Name: listing.Text{En: name}, State: listing.Active, Needs: []string{"legal_aid"}, Areas: []string{listing.Country}}
	if change != nil {
		change(s)
	}
	return listing.Body{Service: s}
}

func at(l ...directory.Entry) (all []listing.Offer) {
	for _, one := range l {
		all = append(all, listing.Offer{Location: one.ID})
	}
	return all
}

// read runs fn on a snapshot.
func read(t *testing.T, d *db.DB, fn func(q db.Reader) error) {
	t.Helper()
	if err := d.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func seek(t *testing.T, d *db.DB, w near.Wanted) (found []directory.Match) {
	t.Helper()
	read(t, d, func(q db.Reader) (err error) { found, err = directory.Seek(t.Context(), q, w); return err })
	return found
}

func names(found []directory.Match) (all []string) {
	for _, m := range found {
		n := m.Service.Name().In("en")
		if m.Location != nil {
			n += " at " + m.Location.Name().In("en")
		}
		all = append(all, n)
	}
	return all
}

// key is that of the first fault of an error with its field.
func key(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key + " " + f.Field
	}
	return ""
}

func write(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) { t.Helper(); dbtest.Write(t, d, fn) }
