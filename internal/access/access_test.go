// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
)

// scopes are the scopes in which the records of the tests lie: offices,
// organisations, caseloads, and areas inside one another.
func scopes() []access.Scope {
	return []access.Scope{access.AtOffice("1"), access.AtOffice("2"), access.OfOrganisation("1"), access.OfOrganisation("2"),
		access.OnCaseload("u"), access.OnCaseload("v"), access.InArea("30"), access.InArea("3056"), access.InArea("305670"), access.InArea("40"), access.InArea("4001")}
}

// with adds the areas in which an area lies, as a record is placed.
func with(some []access.Scope) (all []access.Scope) {
	for _, s := range some {
		all = append(all, s)
		for n := len(s) - 2; s[:2] == "a:" && n >= 4; n -= 2 {
			all = append(all, s[:n])
		}
	}
	return all
}

// What Where keeps, Reaches reports, and Check and CheckOn allow, is the same.
func TestEveryWayToAskAgrees(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			records := map[string][]access.Scope{}
			for i := range 6 {
				records[strconv.Itoa(n)+"-"+strconv.Itoa(i)] = with(rapid.SliceOfNDistinct(rapid.SampledFrom(scopes()), 0, 4, rapid.ID).Draw(rt, "lies in"))
			}
			who := access.Actor{ID: "u", Grants: map[access.Permission]access.Reach{access.ReadPersons: {
				Everywhere: rapid.IntRange(0, 5).Draw(rt, "everywhere") == 0,
				Scopes:     rapid.SliceOfDistinct(rapid.SampledFrom(scopes()), rapid.ID).Draw(rt, "reach")}}}
			perm := rapid.SampledFrom([]access.Permission{access.ReadPersons, access.ReadPersons, access.ChangePerson}).Draw(rt, "permission")
			err := d.Maintain(t.Context(), func(tx *db.Tx) error {
				for id, in := range records {
					if err := access.Place(t.Context(), tx, id, in...); err != nil {
						return err
					}
				}
				cond, args := access.Where(who, perm, "s.subject_id")
				rows, err := tx.Query(t.Context(), `SELECT DISTINCT s.subject_id FROM access_scopes s WHERE `+cond, args...)
				kept, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { return s, r.Scan(&s) })
				if err != nil {
					return err
				}
				for id, in := range records {
					check := access.Check(tx, who, perm, in...) == nil
					reaches, err := access.Reaches(t.Context(), tx, who, perm, id)
					if err != nil {
						return err
					}
					on := access.CheckOn(t.Context(), tx, who, perm, id) == nil
					where := slices.Contains(kept, id)
					if len(in) == 0 { // it is in no row that a query could keep
						where = reaches
					}
					if check != reaches || check != on || check != where {
						rt.Errorf("%v over %v: Check %t, Reaches %t, CheckOn %t, Where %t", who.Grants, in, check, reaches, on, where)
					}
				}
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		})
	})
}

// Who reaches a district reaches its upazilas, and not the districts beside it.
func TestAreasLieInOneAnother(t *testing.T) {
	a := access.Actor{Grants: map[access.Permission]access.Reach{access.ReadPersons: {Scopes: []access.Scope{access.InArea("3056")}}}}
	for place, want := range map[string]bool{"3056": true, "305670": true, "305670.2393": true, "30": false, "3061": false, "306156": false} {
		if got := a.Covers(access.ReadPersons, access.InArea(place)); got != want {
			t.Errorf("Manikganj covers %s = %t, want %t", place, got, want)
		}
	}
	if a.Covers(access.ReadPersons, access.AtOffice("3056")) || a.Covers(access.ReadPersons) || a.Covers(access.ChangePerson, access.InArea("3056")) {
		t.Error("covers an office, or nothing, or another permission")
	}
}

