// SPDX-License-Identifier: Apache-2.0

package centre

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/numbers"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// span is one line of hours in the form.
type span struct {
	Days          kit.Input
	All           []kit.Option
	Opens, Closes kit.Input
}

type settingsView struct {
	kit.Frame
	Problems   kit.Problems
	ID, Name   string
	Version    int
	New        bool
	Weekly     []span
	Period     span
	From, To   kit.Input
	PeriodName kit.Input
	Holidays   kit.Input
	Counters   []kit.Row
	Wall       string
}

// mostSpans is how many lines of hours the form has: before and after noon.
const mostSpans = 2

func settings(r *site.Request, q db.Reader) (templ.Component, error) {
	c, err := centres.Find(r.Context(), q, r.Who, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !c.MayRun {
		return nil, fault.New(fault.NotFound, "centre.not_found")
	}
	v := settingsView{Frame: r.Frame(r.S.T("centre.settings")), Problems: r.Problems, ID: c.Office.ID, Name: c.Office.Name(string(r.S.Lang())), Version: r.Version(c.Version), New: c.Version == 0}
	v.hours(r, c.Hours)
	if v.New {
		return settingsPage(v), nil
	}
	key, err := centres.WallKey(r.Context(), q, r.Who, c.Office.ID)
	if err != nil {
		return nil, err
	}
	v.Wall = r.Origin() + wallOf(c.Office.ID, key)
	if err := v.counters(r, q); err != nil {
		return nil, err
	}
	return settingsPage(v), nil
}

func (v *settingsView) counters(r *site.Request, q db.Reader) error {
	all, err := centres.Counters(r.Context(), q, r.Who, v.ID)
	if err != nil {
		return err
	}
	bodies, err := places.New(r, q)
	for _, c := range all {
		needs := r.S.T("centre.needs_all")
		if len(c.Needs) > 0 {
			var said []string
			for _, n := range c.Needs {
				said = append(said, needSaid(r.S, n))
			}
			needs = strings.Join(said, " · ")
		}
		var marks []kit.Tag
		if c.Women {
			marks = append(marks, kit.Tag{Text: r.S.T("centre.women")})
		}
		for _, l := range c.Languages {
			marks = append(marks, kit.Tag{Text: r.S.T("directory.language." + l)})
		}
		v.Counters = append(v.Counters, kit.Row{Href: at(v.ID, "settings", "counter") + "?counter=" + c.ID, Cells: []templ.Component{kit.Text(r.S.T("centre.counter_n", "number", c.Number) + " · " + c.Name(string(r.S.Lang()))),
			kit.Text(c.Letter), withTags(needs, marks), kit.Text(bodies.Organisation(c.Organisation))}})
	}
	return err
}

// hours fills in the form of the opening hours.
func (v *settingsView) hours(r *site.Request, h listing.Hours) {
	if v.New && len(h.Weekly) == 0 {
		h.Weekly = []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "17:00"}}
	}
	for i := range mostSpans {
		s := listing.Span{}
		if i < len(h.Weekly) {
			s = h.Weekly[i]
		}
		v.Weekly = append(v.Weekly, spanOf(r, strconv.Itoa(i), s))
	}
	p := listing.Period{}
	if len(h.Periods) > 0 {
		p = h.Periods[0]
	}
	s := listing.Span{}
	if len(p.Weekly) > 0 {
		s = p.Weekly[0]
	}
	v.Period = spanOf(r, "p", s)
	v.PeriodName = r.Input("period", r.S.T("centre.period_name"), p.Name.In(string(r.S.Lang())))
	v.From, v.To = r.Input("from", r.S.T("centre.period_from"), p.From.String()), r.Input("to", r.S.T("centre.period_to"), p.To.String())
	v.PeriodName.Optional, v.From.Optional, v.To.Optional = true, true, true
	v.From.Width, v.To.Width, v.From.Hint, v.To.Hint = kit.Medium, kit.Medium, r.S.T("appointment.field.day_hint"), r.S.T("appointment.field.day_hint")
	v.Holidays = kit.Input{Name: "holidays", Label: r.S.T("directory.form.holidays")}
	if r.Ticked("holidays", "yes", h.Holidays) {
		v.Holidays.Value = "yes"
	}
}

