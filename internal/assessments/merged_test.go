// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// shown are the assessments that who is shown of a person, the latest first.
func shown(t *testing.T, d *db.DB, who access.Actor, p persons.ID) (all []assessments.ID) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		some, err := assessments.List(ctx, q, who, p)
		for _, l := range some {
			all = append(all, l.ID)
		}
		return err
	})
	return all
}

// courseOf is how many rounds who may compare.
func courseOf(t *testing.T, d *db.DB, who access.Actor, p persons.ID) (n int) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		points, err := assessments.Course(ctx, q, who, p, "progress_check")
		n = len(points)
		return err
	})
	return n
}

// Two organisations asked the same woman. Once her records are joined, who reaches both reads
// both, by either id; who reaches one is shown what was shown before, and nothing of the other.
func TestWhatWasAskedThroughEachRecord(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina, basil := worldtest.Amina(), worldtest.Basil()
		var theirs persons.ID
		ours := rahima(t, d)
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			r := worldtest.Rahima()
			r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
			theirs, err = persons.Register(ctx, tx, basil, r)
			return err
		})
		asked := map[persons.ID]assessments.ID{}
		for _, one := range []struct {
			who access.Actor
			p   persons.ID
		}{{amina, ours}, {basil, theirs}} {
			clock.Move(time.Minute)
			id := begin(t, d, one.who, one.p, "progress_check")
			save(t, d, one.who, id, check("2"))
			finish(t, d, one.who, id, "")
			secret := begin(t, d, one.who, one.p, "phq9") // of class 3
			save(t, d, one.who, secret, phq9(1, 1, 1, 1, 1, 1, 1, 1, 0))
			finish(t, d, one.who, secret, "")
			asked[one.p] = id
		}
		both := access.Actor{ID: "00000000-0000-7000-9000-000000000011", Name: "Both", Office: amina.Office, Organisation: amina.Organisation}
		both.Grant(access.Supervisor, access.AtOffice(amina.Office))
		both.Grant(access.Supervisor, access.AtOffice(basil.Office))
		before := map[string][]assessments.ID{"amina": shown(t, d, amina, ours), "basil": shown(t, d, basil, theirs)}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Merge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: ours, Other: theirs, Reason: "the same card and the same mother"})
			return err
		})
		for _, p := range []persons.ID{ours, theirs} {
			if got := shown(t, d, both, p); len(got) != 2 || got[0] != asked[theirs] || got[1] != asked[ours] {
				t.Errorf("who reaches both is shown %v by %s, want %s and %s", got, p, asked[theirs], asked[ours])
			}
			if n := courseOf(t, d, both, p); n != 2 {
				t.Errorf("who reaches both compares %d rounds by %s, want 2", n, p)
			}
		}
		for name, now := range map[string][]assessments.ID{"amina": shown(t, d, amina, ours), "basil": shown(t, d, basil, theirs)} {
			if len(now) != 2 || len(before[name]) != 2 || now[0] != before[name][0] || now[1] != before[name][1] {
				t.Errorf("%s is shown %v, and before the merge %v", name, now, before[name])
			}
		}
		if n := courseOf(t, d, amina, ours); n != 1 {
			t.Errorf("amina compares %d rounds, want her own", n)
		}
		if _, err := look(t, d, amina, asked[theirs]); key(err) != "assessment.not_found" {
			t.Errorf("amina opens what the other organisation asked: %v", err)
		}
		err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Begin(ctx, tx, both, assessments.Beginning{Person: theirs, Name: "progress_check", Language: "bn"})
			return err
		})
		refused(t, err, "assessment.once_a_quarter")
	})
}
