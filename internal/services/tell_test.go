// SPDX-License-Identifier: Apache-2.0

package services_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/services"
	"fera/internal/worldtest"
)

func (w world) tell(t *testing.T, who access.Actor, told services.Telling) error {
	t.Helper()
	w.clock.Move(time.Second)
	return try(t, w.d, func(ctx context.Context, tx *db.Tx) error { return services.Tell(ctx, tx, who, told) })
}

func (w world) toTell(t *testing.T, who access.Actor) (all []services.Due) {
	t.Helper()
	reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
		all, err = services.ToTell(ctx, q, who, 10)
		return err
	})
	return all
}

func (w world) promise(t *testing.T) services.Promise {
	t.Helper()
	all, err := w.look(t, worldtest.Amina())
	if err != nil || len(all) == 0 || all[0].Promise == nil {
		t.Fatalf("there is no promise: %+v, %v", all, err)
	}
	return *all[0].Promise
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// Of a matter at court she is told every month. Telling her begins the next month; when it is over she need not be told again.
func TestSheIsToldEachMonth(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina() // it is Tuesday, 5 March 2030
		id := w.must(t, amina, services.Giving{Code: "legal_representation", Details: map[string]string{"matter": "trafficking", "next_day": "2030-04-01"}})
		if p := w.promise(t); p.DueOn.String() != "2030-04-07" || p.Months != 1 || p.Over { // 5 April is a Friday
			t.Errorf("promised is %+v", p)
		}
		refused(t, w.tell(t, amina, services.Telling{Service: id}), "fault.needed")
		refused(t, w.tell(t, amina, services.Telling{Service: id, What: "Zqheard", On: dates.Partial{Year: 2030, Month: 3, Day: 4}}), "service.told_day")
		refused(t, w.tell(t, amina, services.Telling{Service: id, What: "Zqheard", On: dates.Partial{Year: 2030, Month: 3, Day: 6}}), "service.told_day")
		refused(t, w.tell(t, worldtest.Chandra(), services.Telling{Service: id, What: "Zqheard"}), "service.not_found")
		w.clock.Move(days(9)) // 14 March
		if err := w.tell(t, amina, services.Telling{Service: id, What: "Zqheard"}); err != nil {
			t.Fatal(err)
		}
		if p := w.promise(t); p.DueOn.String() != "2030-04-15" || // the 14th is a holiday
			len(p.Tellings) != 1 || p.Tellings[0].What != "Zqheard" || p.Tellings[0].By != "Amina" {
			t.Errorf("told, it is %+v", p)
		}
		for who, want := range map[string]int{"amina": 1, "chandra": 0, "basil": 0} {
			if got := w.toTell(t, map[string]access.Actor{"amina": amina, "chandra": worldtest.Chandra(), "basil": worldtest.Basil()}[who]); len(got) != want {
				t.Errorf("%s has to tell %+v, want %d", who, got, want)
			}
		}
		if err := w.tell(t, amina, services.Telling{Service: id, What: "Zqsentence", Over: true}); err != nil {
			t.Fatal(err)
		}
		if p := w.promise(t); !p.Over || len(w.toTell(t, amina)) != 0 {
			t.Errorf("over, it is %+v", p)
		}
		refused(t, w.tell(t, amina, services.Telling{Service: id, What: "once more"}), "service.nothing_to_tell")
		for _, told := range []string{"Zqheard", "Zqsentence"} { // two letters alone stand in what is sealed by chance
			if bytes.Contains(everything(t, w.d), []byte(told)) {
				t.Errorf("%s lies in the open", told)
			}
		}
	})
}

// While the case stands still nothing is due, and the month goes on where it stopped. Who has the case is reminded, then her
// supervisor, and the notice says nothing of what it is.
func TestAPromiseStandsStillAndReminds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		w.must(t, amina, services.Giving{Code: "fraud_case"})
		var upkeep services.Upkeep
		work := func() {
			t.Helper()
			if err := upkeep.Work(t.Context(), w.d); err != nil {
				t.Fatal(err)
			}
		}
		work()
		w.clock.Move(days(5)) // 10 March
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			return cases.Stop(ctx, tx, amina, cases.Stopping{Case: w.id, Why: "she is in hospital"})
		})
		work()
		if p := w.promise(t); !p.DueOn.IsZero() || len(w.toTell(t, amina)) != 0 {
			t.Errorf("while it stands still, it is %+v", p)
		}
		w.clock.Move(days(10)) // 20 March
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error { return cases.GoOn(ctx, tx, amina, w.id, 0) })
		work()
		if p := w.promise(t); p.DueOn.String() != "2030-04-15" { // ten days later than 5 April
			t.Errorf("gone on, it is due on %s", p.DueOn)
		}
		seen := func() []string {
			t.Helper()
			work()
			return notices(t, w.d)
		}
		before := seen()
		w.clock.Move(days(25)) // 14 April: two working days before it is past
		after := seen()
		if want := append(slices.Clone(before), worldtest.Amina().ID+" notice.case_due case:"+string(w.id)); !slices.Equal(after, want) {
			t.Errorf("reminded: %v, want %v", after, want)
		}
		for range 3 { // 17 April: late
			w.clock.Move(days(1))
			work()
		}
		if late := seen(); len(late) <= len(after) || !slices.Contains(late, worldtest.Chandra().ID+" notice.case_late case:"+string(w.id)) {
			t.Errorf("late, told are %v", late)
		}
	})
}

