// SPDX-License-Identifier: Apache-2.0

package offices_test

import (
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/offices"

	"github.com/google/go-cmp/cmp"
)

func manager() access.Actor {
	return access.System(access.ManageOffices, access.ReadOffices)
}

// of is an actor who manages and reads the offices of one scope.
func of(scope access.Scope) access.Actor {
	at := access.Reach{Scopes: []access.Scope{scope}}
	return access.Actor{ID: "u", Grants: map[access.Permission]access.Reach{access.ManageOffices: at, access.ReadOffices: at}}
}

func organisation(t *testing.T, d *db.DB, name string) (o offices.Organisation) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		o, err = offices.AddOrganisation(t.Context(), tx, manager(), offices.Organisation{NameEn: name, Kind: offices.CivilSociety})
		return err
	})
	return o
}

func office(t *testing.T, d *db.DB, organisation string) (o offices.Office) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		o, err = offices.Add(t.Context(), tx, manager(), offices.Opening{Organisation: organisation, NameBn: "মানিকগঞ্জ অফিস", Kind: offices.LocalOffice, Place: "3056"})
		return err
	})
	return o
}

// add tries to open an office and returns the error.
func add(t *testing.T, d *db.DB, who access.Actor, o offices.Opening) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := offices.Add(t.Context(), tx, who, o)
		return err
	})
}

func alter(t *testing.T, d *db.DB, who access.Actor, c offices.Change) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := offices.Alter(t.Context(), tx, who, c)
		return err
	})
}

func TestAnOfficeIsFoundAsItWasAdded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		org := organisation(t, d, "BNSK")
		added := office(t, d, org.ID)
		var found offices.Office
		var list []offices.Office
		var scopes []access.Scope
		err := d.Read(t.Context(), func(q db.Reader) (err error) {
			if found, err = offices.Find(t.Context(), q, manager(), added.ID); err != nil {
				return err
			}
			if list, err = offices.List(t.Context(), q, manager(), ""); err != nil {
				return err
			}
			scopes, err = offices.Scopes(t.Context(), q, added.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(added, found); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]offices.Office{added}, list); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"o:" + added.ID, "g:" + org.ID}, scopes); diff != "" {
			t.Error(diff)
		}
		if got := found.Name("en"); got != "মানিকগঞ্জ অফিস" {
			t.Errorf("the only name there is = %q", got)
		}
	})
}

func TestAddRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		org, other := organisation(t, d, "BNSK"), organisation(t, d, "WARBE")
		right := offices.Opening{Organisation: org.ID, NameEn: "Saturia", Kind: offices.LocalOffice, Place: "3056"}
		if err := add(t, d, of("g:"+other.ID), right); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("by another organisation: %v, want Forbidden", err)
		}
		if err := add(t, d, of("g:"+org.ID), right); err != nil {
			t.Errorf("by its own organisation: %v", err)
		}
		for name, change := range map[string]func(*offices.Opening){
			"office.name_needed":         func(o *offices.Opening) { o.NameEn = " \u200b" },
			"fault.too_long":             func(o *offices.Opening) { o.NameEn = strings.Repeat("ক", offices.LongestName+1) },
			"fault.bad_characters":       func(o *offices.Opening) { o.NameBn = "a\x00b" },
			"fault.bad_choice":           func(o *offices.Opening) { o.Kind = "castle" },
			"office.place_needed":        func(o *offices.Opening) { o.Place = "" },
			"office.organisation_needed": func(o *offices.Opening) { o.Organisation = "none" },
		} {
			wrong := right
			change(&wrong)
			if err := add(t, d, manager(), wrong); fault.Of(err) == nil || fault.Of(err).Key != name {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if err := add(t, d, manager(), offices.Opening{Organisation: org.ID, NameEn: "Riyadh", Kind: offices.Mission}); err != nil {
			t.Errorf("a mission without a place: %v", err)
		}
	})
}

func TestAlterKeepsWhatSomeoneElseChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := office(t, d, organisation(t, d, "BNSK").ID)
		c := offices.Change{ID: o.ID, Version: o.Version, NameEn: "Manikganj", Kind: o.Kind, Place: o.Place, Closed: true}
		if err := alter(t, d, of("o:other"), c); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("by another office: %v, want Forbidden", err)
		}
		if err := alter(t, d, of("o:"+o.ID), c); err != nil {
			t.Fatal(err)
		}
		if err := alter(t, d, manager(), c); fault.KindOf(err) != fault.Conflict {
			t.Errorf("at the old version: %v, want Conflict", err)
		}
		err := d.Read(t.Context(), func(q db.Reader) error {
			got, err := offices.Find(t.Context(), q, manager(), o.ID)
			if got.ClosedAt != dbtest.Noon || got.NameEn != "Manikganj" || got.NameBn != "" || got.Version != 2 {
				t.Errorf("after closing: %+v", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Version, c.Closed, c.ID = 2, false, "none"
		if err := alter(t, d, manager(), c); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an unknown office: %v, want NotFound", err)
		}
	})
}

func TestOrganisationsAreAddedByThoseWhoManageAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		org := organisation(t, d, "BNSK")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := offices.AddOrganisation(t.Context(), tx, of("g:"+org.ID), offices.Organisation{NameEn: "Mine", Kind: offices.Private})
			return err
		})
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("by an organisation: %v, want Forbidden", err)
		}
		rename := func(who access.Actor, o offices.Organisation) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := offices.AlterOrganisation(t.Context(), tx, who, o)
				return err
			})
		}
		org.NameBn = "বাংলাদেশ নারী শ্রমিক কেন্দ্র"
		if err := rename(of("g:"+org.ID), org); err != nil {
			t.Fatal(err)
		}
		if err := rename(manager(), org); fault.KindOf(err) != fault.Conflict {
			t.Errorf("at the old version: %v, want Conflict", err)
		}
		org.Version, org.Kind = 2, "circus"
		if err := rename(manager(), org); fault.KindOf(err) != fault.Invalid {
			t.Errorf("of an unknown kind: %v, want Invalid", err)
		}
	})
}

func TestWhoHasNoRoleSeesNoOffice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := office(t, d, organisation(t, d, "BNSK").ID)
		nobody := access.Actor{ID: "nobody"}
		err := d.Read(t.Context(), func(q db.Reader) error {
			if _, err := offices.Find(t.Context(), q, nobody, o.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("Find: %v, want NotFound", err)
			}
			if _, err := offices.FindOrganisation(t.Context(), q, nobody, o.Organisation); fault.KindOf(err) != fault.NotFound {
				t.Errorf("FindOrganisation: %v, want NotFound", err)
			}
			list, err := offices.List(t.Context(), q, nobody, "")
			all, err2 := offices.Organisations(t.Context(), q, nobody)
			if len(list) != 0 || len(all) != 0 || err != nil || err2 != nil {
				t.Errorf("List = %v, %v; Organisations = %v, %v", list, err, all, err2)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAroundFindsWhatHoldsAScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := office(t, d, organisation(t, d, "BNSK").ID)
		err := d.Read(t.Context(), func(q db.Reader) error {
			for scope, want := range map[string][]string{
				"o:" + o.ID: {"o:" + o.ID, "g:" + o.Organisation}, "g:" + o.Organisation: {"g:" + o.Organisation}, "a:3056": {"a:3056"},
				"o:none": nil, "g:none": nil, "a:9": nil, "u:me": nil, "all": nil, "": nil, "a:30%": nil,
			} {
				got, err := offices.Around(t.Context(), q, scope)
				if diff := cmp.Diff(want, got); diff != "" || (want == nil) != (fault.KindOf(err) == fault.Invalid) {
					t.Errorf("Around(%q) = %v, %v", scope, got, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
