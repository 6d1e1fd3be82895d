// SPDX-License-Identifier: Apache-2.0

package counted

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"fera/internal/activities"
	"fera/internal/fault"
	"fera/internal/indicators/sources"
	"fera/internal/reports/content"
	"fera/internal/services"
)

// given is what was given of one kind.
type given struct {
	code      string
	protected bool
	events    []sources.Event
}

// kinds are the kinds of services that were given in the period, those that are protected last, each by code.
func (c *counter) kinds() ([]given, error) {
	events, err := c.of.events(c.ctx, c.q, "service")
	if err != nil {
		return nil, err
	}
	by := map[string]*given{}
	for _, e := range during(events, c.Period) {
		if by[e.Kind] == nil {
			by[e.Kind] = &given{code: e.Kind}
		}
		by[e.Kind].protected = by[e.Kind].protected || e.Hidden
		by[e.Kind].events = append(by[e.Kind].events, e)
	}
	var all []given
	for _, code := range slices.Sorted(maps.Keys(by)) {
		all = append(all, *by[code])
	}
	slices.SortStableFunc(all, func(a, b given) int { return cmp.Compare(flag(a.protected), flag(b.protected)) })
	return all, nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// toldTogether are the kinds as they may be told: what is protected and was had by too few is put together with the next.
func (c *counter) toldTogether(all []given) (groups [][]given, told bool) {
	var few, rest []given
	for _, k := range all {
		n := int64(len(c.of.who(k.events)))
		if k.protected && n > 0 && n < c.Audience.Floor() {
			few = append(few, k)
			continue
		}
		rest = append(rest, k)
	}
	people := func() int64 {
		var events []sources.Event
		for _, k := range few {
			events = append(events, k.events...)
		}
		return int64(len(c.of.who(events)))
	}
	for len(few) > 0 && people() < c.Audience.Floor() {
		least := -1
		for i, k := range rest {
			if k.protected && (least < 0 || len(c.of.who(k.events)) < len(c.of.who(rest[least].events))) {
				least = i
			}
		}
		if least < 0 {
			break
		}
		few, rest = append(few, rest[least]), slices.Delete(rest, least, least+1)
	}
	for _, k := range rest {
		groups = append(groups, []given{k})
	}
	if len(few) == 0 {
		return groups, true
	}
	return append(groups, few), people() >= c.Audience.Floor()
}

// services are what was given by kind: how often, and to how many people. Who had several kinds is in several rows.
func (c *counter) services() (content.Figure, error) {
	f := content.Figure{Code: "services", Title: say("report.figure.services"),
		Columns: []content.Column{column("times", "report.column.times", true), column("people", "report.column.people", true)}}
	all, err := c.kinds()
	if err != nil {
		return f, err
	}
	groups, told := c.toldTogether(all)
	var events []sources.Event
	parts := int64(0)
	for i, g := range groups {
		var some []sources.Event
		var keys []string
		var titles []content.Words
		for _, k := range g {
			title, err := c.serviceName(k)
			if err != nil {
				return f, err
			}
			some, keys, titles = append(some, k.events...), append(keys, k.code), append(titles, title)
		}
		row := content.Row{Key: strings.Join(keys, "+"), Title: together(titles), Values: []content.Value{content.Of(sum(some)), content.Of(int64(len(c.of.who(some))))}}
		if !told && i == len(groups)-1 {
			row = content.Row{Key: "hidden", Title: say("report.row.few_protected"), Values: []content.Value{{Is: content.Hidden}, {Is: content.Hidden}}}
		}
		if row.Protected = slices.ContainsFunc(g, func(k given) bool { return k.protected }); len(g) > 1 && row.Key != "hidden" {
			row.Parts = keys
		}
		parts += row.Values[1].N
		f.Rows, events = append(f.Rows, row), append(events, some...)
	}
	if c.Audience.Floor() > 1 {
		f.Notes = append(f.Notes, say("report.note.protected", "n", int(c.Audience.Floor())))
	}
	if !told {
		return f, nil
	}
	f.Whole = &content.Row{Key: "whole", Title: say("figure.whole"), Protected: true, Values: []content.Value{content.Of(sum(events)), content.Of(int64(len(c.of.who(events))))}}
	if d := f.Whole.Values[1].N - parts; d != 0 {
		f.Flags = append(f.Flags, content.Flag{Column: "people", Difference: d, Text: say("report.flag.overlap", "n", int(-d))})
	}
	return f, nil
}

// serviceName is what a kind of service is called, as it was when it was last given.
func (c *counter) serviceName(k given) (content.Words, error) {
	if k.code == "" {
		return say("figure.unknown"), nil
	}
	on := k.events[len(k.events)-1].On
	kind, err := services.FindKind(c.ctx, c.q, k.code, on)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return content.Words{Bn: k.code, En: k.code}, nil
	}
	return content.Words{Bn: kind.NameBn, En: kind.NameEn}, err
}