func spanOf(r *site.Request, n string, s listing.Span) span {
	v := span{Days: kit.Input{Name: "days_" + n, Label: r.S.T("directory.form.days"), Error: r.Problems.On("hours")}}
	for _, day := range listing.Week() {
		v.All = append(v.All, kit.Option{Value: day, Label: r.S.T("directory.day." + strings.ToLower(day)), Chosen: r.Ticked("days_"+n, day, slices.Contains(s.Days, day))})
	}
	v.Opens, v.Closes = r.Input("opens_"+n, r.S.T("directory.form.opens"), s.Opens), r.Input("closes_"+n, r.S.T("directory.form.closes"), s.Closes)
	v.Opens.Width, v.Closes.Width, v.Opens.MaxLength, v.Closes.MaxLength = kit.Short, kit.Short, 5, 5
	return v
}

// readSpan reads a line of hours; one without days and times is none.
func readSpan(r *site.Request, n string) (s listing.Span, said bool) {
	s = listing.Span{Days: slices.Clone(r.PostForm["days_"+n]), Opens: numbers.Digits(r.PostFormValue("opens_" + n)), Closes: numbers.Digits(r.PostFormValue("closes_" + n))}
	return s, len(s.Days) > 0 || s.Opens+s.Closes != ""
}

func set(r *site.Request, tx *db.Tx) (string, error) {
	office := r.PathValue("id")
	c, err := centres.Find(r.Context(), tx, r.Who, office)
	if err != nil {
		return "", err
	}
	h := c.Hours
	h.Holidays, h.Weekly = r.PostFormValue("holidays") == "yes", nil
	for i := range mostSpans {
		if s, said := readSpan(r, strconv.Itoa(i)); said {
			h.Weekly = append(h.Weekly, s)
		}
	}
	rest := h.Periods[min(1, len(h.Periods)):]
	h.Periods = nil
	if r.PostFormValue("from")+r.PostFormValue("to") != "" {
		from, wrong := dates.Parse(r.PostFormValue("from"))
		to, wrong2 := dates.Parse(r.PostFormValue("to"))
		if wrong != nil || wrong2 != nil {
			return "", fault.New(fault.Invalid, "directory.period").On("from")
		}
		p := listing.Period{From: from, To: to}
		if name := strings.TrimSpace(r.PostFormValue("period")); r.S.Lang() == "en" {
			p.Name.En = name
		} else {
			p.Name.Bn = name
		}
		if s, said := readSpan(r, "p"); said {
			p.Weekly = []listing.Span{s}
		}
		h.Periods = []listing.Period{p}
	}
	h.Periods = append(h.Periods, rest...)
	r.Say("centre_set")
	return at(office, "settings"), centres.Set(r.Context(), tx, r.Who, centres.Setting{Office: office, Version: r.Version(0), Hours: h})
}

func renewKey(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("centre_wall_renewed")
	return at(r.PathValue("id"), "settings"), centres.RenewWallKey(r.Context(), tx, r.Who, r.PathValue("id"))
}

type counterView struct {
	kit.Frame
	Problems     kit.Problems
	ID           string
	Counter      centres.Counter
	Version      int
	NameBn       kit.Input
	NameEn       kit.Input
	Number       kit.Input
	Letter       kit.Input
	Needs        kit.Input
	AllNeeds     []kit.Option
	Languages    kit.Input
	Spoken       []kit.Option
	Women        kit.Input
	Organisation kit.Input
	Bodies       []kit.Option
}

