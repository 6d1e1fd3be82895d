// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"bytes"
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/names"
	"fera/internal/web/site"
)

// asked is what an address asks for. Months that are not said are those that a reader of this kind is shown first.
type asked struct {
	From, To facts.Month // as they were said; zero for none
	Place    string
	By       []string
	Filter   map[string]string
	Since    time.Time
	Keys     []string // of one number of the table
	After    string   // the cursor of the records
	said     bool     // the months were said
}

// longest is how long a value in an address may be.
const longest = 100

// read reads an address. What it says wrongly is told, and the rest stands, so that the form is drawn with it.
func read(r *site.Request) (a asked, err error) {
	q := r.URL.Query()
	a.Filter = map[string]string{}
	for name, to := range map[string]*facts.Month{"from": &a.From, "to": &a.To} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		on, bad := dates.Parse(text)
		if bad != nil || on.Precision() != dates.Month || on.Year > 9999 {
			err = fault.New(fault.Invalid, "figure.bad_period").On(name)
			continue
		}
		*to, a.said = facts.MonthOf(on), true
	}
	a.Place = q.Get("place")
	if in := q.Get("within"); in != "" && geo.Within(in, a.Place) {
		a.Place = in
	}
	if p, ok := geo.Find(a.Place); a.Place != "" && (!ok || p.Kind == geo.Union) {
		a.Place, err = "", fault.New(fault.Invalid, "fault.bad_choice").On("place")
	}
	for _, name := range []string{"by", "and"} {
		if by := q.Get(name); by != "" && !slices.Contains(a.By, by) {
			a.By = append(a.By, by)
		}
	}
	for _, d := range definitions.Dimensions() {
		if value, there := q[d]; there && !definitions.Period(d) && len(value[0]) <= longest && !(value[0] == "" && slices.Contains([]string{"sex", "organisation"}, d)) {
			a.Filter[d] = value[0]
		}
	}
	if since, bad := time.Parse(time.RFC3339, q.Get("since")); bad == nil {
		a.Since = since
	}
	if len(q["key"]) > 0 && len(q["key"]) <= 2 {
		a.Keys = q["key"]
	}
	if a.After = q.Get("after"); len(a.After) > longest {
		a.After = ""
	}
	a.settle(r)
	return a, err
}

// settle fills in the months that were not said.
func (a *asked) settle(r *site.Request) {
	today := dates.Of(r.Now)
	first, last := usual(r.Who, today)
	if a.From == 0 && a.To == 0 {
		a.From, a.To = first, last
	}
	if a.To == 0 {
		a.To = max(a.From, last)
	}
	if a.From == 0 {
		a.From = facts.Month(a.To.Year()*100 + 1)
	}
}

// usual are the months that a reader is shown first: the last twelve; for who is told of whole years, this one.
func usual(who access.Actor, today dates.Partial) (from, to facts.Month) {
	if to = facts.MonthOf(today); who.Holds(access.ReadPersons) {
		return back(to, 11), to
	}
	return facts.Month(today.Year*100 + 1), to
}

// back is the month so many before another.
func back(m facts.Month, n int) facts.Month {
	months := m.Year()*12 + int(m)%100 - 1 - n
	return facts.Month(months/12*100 + months%12 + 1)
}

// clone is an asked that may be changed.
func (a asked) clone() asked {
	a.By, a.Filter, a.Keys, a.After = slices.Clone(a.By), maps.Clone(a.Filter), nil, ""
	return a
}

// at is the address of a page that is asked so.
func (a asked) at(path string) string {
	q := url.Values{}
	if a.said {
		q.Set("from", monthText(a.From))
		q.Set("to", monthText(a.To))
	}
	if a.Place != "" {
		q.Set("place", a.Place)
	}
	for n, by := range a.By {
		q.Set([]string{"by", "and"}[min(n, 1)], by)
	}
	for d, value := range a.Filter {
		q.Set(d, value)
	}
	if !a.Since.IsZero() {
		q.Set("since", a.Since.UTC().Format(time.RFC3339))
	}
	if len(a.Keys) > 0 {
		q["key"] = a.Keys
	}
	if a.After != "" {
		q.Set("after", a.After)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// months are asked for as they are said.
func (a asked) months(from, to facts.Month) asked {
	a = a.clone()
	a.From, a.To, a.said = from, to, true
	return a
}

// question is what is asked of an indicator.
func (a asked) question(code string) indicators.Question {
	return indicators.Question{Indicator: code, From: a.From, To: a.To, Place: a.Place, By: a.By, Filter: a.Filter, Since: a.Since}
}

// monthText is a month as addresses say it. That of which only the year is known stands for the beginning of the year.
func monthText(m facts.Month) string {
	return dates.Partial{Year: m.Year(), Month: max(int(m)%100, 1)}.String()
}

// areas are the places to which somebody is held, nothing for the whole country.
func areas(who access.Actor) (all []string) {
	may := who.Grants[access.ReadFigures]
	for _, s := range may.Scopes {
		if area, is := strings.CutPrefix(s, "a:"); is && !may.Everywhere {
			all = append(all, area)
		}
	}
	return all
}

func byName(a, b string) int {
	return cmp.Or(bytes.Compare(names.SortKey(a), names.SortKey(b)), strings.Compare(a, b))
}