// line is what the activities of one kind come to.
type line struct {
	values           map[string]int64
	typed, beside    int64 // of those that have a total that was typed in
	has              bool
	differing, guess int64
	last             act
}

// add adds an activity.
func (l *line) add(a act) {
	l.last = a
	l.values["times"] += a.times
	l.values["households"] += a.households
	if a.estimate {
		l.guess += a.reached
		return
	}
	l.values["reached"] += a.reached
	for _, one := range a.cells {
		key := "others"
		if one.sex == "female" || one.sex == "male" {
			key = one.sex
		}
		l.values[key] += one.people
	}
	if a.typed < 0 {
		return
	}
	l.typed, l.beside, l.has = l.typed+a.typed, l.beside+a.reached, true
	if a.typed != a.reached {
		l.differing++
	}
}

// activities are what was done among people, by kind, with what was typed in beside what the parts come to.
func (c *counter) activities() (content.Figure, error) {
	columns := []string{"times", "households", "reached", "female", "male", "others"}
	f := content.Figure{Code: "activities", Title: say("report.figure.activities")}
	for _, key := range columns {
		f.Columns = append(f.Columns, column(key, "report.column."+key, true))
	}
	f.Columns = append(f.Columns, column("typed", "report.column.typed", false))
	by := map[string]*line{}
	for _, a := range c.of.held(c.Period) {
		if by[a.kind] == nil {
			by[a.kind] = &line{values: map[string]int64{}}
		}
		by[a.kind].add(a)
	}
	whole := map[string]int64{}
	for _, kind := range slices.Sorted(maps.Keys(by)) {
		l := by[kind]
		title, err := c.activityName(l.last)
		if err != nil {
			return f, err
		}
		row := content.Row{Key: kind, Title: title}
		for _, key := range columns {
			row.Values, whole[key] = append(row.Values, content.Of(l.values[key])), whole[key]+l.values[key]
		}
		typed := content.Value{Is: content.Nothing}
		if l.has {
			typed = content.Of(l.typed)
		}
		row.Values = append(row.Values, typed)
		if f.Rows = append(f.Rows, row); l.typed != l.beside {
			f.Flags = append(f.Flags, content.Flag{Column: "typed", Difference: l.typed - l.beside, Text: flagged(title, l)})
		}
		if l.guess > 0 {
			f.Notes = append(f.Notes, named("report.note.estimated", title, "n", int(l.guess)))
		}
	}
	f.Whole = &content.Row{Key: "whole", Title: say("figure.whole")}
	for _, key := range columns {
		f.Whole.Values = append(f.Whole.Values, content.Of(whole[key]))
	}
	f.Whole.Values = append(f.Whole.Values, content.Value{Is: content.Nothing})
	return f, nil
}

// activityName is what a kind of activity is called, as it was when it was last done.
func (c *counter) activityName(a act) (content.Words, error) {
	k, err := activities.FindKind(c.ctx, c.q, a.kind, a.on.Earliest())
	if err == nil {
		return content.Words{Bn: k.NameBn, En: k.NameEn}, nil
	}
	if fault.KindOf(err) == fault.Internal {
		return content.Words{}, err
	}
	return content.Words{Bn: a.kind, En: a.kind}, nil
}

// flagged says that a total that was typed in is not what its parts come to.
func flagged(title content.Words, l *line) content.Words {
	key := "report.flag.typed_more"
	if l.typed < l.beside {
		key = "report.flag.typed_less"
	}
	return named(key, title, "typed", int(l.typed), "parts", int(l.beside), "n", int(max(l.typed-l.beside, l.beside-l.typed)), "entries", int(l.differing))
}

// named says a text in which a name stands that has two languages.
func named(key string, name content.Words, args ...any) content.Words {
	bn := append(slices.Clone(args), "name", name.In("bn"))
	en := append(slices.Clone(args), "name", name.In("en"))
	return content.Words{Bn: say(key, bn...).Bn, En: say(key, en...).En}
}
