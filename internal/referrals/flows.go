// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/referrals/course"
)

// Step is how far a referral came.
type Step string

// The steps, in order; after Agreed, those that end it before.
const (
	wasSent      Step = "sent"
	wasReceived  Step = "received"  // days since it was sent
	wasDecided   Step = "decided"   // days since it was received
	wasAgreed    Step = "agreed"    // the provider accepted, put her on a list or gave her a day
	wasTold      Step = "told"      // the provider told what came of it: days since it decided
	wasServed    Step = "served"    // the provider says that she had it
	wasConfirmed Step = "confirmed" // she says so too: days since the provider told
	wasDeclined  Step = "declined"
	wasExpired   Step = "expired"
	wasWithdrawn Step = "withdrawn"
	wasUnserved  Step = "unserved" // the provider says that she had it not
	wasDenied    Step = "denied"   // she said once at least that it was not so
	wasUnheard   Step = "unheard"  // closed without her answer, after she was asked three times
)

// Steps returns all steps: those of a referral that ends well in order, then the others.
func Steps() []Step {
	return []Step{wasSent, wasReceived, wasDecided, wasAgreed, wasTold, wasServed, wasConfirmed, wasDeclined, wasExpired, wasWithdrawn, wasUnserved, wasDenied, wasUnheard}
}

// Protected stands, in flows, for the needs that are of class 3.
const Protected = "protected"

// longestDays is the most days that are told apart.
const longestDays = 400

type counted struct {
	step Step
	days int
}

// counts is what a referral counts as.
func (r Referral) counts() (some []counted) {
	if r.SentAt.IsZero() || ids.IsApart(string(r.ID)) {
		return nil
	}
	add := func(s Step, from, to time.Time) {
		days := 0
		if !from.IsZero() && to.After(from) {
			days = min(longestDays, int(dates.Of(to).Start().Sub(dates.Of(from).Start()).Hours()/24))
		}
		some = append(some, counted{s, days})
	}
	add(wasSent, r.SentAt, r.SentAt)
	if !r.ReceivedAt.IsZero() {
		add(wasReceived, r.SentAt, r.ReceivedAt)
	}
	declined := false
	if !r.DecidedAt.IsZero() {
		add(wasDecided, r.ReceivedAt, r.DecidedAt)
		declined = r.State == course.Declined || r.State == course.Closed && r.ToldAt.IsZero()
		if declined {
			add(wasDeclined, r.SentAt, r.DecidedAt)
		} else {
			add(wasAgreed, r.SentAt, r.DecidedAt)
		}
	}
	switch {
	case r.State == course.Withdrawn:
		add(wasWithdrawn, r.SentAt, r.EndedAt)
	case r.DecidedAt.IsZero() && (r.State == course.Expired || r.State == course.Closed):
		add(wasExpired, r.SentAt, r.Since)
	}
	if r.Rounds > 0 {
		add(wasDenied, r.ToldAt, r.AnsweredAt)
	}
	if !declined && slices.Contains([]course.State{course.Served, course.Unserved, course.Confirmed, course.Closed}, r.State) && !r.ToldAt.IsZero() {
		r.countOutcome(add)
	}
	return some
}

// countOutcome counts what the provider told, and what she said of it.
func (r Referral) countOutcome(add func(s Step, from, to time.Time)) {
	add(wasTold, r.DecidedAt, r.ToldAt)
	if r.Outcome == course.Serve {
		add(wasServed, r.SentAt, r.ToldAt)
	} else {
		add(wasUnserved, r.SentAt, r.ToldAt)
	}
	switch {
	case r.Answer == "yes" && r.Outcome == course.Serve:
		add(wasConfirmed, r.ToldAt, r.AnsweredAt)
	case r.State == course.Closed && r.Answer == "":
		add(wasUnheard, r.ToldAt, r.EndedAt)
	}
}

// flow takes out of the totals what a referral was, and puts in what it is.
func flow(ctx context.Context, tx *db.Tx, before, after Referral) error {
	change := map[counted]int{}
	for _, c := range before.counts() {
		change[c]--
	}
	for _, c := range after.counts() {
		change[c]++
	}
	order := slices.SortedFunc(func(yield func(counted) bool) {
		for c, n := range change {
			if n != 0 && !yield(c) {
				return
			}
		}
	}, func(a, b counted) int { return cmp.Or(cmp.Compare(a.step, b.step), cmp.Compare(a.days, b.days)) })
	for _, c := range order {
		if _, err := tx.Exec(ctx, `INSERT INTO referral_flows (month, district, to_organisation, need, step, days, n) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (month, need, step, days, district, to_organisation) DO UPDATE SET n = referral_flows.n + excluded.n`,
			after.month(), after.district, after.Organisation, after.kind(), string(c.step), c.days, change[c]); err != nil {
			return fmt.Errorf("count referral: %w", err)
		}
	}
	return nil
}

// month is that in which it was sent.
func (r Referral) month() string { return dates.Of(r.SentAt).String()[:7] }

// kind is the need, as far as it may be counted by.
func (r Referral) kind() string {
	if r.Protected {
		return Protected
	}
	return r.need
}