// No role, whatever its scope, gives class 3 of anybody but those on one's own caseload.
func TestProtectedIsForTheCaseload(t *testing.T) {
	for _, role := range access.Roles() {
		for _, scope := range []access.Scope{"all", "own", access.AtOffice("1"), access.OfOrganisation("1"), access.InArea("30")} {
			a := access.Actor{ID: "u", Office: "1", Organisation: "1"}
			a.Grant(role, scope)
			for _, perm := range []access.Permission{access.ReadProtected, access.ChangeProtected} {
				r := a.Grants[perm]
				if r.Everywhere || slices.ContainsFunc(r.Scopes, func(s access.Scope) bool { return s != access.OnCaseload("u") }) {
					t.Errorf("%s at %s: %s reaches %+v", role, scope, perm, r)
				}
			}
		}
	}
}

// Who sees persons cannot give rights, and who gives rights sees no person.
func TestRightsAndRecordsAreApart(t *testing.T) {
	for _, role := range access.Roles() {
		allowed := role.Allows()
		gives, sees := slices.Contains(allowed, access.GrantRole) || slices.Contains(allowed, access.ManageTokens), slices.Contains(allowed, access.ReadPersons) || slices.Contains(allowed, access.RegisterPerson)
		if gives && sees {
			t.Errorf("%s gives rights and sees persons", role)
		}
		if !role.Known() || len(allowed) == 0 {
			t.Errorf("%s allows nothing", role)
		}
	}
	if access.Role("king").Allows() != nil || access.Role("king").Known() {
		t.Error("an unknown role allows something")
	}
}

// Every permission is used by some role, so that none is dead.
func TestEveryPermissionIsGranted(t *testing.T) {
	for _, p := range access.Permissions() {
		if !slices.ContainsFunc(access.Roles(), func(r access.Role) bool { return slices.Contains(r.Allows(), p) }) {
			t.Errorf("no role allows %s", p)
		}
	}
}

// An act that is refused does not let its transaction commit.
func TestCheckRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		nobody := access.Actor{ID: "n"}
		local := access.Actor{ID: "l", Grants: map[access.Permission]access.Reach{access.ManageOffices: {Scopes: []access.Scope{access.AtOffice("1")}}}}
		for name, check := range map[string]func(ctx context.Context, tx *db.Tx) error{
			"no permission":     func(_ context.Context, tx *db.Tx) error { return access.Check(tx, nobody, access.ManageOffices, "o:1") },
			"another office":    func(_ context.Context, tx *db.Tx) error { return access.Check(tx, local, access.ManageOffices, "o:2") },
			"not everywhere":    func(_ context.Context, tx *db.Tx) error { return access.CheckAnywhere(tx, local, access.ManageOffices) },
			"another's account": func(_ context.Context, tx *db.Tx) error { return access.CheckSelf(tx, local, "n") },
			"nobody's account":  func(_ context.Context, tx *db.Tx) error { return access.CheckSelf(tx, access.Actor{}, "") },
			"an unplaced subject": func(ctx context.Context, tx *db.Tx) error {
				return access.CheckOn(ctx, tx, local, access.ManageOffices, "s")
			},
		} {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				if err := check(t.Context(), tx); fault.KindOf(err) != fault.Forbidden {
					t.Errorf("%s: %v, want Forbidden", name, err)
				}
				tx.Recorded()
				return access.Add(t.Context(), tx, "s", "o:9")
			})
			if err == nil {
				t.Errorf("%s: committed", name)
			}
		}
	})
}

func glass(t *testing.T, d *db.DB, user, subject string) (o access.Opening, err error) {
	t.Helper()
	err = d.Maintain(t.Context(), func(tx *db.Tx) (err error) {
		all, err := access.Break(t.Context(), tx, breaker(user), "she called and is in danger", subject)
		if err == nil {
			o = all[0]
		}
		return err
	})
	return o, err
}

func breaker(user string) access.Actor {
	a := access.Actor{ID: user, Name: user, Office: "1", Organisation: "1"}
	a.Grant(access.Caseworker, access.AtOffice("1"))
	return a
}

func sees(t *testing.T, d *db.DB, who access.Actor, subject string) bool {
	t.Helper()
	var ok bool
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		ok, _, err = access.SeesProtected(t.Context(), q, who, subject)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ok
}

