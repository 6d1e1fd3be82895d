// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"fmt"
	"strings"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/services"
)

// Record is one of those behind a number.
type Record struct {
	Ref    string // "person:<id>", "case:<id>": what it is about
	Person string
	On     string // the day, or as much as is known of it
}

// Looking asks for the records behind one number of a table.
type Looking struct {
	Question
	Keys  []string // of the number, one for each dimension of the question
	After string   // the cursor of the last page
	Limit int      // 50 when zero
}

// Behind are records, and where to go on.
type Behind struct {
	Records []Record
	Next    string // the cursor; empty at the end
}

// mostBehind is how many facts are looked at for one page of records.
const mostBehind = 2_000

// Look returns the records behind a number, each of which who may see. What is of
// class 3 has none: how it was counted is said instead. That records are left out
// which who may not see is not told.
func Look(ctx context.Context, q db.Reader, who access.Actor, l Looking) (b Behind, err error) {
	i, err := Find(ctx, q, who, l.Indicator, dates.Of(q.Now()))
	if err != nil {
		return b, err
	}
	if err := l.check(q.Now()); err != nil {
		return b, err
	}
	if err := l.confine(who); err != nil {
		return b, err
	}
	r, err := l.rows(ctx, q, i)
	if err != nil || r.nothing {
		return b, err
	}
	if l.Limit <= 0 || l.Limit > 200 {
		l.Limit = 50
	}
	may, more := "TRUE", []any(nil)
	if sources.OnPersons(i.Counts.Measure) {
		may, more = access.Where(who, access.ReadPersons, "f.person_id")
	}
	args := append(append(r.args, more...), l.After, mostBehind)
	rows, err := q.Query(ctx, `SELECT f.subject_id, f.n, f.record, f.person_id, f.month, f.day, f.events FROM figure_facts f WHERE `+r.where+` AND (`+may+`) AND f.subject_id > ? ORDER BY f.subject_id, f.n LIMIT ?`, args...)
	found, err := db.Collect(rows, err, scanRecord)
	if err != nil {
		return b, fmt.Errorf("records behind a figure: %w", err)
	}
	seen, left := map[string]bool{}, map[string]int64{}
	for _, one := range found {
		left[one.Ref] += one.events
	}
	for n, one := range found {
		if stock(i) && left[one.Ref] <= 0 {
			continue // it is over
		}
		if len(b.Records) >= l.Limit && one.subject != found[n-1].subject {
			b.Next = found[n-1].subject
			return b, nil
		}
		ok, err := sees(ctx, q, who, one.Record)
		if err != nil {
			return b, err
		}
		name := one.Ref + one.On
		if stock(i) {
			name = one.Ref
		}
		if ok && !seen[name] {
			seen[name] = true
			b.Records = append(b.Records, one.Record)
		}
	}
	if len(found) == mostBehind {
		b.Next = found[len(found)-1].subject
	}
	return b, nil
}

type foundRecord struct {
	Record
	subject string
	events  int64
}

// stock tells of an indicator that it counts what there is at a time.
func stock(i definitions.Indicator) bool {
	m, _ := sources.Find(i.Counts.Measure)
	return m.Stock
}

func scanRecord(r interface{ Scan(...any) error }) (f foundRecord, err error) {
	var n, month, day int
	err = r.Scan(&f.subject, &n, &f.Ref, &f.Person, &month, &day, &f.events)
	f.On = dates.Partial{Year: month / 100, Month: month % 100, Day: day}.String()
	return f, err
}

// rows are the facts behind a number.
func (l *Looking) rows(ctx context.Context, q db.Reader, i definitions.Indicator) (rowset, error) {
	s := selection{from: l.From, to: l.To, place: l.Place, where: l.Filter}
	if stock(i) {
		s.from = 0 // what there is has come ever since
	}
	if len(l.Keys) > 0 && len(l.Keys) != len(l.By) {
		return rowset{}, fault.New(fault.Invalid, "fault.bad_choice").On("keys")
	}
	for n, value := range l.Keys {
		by := l.By[n]
		_, place := levelOf(by)
		switch {
		case definitions.Period(by):
			from, to, ok := monthsOf(by, value)
			if by == "day" {
				from, s.day, s.daily, ok = dayOf(value)
				to = from
			}
			if !ok {
				return rowset{}, fault.New(fault.Invalid, "fault.bad_choice").On("keys")
			}
			if s.to = min(s.to, to); !stock(i) {
				s.from = max(s.from, from)
			}
		case place && value != "":
			if facts.PlaceOf(value) == 0 || !facts.PlaceOf(value).Within(facts.PlaceOf(l.Place)) {
				return rowset{}, fault.New(fault.Invalid, "fault.bad_choice").On("keys")
			}
			s.place = value
		default:
			s.where[by] = value
		}
	}
	b, err := counting.ReadBook(ctx, q)
	if err != nil {
		return rowset{}, err
	}
	return rowsFor(b, i.Counts, s)
}

// sees tells whether who may see a record, by the rules of its own room.
func sees(ctx context.Context, q db.Reader, who access.Actor, r Record) (bool, error) {
	of, id, _ := strings.Cut(r.Ref, ":")
	var err error
	switch of {
	case "person":
		_, err = persons.FindCard(ctx, q, who, persons.ID(id))
	case "case":
		_, err = cases.Find(ctx, q, who, cases.ID(id))
	case "service":
		_, err = services.Find(ctx, q, who, services.ID(id))
	case "activity":
		_, err = activities.Find(ctx, q, who, activities.ID(id))
	case "referral":
		_, err = referrals.Find(ctx, q, who, referrals.ID(id))
	default:
		return access.Reaches(ctx, q, who, access.ReadAssessments, r.Person)
	}
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return false, nil
	}
	return err == nil, err
}
