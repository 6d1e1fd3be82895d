// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/questionnaires"
	"fera/internal/worldtest"
)

// dayOf is the day on a clock, some days later.
func dayOf(clock *dbtest.Clock, later int) dates.Partial { return dates.Of(clock.Now()).Add(later) }

func listed(t *testing.T, d *db.DB) (all []assessments.Known) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
		all, err = assessments.ListInstruments(ctx, q, worldtest.Farid())
		return err
	})
	return all
}

// standing is where each version of a questionnaire stands, by version.
func standing(t *testing.T, d *db.DB, name string) map[string]assessments.Standing {
	t.Helper()
	found := map[string]assessments.Standing{}
	for _, k := range listed(t, d) {
		if k.Name == name {
			found[k.Version] = k.Standing(dates.Of(d.Now()))
		}
	}
	return found
}

func offered(t *testing.T, d *db.DB, who access.Actor, name string) (version string) {
	t.Helper()
	p := rahima(t, d)
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		all, err := assessments.Offered(ctx, q, who, p)
		for _, o := range all {
			if o.Name == name && o.Why == nil {
				version = o.Version
			}
		}
		return err
	})
	return version
}

// What ships is known at once, as its file says.
func TestWhatShipsIsKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		all := listed(t, d)
		if len(all) != len(questionnaires.List()) {
			t.Errorf("%d are known, %d ship", len(all), len(questionnaires.List()))
		}
		want := map[instruments.Status]assessments.Standing{instruments.Active: assessments.InUse, instruments.Draft: assessments.Draft, instruments.Pending: assessments.Pending}
		for _, k := range all {
			if got := k.Standing(dates.Of(d.Now())); got != want[k.Definition.Status] || !k.Shipped {
				t.Errorf("%s is %s, want %s", k.Name, got, want[k.Definition.Status])
			}
		}
	})
}

// What waits for permission, or ships without its whole text, cannot be activated, by no way.
func TestPendingIsNeverActivated(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		farid := worldtest.Farid()
		activate := func(ref assessments.Ref) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				return assessments.Activate(ctx, tx, farid, assessments.Activation{Ref: ref})
			})
		}
		permit := func(ref assessments.Ref, said string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Permit(ctx, tx, farid, ref, said) })
		}
		for _, k := range listed(t, d) {
			switch k.Definition.Status {
			case instruments.Pending:
				refused(t, activate(k.Ref), "instrument.pending_permission")
				refused(t, permit(k.Ref, "the owner wrote to us in May"), "instrument.bring_text")
			case instruments.Draft:
				refused(t, activate(k.Ref), "instrument.bring_text")
			}
		}
		ours := household("1", 1)
		ours.Status = instruments.Pending
		var ref assessments.Ref
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			ref, err = assessments.Bring(ctx, tx, farid, ours)
			return err
		})
		refused(t, activate(ref), "instrument.pending_permission")
		refused(t, permit(ref, "yes"), "instrument.permission_unsaid")
		if err := permit(ref, "the owner wrote to us on 3 May"); err != nil {
			t.Fatal(err)
		}
		refused(t, permit(ref, "the owner wrote to us on 3 May"), "instrument.permission_given")
		if got := standing(t, d, "household")["1"]; got != assessments.Draft {
			t.Errorf("permitted, it is %s, want a draft that has still to be activated", got)
		}
		if err := activate(ref); err != nil {
			t.Fatal(err)
		}
		if offered(t, d, worldtest.Amina(), "household") != "1" {
			t.Error("activated, and not offered")
		}
	})
}

// A version comes as a draft, is in use from its day, ends when the next begins, and never changes.
func TestVersions(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		farid := worldtest.Farid()
		bringing := func(def *instruments.Definition) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Bring(ctx, tx, farid, def)
				return err
			})
		}
		if err := bringing(household("1", 1)); err != nil {
			t.Fatal(err)
		}
		if got := standing(t, d, "household")["1"]; got != assessments.Draft {
			t.Errorf("brought, it is %s", got)
		}
		if err := bringing(household("1", 1)); err != nil {
			t.Errorf("the same again: %v", err)
		}
		refused(t, bringing(household("1", 2)), "instrument.version_taken")
		set := func(version string, from dates.Partial) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				return assessments.Activate(ctx, tx, farid, assessments.Activation{Ref: assessments.Ref{Name: "household", Version: version}, From: from})
			})
		}
		refused(t, set("1", dayOf(clock, -1)), "instrument.from_past")
		refused(t, set("1", dates.Partial{Year: 2030}), "instrument.from_past")
		if err := set("1", dates.Partial{}); err != nil {
			t.Fatal(err)
		}
		refused(t, set("1", dates.Partial{}), "instrument.activated_already")
		if err := bringing(household("2", 2)); err != nil {
			t.Fatal(err)
		}
		if err := set("2", dayOf(clock, 10)); err != nil {
			t.Fatal(err)
		}
		if got := standing(t, d, "household"); got["1"] != assessments.InUse || got["2"] != assessments.Coming {
			t.Errorf("before the day: %v", got)
		}
		retire := func(version, reason string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				return assessments.Retire(ctx, tx, farid, assessments.Ref{Name: "household", Version: version}, reason)
			})
		}
		refused(t, retire("2", ""), "fault.needed")
		if err := retire("2", "too early"); err != nil {
			t.Fatal(err)
		}
		clock.Move(20 * 24 * time.Hour)
		if got := standing(t, d, "household"); got["1"] != assessments.InUse || got["2"] != assessments.Retired {
			t.Errorf("the next was taken back: %v", got)
		}
		if err := set("2", dates.Partial{}); err != nil {
			t.Fatal(err)
		}
		if got := standing(t, d, "household"); got["1"] != assessments.Retired || got["2"] != assessments.InUse || offered(t, d, worldtest.Amina(), "household") != "2" {
			t.Errorf("on the day: %v", got)
		}
		if err := retire("2", "a better one will come"); err != nil {
			t.Fatal(err)
		}
		refused(t, retire("2", "again"), "instrument.retired_already")
		if offered(t, d, worldtest.Amina(), "household") != "" {
			t.Error("retired, and offered")
		}
	})
}

