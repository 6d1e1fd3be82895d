// SPDX-License-Identifier: Apache-2.0

// Package phrases says figures in words: what a number is of, what a value of a dimension is called, how a number is written.
// It knows the names that other rooms give to kinds of services, reasons and organisations; it counts nothing.
package phrases

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/assessments"
	"fera/internal/choices"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/offices"
	"fera/internal/programmes"
	"fera/internal/services"
	"fera/internal/words"
)

// Phrases says figures in one language, with the names as they are at one moment.
type Phrases struct {
	s     *words.Speaker
	kinds map[string]map[string]string // by what the kinds are of, and code
	orgs  map[string]string
}

// New reads the names that are not in the catalogues.
func New(ctx context.Context, q db.Reader, s *words.Speaker) (*Phrases, error) {
	p := &Phrases{s: s, orgs: map[string]string{}}
	p.kinds = map[string]map[string]string{"service": {}, "activity": {}, "closure": {}, "instrument": {}, "scale": {}}
	lang, today := string(s.Lang()), dates.Of(q.Now())
	given, err := services.Kinds(ctx, q, today)
	if err != nil {
		return nil, fmt.Errorf("names of figures: %w", err)
	}
	for _, k := range given {
		p.kinds["service"][k.Code] = inLang(lang, k.NameEn, k.NameBn)
	}
	done, err := activities.Kinds(ctx, q, today)
	if err != nil {
		return nil, fmt.Errorf("names of figures: %w", err)
	}
	for _, k := range done {
		p.kinds["activity"][k.Code] = k.Name(lang)
	}
	all, err := programmes.List(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("names of figures: %w", err)
	}
	reasons := programmes.Closures()
	for _, one := range all {
		reasons = append(reasons, one.Reasons()...)
	}
	for _, c := range reasons {
		p.kinds["closure"][c.Code] = inLang(lang, c.En, c.Bn)
	}
	return p, p.others(ctx, q, lang)
}

// others reads the names of questionnaires and organisations, which are no secret.
func (p *Phrases) others(ctx context.Context, q db.Reader, lang string) error {
	known, err := assessments.ListInstruments(ctx, q, access.System(access.ReadInstruments))
	if err != nil {
		return fmt.Errorf("names of figures: %w", err)
	}
	for _, k := range known {
		title := k.Definition.Title.In(lang)
		p.kinds["instrument"][k.Definition.Name] = title
		for _, scale := range k.Definition.Scales {
			p.kinds["scale"][k.Definition.Name+"."+scale.Name] = p.s.T("figure.scale", "title", title, "scale", cmp.Or(scale.Label.In(lang), scale.Name))
		}
	}
	bodies, err := offices.Organisations(ctx, q, access.System(access.ReadOffices))
	if err != nil {
		return fmt.Errorf("names of figures: %w", err)
	}
	for _, o := range bodies {
		p.orgs[o.ID] = o.Name(lang)
	}
	return nil
}

func inLang(lang, en, bn string) string {
	if lang == string(words.Bangla) {
		return cmp.Or(bn, en)
	}
	return cmp.Or(en, bn)
}

// joined stands between the values of what is shown together.
const joined = " + "

// Key says a value of a dimension of an indicator; several that are shown together are said one after the other.
func (p *Phrases) Key(i definitions.Indicator, dimension, key string) string {
	parts := strings.Split(key, joined)
	for n, part := range parts {
		parts[n] = p.one(i, dimension, part)
	}
	return strings.Join(parts, joined)
}

func (p *Phrases) one(i definitions.Indicator, dimension, key string) string {
	if key == "" {
		return p.s.T("figure.unknown")
	}
	switch dimension {
	case "division":
		return cmp.Or(geo.Name(p.s.Lang(), key), key)
	case "district", "upazila":
		if len(key) == 2 { // what is not told apart further
			return cmp.Or(geo.Full(p.s.Lang(), key), key)
		}
		return cmp.Or(geo.Name(p.s.Lang(), key), key)
	case "country":
		return cmp.Or(countries.Name(p.s.Lang(), key), key)
	case "day", "month", "quarter", "year":
		return p.period(key)
	case "age":
		return p.s.Digits(strings.Replace(key, "-", "–", 1))
	case "organisation":
		return cmp.Or(p.orgs[key], p.s.T("figure.unknown_name"))
	case "kind":
		m, _ := sources.Find(i.Counts.Measure)
		return p.kind(m.Kinds, key)
	case "reason":
		return p.reason(key)
	case "sex", "disability", "ethnicity":
		return p.text("figure."+dimension+"."+key, key)
	}
	return key
}

// text says a key of the catalogue, and what stands for it where there is none.
func (p *Phrases) text(key, otherwise string) string {
	if p.s.Has(key) {
		return p.s.T(key)
	}
	return otherwise
}

func (p *Phrases) reason(key string) string {
	if key == "several" {
		return p.s.T("figure.reason.several")
	}
	return p.text("person.reason."+key, key)
}

