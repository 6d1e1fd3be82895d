// SPDX-License-Identifier: Apache-2.0

package timeline_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/services"
	"fera/internal/timeline"
	"fera/internal/worldtest"
)

var seed = flag.Int64("seed", 0, "seed of the random tests; 0 takes one from the clock")

func chance(t *testing.T) *rand.Rand {
	s := *seed
	if s == 0 {
		s = time.Now().UnixNano()
	}
	t.Logf("seed %d", s)
	return rand.New(rand.NewPCG(uint64(s), 5))
}

// world is a woman who has lived, as Amina keeps it.
type world struct {
	worldtest.Life
	d     *db.DB
	clock *dbtest.Clock
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		fn(t, world{worldtest.Live(t, d, clock, worldtest.Amina()), d, clock})
	})
}

func (w world) list(t *testing.T, who access.Actor, a timeline.Ask) (p timeline.Page, err error) {
	t.Helper()
	err = w.d.Read(t.Context(), func(q db.Reader) (err error) { p, err = timeline.List(t.Context(), q, who, a); return err })
	return p, err
}

func (w world) look(t *testing.T, who access.Actor, a timeline.Ask) (p timeline.Page, err error) {
	t.Helper()
	err = w.d.Write(t.Context(), func(tx *db.Tx) (err error) { p, err = timeline.Look(t.Context(), tx, who, a); return err })
	return p, err
}