// One that ships can be retired, or replaced by a version of one's own; what was begun can be completed.
func TestWhatShipsMayBeReplaced(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "progress_check")
		own := household("9", 1)
		own.Name = "progress_check"
		bring(t, d, own, dayOf(clock, 0))
		if got := offered(t, d, amina, "progress_check"); got != "9" {
			t.Errorf("offered version %q, want 9", got)
		}
		save(t, d, amina, id, check("2"))
		if o := finish(t, d, amina, id, ""); o.Ref.Version == "9" || value(t, o, "all") != 0.5 {
			t.Errorf("completed as %+v", o.Ref)
		}
		for _, k := range listed(t, d) {
			if k.Name == "phq9" {
				write(t, d, func(ctx context.Context, tx *db.Tx) error {
					return assessments.Retire(ctx, tx, worldtest.Farid(), k.Ref, "nobody is trained yet")
				})
			}
		}
		if offered(t, d, amina, "phq9") != "" {
			t.Error("retired, and offered")
		}
	})
}

// What cannot be kept or asked is refused with a reason.
func TestBringRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for want, change := range map[string]func(*instruments.Definition){
			"instrument.name_unfit":    func(x *instruments.Definition) { x.Name = "a/b" },
			"instrument.version_unfit": func(x *instruments.Definition) { x.Version = strings.Repeat("1", 61) },
			"instrument.has_problems":  func(x *instruments.Definition) { x.Items[0].Relevant = "${nothing} = 1" },
			"instrument.version_taken": func(x *instruments.Definition) {
				x.Name, x.Version = "phq9", questionnaireVersion(t, "phq9")
			},
		} {
			def := household("1", 1)
			change(def)
			err := tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Bring(ctx, tx, worldtest.Farid(), def)
				return err
			})
			refused(t, err, want)
		}
		for want, change := range map[string]func(*instruments.Definition){
			"instrument.empty":      func(x *instruments.Definition) { x.Items, x.Scales = nil, nil },
			"instrument.needs_file": func(x *instruments.Definition) { x.Items[1].Kind, x.Items[1].Required = instruments.Image, "true()" },
		} {
			def := household("1", 1)
			def.Status = instruments.Draft
			change(def)
			if def.Items != nil {
				def.Items[1].Alert = nil
			}
			err := tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				ref, err := assessments.Bring(ctx, tx, worldtest.Farid(), def)
				if err != nil {
					return err
				}
				return assessments.Activate(ctx, tx, worldtest.Farid(), assessments.Activation{Ref: ref})
			})
			refused(t, err, want)
		}
	})
}

func questionnaireVersion(t *testing.T, name string) string {
	t.Helper()
	d, err := questionnaires.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return d.Version
}

// Only who manages questionnaires changes what there is, and only everywhere.
func TestOnlyAdministratorsManage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ref := assessments.Ref{Name: "phq9", Version: questionnaireVersion(t, "phq9")}
		for _, who := range worldtest.Cast() {
			for name, act := range map[string]func(ctx context.Context, tx *db.Tx) error{
				"Bring": func(ctx context.Context, tx *db.Tx) error {
					_, err := assessments.Bring(ctx, tx, who, household("1", 1))
					return err
				},
				"Retire": func(ctx context.Context, tx *db.Tx) error { return assessments.Retire(ctx, tx, who, ref, "why not") },
				"Permit": func(ctx context.Context, tx *db.Tx) error {
					return assessments.Permit(ctx, tx, who, ref, "the owner said so")
				},
				"Activate": func(ctx context.Context, tx *db.Tx) error {
					return assessments.Activate(ctx, tx, who, assessments.Activation{Ref: ref})
				},
			} {
				err := tryOut(t, d, act)
				if allowed := who.Grants[access.ManageInstruments].Everywhere; (fault.KindOf(err) == fault.Forbidden) == allowed {
					t.Errorf("%s by %s: %v", name, who.Name, err)
				}
			}
			err := d.Read(t.Context(), func(q db.Reader) error {
				_, err := assessments.ListInstruments(t.Context(), q, who)
				return err
			})
			if (err == nil) != who.Holds(access.ReadInstruments) {
				t.Errorf("ListInstruments by %s: %v", who.Name, err)
			}
		}
	})
}