func counterForm(r *site.Request, q db.Reader) (templ.Component, error) {
	office := r.PathValue("id")
	all, err := centres.Counters(r.Context(), q, r.Who, office)
	if err != nil {
		return nil, err
	}
	c := centres.Counter{Organisation: r.Who.Organisation, Letter: "A"}
	for _, o := range all {
		c.Number = max(c.Number, o.Number)
		c.Letter = o.Letter
	}
	c.Number++
	if id := r.Typed("counter", r.URL.Query().Get("counter")); id != "" {
		if c, err = centres.FindCounter(r.Context(), q, r.Who, office, id); err != nil {
			return nil, err
		}
	}
	v := counterView{Frame: r.Frame(r.S.T("centre.counter")), Problems: r.Problems, ID: office, Counter: c, Version: r.Version(c.Version)}
	v.ask(r)
	bodies, err := places.New(r, q)
	v.Organisation = r.Input("organisation", r.S.T("centre.organisation"), c.Organisation)
	for _, b := range bodies.Bodies {
		v.Bodies = append(v.Bodies, kit.Option{Value: b.ID, Label: b.Name(string(r.S.Lang()))})
	}
	return counterPage(v), err
}

func (v *counterView) ask(r *site.Request) {
	c, lang := v.Counter, string(r.S.Lang())
	v.NameBn, v.NameEn = r.Input("name_bn", r.S.T("centre.name_bn"), c.NameBn), r.Input("name_en", r.S.T("centre.name_en"), c.NameEn)
	v.NameBn.Lang, v.NameEn.Lang, v.NameEn.Optional, v.NameBn.MaxLength, v.NameEn.MaxLength = "bn", "en", true, 80, 80
	v.Number, v.Letter = r.Input("number", r.S.T("centre.number_field"), strconv.Itoa(c.Number)), r.Input("letter", r.S.T("centre.letter_field"), c.Letter)
	v.Number.Width, v.Letter.Width, v.Number.InputMode, v.Number.MaxLength, v.Letter.MaxLength = kit.Short, kit.Short, "numeric", 2, 1
	v.Letter.Hint = r.S.T("centre.letter_hint")
	v.Needs = kit.Input{Name: "needs", Label: r.S.T("centre.needs"), Hint: r.S.T("centre.needs_hint"), Error: r.Problems.On("needs")}
	for _, n := range listing.Needs() {
		v.AllNeeds = append(v.AllNeeds, kit.Option{Value: n.Code, Label: n.Name(lang), Chosen: r.Ticked("needs", n.Code, slices.Contains(c.Needs, n.Code))})
	}
	v.Languages = kit.Input{Name: "languages", Label: r.S.T("centre.languages"), Hint: r.S.T("centre.languages_hint"), Error: r.Problems.On("languages")}
	for _, code := range listing.Spoken() {
		if code != "bn" {
			v.Spoken = append(v.Spoken, kit.Option{Value: code, Label: r.S.T("directory.language." + code), Chosen: r.Ticked("languages", code, slices.Contains(c.Languages, code))})
		}
	}
	v.Women = kit.Input{Name: "women", Label: r.S.T("centre.women")}
	if r.Ticked("women", "yes", c.Women) {
		v.Women.Value = "yes"
	}
}

func setUp(r *site.Request, tx *db.Tx) (string, error) {
	office := r.PathValue("id")
	number, err := strconv.Atoi(numbers.Digits(strings.TrimSpace(r.PostFormValue("number"))))
	if err != nil {
		return "", fault.New(fault.Invalid, "centre.number").On("number")
	}
	c := centres.Counter{ID: r.PostFormValue("counter"), Office: office, Organisation: r.PostFormValue("organisation"), Letter: r.PostFormValue("letter"), Number: number,
		NameBn: r.PostFormValue("name_bn"), NameEn: r.PostFormValue("name_en"), Needs: slices.Clone(r.PostForm["needs"]), Languages: slices.Clone(r.PostForm["languages"]),
		Women: r.PostFormValue("women") == "yes", Version: r.Version(0)}
	r.Say("centre_counter_set")
	_, err = centres.SetUp(r.Context(), tx, r.Who, c)
	return at(office, "settings"), err
}

func shut(r *site.Request, tx *db.Tx) (string, error) {
	office := r.PathValue("id")
	r.Say("centre_counter_shut")
	return at(office, "settings"), centres.Shut(r.Context(), tx, r.Who, centres.Counter{ID: r.PostFormValue("counter"), Office: office, Version: r.Version(0)})
}
