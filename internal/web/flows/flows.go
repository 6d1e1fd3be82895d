// SPDX-License-Identifier: Apache-2.0

// Package flows is the overview of what was asked of providers: how many referrals came how far from a need to what she herself
// confirmed, where they leak, and how long each step took. It names nobody, and small counts are shown only to who may see all records.
package flows

import (
	"bytes"
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/referrals"
	"fera/internal/referrals/cover"
	"fera/internal/web/kit"
	"fera/internal/web/plots"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of the room.
func Routes(*site.Site) []site.Route {
	return []site.Route{{Path: "GET /referrals/flow", Perm: access.ReadFlows, Page: overview}}
}

// The steps of the two tables, and those that take time.
func onward() []referrals.Step {
	return []referrals.Step{"sent", "received", "agreed", "told", "served", "confirmed"}
}
func leaks() []referrals.Step {
	return []referrals.Step{"declined", "expired", "withdrawn", "unserved", "denied", "unheard"}
}
func timed() []referrals.Step { return []referrals.Step{"received", "decided", "told", "confirmed"} }

// groupings are what the referrals are told apart by.
func groupings() []string { return []string{"need", "district", "organisation", "month"} }

// mostGroups is how many groups stand alone; the others are one.
const mostGroups = 40

// others stands for the groups that do not stand alone.
const others = "others"

// asked is what an address asks for.
type asked struct{ From, To, District, Need, Provider, By string }

// ask reads an address; what it cannot mean is not asked for. Nothing said means the last twelve months by need.
func ask(q url.Values, today dates.Partial) (a asked) {
	month := func(name string, back int) string {
		if d, err := dates.Parse(q.Get(name)); err == nil && d.Precision() == dates.Month {
			return d.String()
		}
		return monthsBack(today, back)
	}
	a = asked{From: month("from", 11), To: month("to", 0), By: "need"}
	if p, ok := geo.Find(q.Get("district")); ok && p.Kind == geo.District {
		a.District = p.Code
	}
	if _, ok := listing.NeedOf(q.Get("need")); ok || q.Get("need") == referrals.Protected {
		a.Need = q.Get("need")
	}
	if id := q.Get("provider"); ids.Valid(id) {
		a.Provider = id
	}
	if slices.Contains(groupings(), q.Get("by")) {
		a.By = q.Get("by")
	}
	return a
}

// monthsBack is the month so many months before that of a day.
func monthsBack(today dates.Partial, n int) string {
	months := today.Year*12 + today.Month - 1 - n
	return dates.Partial{Year: months / 12, Month: months%12 + 1}.String()
}

type view struct {
	kit.Frame
	Selects []choice
	Said    string
	Lead    string
	Funnel  plots.Bars
	Groups  plots.Bars
	Days    plots.Bars
	Onward  figures
	Leaks   figures
	Times   figures
	Covered bool // something is not shown
	None    bool
}

type choice struct {
	In      kit.Input
	Options []kit.Option
}

// figures are a table under a plot.
type figures struct {
	Title   string
	Columns []kit.Column
	Rows    []kit.Row
}

// drawn is what the flows are drawn from.
type drawn struct {
	s      *words.Speaker
	whole  referrals.Flow
	groups []referrals.Flow
	names  []string
	table  *cover.Table[referrals.Step]
	by     string
}

func overview(r *site.Request, q db.Reader) (templ.Component, error) {
	a := ask(r.URL.Query(), dates.Of(r.Now))
	v := view{Frame: r.Frame(r.S.T("flow.title"))}
	filter := referrals.FlowFilter{From: a.From, To: a.To, District: a.District, Organisation: a.Provider, Need: a.Need}
	whole, err := referrals.Flows(r.Context(), q, r.Who, filter)
	if err != nil {
		return nil, err
	}
	if v.Selects, err = selects(r, q, a); err != nil {
		return nil, err
	}
	v.Lead = r.S.T("flow.lead", "from", monthSaid(r.S, a.From), "to", monthSaid(r.S, a.To))
	if v.None = len(whole) == 0 || whole[0].Count["sent"] == 0; v.None {
		return page(v), nil
	}
	filter.By = a.By
	groups, err := referrals.Flows(r.Context(), q, r.Who, filter)
	if err != nil {
		return nil, err
	}
	d := drawn{s: r.S, whole: whole[0], groups: merged(groups), by: a.By}
	if d.names, err = groupNames(r.Context(), q, r.S, d); err != nil {
		return nil, err
	}
	var counts []map[referrals.Step]int
	for _, g := range d.groups {
		counts = append(counts, g.Count)
	}
	d.table = cover.New(referrals.Steps(), counts, d.whole.Count, referrals.SeesCounts(r.Who))
	v.fill(d)
	return page(v), nil
}

// merged puts the groups that are too many into one.
func merged(groups []referrals.Flow) []referrals.Flow {
	if len(groups) <= mostGroups {
		return groups
	}
	rest := referrals.Flow{Group: others, Count: map[referrals.Step]int{}, Median: map[referrals.Step]float64{}}
	for _, g := range groups[mostGroups-1:] {
		for s, n := range g.Count {
			rest.Count[s] += n
		}
	}
	return append(slices.Clone(groups[:mostGroups-1]), rest)
}

// groupNames says what the groups are.
func groupNames(ctx context.Context, q db.Reader, s *words.Speaker, d drawn) (said []string, err error) {
	var known map[string]directory.Entry
	if d.by == "organisation" {
		var wanted []string
		for _, g := range d.groups {
			wanted = append(wanted, g.Group)
		}
		if known, err = directory.Several(ctx, q, wanted); err != nil {
			return nil, err
		}
	}
	for _, g := range d.groups {
		name := ""
		switch {
		case g.Group == others:
			name = s.T("flow.others")
		case d.by == "need":
			name = needSaid(s, g.Group)
		case d.by == "district":
			name = geo.Name(s.Lang(), g.Group)
		case d.by == "month":
			name = monthSaid(s, g.Group)
		default:
			if e, ok := known[g.Group]; ok {
				name = e.Name().In(string(s.Lang()))
			}
		}
		said = append(said, cmp.Or(name, s.T("flow.unknown")))
	}
	return said, nil
}

func needSaid(s *words.Speaker, code string) string {
	if code == referrals.Protected {
		return s.T("flow.protected")
	}
	n, _ := listing.NeedOf(code)
	return n.Name(string(s.Lang()))
}

func monthSaid(s *words.Speaker, month string) string {
	d, err := dates.Parse(month)
	if err != nil {
		return month
	}
	return dates.Format(s, d)
}

// selects are the choices above the figures.
func selects(r *site.Request, q db.Reader, a asked) ([]choice, error) {
	s := r.S
	providers, err := providers(r, q)
	if err != nil {
		return nil, err
	}
	var by []kit.Option
	for _, g := range groupings() {
		by = append(by, kit.Option{Value: g, Label: s.T("flow.by." + g)})
	}
	needs := []kit.Option{{Value: referrals.Protected, Label: s.T("flow.protected")}}
	for _, n := range listing.Needs() {
		needs = append(needs, kit.Option{Value: n.Code, Label: n.Name(string(s.Lang()))})
	}
	in := func(name, value string) kit.Input {
		return kit.Input{Name: name, Label: s.T("flow.choose." + name), Value: value}
	}
	all := func(options []kit.Option) []kit.Option {
		return append([]kit.Option{{Label: s.T("flow.all")}}, options...)
	}
	return []choice{
		{in("by", a.By), by},
		{in("need", a.Need), all(needs)},
		{in("district", a.District), all(districts(s))},
		{in("provider", a.Provider), all(providers)},
		{in("from", a.From), months(s, dates.Of(r.Now), a.From)},
		{in("to", a.To), months(s, dates.Of(r.Now), a.To)},
	}, nil
}

// providers are those of whom most was asked.
func providers(r *site.Request, q db.Reader) (options []kit.Option, err error) {
	flows, err := referrals.Flows(r.Context(), q, r.Who, referrals.FlowFilter{By: "organisation"})
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, f := range flows[:min(len(flows), 300)] {
		wanted = append(wanted, f.Group)
	}
	known, err := directory.Several(r.Context(), q, wanted)
	for _, id := range wanted {
		if e, ok := known[id]; ok {
			options = append(options, kit.Option{Value: id, Label: e.Name().In(string(r.S.Lang()))})
		}
	}
	return sorted(options), err
}

func districts(s *words.Speaker) (options []kit.Option) {
	for _, division := range geo.Children("") {
		for _, d := range geo.Children(division.Code) {
			options = append(options, kit.Option{Value: d.Code, Label: d.Name(s.Lang())})
		}
	}
	return sorted(options)
}

func sorted(options []kit.Option) []kit.Option {
	slices.SortStableFunc(options, func(a, b kit.Option) int { return bytes.Compare(names.SortKey(a.Label), names.SortKey(b.Label)) })
	return options
}

// months are the last three years, and the one that is asked for.
func months(s *words.Speaker, today dates.Partial, chosen string) (options []kit.Option) {
	found := false
	for n := range 36 {
		m := monthsBack(today, n)
		found = found || m == chosen
		options = append(options, kit.Option{Value: m, Label: monthSaid(s, m)})
	}
	if !found {
		options = append(options, kit.Option{Value: chosen, Label: monthSaid(s, chosen)})
	}
	return options
}

// days says a middle number of days, which may be a half.
func days(s *words.Speaker, d float64) string {
	return s.Digits(strings.TrimSuffix(strconv.FormatFloat(d, 'f', 1, 64), ".0"))
}
