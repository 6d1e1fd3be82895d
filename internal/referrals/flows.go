// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"cmp"
	"context"
	"fmt"
	"maps"
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

// cell is one total: of a part of the totals, in a period, for what is named and what stands beside it.
type cell struct {
	part, period, named, beside string
	counted
}

// The parts of the totals: what is counted, and how long it took.
const (
	byNeed       = "need"     // months; need beside home district
	byProvider   = "provider" // months
	daysNeed     = "need_days"
	daysDistrict = "district_days"
	daysProvider = "provider_days" // years: in months there would be as many totals as referrals
)

// cells are the totals to which a referral adds one.
func (r Referral) cells() (some []cell) {
	if r.SentAt.IsZero() {
		return nil
	}
	month := dates.Of(r.SentAt).String()[:7]
	for _, c := range r.counts() {
		bare := counted{step: c.step}
		some = append(some, cell{byNeed, month, r.kind(), r.district, bare}, cell{byProvider, month, r.Organisation, "", bare})
		if c.step.lasts() {
			some = append(some, cell{daysNeed, month, r.kind(), "", c}, cell{daysDistrict, month, r.district, "", c}, cell{daysProvider, month[:4], r.Organisation, "", c})
		}
	}
	return some
}

// lasts tells of which steps it is kept how long they took.
func (s Step) lasts() bool {
	return slices.Contains([]Step{wasReceived, wasDecided, wasAgreed, wasDeclined, wasTold, wasConfirmed}, s)
}

// flow takes out of the totals what a referral was, and puts in what it is.
func flow(ctx context.Context, tx *db.Tx, before, after Referral) error {
	change := map[cell]int{}
	for _, c := range before.cells() {
		change[c]--
	}
	for _, c := range after.cells() {
		change[c]++
	}
	return add(ctx, tx, change)
}

// add changes totals, always in the same order, so that acts that meet do not wait for one another in a circle.
func add(ctx context.Context, tx *db.Tx, change map[cell]int) error {
	order := slices.SortedFunc(maps.Keys(change), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.named, b.named), cmp.Compare(a.period, b.period), cmp.Compare(a.beside, b.beside), cmp.Compare(a.step, b.step), cmp.Compare(a.days, b.days))
	})
	order = slices.DeleteFunc(order, func(c cell) bool { return change[c] == 0 })
	for some := range slices.Chunk(order, 100) {
		var args []any
		for _, c := range some {
			args = append(args, c.part, c.period, c.named, c.beside, string(c.step), c.days, change[c])
		}
		if _, err := tx.Exec(ctx, `INSERT INTO referral_flows (part, period, named, beside, step, days, n) VALUES `+db.Values(len(some), 7)+`
			ON CONFLICT (part, named, period, beside, step, days) DO UPDATE SET n = referral_flows.n + excluded.n`, args...); err != nil {
			return fmt.Errorf("count referral: %w", err)
		}
	}
	return nil
}

// kind is the need, as far as it may be counted by.
func (r Referral) kind() string {
	if r.Protected {
		return Protected
	}
	return r.need
}

// FlowFilter chooses referrals by when they were sent and what they were for. Provider goes with neither need nor district.
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
	Median map[Step]float64 // days, of steps that take some; by provider of whole years and of the first hundred alone; nothing where both need and district are chosen
}

// part says in which of the totals to look, and under which of its columns the group stands.
func (f FlowFilter) part() (counts, days, group string, err error) {
	provider := f.By == "organisation" || f.Organisation != ""
	switch {
	case provider && (f.Need != "" || f.District != "" || f.By == "need" || f.By == "district"):
		return "", "", "", fault.New(fault.Invalid, "referral.flow_one_way").On("by")
	case provider:
		counts, days = byProvider, daysProvider
	case f.District != "" && f.Need == "" && f.By != "need" || f.By == "district" && f.Need == "":
		counts, days = byNeed, daysDistrict
	case f.District == "" && f.By != "district":
		counts, days = byNeed, daysNeed
	default:
		counts = byNeed
	}
	switch f.By {
	case "":
		return counts, days, "''", nil
	case "month":
		if provider {
			days = ""
		}
		return counts, days, "period", nil
	case "need", "organisation":
		return counts, days, "named", nil
	case "district":
		return counts, days, "beside", nil
	}
	return "", "", "", fault.New(fault.Invalid, "fault.bad_choice").On("by")
}

