// SPDX-License-Identifier: Apache-2.0

package programmes_test

import (
	"context"
	"testing"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/worldtest"
)

func find(t *testing.T, d *db.DB, code string) (p programmes.Programme, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(q db.Reader) (err error) { p, err = programmes.Find(t.Context(), q, code); return err })
	return p, err
}

func field(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Field
	}
	return ""
}

// A version holds from its day on; the one set last for a day holds.
func TestAVersionHoldsFromItsDay(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		p, err := find(t, d, "reintegration")
		if err != nil || p.Plan != (deadlines.Term{Count: 1, Unit: deadlines.Months}) || len(p.Reviews) != 4 {
			t.Fatalf("what ships is %+v, %v", p, err)
		}
		set := func(days, from int) {
			t.Helper()
			clock.Move(time.Second)
			p.Untouched = days
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return programmes.Set(t.Context(), tx, worldtest.Farid(), p, dates.Of(tx.Now()).Add(from))
			})
		}
		set(40, 1)
		set(50, 2)
		set(41, 1)
		for _, want := range []int{30, 41, 50} {
			if p, err := find(t, d, "reintegration"); err != nil || p.Untouched != want {
				t.Errorf("on %s it is %d, %v; want %d", dates.Of(d.Now()), p.Untouched, err, want)
			}
			clock.Move(24 * time.Hour)
		}
		if _, err := find(t, d, "nothing"); field(err) != "programme" {
			t.Errorf("there is no such programme: %v", err)
		}
	})
}

func TestSetRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		good, err := find(t, d, "reintegration")
		if err != nil {
			t.Fatal(err)
		}
		set := func(ctx context.Context, p programmes.Programme) error {
			return d.Write(ctx, func(tx *db.Tx) error { return programmes.Set(ctx, tx, worldtest.Farid(), p, dates.Of(tx.Now())) })
		}
		for want, change := range map[string]func(p *programmes.Programme){
			"code":           func(p *programmes.Programme) { p.Code = "A B" },
			"name_bn":        func(p *programmes.Programme) { p.NameBn = " " },
			"assess":         func(p *programmes.Programme) { p.Assess.Unit = "weeks" },
			"reviews":        func(p *programmes.Programme) { p.Reviews = []int{0} },
			"untouched_days": func(p *programmes.Programme) { p.Untouched = 0 },
			"one_up_to":      func(p *programmes.Programme) { p.OneUpTo = -1 },
			"closure":        func(p *programmes.Programme) { p.Closures = append(p.Reasons(), p.Reasons()[0]) },
			"group":          func(p *programmes.Programme) { p.Closures = p.Reasons(); p.Closures[0].Group = "whim" },
			"closures":       func(p *programmes.Programme) { p.Closures = p.Reasons(); p.Closures[0].Bn = " " },
			"duties":         func(p *programmes.Programme) { p.Closures = p.Reasons(); p.Closures[0].Duties = []string{"dance"} },
			"reminders":      func(p *programmes.Programme) { p.Reminders = []deadlines.Rung{{Days: 1, To: "the minister"}} },
		} {
			p := good
			change(&p)
			if err := set(t.Context(), p); field(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if err := set(t.Context(), good); err != nil {
			t.Error(err)
		}
		for _, who := range worldtest.Cast() {
			err := d.Write(t.Context(), func(tx *db.Tx) error { return programmes.Set(t.Context(), tx, who, good, dates.Of(tx.Now())) })
			if (err == nil) != (who.Name == "Farid") {
				t.Errorf("%s sets a programme: %v", who.Name, err)
			}
		}
	})
}

func TestDeciders(t *testing.T) {
	p := programmes.Programme{AloneUpTo: 100, OneUpTo: 1000}
	for amount, want := range map[int64]int{0: 0, 100: 0, 101: 1, 1000: 1, 1001: 2} {
		if got := p.Deciders(amount); got != want {
			t.Errorf("%d needs %d others, want %d", amount, got, want)
		}
	}
}

// Each closure is one that somebody can read, with duties that somebody can read.
func TestClosuresSayWhatTheyAsk(t *testing.T) {
	groups := map[string]int{}
	used := map[string]bool{}
	for _, c := range programmes.Closures() {
		groups[c.Group]++
		if c.Bn == "" || c.En == "" || len(c.Duties) == 0 {
			t.Errorf("%+v says too little", c)
		}
		for _, key := range c.Duties {
			used[key] = true
			if d := programmes.DutyOf(key); d.Bn == "" || d.En == "" {
				t.Errorf("%s asks for %q, which is no duty", c.Code, key)
			}
		}
	}
	if len(groups) != 7 || groups["planned"] == 0 || len(used) < 10 || programmes.DutyOf("dance") != (programmes.Duty{}) {
		t.Errorf("groups are %v, duties %v", groups, used)
	}
}

// A reason that was taken out is still said of the cases that were closed for it; two who set at once do not undo one another.
func TestReasonsThatWereAreStillSaid(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		set := func(change func(p *programmes.Programme)) error {
			clock.Move(time.Second)
			p, err := find(t, d, "reintegration")
			if err != nil {
				t.Fatal(err)
			}
			change(&p)
			return d.Write(t.Context(), func(tx *db.Tx) error {
				return programmes.Set(t.Context(), tx, worldtest.Farid(), p, dates.Of(tx.Now()))
			})
		}
		own := programmes.Closure{Code: "settled", Group: "planned", En: "She has settled", Bn: "তিনি থিতু হয়েছেন", Duties: []string{"own_1"}}
		if err := set(func(p *programmes.Programme) {
			p.Closures, p.Duties = []programmes.Closure{own}, map[string]programmes.Duty{"own_1": {En: "She has our card.", Bn: "কার্ড দেওয়া হয়েছে।"}}
		}); err != nil {
			t.Fatal(err)
		}
		if err := set(func(p *programmes.Programme) { p.Closures[0].Code, p.Closures[0].En = "content", "She is content" }); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			for code, want := range map[string]string{"settled": "She has settled", "content": "She is content", "goals_reached": "The goals were reached", "never_was": "never_was"} {
				c, err := programmes.ClosureOf(t.Context(), q, "reintegration", code)
				if err != nil || c.En != want {
					t.Errorf("%s is said %q, %v", code, c.En, err)
				}
			}
			p, err := programmes.Find(t.Context(), q, "reintegration")
			if p.Duty("own_1").En == "" || p.Duty("prepared").En == "" || len(p.DutyKeys()) < 16 {
				t.Errorf("it is %+v", p)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := set(func(p *programmes.Programme) { p.Version = 3 }); err != nil {
			t.Errorf("set as it is: %v", err)
		}
		stale := set(func(p *programmes.Programme) { p.Version = 3 })
		if fault.KindOf(stale) != fault.Conflict {
			t.Errorf("set as it was before: %v", stale)
		}
	})
}