// kind says a kind of what has kinds.
func (p *Phrases) kind(of, key string) string {
	switch of {
	case "reason":
		return p.reason(key)
	case "happening":
		if slices.Contains(choices.Happenings(), key) {
			return p.text("person.happened."+key, key)
		}
	case "help":
		return p.text("service.category."+key, key)
	case "need":
		if n, ok := listing.NeedOf(key); ok {
			return n.Name(string(p.s.Lang()))
		}
	case "referral_end":
		return p.text("figure.ended."+key, key)
	}
	return cmp.Or(p.kinds[of][key], key)
}

// period says a period as figures name it: "2029-03", "2029-Q1", "2029-00" for a month that is not known.
func (p *Phrases) period(key string) string {
	year, rest, _ := strings.Cut(key, "-")
	switch {
	case rest == "00":
		return p.s.T("figure.month_unknown", "year", p.s.Digits(year))
	case strings.HasPrefix(rest, "Q"):
		return p.s.T("figure.quarter", "quarter", p.s.Digits(rest[1:]), "year", p.s.Digits(year))
	}
	d, err := dates.Parse(strings.TrimSuffix(key, "-00"))
	if err != nil {
		return p.s.Digits(key)
	}
	return dates.Format(p.s, d)
}

// Period says between which months a figure was asked for.
func (p *Phrases) Period(from, to facts.Month) string {
	first, last := max(int(from)%100, 1), int(to)%100
	if first == 1 && last == 12 {
		if from.Year() == to.Year() {
			return p.s.Digits(strconv.Itoa(to.Year()))
		}
		return p.s.T("figure.period", "from", p.s.Digits(strconv.Itoa(from.Year())), "to", p.s.Digits(strconv.Itoa(to.Year())))
	}
	a, b := dates.Partial{Year: from.Year(), Month: first}, dates.Partial{Year: to.Year(), Month: last}
	if a == b {
		return dates.Format(p.s, a)
	}
	return p.s.T("figure.period", "from", dates.Format(p.s, a), "to", dates.Format(p.s, b))
}

// By says by what a figure is told apart; nothing when it is not.
func (p *Phrases) By(by []string) string {
	switch len(by) {
	case 0:
		return ""
	case 1:
		return p.s.T("figure.by", "first", p.s.T("figure.dimension."+by[0]))
	}
	return p.s.T("figure.by_two", "first", p.s.T("figure.dimension."+by[0]), "second", p.s.T("figure.dimension."+by[1]))
}

// hundredth is the unit of scores.
const hundredth = "hundredth"

// amount tells in what the amounts of an indicator are, and whether it shows amounts.
func amount(i definitions.Indicator) (unit string, shown bool) {
	m, _ := sources.Find(i.Counts.Measure)
	return m.Amount, i.Counts.Count == definitions.Amount || i.Counts.Count == definitions.Mean
}

// Worth is a number as a value on a scale: a share in hundredths, a mean, else the number; amounts in taka.
func Worth(i definitions.Indicator, n indicators.Number) float64 {
	v := float64(n.N)
	if unit, shown := amount(i); shown && (unit == "poisha" || unit == hundredth) {
		v /= 100
	}
	switch {
	case i.Of != nil && n.Of != 0:
		return 100 * v / float64(n.Of)
	case i.Of != nil:
		return math.NaN()
	case i.Counts.Count == definitions.Mean && n.Of != 0:
		return v / float64(n.Of)
	case i.Counts.Count == definitions.Mean:
		return math.NaN()
	}
	return v
}

// Value says a value on the scale of Worth.
func (p *Phrases) Value(i definitions.Indicator, v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	n := int(math.Round(v))
	switch unit, shown := amount(i); {
	case shown && unit == hundredth:
		return p.s.Digits(strconv.FormatFloat(v, 'f', 2, 64))
	case shown:
		return p.s.T("figure.taka", "amount", n)
	}
	if i.Of != nil {
		return p.s.T("figure.percent", "n", n)
	}
	return p.s.Number(n)
}

// Number says a number, with what it is a share or a mean of.
func (p *Phrases) Number(i definitions.Indicator, n indicators.Number) string {
	value, of := p.Value(i, Worth(i, n)), p.Of(i, n)
	switch {
	case n.Hidden:
		return p.s.T("figure.few")
	case of != "":
		return p.s.T("figure.value_of", "value", value, "of", of)
	}
	return value
}

// Of says of what a number is a share or a mean; nothing for what is neither, or may not be shown.
func (p *Phrases) Of(i definitions.Indicator, n indicators.Number) string {
	switch {
	case n.Hidden || n.Of == 0:
		return ""
	case i.Of != nil:
		return p.s.T("figure.share", "n", n.N, "of", n.Of)
	case i.Counts.Count == definitions.Mean:
		return p.s.T("figure.mean", "n", n.Of)
	}
	return ""
}

// Note says what is to be said under a table.
func (p *Phrases) Note(n indicators.Note) string {
	var args []any
	for name, v := range n.Values {
		args = append(args, name, v)
	}
	return p.s.T(n.Key, args...)
}

// How says how an indicator is counted.
func (p *Phrases) How(i definitions.Indicator) string {
	return indicators.Explain(p.s, i, func(dimension, value string) string { return p.one(i, dimension, value) })
}

// Organisation is the name of an organisation.
func (p *Phrases) Organisation(id string) string {
	return cmp.Or(p.orgs[id], p.s.T("figure.unknown_name"))
}
