// SPDX-License-Identifier: Apache-2.0

package deadlines_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fera/internal/dates"
	"fera/internal/deadlines"
)

func day(year, month, d int) dates.Partial {
	return dates.Partial{Year: year, Month: month, Day: d}
}

func days(list ...dates.Partial) (all []deadlines.Exception) {
	for _, d := range list {
		all = append(all, deadlines.Exception{Day: d})
	}
	return all
}

func dhaka(t *testing.T, exceptions []deadlines.Exception) deadlines.Calendar {
	t.Helper()
	c, err := deadlines.Dhaka(exceptions)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// slow is a calendar that looks at one day after another.
type slow struct {
	weekend    []time.Weekday
	exceptions []deadlines.Exception
}

func (s slow) working(d dates.Partial) bool {
	works := !slices.Contains(s.weekend, d.Start().Weekday())
	for _, e := range s.exceptions {
		if e.Day == d {
			works = e.Worked
		}
	}
	return works
}

func (s slow) add(d dates.Partial, n int) dates.Partial {
	step := 1
	if n < 0 {
		step = -1
	}
	for n != 0 {
		if d = d.Add(step); s.working(d) {
			n -= step
		}
	}
	return d
}

func before(a, b dates.Partial) bool { return a.String() < b.String() }

func (s slow) between(a, b dates.Partial) (n int) {
	if before(b, a) {
		return -s.between(b, a)
	}
	for d := a; d != b; {
		if d = d.Add(1); s.working(d) {
			n++
		}
	}
	return n
}

// paused tells whether a clock stands still on a day.
func paused(k deadlines.Clock, d dates.Partial) bool {
	return slices.ContainsFunc(k.Pauses, func(p deadlines.Pause) bool {
		return !before(d, p.From) && (p.Until.IsZero() || before(d, p.Until))
	})
}

// read reads a clock day by day. Nothing is looked for beyond twenty years.
func (s slow) read(k deadlines.Clock, today dates.Partial) (r deadlines.Reading) {
	counts := func(d dates.Partial) bool {
		return !paused(k, d) && (k.Term.Unit != deadlines.WorkingDays || s.working(d))
	}
	length := k.Term.Count
	if k.Term.Unit == deadlines.Months {
		length = 0
		month, year := k.From.Month+k.Term.Count, k.From.Year
		for ; month > 12; month -= 12 {
			year++
		}
		last := day(year, month, k.From.Day)
		for last.Check() != nil {
			last.Day--
		}
		for d := k.From; d != last; d = d.Add(1) {
			length++
		}
	}
	left, due := length, dates.Partial{}
	for d, i := k.From, 0; i < 20*366 && due.IsZero(); i++ {
		if d = d.Add(1); left > 0 && counts(d) {
			left--
		}
		if left == 0 && !paused(k, d) && s.working(d) {
			due = d
		}
	}
	if due.IsZero() {
		return deadlines.Reading{Stopped: true, Left: left}
	}
	r.Due = due
	from := today
	if before(today, k.From) {
		from = k.From
	}
	for d := from; before(d, due); {
		if d = d.Add(1); counts(d) {
			r.Left++
		}
	}
	for d := due; before(d, today); {
		if d = d.Add(1); counts(d) {
			r.Left--
		}
	}
	if before(due, today) && r.Left == 0 {
		r.Left = -1
	}
	return r
}

// someDay is a day of three years, so that days meet often.
func someDay() *rapid.Generator[dates.Partial] {
	return rapid.Custom(func(t *rapid.T) dates.Partial {
		return day(2027, 1, 1).Add(rapid.IntRange(0, 1100).Draw(t, "day"))
	})
}

func someCalendar(t *rapid.T) (slow, deadlines.Calendar) {
	s := slow{weekend: rapid.SampledFrom([][]time.Weekday{{time.Friday, time.Saturday}, {time.Friday, time.Saturday}, {time.Sunday}, nil,
		{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}}).Draw(t, "weekend")}
	for range rapid.IntRange(0, 40).Draw(t, "exceptions") {
		s.exceptions = append(s.exceptions, deadlines.Exception{Day: someDay().Draw(t, "exception"), Worked: rapid.Bool().Draw(t, "worked")})
	}
	c, err := deadlines.New(s.weekend, s.exceptions)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func TestCountingIsAsOneWouldOnTheWall(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, c := someCalendar(rt)
		a, b := someDay().Draw(rt, "a"), someDay().Draw(rt, "b")
		if got, want := c.Working(a), s.working(a); got != want {
			rt.Errorf("Working(%s) = %t, want %t", a, got, want)
		}
		n := rapid.IntRange(-90, 200).Draw(rt, "n")
		if got, want := c.Add(a, n), s.add(a, n); got != want {
			rt.Errorf("Add(%s, %d) = %s, want %s", a, n, got, want)
		}
		if got, want := c.Between(a, b), s.between(a, b); got != want {
			rt.Errorf("Between(%s, %s) = %d, want %d", a, b, got, want)
		}
		if got := c.Between(a, c.Add(a, max(n, 1))); got != max(n, 1) {
			rt.Errorf("%d working days after %s are %d", n, a, got)
		}
	})
}