// FlowFilter chooses referrals by when they were sent and what they were for.
type FlowFilter struct {
	From, To     string // months, "2026-01"; both count
	District     string
	Organisation string // the provider's entry in the directory
	Need         string
	By           string // need, district, organisation or month; nothing for the whole
}

// Flow is how many referrals of a group came how far, and how long the middle one took.
type Flow struct {
	Group  string
	Count  map[Step]int
	Median map[Step]float64 // days; only of steps that somebody reached
}

// Flows returns how many referrals came how far, by group; the group that had most sent is first. Parts add up to the whole.
func Flows(ctx context.Context, q db.Reader, who access.Actor, f FlowFilter) ([]Flow, error) {
	if !who.Holds(access.ReadFlows) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	group, ok := map[string]string{"": "''", "need": "need", "district": "district", "organisation": "to_organisation", "month": "month"}[f.By]
	if !ok {
		return nil, fault.New(fault.Invalid, "fault.bad_choice").On("by")
	}
	cond, args := "TRUE", []any{}
	and := func(c string, v string) {
		if v != "" {
			cond, args = cond+" AND "+c, append(args, v)
		}
	}
	and("month >= ?", f.From)
	and("month <= ?", f.To)
	and("district = ?", f.District)
	and("to_organisation = ?", f.Organisation)
	and("need = ?", f.Need)
	rows, err := q.Query(ctx, `SELECT `+group+` AS part, step, days, sum(n) FROM referral_flows WHERE `+cond+` GROUP BY part, step, days HAVING sum(n) <> 0 ORDER BY part, step, days`, args...)
	type line struct {
		group string
		counted
		n int
	}
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (l line, err error) {
		return l, row.Scan(&l.group, &l.step, &l.days, &l.n)
	})
	if err != nil {
		return nil, fmt.Errorf("read flows: %w", err)
	}
	by, days := map[string]*Flow{}, map[string]map[Step][]counted2{}
	for _, l := range all {
		if by[l.group] == nil {
			by[l.group], days[l.group] = &Flow{Group: l.group, Count: map[Step]int{}, Median: map[Step]float64{}}, map[Step][]counted2{}
		}
		by[l.group].Count[l.step] += l.n
		days[l.group][l.step] = append(days[l.group][l.step], counted2{l.days, l.n})
	}
	var flows []Flow
	for g, fl := range by {
		for step, some := range days[g] {
			fl.Median[step] = median(some, fl.Count[step])
		}
		flows = append(flows, *fl)
	}
	slices.SortFunc(flows, func(a, b Flow) int {
		if f.By == "month" {
			return cmp.Compare(a.Group, b.Group)
		}
		return cmp.Or(cmp.Compare(b.Count[wasSent], a.Count[wasSent]), cmp.Compare(a.Group, b.Group))
	})
	return flows, nil
}

// counted2 is how many took so many days.
type counted2 struct{ days, n int }

// median is that of counts in order of days.
func median(some []counted2, n int) float64 {
	at := func(i int) int {
		for _, c := range some {
			if i < c.n {
				return c.days
			}
			i -= c.n
		}
		return 0
	}
	if n <= 0 {
		return 0
	}
	return float64(at((n-1)/2)+at(n/2)) / 2
}

// Recount counts all referrals anew, and returns how many of the totals were otherwise. What is kept is replaced.
func Recount(ctx context.Context, d *db.DB) (wrong int, err error) {
	err = d.Maintain(ctx, func(tx *db.Tx) error {
		wrong, err = recount(ctx, tx)
		return err
	})
	return wrong, err
}

type total struct{ month, district, organisation, need, step string }

func recount(ctx context.Context, tx *db.Tx) (wrong int, err error) {
	type key struct {
		total
		days int
	}
	now := map[key]int{}
	for after := ""; ; {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM referrals r WHERE r.id > ? ORDER BY r.id LIMIT 1000`, after)
		some, err := db.Collect(rows, err, scan)
		if err != nil {
			return 0, err
		}
		for _, r := range some {
			for _, c := range r.counts() {
				now[key{total{r.month(), r.district, r.Organisation, r.kind(), string(c.step)}, c.days}]++
			}
		}
		if len(some) < 1000 {
			break
		}
		after = string(some[len(some)-1].ID)
	}
	rows, err := tx.Query(ctx, `SELECT month, district, to_organisation, need, step, days, n FROM referral_flows WHERE n <> 0`)
	type kept struct {
		key
		n int
	}
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (k kept, err error) {
		return k, row.Scan(&k.month, &k.district, &k.organisation, &k.need, &k.step, &k.days, &k.n)
	})
	if err != nil {
		return 0, err
	}
	left := map[key]int{}
	for k, n := range now {
		left[k] = n
	}
	for _, k := range all {
		if left[k.key] != k.n {
			wrong++
		}
		delete(left, k.key)
	}
	wrong += len(left)
	if wrong == 0 {
		return 0, nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM referral_flows`); err != nil {
		return wrong, err
	}
	for k, n := range now {
		if _, err := tx.Exec(ctx, `INSERT INTO referral_flows (month, district, to_organisation, need, step, days, n) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			k.month, k.district, k.organisation, k.need, k.step, k.days, n); err != nil {
			return wrong, err
		}
	}
	return wrong, nil
}