func (w world) write(t *testing.T, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	dbtest.Write(t, w.d, func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

// told are the entries as kinds with identifiers.
func told(p timeline.Page) (all []string) {
	for _, e := range p.Entries {
		all = append(all, string(e.Kind)+" "+e.ID)
	}
	return all
}

func count(p timeline.Page) map[timeline.Kind]int {
	n := map[timeline.Kind]int{}
	for _, e := range p.Entries {
		n[e.Kind]++
	}
	return n
}

func TestEveryRoomTells(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		p, err := w.list(t, worldtest.Amina(), timeline.Ask{Person: w.Person, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		want := map[timeline.Kind]int{timeline.Journey: 1, timeline.Registration: 1, timeline.Consent: 3, timeline.File: 1, timeline.Course: 4, timeline.Plan: 2, timeline.Review: 1,
			timeline.Service: 1, timeline.Note: 1, timeline.Task: 1, timeline.Referral: 1}
		if got := count(p); !reflect.DeepEqual(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		for i, e := range p.Entries {
			if i > 0 && e.At.After(p.Entries[i-1].At) {
				t.Errorf("entry %d is later than the one before it", i)
			}
			if e.Protected {
				t.Errorf("%s is told without a look", e.Kind)
			}
		}
		if last := p.Entries[len(p.Entries)-1]; last.Kind != timeline.Journey {
			t.Errorf("the first thing that happened is a %s, want the journey of February", last.Kind)
		}
		if len(p.Cases) != 1 || p.Cases[0].ID != w.Case || p.Next != (timeline.Place{}) {
			t.Errorf("cases %v, next %v", p.Cases, p.Next)
		}
		opened, err := w.look(t, worldtest.Amina(), timeline.Ask{Person: w.Person, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		more := map[timeline.Kind]int{}
		for _, e := range opened.Entries {
			if e.Protected {
				more[e.Kind]++
			}
		}
		if want := (map[timeline.Kind]int{timeline.File: 1, timeline.Assessment: 1, timeline.Plan: 1, timeline.Service: 2, timeline.Note: 2, timeline.Referral: 2}); !reflect.DeepEqual(more, want) {
			t.Errorf("a look tells %v more, want %v", more, want)
		}
	})
}

// What may not be seen leaves no trace: what the supervisor is told is the same whether it is there or not.
func TestWhatIsHiddenLeavesNoTrace(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		ask := timeline.Ask{Person: w.Person, Limit: 3}
		before, err := w.list(t, chandra, ask)
		if err != nil || len(before.Entries) != 3 {
			t.Fatalf("%v %v", told(before), err)
		}
		w.clock.Move(time.Minute)
		w.write(t, func(ctx context.Context, tx *db.Tx) error {
			if err := cases.Write(ctx, tx, amina, w.Case, cases.Note{Text: "she told", Protected: true}); err != nil {
				return err
			}
			_, err := services.Log(ctx, tx, amina, services.Giving{Case: w.Case, Code: "counselling_basic"})
			return err
		})
		after, err := w.list(t, chandra, ask)
		if err != nil || !slices.Equal(told(before), told(after)) || before.Next != after.Next {
			t.Errorf("the supervisor was told %v then %v, now %v then %v, %v", told(before), before.Next, told(after), after.Next, err)
		}
		for _, ask := range []timeline.Ask{{Person: w.Person}, {Case: w.Case}} {
			for _, who := range []access.Actor{worldtest.Basil(), worldtest.Dipu(), worldtest.Farid(), worldtest.Gita(), worldtest.Harun(), {}} {
				if _, err := w.list(t, who, ask); fault.KindOf(err) != fault.NotFound || err == nil {
					t.Errorf("%s is told: %v", who.Name, err)
				}
				if _, err := w.look(t, who, ask); fault.KindOf(err) != fault.NotFound || err == nil {
					t.Errorf("%s looks: %v", who.Name, err)
				}
			}
			if _, err := w.look(t, chandra, ask); fault.KindOf(err) != fault.Forbidden || err == nil {
				t.Errorf("the supervisor looks: %v", err)
			}
		}
	})
}

// Each look is in the trail, and no reading without one is.
func TestLooksAreInTheTrail(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		looks := func() (n int) {
			if err := w.d.Read(t.Context(), func(q db.Reader) error {
				all, err := audit.List(t.Context(), q, audit.Filter{Person: string(w.Person), Act: access.ReadProtected, Limit: 100})
				for _, l := range all {
					if slices.Contains(l.Fields, "timeline") {
						n++
					}
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for i, ask := range []timeline.Ask{{Person: w.Person}, {Case: w.Case}, {Person: w.Person, Kinds: []timeline.Kind{timeline.Assessment}}} {
			if _, err := w.list(t, worldtest.Amina(), ask); err != nil || looks() != i {
				t.Errorf("read, there are %d looks, want %d, %v", looks(), i, err)
			}
			if _, err := w.look(t, worldtest.Amina(), ask); err != nil || looks() != i+1 {
				t.Errorf("looked at, there are %d looks, want %d, %v", looks(), i+1, err)
			}
		}
	})
}

// However the pages are cut and narrowed down, together they are the same as the whole.
func TestPagesMakeTheWhole(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		rng := chance(t)
		for range 24 {
			w.happen(t, rng)
		}
		whole, err := w.list(t, worldtest.Amina(), timeline.Ask{Person: w.Person, Limit: 100})
		if err != nil || len(whole.Entries) < 50 || whole.Next != (timeline.Place{}) {
			t.Fatalf("%d entries, next %v, %v", len(whole.Entries), whole.Next, err)
		}
		kinds := timeline.Kinds(worldtest.Amina(), false)
		for range 25 {
			ask := timeline.Ask{Person: w.Person, Limit: 1 + rng.IntN(12)}
			if rng.IntN(2) == 0 {
				ask.Kinds = []timeline.Kind{kinds[rng.IntN(len(kinds))], kinds[rng.IntN(len(kinds))]}
			}
			if rng.IntN(3) == 0 {
				ask.Since = dbtest.Noon.Add(time.Duration(rng.IntN(500)) * time.Hour)
			}
			if rng.IntN(3) == 0 {
				ask.Case = w.Case
			}
			want := slices.DeleteFunc(slices.Clone(whole.Entries), func(e timeline.Entry) bool {
				return len(ask.Kinds) > 0 && !slices.Contains(ask.Kinds, e.Kind) || e.At.Before(ask.Since) || ask.Case != "" && e.Case != ask.Case
			})
			var got []timeline.Entry
			for {
				p, err := w.list(t, worldtest.Amina(), ask)
				if err != nil {
					t.Fatal(err)
				}
				if got = append(got, p.Entries...); p.Next == (timeline.Place{}) {
					break
				}
				if ask.Before = timeline.ParsePlace(p.Next.String()); ask.Before.String() != p.Next.String() {
					t.Fatalf("%v is read as %v", p.Next, ask.Before)
				}
			}
			if !slices.Equal(told(timeline.Page{Entries: got}), told(timeline.Page{Entries: want})) {
				t.Errorf("%+v:\n%v\nwant\n%v", ask, told(timeline.Page{Entries: got}), told(timeline.Page{Entries: want}))
			}
		}
	})
}

// happen lets something happen in the case, some of it on the day before, some of it at one moment.
func (w world) happen(t *testing.T, rng *rand.Rand) {
	t.Helper()
	amina := worldtest.Amina()
	w.clock.Move(time.Duration(rng.IntN(3)) * time.Duration(1+rng.IntN(600)) * time.Minute)
	w.write(t, func(ctx context.Context, tx *db.Tx) error {
		today := dates.Of(tx.Now())
		for range 1 + rng.IntN(3) {
			var err error
			switch rng.IntN(4) {
			case 0:
				err = cases.Write(ctx, tx, amina, w.Case, cases.Note{Text: "she came"})
			case 1:
				_, err = services.Log(ctx, tx, amina, services.Giving{Case: w.Case, Code: "information", On: today.Add(-rng.IntN(3))})
			case 2:
				var task string
				if task, err = cases.Remember(ctx, tx, amina, cases.Task{Case: w.Case, What: "call her", DueOn: today}); err == nil {
					err = cases.Tick(ctx, tx, amina, task)
				}
			default:
				if err = cases.Stop(ctx, tx, amina, cases.Stopping{Case: w.Case, Why: "she is away"}); err == nil {
					err = cases.GoOn(ctx, tx, amina, w.Case, 0)
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// That two records are of one person is told to who sees both, and to nobody else.
func TestMergesAreToldToWhoSeesBoth(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, basil, ishrat := worldtest.Amina(), worldtest.Basil(), worldtest.Ishrat()
		var other persons.ID
		w.write(t, func(ctx context.Context, tx *db.Tx) (err error) {
			other, err = persons.Register(ctx, tx, basil, worldtest.Rahima())
			return err
		})
		w.clock.Move(time.Minute)
		w.write(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Merge(ctx, tx, ishrat, persons.Merging{One: w.Person, Other: other, Reason: "the same card"})
			return err
		})
		for _, test := range []struct {
			who  access.Actor
			of   persons.ID
			want int
		}{{amina, w.Person, 0}, {basil, other, 0}, {ishrat, w.Person, 1}, {ishrat, other, 1}} {
			p, err := w.list(t, test.who, timeline.Ask{Person: test.of, Limit: 100})
			if got := count(p)[timeline.Merge]; err != nil || got != test.want {
				t.Errorf("%s is told of %d merges, want %d, %v", test.who.Name, got, test.want, err)
			}
		}
	})
}

// An appointment is told once she came, or did not; one that is to come, and one that was called off, is not.
func TestAppointmentsAreToldOnceTheyHappened(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		var all []appointments.ID
		for n := range 4 {
			w.write(t, func(ctx context.Context, tx *db.Tx) error {
				a, err := appointments.Book(ctx, tx, amina, appointments.Booking{Case: w.Case, With: amina.ID, Office: worldtest.Sylhet, At: time.Date(2030, 3, 10, 4+n, 0, 0, 0, time.UTC), Minutes: 30, Purpose: "job"})
				all = append(all[:n], a.ID)
				return err
			})
		}
		w.write(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := appointments.CallOff(ctx, tx, amina, appointments.Acting{Appointment: all[3], Why: "she is ill"})
			return err
		})
		w.clock.Move(time.Date(2030, 3, 10, 6, 30, 0, 0, time.UTC).Sub(w.clock.Now()))
		for n, act := range []appointments.Act{appointments.Come, appointments.Miss} {
			w.write(t, func(ctx context.Context, tx *db.Tx) error {
				_, err := appointments.Note(ctx, tx, amina, appointments.Acting{Appointment: all[n]}, act)
				return err
			})
		}
		p, err := w.list(t, amina, timeline.Ask{Case: w.Case, Kinds: []timeline.Kind{timeline.Appointment}})
		if want := []string{"appointment " + string(all[1]), "appointment " + string(all[0])}; err != nil || !slices.Equal(told(p), want) {
			t.Errorf("told %v, %v, want %v", told(p), err, want)
		}
	})
}

// The kinds that are offered are those of which there may be some, and tell nothing of rooms that are closed to the reader.
func TestKinds(t *testing.T) {
	for _, test := range []struct {
		who    access.Actor
		ofCase bool
		want   int
	}{{worldtest.Amina(), false, 14}, {worldtest.Amina(), true, 8}, {worldtest.Ishrat(), false, 5}, {worldtest.Ishrat(), true, 0}, {access.Actor{}, false, 0}} {
		if got := timeline.Kinds(test.who, test.ofCase); len(got) != test.want {
			t.Errorf("%s, of a case %t: %v, want %d", test.who.Name, test.ofCase, got, test.want)
		}
	}
}

func TestParsePlace(t *testing.T) {
	for _, text := range []string{"", ".", "x", "zz.", "-1.a", "0.a", "99999999999999999999.a", "é.b", "1." + fmt.Sprint(make([]int, 100))} {
		if got := timeline.ParsePlace(text); got != (timeline.Place{}) && text != "zz." {
			t.Errorf("%q is %v", text, got)
		}
	}
	p := timeline.Place{At: dbtest.Noon, ID: "0190-x:2"}
	if got := timeline.ParsePlace(p.String()); got != p {
		t.Errorf("%v is read as %v", p, got)
	}
}