func TestAClockIsReadAsOneWouldOnTheWall(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, c := someCalendar(rt)
		k := deadlines.Clock{From: someDay().Draw(rt, "from"), Term: deadlines.Term{Count: rapid.IntRange(1, 100).Draw(rt, "count"),
			Unit: rapid.SampledFrom([]deadlines.Unit{deadlines.WorkingDays, deadlines.Days, deadlines.Months}).Draw(rt, "unit")}}
		if k.Term.Unit == deadlines.Months {
			k.Term.Count = 1 + k.Term.Count%24
		}
		for range rapid.IntRange(0, 4).Draw(rt, "pauses") {
			p := deadlines.Pause{From: k.From.Add(rapid.IntRange(-20, 120).Draw(rt, "pause from"))}
			if rapid.IntRange(0, 6).Draw(rt, "goes on") > 0 {
				p.Until = p.From.Add(rapid.IntRange(0, 60).Draw(rt, "pause length"))
			}
			k.Pauses = append(k.Pauses, p)
		}
		if err := k.Check(); err != nil {
			rt.Fatal(err)
		}
		today := k.From.Add(rapid.IntRange(-30, 400).Draw(rt, "today"))
		if got, want := k.Read(c, today), s.read(k, today); got != want {
			rt.Errorf("on %s %+v reads %+v, want %+v", today, k, got, want)
		}
	})
}

func TestWorkingDaysOfARealWeek(t *testing.T) {
	c := dhaka(t, append(days(day(2026, 12, 16)), deadlines.Exception{Day: day(2026, 12, 19), Worked: true}))
	for _, test := range []struct {
		from dates.Partial
		n    int
		want dates.Partial
	}{
		{day(2026, 12, 10), 1, day(2026, 12, 13)}, // a Thursday; Friday and Saturday are off
		{day(2026, 12, 15), 1, day(2026, 12, 17)}, // Victory Day is off
		{day(2026, 12, 17), 1, day(2026, 12, 19)}, // a Saturday that was worked
		{day(2026, 12, 17), 2, day(2026, 12, 20)},
		{day(2026, 12, 12), 0, day(2026, 12, 12)},
		{day(2026, 12, 13), -1, day(2026, 12, 10)},
	} {
		if got := c.Add(test.from, test.n); got != test.want {
			t.Errorf("Add(%s, %d) = %s, want %s", test.from, test.n, got, test.want)
		}
	}
	if got := c.Forward(day(2026, 12, 11)); got != day(2026, 12, 13) {
		t.Errorf("Forward of a Friday = %s", got)
	}
}

func TestATermThatWasStopped(t *testing.T) {
	c := dhaka(t, nil)
	k := deadlines.Clock{From: day(2026, 11, 1), Term: deadlines.Term{Count: 10, Unit: deadlines.WorkingDays}} // a Sunday
	if got := k.Read(c, day(2026, 11, 8)); got != (deadlines.Reading{Due: day(2026, 11, 15), Left: 5}) {
		t.Errorf("without a stop it reads %+v", got)
	}
	k.Pauses = []deadlines.Pause{{From: day(2026, 11, 4)}}
	if got := k.Read(c, day(2026, 11, 8)); got != (deadlines.Reading{Stopped: true, Left: 8}) {
		t.Errorf("stopped it reads %+v", got)
	}
	k.Pauses[0].Until = day(2026, 11, 8)
	if got := k.Read(c, day(2026, 11, 8)); got != (deadlines.Reading{Due: day(2026, 11, 17), Left: 7}) {
		t.Errorf("after the stop it reads %+v", got)
	}
	if got := k.Read(c, day(2026, 11, 20)); got.Left != -2 || !got.Late() {
		t.Errorf("late it reads %+v", got)
	}
}

func TestMonthsEndWhereTheMonthDoes(t *testing.T) {
	c := dhaka(t, nil)
	for _, test := range []struct {
		from dates.Partial
		n    int
		want dates.Partial
	}{
		{day(2027, 1, 31), 1, day(2027, 2, 28)},
		{day(2027, 8, 31), 6, day(2028, 2, 29)},
		{day(2026, 11, 12), 1, day(2026, 12, 13)}, // the 12th is a Saturday
		{day(2026, 12, 15), 1, day(2027, 1, 17)},  // the 15th is a Friday
	} {
		if got := (deadlines.Term{Count: test.n, Unit: deadlines.Months}).Due(c, test.from); got != test.want {
			t.Errorf("%d months from %s = %s, want %s", test.n, test.from, got, test.want)
		}
	}
}

