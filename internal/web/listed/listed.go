// SPDX-License-Identifier: Apache-2.0

// Package listed says entries of the directory in words: when somebody is there, how old what is known is, what is free, whom a
// service is for. The public page and the pages of staff say these things alike.
package listed

import (
	"math"
	"strings"

	"fera/internal/dates"
	"fera/internal/deadlines"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// Speaker says entries in one language on one day.
type Speaker struct {
	S        *words.Speaker
	Today    dates.Partial
	Calendar deadlines.Calendar
}

// Text says a text in the language, or in the other if it has no other.
func (l Speaker) Text(t listing.Text) string { return t.In(string(l.S.Lang())) }

// Age says how old what is known of an entry is.
func (l Speaker) Age(e directory.Entry) kit.Tag {
	f, days := e.Freshness(l.Today)
	switch f {
	case directory.Fresh:
		return kit.Tag{Text: l.S.T("directory.age.fresh", "count", days), Tone: kit.Good}
	case directory.Stale:
		return kit.Tag{Text: l.S.T("directory.age.stale", "count", days), Tone: kit.Attention}
	}
	return kit.Tag{Text: l.S.T("directory.age.unconfirmed"), Tone: kit.Attention}
}

// Source says where an entry is from; nothing once its provider confirmed it.
func (l Speaker) Source(e directory.Entry) string {
	if f, _ := e.Freshness(l.Today); f != directory.Unconfirmed || e.Source().Text == "" {
		return ""
	}
	return l.S.T("directory.from", "source", e.Source().Text)
}

// Conduct says how a provider answers those who refer people to it.
func (l Speaker) Conduct(c directory.Conduct) string {
	var parts []string
	if c.Days != nil {
		parts = append(parts, l.S.T("directory.answers", "count", *c.Days))
	}
	if c.Unanswered > 0 {
		parts = append(parts, l.S.T("directory.silent", "count", c.Unanswered))
	}
	if len(parts) == 0 {
		parts = append(parts, l.S.T("directory.answers_unknown"))
	}
	return strings.Join(append(parts, l.S.T("directory.capacity_said", "date", l.Day(c.AsOf))), " ")
}

// Hours says when somebody is there, line by line; what holds today comes first.
func (l Speaker) Hours(h listing.Hours) (lines []string) {
	if h.Always {
		return []string{l.S.T("directory.hours.always")}
	}
	if h.Known() {
		lines = append(lines, l.today(h))
	}
	for _, s := range h.Weekly {
		lines = append(lines, l.span(s))
	}
	for _, p := range h.Coming(l.Today, 45) {
		period := l.S.T("directory.hours.period", "name", l.Text(p.Name), "from", l.Day(p.From), "to", l.Day(p.To))
		if len(p.Weekly) == 0 {
			lines = append(lines, period+" "+l.S.T("directory.hours.closed"))
		}
		for _, s := range p.Weekly {
			lines = append(lines, period+" "+l.span(s))
		}
	}
	if h.Holidays {
		lines = append(lines, l.S.T("directory.hours.holidays"))
	}
	if !h.Note.Empty() {
		lines = append(lines, l.Text(h.Note))
	}
	for _, r := range h.Rows {
		if r["description"] != "" {
			lines = append(lines, r["description"])
		}
	}
	return lines
}

func (l Speaker) today(h listing.Hours) string {
	on := h.On(l.Today, l.Calendar)
	var times []string
	for _, s := range on.Spans {
		times = append(times, l.times(s))
	}
	switch {
	case on.Holiday:
		return l.S.T("directory.hours.today_holiday")
	case len(times) == 0:
		return l.S.T("directory.hours.today_closed")
	}
	return l.S.T("directory.hours.today", "times", strings.Join(times, ", "))
}

func (l Speaker) times(s listing.Span) string {
	return l.S.Digits(s.Opens) + "–" + l.S.Digits(s.Closes)
}

// span says days that follow one another as from the first to the last.
func (l Speaker) span(s listing.Span) string {
	week, in := listing.Week(), map[string]bool{}
	for _, d := range s.Days {
		in[d] = true
	}
	var parts []string
	for i := 0; i < len(week); i++ {
		if !in[week[i]] {
			continue
		}
		j := i
		for j+1 < len(week) && in[week[j+1]] {
			j++
		}
		first, last := l.S.T("directory.day."+strings.ToLower(week[i])), l.S.T("directory.day."+strings.ToLower(week[j]))
		switch j - i {
		case 0:
			parts = append(parts, first)
		case 1:
			parts = append(parts, first, last)
		default:
			parts = append(parts, l.S.T("directory.day_range", "from", first, "to", last))
		}
		i = j
	}
	return strings.Join(parts, ", ") + ": " + l.times(s)
}

// Day says a day; in Bangla the day of the Bangla calendar stands beside it.
func (l Speaker) Day(p dates.Partial) string {
	said := dates.Format(l.S, p)
	if l.S.Lang() == words.Bangla && p.Precision() == dates.Day {
		said += " (" + dates.FormatBangla(l.S, p) + ")"
	}
	return said
}

// Phone says a number as it is dialled, and what it is for.
func (l Speaker) Phone(p listing.Phone) string {
	parts := []string{}
	if !p.About.Empty() {
		parts = append(parts, l.Text(p.About))
	}
	if p.Extension != "" {
		parts = append(parts, l.S.T("directory.phone_extension", "number", l.S.Digits(p.Extension)))
	}
	return strings.Join(parts, ", ")
}

// Capacity says what is free and how long one waits, with the day on which that was said.
func (l Speaker) Capacity(c *listing.Capacity) string {
	if c == nil {
		return ""
	}
	var parts []string
	if c.Free != nil {
		parts = append(parts, l.S.T("directory.free", "count", *c.Free))
	}
	if c.Wait != nil {
		parts = append(parts, l.S.T("directory.wait", "count", *c.Wait))
	}
	key := "directory.capacity_said"
	if c.Stale(l.Today) {
		key = "directory.capacity_old"
	}
	return strings.Join(parts, ", ") + " " + l.S.T(key, "date", l.Day(c.On))
}

// For says whom a service is for.
func (l Speaker) For(e listing.Eligibility) (lines []string) {
	if e.Sex != "" {
		lines = append(lines, l.S.T("directory.for."+e.Sex))
	}
	if e.MinAge > 0 {
		lines = append(lines, l.S.T("directory.for.from_age", "count", e.MinAge))
	}
	if e.MaxAge > 0 {
		lines = append(lines, l.S.T("directory.for.to_age", "count", e.MaxAge))
	}
	if !e.Text.Empty() {
		lines = append(lines, l.Text(e.Text))
	} else if e.Returns > 0 {
		lines = append(lines, l.S.T("directory.for.returned", "count", e.Returns))
	}
	return lines
}

// Areas says for which places a service is.
func (l Speaker) Areas(codes []string) string {
	var parts []string
	for _, code := range codes {
		if code == listing.Country {
			parts = append(parts, l.S.T("directory.whole_country"))
		} else {
			parts = append(parts, geo.Full(l.S.Lang(), code))
		}
	}
	return strings.Join(parts, "; ")
}

// Papers says what has to be brought.
func (l Speaker) Papers(all []listing.Paper) (lines []string) {
	for _, p := range all {
		lines = append(lines, p.Name(string(l.S.Lang())))
	}
	return lines
}

// Costs says what a service costs.
func (l Speaker) Costs(s *listing.Service) (lines []string) {
	if !s.Fee.Empty() {
		lines = append(lines, l.Text(s.Fee))
	}
	for _, c := range s.Costs {
		line := l.Text(c.For)
		if c.Amount != nil {
			amount := l.S.Number(int(*c.Amount / 100))
			if cents := *c.Amount % 100; cents != 0 {
				amount += "." + l.S.Digits(string([]byte{byte('0' + cents/10), byte('0' + cents%10)}))
			}
			line = strings.TrimSpace(line + " " + c.Currency + " " + amount)
		}
		if !c.Note.Empty() {
			line += " (" + l.Text(c.Note) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// Languages says in which languages somebody is served.
func (l Speaker) Languages(all []listing.Language) string {
	var parts []string
	for _, one := range all {
		switch {
		case l.S.Has("directory.language." + one.Code):
			parts = append(parts, l.S.T("directory.language."+one.Code))
		case one.Name != "":
			parts = append(parts, one.Name)
		default:
			parts = append(parts, one.Code)
		}
	}
	return strings.Join(parts, ", ")
}

// Needs says which needs a service meets.
func (l Speaker) Needs(codes []string) string {
	var parts []string
	for _, code := range codes {
		if n, ok := listing.NeedOf(code); ok {
			parts = append(parts, n.Name(string(l.S.Lang())))
		}
	}
	return strings.Join(parts, "; ")
}

// Where says where a match is, with how far that is.
func (l Speaker) Where(m directory.Match) string {
	if m.Location == nil {
		return ""
	}
	loc := m.Location.Location
	parts := []string{l.Text(loc.Name)}
	if !loc.Address.Empty() {
		parts = append(parts, l.Text(loc.Address))
	}
	if loc.Place != "" && !strings.HasSuffix(parts[0], geo.Name(l.S.Lang(), loc.Place)) {
		parts = append(parts, geo.Full(l.S.Lang(), loc.Place))
	}
	said := strings.Join(parts, ", ")
	if m.Km >= 5 {
		said += " · " + l.S.T("directory.km", "count", int(math.Round(m.Km)))
	}
	return said
}