// SeesCounts tells whether who may see however small a count of referrals: who may read all cases could count them herself. Others are
// shown what package cover leaves of them.
func SeesCounts(who access.Actor) bool { return who.Grants[access.ReadCases].Everywhere }

// Flows returns how many referrals came how far, by group; the group that had most sent is first. Parts add up to the whole.
func Flows(ctx context.Context, q db.Reader, who access.Actor, f FlowFilter) ([]Flow, error) {
	if !who.Holds(access.ReadFlows) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	counts, days, group, err := f.part()
	if err != nil {
		return nil, err
	}
	lines, err := f.lines(ctx, q, counts, group, nil)
	if err != nil {
		return nil, fmt.Errorf("read flows: %w", err)
	}
	by := map[string]*Flow{}
	for _, l := range lines {
		if by[l.group] == nil {
			by[l.group] = &Flow{Group: l.group, Count: map[Step]int{}, Median: map[Step]float64{}}
		}
		by[l.group].Count[l.step] += l.n
	}
	flows := make([]Flow, 0, len(by))
	for _, one := range by {
		flows = append(flows, *one)
	}
	slices.SortFunc(flows, func(a, b Flow) int {
		if f.By == "month" {
			return cmp.Compare(a.Group, b.Group)
		}
		return cmp.Or(cmp.Compare(b.Count[wasSent], a.Count[wasSent]), cmp.Compare(a.Group, b.Group))
	})
	if days != "" {
		if group == "beside" {
			group = "named"
		}
		var first []any
		for _, fl := range flows[:min(len(flows), mostMedians)] {
			first = append(first, fl.Group)
		}
		if group != "named" || len(flows) <= mostMedians {
			first = nil
		}
		if lines, err = f.lines(ctx, q, days, group, first); err != nil {
			return nil, fmt.Errorf("read days of flows: %w", err)
		}
		middle(by, lines)
	}
	return flows, nil
}

// mostMedians is of how many groups it is said how long they took, those that had most.
const mostMedians = 100

// line is one total of a group.
type line struct {
	group string
	counted
	n int
}

// lines reads the totals of one part by group, of all that are named or of some.
func (f FlowFilter) lines(ctx context.Context, q db.Reader, part, group string, some []any) ([]line, error) {
	cond, args := "part = ?", []any{part}
	and := func(c string, v string) {
		if v != "" {
			cond, args = cond+" AND "+c, append(args, v)
		}
	}
	from, to, district := f.From, f.To, "beside = ?"
	if part == daysProvider {
		from, to = from[:min(4, len(from))], to[:min(4, len(to))]
	}
	if part == daysDistrict {
		district = "named = ?"
	}
	and("period >= ?", from)
	and("period <= ?", to)
	and(district, f.District)
	and("named = ?", f.Organisation)
	and("named = ?", f.Need)
	if len(some) > 0 {
		cond, args = cond+" AND named IN "+db.In(len(some)), append(args, some...)
	}
	rows, err := q.Query(ctx, `SELECT `+group+` AS part_of, step, days, sum(n) FROM referral_flows WHERE `+cond+` GROUP BY part_of, step, days HAVING sum(n) <> 0
		ORDER BY part_of, step, days`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (l line, err error) {
		return l, row.Scan(&l.group, &l.step, &l.days, &l.n)
	})
}

// middle says of each group how long the middle one took.
func middle(by map[string]*Flow, lines []line) {
	type of struct {
		group string
		step  Step
	}
	all, n := map[of][]counted2{}, map[of]int{}
	for _, l := range lines {
		at := of{l.group, l.step}
		all[at], n[at] = append(all[at], counted2{l.days, l.n}), n[at]+l.n
	}
	for at, some := range all {
		if by[at.group] != nil {
			by[at.group].Median[at.step] = median(some, n[at])
		}
	}
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