// Broken glass opens one subject to one user for three hours, three times a week.
func TestGlass(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		u := breaker("u")
		if sees(t, d, u, "a") {
			t.Fatal("sees before the glass is broken")
		}
		if _, err := glass(t, d, "u", "a"); err != nil {
			t.Fatal(err)
		}
		if !sees(t, d, u, "a") || sees(t, d, u, "b") || sees(t, d, breaker("v"), "a") {
			t.Error("it opened to the wrong user, or the wrong subject, or not at all")
		}
		stripped := u
		stripped.Grants = map[access.Permission]access.Reach{access.ReadPersons: {Everywhere: true}}
		if sees(t, d, stripped, "a") {
			t.Error("still open to who lost the permission")
		}
		clock.Move(access.GlassLasts - time.Millisecond)
		if !sees(t, d, u, "a") {
			t.Error("closed too early")
		}
		clock.Move(time.Millisecond)
		if sees(t, d, u, "a") {
			t.Error("open after three hours")
		}
		for i := range 2 {
			if _, err := glass(t, d, "u", strconv.Itoa(i)); err != nil {
				t.Errorf("opening %d of the week: %v", i+2, err)
			}
		}
		if _, err := glass(t, d, "u", "x"); fault.KindOf(err) != fault.Forbidden || sees(t, d, u, "x") {
			t.Errorf("a fourth opening: %v, want Forbidden", err)
		}
		if _, err := glass(t, d, "v", "x"); err != nil {
			t.Errorf("another's first opening: %v", err)
		}
		clock.Move(7*24*time.Hour - access.GlassLasts)
		if _, err := glass(t, d, "u", "x"); err != nil {
			t.Errorf("a week after the first: %v", err)
		}
	})
}

// An opening is reviewed once, over its own subject, and by somebody else.
func TestReview(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, err := glass(t, d, "u", "a")
		if err != nil {
			t.Fatal(err)
		}
		review := func(user string, o access.Opening) error {
			o.Finding = "rightly"
			return d.Maintain(t.Context(), func(tx *db.Tx) error { return access.Review(t.Context(), tx, breaker(user), o) })
		}
		for name, err := range map[string]error{"by oneself": review("u", o), "over another subject": review("v", access.Opening{ID: o.ID, Subject: "b"}),
			"of nothing": review("v", access.Opening{ID: "x", Subject: "a"})} {
			if fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s: %v, want Conflict", name, err)
			}
		}
		if err := review("v", o); err != nil {
			t.Error(err)
		}
		if err := review("w", o); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a second time: %v, want Conflict", err)
		}
		all := access.System(access.ReviewGlass)
		d.Read(t.Context(), func(q db.Reader) error {
			if got, err := access.Openings(t.Context(), q, all, access.ReviewGlass, 10); err != nil || len(got) != 1 || got[0].ReviewedBy != "v" || got[0].Finding != "rightly" {
				t.Errorf("Openings = %+v, %v", got, err)
			}
			if got, err := access.Openings(t.Context(), q, breaker("v"), access.ReviewGlass, 10); err != nil || len(got) != 0 {
				t.Errorf("Openings for who may not = %+v, %v", got, err)
			}
			return nil
		})
	})
}

// Of an erased subject neither scopes nor reasons stay.
func TestForget(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, err := glass(t, d, "u", "a")
		if err != nil {
			t.Fatal(err)
		}
		err = d.Maintain(t.Context(), func(tx *db.Tx) error {
			if err := access.Add(t.Context(), tx, "a", "o:1", "u:u"); err != nil {
				return err
			}
			o.Finding = "she was in danger"
			if err := access.Review(t.Context(), tx, breaker("v"), o); err != nil {
				return err
			}
			return access.Forget(t.Context(), tx, "a")
		})
		if err != nil {
			t.Fatal(err)
		}
		d.Read(t.Context(), func(q db.Reader) error {
			got, err := access.Openings(t.Context(), q, access.System(access.ReviewGlass), access.ReviewGlass, 10)
			if err != nil || len(got) != 1 || got[0].Reason != "" || got[0].Finding != "" || got[0].User != "u" {
				t.Errorf("Openings = %+v, %v", got, err)
			}
			if in, err := access.ScopesOf(t.Context(), q, "a"); err != nil || len(in) != 0 {
				t.Errorf("still lies in %v, %v", in, err)
			}
			return nil
		})
	})
}
