// SPDX-License-Identifier: Apache-2.0

package directories

import (
	"slices"
	"strconv"
	"strings"

	"fera/internal/dates"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/numbers"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// days offers the days of the week.
func (f form) days(name string, chosen []string) {
	var options []kit.Option
	for _, d := range listing.Week() {
		options = append(options, kit.Option{Value: d, Label: f.r.S.T("directory.day." + strings.ToLower(d))})
	}
	in := kit.Input{Name: name, Label: f.r.S.T("directory.form.days")}
	for i := range options {
		options[i].Chosen = f.r.Ticked(name, options[i].Value, slices.Contains(chosen, options[i].Value))
	}
	f.put(asChecks, in, options...)
}

func (f form) clock(name, label, now string) {
	in := f.input(name, label, now)
	in.Width = kit.Short
	f.put(asField, in)
}

// hourRows asks when somebody is there.
func (f form) hourRows(h listing.Hours) {
	f.group("hours")
	f.v.Groups[len(f.v.Groups)-1].Hint = f.r.S.T("directory.hours_hint")
	f.tick("always", h.Always)
	if e := f.r.Problems.On("hours"); e != "" {
		f.v.Groups[len(f.v.Groups)-1].Hint = e
	}
	for i := range len(h.Weekly) + 1 {
		s := listing.Span{}
		if i < len(h.Weekly) {
			s = h.Weekly[i]
		}
		n := strconv.Itoa(i)
		f.days("days_"+n, s.Days)
		f.clock("opens_"+n, "opens", s.Opens)
		f.clock("closes_"+n, "closes", s.Closes)
	}
	f.tick("holidays", h.Holidays)
	f.both("hours_note", h.Note, asField)
	f.group("periods")
	f.v.Groups[len(f.v.Groups)-1].Hint = f.r.S.T("directory.periods_hint")
	for i := range len(h.Periods) + 1 {
		p, s := listing.Period{}, listing.Span{}
		if i < len(h.Periods) {
			if p = h.Periods[i]; len(p.Weekly) > 0 {
				s = p.Weekly[0]
			}
		}
		n := strconv.Itoa(i)
		f.put(asField, f.input("period_"+n, "period", p.Name.In(string(f.r.S.Lang()))))
		f.put(asDate, f.input("from_"+n, "from", p.From.String()))
		f.put(asDate, f.input("to_"+n, "to", p.To.String()))
		f.days("period_days_"+n, s.Days)
		f.clock("period_opens_"+n, "opens", s.Opens)
		f.clock("period_closes_"+n, "closes", s.Closes)
	}
}

// mostHourRows is how many lines of hours a form that was sent may have.
const mostHourRows = 20

// hourList reads when somebody is there. A line without days, or a period without days to and from, is none.
func hourList(r *site.Request, before listing.Hours) (h listing.Hours, err error) {
	h = listing.Hours{Always: r.PostFormValue("always") == "yes", Holidays: r.PostFormValue("holidays") == "yes", Note: text(r, "hours_note"), Rows: before.Rows}
	span := func(i int, prefix string, old []listing.Span, n int) (listing.Span, bool) {
		s := listing.Span{}
		if n < len(old) {
			s = old[n]
		}
		at := strconv.Itoa(i)
		s.Days, s.Opens, s.Closes = slices.Clone(r.PostForm[prefix+"days_"+at]), numbers.Digits(r.PostFormValue(prefix+"opens_"+at)), numbers.Digits(r.PostFormValue(prefix+"closes_"+at))
		return s, len(s.Days) > 0 || s.Opens+s.Closes != ""
	}
	for i := range mostHourRows {
		if s, said := span(i, "", before.Weekly, i); said {
			h.Weekly = append(h.Weekly, s)
		}
		at := strconv.Itoa(i)
		if r.PostFormValue("from_"+at)+r.PostFormValue("to_"+at) == "" {
			continue
		}
		p := listing.Period{}
		if i < len(before.Periods) {
			p = before.Periods[i]
		}
		if name := strings.TrimSpace(r.PostFormValue("period_" + at)); name != p.Name.In(string(r.S.Lang())) {
			setText(&p.Name, name, string(r.S.Lang()))
		}
		from, wrong := dates.Parse(r.PostFormValue("from_" + at))
		to, wrong2 := dates.Parse(r.PostFormValue("to_" + at))
		if wrong != nil || wrong2 != nil {
			return h, fault.New(fault.Invalid, "directory.period").On("from_" + at)
		}
		p.From, p.To = from, to
		rest := p.Weekly[min(1, len(p.Weekly)):]
		s, said := span(i, "period_", p.Weekly, 0)
		if p.Weekly = nil; said {
			p.Weekly = append([]listing.Span{s}, rest...)
		}
		h.Periods = append(h.Periods, p)
	}
	return h, nil
}