func TestRemindersComeInTheMorningOfWorkingDays(t *testing.T) {
	c := dhaka(t, days(day(2026, 12, 16)))
	all := deadlines.Ladder(c, day(2026, 12, 17), []deadlines.Rung{{Days: 1, To: "supervisor"}, {Days: -2, To: "worker"}, {To: "worker"}})
	want := []string{"2026-12-14T09:00:00+06:00", "2026-12-17T09:00:00+06:00", "2026-12-20T09:00:00+06:00"}
	for i, a := range all {
		if got := a.At.Format(time.RFC3339); got != want[i] {
			t.Errorf("reminder %d for the %s at %s, want %s", i, a.To, got, want[i])
		}
	}
	if all[0].To != "worker" || all[2].To != "supervisor" {
		t.Errorf("reminders are for %+v", all)
	}
}

func TestWhatIsNoCalendarIsRefused(t *testing.T) {
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	if _, err := deadlines.New(everyDay, nil); err == nil {
		t.Error("took a week without a working day")
	}
	for _, d := range []dates.Partial{{}, {Year: 2026}, {Year: 2026, Month: 2, Day: 30}} {
		if _, err := deadlines.Dhaka(days(d)); err == nil {
			t.Errorf("took %q for a day", d)
		}
	}
	good := deadlines.Clock{From: day(2026, 1, 1), Term: deadlines.Term{Count: 1, Unit: deadlines.Days}}
	for name, change := range map[string]func(k *deadlines.Clock){
		"no day":    func(k *deadlines.Clock) { k.From = dates.Partial{Year: 2026} },
		"no length": func(k *deadlines.Clock) { k.Term.Count = 0 },
		"too long":  func(k *deadlines.Clock) { k.Term = deadlines.Term{Count: 5000, Unit: deadlines.Days} },
		"no unit":   func(k *deadlines.Clock) { k.Term.Unit = "weeks" },
		"a pause back": func(k *deadlines.Clock) {
			k.Pauses = []deadlines.Pause{{From: day(2026, 2, 2), Until: day(2026, 2, 1)}}
		},
		"a pause nowhere": func(k *deadlines.Clock) { k.Pauses = []deadlines.Pause{{}} },
	} {
		k := good
		change(&k)
		if k.Check() == nil {
			t.Errorf("took a clock with %s", name)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

func TestFixedHolidaysAreDaysOfTheYearsToCome(t *testing.T) {
	all := deadlines.FixedHolidays()
	if len(all) < 6 {
		t.Fatalf("%d fixed holidays", len(all))
	}
	for _, f := range all {
		for _, year := range []int{2026, 2027} {
			if d := f.In(year); d.Check() != nil || d.Precision() != dates.Day {
				t.Errorf("%s falls on %q in %d", f.En, d, year)
			}
		}
		if f.Bn == "" || f.En == "" || f.Source == "" || !f.In(f.Since-1).IsZero() {
			t.Errorf("%+v says too little", f)
		}
	}
}

// What ships for single years falls on days of their own, is said in both languages, and tells whether anybody announced it.
func TestDatedHolidaysSayWhereTheyAreFrom(t *testing.T) {
	seen := map[dates.Partial]bool{}
	for _, f := range deadlines.FixedHolidays() {
		for _, year := range []int{2026, 2027} {
			seen[f.In(year)] = true
		}
	}
	years := map[int]map[string]int{2026: {}, 2027: {}}
	last := ""
	for _, d := range deadlines.DatedHolidays() {
		if d.Day.Check() != nil || d.Day.Precision() != dates.Day || seen[d.Day] || d.Day.String() < last || d.Bn == "" || d.En == "" || d.Source == "" {
			t.Errorf("%+v says too little, is there twice, or is out of order", d)
		}
		seen[d.Day], last = true, d.Day.String()
		if years[d.Day.Year] == nil {
			t.Fatalf("%s is of another year", d.Day)
		}
		years[d.Day.Year][d.Status]++
	}
	if years[2026][deadlines.Announced] < 20 || years[2026][deadlines.Forecast] > 0 || years[2027][deadlines.Forecast] < 20 || years[2027][deadlines.Announced] > 0 {
		t.Errorf("days by state: %v", years)
	}
	c := dhaka(t, nil)
	if !c.Working(day(2026, 5, 28)) {
		t.Error("a calendar without exceptions knows of Eid")
	}
}

// With what ships, a term goes around the holidays of the years for which there are any.
func TestTermsGoAroundWhatShips(t *testing.T) {
	var off []dates.Partial
	for _, d := range deadlines.DatedHolidays() {
		off = append(off, d.Day)
	}
	for _, f := range deadlines.FixedHolidays() {
		off = append(off, f.In(2026), f.In(2027))
	}
	c := dhaka(t, days(off...))
	for _, test := range []struct {
		from dates.Partial
		n    int
		want dates.Partial
	}{
		{day(2026, 3, 16), 1, day(2026, 3, 24)}, // over Shab-e-Qadr, the day that was added, and Eid
		{day(2026, 5, 25), 1, day(2026, 6, 1)},
		{day(2026, 10, 19), 1, day(2026, 10, 22)},
		{day(2027, 3, 25), 1, day(2027, 3, 28)}, // Independence Day is a Friday
	} {
		if got := c.Add(test.from, test.n); got != test.want {
			t.Errorf("%d working days after %s is %s, want %s", test.n, test.from, got, test.want)
		}
	}
}