// notices are those of all users, in order.
func notices(t *testing.T, d *db.DB) (all []string) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT user_id || ' ' || key || ' ' || subject FROM notices WHERE key LIKE 'notice.case_due' OR key LIKE 'notice.case_late' ORDER BY at, user_id`)
		all, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) {
			err = r.Scan(&s)
			return s, err
		})
		return err
	})
	return all
}

// What is corrected goes on where it was; what is taken back, and who is erased, leaves nothing to be told.
func TestAPromiseEndsWithItsService(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		first := w.must(t, amina, services.Giving{Code: "trafficking_case"})
		w.clock.Move(days(3))
		if err := w.tell(t, amina, services.Telling{Service: first, What: "a hearing is set"}); err != nil {
			t.Fatal(err)
		}
		second := w.must(t, amina, services.Giving{Code: "trafficking_case", On: dates.Partial{Year: 2030, Month: 3, Day: 5}, Replaces: first})
		if due := w.toTell(t, amina); len(due) != 1 || due[0].Service != second || due[0].On.String() != "2030-04-08" {
			t.Errorf("corrected, due is %+v", due)
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			return services.Undo(ctx, tx, amina, services.Undoing{Service: second, Why: "it was another woman"})
		})
		if due := w.toTell(t, amina); len(due) != 0 {
			t.Errorf("taken back, due is %+v", due)
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
			tx.Allowed()
			tx.Recorded()
			return services.Forget(ctx, tx, w.person)
		})
		var left int
		reading(t, w.d, func(ctx context.Context, q db.Reader) error {
			return q.QueryRow(ctx, `SELECT (SELECT count(*) FROM service_clocks) + (SELECT count(*) FROM service_tellings)`).Scan(&left)
		})
		if left != 0 {
			t.Errorf("%d rows are left", left)
		}
	})
}

// Money in another currency is kept as it was handed over, beside what it is worth.
func TestMoneyOfAnotherCurrency(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		g := grant(125_050)
		for _, test := range []struct {
			foreign services.Foreign
			want    string
		}{{services.Foreign{Currency: "sar", Amount: 1}, "service.currency"}, {services.Foreign{Currency: "BDT", Amount: 1}, "service.currency"}, {services.Foreign{Currency: "ZZZ", Amount: 1}, "service.currency"},
			{services.Foreign{Currency: "SAR"}, "service.amount"}, {services.Foreign{Amount: 5}, "service.currency"}} {
			g.Foreign = test.foreign
			_, err := w.log(t, amina, g)
			refused(t, err, test.want)
		}
		g.Foreign = services.Foreign{Currency: "SAR", Amount: 4_275}
		w.must(t, amina, g)
		if s := w.list(t, amina)[0]; s.Foreign != g.Foreign || s.Amount != 125_050 {
			t.Errorf("kept is %+v", s)
		}
	})
}

// The totals leave out what was taken back and what was not paid.
func TestTotals(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina()
		w.must(t, amina, services.Giving{Code: "life_skills", Quantity: 3})
		w.must(t, amina, services.Giving{Code: "life_skills", Quantity: 2, Replaces: w.must(t, amina, services.Giving{Code: "life_skills", Quantity: 50})})
		w.must(t, amina, grant(100_000))
		w.must(t, amina, services.Giving{Code: "counselling_individual", Quantity: 4})
		reading(t, w.d, func(ctx context.Context, q db.Reader) error {
			got, err := services.Totals(ctx, q, amina, w.id)
			if want := []services.Total{{Code: "life_skills", Times: 2, Quantity: 5}}; err != nil || !slices.Equal(got, want) {
				t.Errorf("totals are %+v, %v", got, err)
			}
			_, err = services.Totals(ctx, q, worldtest.Basil(), w.id)
			refused(t, err, "case.not_found")
			return nil
		})
		all, err := w.look(t, amina)
		if got := services.TotalsOf(all); err != nil || !slices.Equal(got, []services.Total{{Code: "counselling_individual", Times: 1, Quantity: 4}}) {
			t.Errorf("totals of what is protected are %+v, %v", got, err)
		}
	})
}

// An administrator sees each version of a kind, and nobody else.
func TestVersions(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		farid := worldtest.Farid()
		k := services.Kind{Code: "goat", NameBn: "ছাগল", NameEn: "A goat", Category: "in_kind", Dimension: "economic", Unit: "item", Class: 2, Cost: 650_000}
		for _, bad := range []func(*services.Kind){func(k *services.Kind) { k.Tell = 1 }, func(k *services.Kind) { k.Class, k.Tell = 3, 13 }, func(k *services.Kind) { k.Cost = -1 }} {
			wrong := k
			bad(&wrong)
			if err := try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
				return services.SetKind(ctx, tx, farid, wrong, dates.Of(tx.Now()))
			}); err == nil {
				t.Errorf("%+v was kept", wrong)
			}
		}
		for _, from := range []int{5, 20} {
			k.Unit = map[int]string{5: "item", 20: "pair"}[from]
			write(t, w.d, func(ctx context.Context, tx *db.Tx) error {
				return services.SetKind(ctx, tx, farid, k, dates.Partial{Year: 2030, Month: 3, Day: from})
			})
		}
		reading(t, w.d, func(ctx context.Context, q db.Reader) error {
			all, err := services.Versions(ctx, q, farid, "goat")
			if err != nil || len(all) != 2 || all[0].Unit != "pair" || all[0].By != "Farid" || all[1].From.String() != "2030-03-05" {
				t.Errorf("versions are %+v, %v", all, err)
			}
			_, err = services.Versions(ctx, q, worldtest.Amina(), "goat")
			refused(t, err, "service.unknown")
			if now, err := services.FindKind(ctx, q, "goat", dates.Of(q.Now())); err != nil || now.Unit != "item" || now.Cost != 650_000 {
				t.Errorf("now it is %+v, %v", now, err)
			}
			return nil
		})
	})
}
