// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

type calendarView struct {
	kit.Frame
	Problems  kit.Problems
	Year      string
	Pages     kit.Pages
	Rows      []kit.Row
	Forecasts int
	May       bool // enter days
	Day       kit.Input
	Names     []kit.Input
	Source    kit.Input
	Ticks     []kit.Input
}

// yearOf is the year that an address asks for; this year for what is none.
func yearOf(r *site.Request) int {
	year, ok := number(r.FormValue("year"))
	if now := dates.Of(r.Now).Year; !ok || year < 2020 || year > 2100 {
		return now
	}
	return year
}

func calendarPage(r *site.Request, q db.Reader) (templ.Component, error) {
	year, s := yearOf(r), r.S
	all, err := calendars.Year(r.Context(), q, year)
	if err != nil {
		return nil, err
	}
	may := r.Who.Holds(access.ManageCalendar)
	v := calendarView{Frame: r.Frame(s.T("calendar.title")), Problems: r.Problems, Year: s.Digits(strconv.Itoa(year)), May: may,
		Pages: kit.Pages{Previous: "/calendar?year=" + strconv.Itoa(year-1), Next: "/calendar?year=" + strconv.Itoa(year+1), Said: s.Digits(strconv.Itoa(year))}}
	for _, d := range all {
		if d.Status == deadlines.Forecast {
			v.Forecasts++
		}
		row := kit.Row{Cells: []templ.Component{kit.Text(dates.Format(s, d.Day) + ", " + dates.Weekday(s, d.Day)), kit.Text(pick(s, d.NameBn, d.NameEn)), kit.Pills(states(r, d)), kit.Text(d.Source)}}
		if may {
			row.Cells = append(row.Cells, mend(r, d))
		}
		v.Rows = append(v.Rows, row)
	}
	given := r.URL.Query().Get("day")
	if on, err := dates.Parse(given); err == nil {
		given = typed(on)
	}
	v.Day = r.Input("day", s.T("calendar.day"), s.Digits(given))
	v.Names = []kit.Input{r.Input("name_bn", s.T("web.field.name_bn"), ""), r.Input("name_en", s.T("web.field.name_en"), "")}
	v.Names[0].Lang, v.Names[1].Lang = "bn", "en"
	v.Source = r.Input("source", s.T("calendar.source"), "")
	v.Source.Hint = s.T("calendar.source_hint")
	for _, name := range []string{"worked", "moon"} {
		in := kit.Input{Name: name, Label: s.T("calendar." + name), Hint: s.T("calendar." + name + "_hint")}
		if r.Ticked(name, "yes", name == "worked" && given != "") {
			in.Value = "yes"
		}
		v.Ticks = append(v.Ticks, in)
	}
	return calendarShown(v), nil
}

func (v calendarView) columns() []kit.Column {
	keys := []string{"calendar.day", "common.name", "common.status", "calendar.source"}
	if v.May {
		keys = append(keys, "calendar.mend")
	}
	return kit.Columns(v.S, keys...)
}

// states say what sort of day it is and how sure that is.
func states(r *site.Request, d calendars.Day) (tags []kit.Tag) {
	add := func(key string, tone kit.Tone) {
		tags = append(tags, kit.Tag{Text: r.S.T("calendar.is_" + key), Tone: tone})
	}
	if d.Worked {
		add("worked", kit.Accent)
	}
	switch {
	case d.Status == deadlines.Forecast:
		add("forecast", kit.Attention)
	case d.Status == deadlines.Announced:
		add("announced", kit.Good)
	case d.ID == "":
		add("yearly", kit.Good)
	default:
		add("entered", kit.Good)
	}
	if d.Moon && dates.Of(r.Now).SurelyBefore(d.Day) {
		add("moon", kit.Attention)
	}
	return tags
}

// mend leads to taking a day back: one that was entered is ended, one that ships is entered as worked.
func mend(r *site.Request, d calendars.Day) templ.Component {
	if d.ID != "" {
		return changeLink("/calendar/"+d.ID+"/end", r.S.T("calendar.undo"), pick(r.S, d.NameBn, d.NameEn))
	}
	return changeLink("/calendar?year="+strconv.Itoa(d.Day.Year)+"&day="+d.Day.String()+"#enter", r.S.T("calendar.is_wrong"), pick(r.S, d.NameBn, d.NameEn))
}

func enterDay(r *site.Request, tx *db.Tx) (string, error) {
	on, err := day(r, "day")
	if err != nil {
		return "", err
	}
	d := calendars.Day{Day: on, Worked: r.PostFormValue("worked") == "yes", Moon: r.PostFormValue("moon") == "yes", NameBn: r.PostFormValue("name_bn"), NameEn: r.PostFormValue("name_en"), Source: r.PostFormValue("source")}
	r.Say("saved")
	_, err = calendars.Enter(r.Context(), tx, r.Who, d)
	return "/calendar?year=" + strconv.Itoa(on.Year), err
}

type endView struct {
	kit.Frame
	Problems kit.Problems
	Ask      kit.Confirmation
	Reason   kit.Input
}

// entered is the day of the address, as it was entered.
func entered(r *site.Request, q db.Reader) (calendars.Day, error) {
	id, err := r.ID("id")
	if err != nil {
		return calendars.Day{}, err
	}
	all, err := calendars.Entered(r.Context(), q)
	if err != nil {
		return calendars.Day{}, err
	}
	at := slices.IndexFunc(all, func(d calendars.Day) bool { return d.ID == id })
	if at < 0 {
		return calendars.Day{}, fault.New(fault.NotFound, "calendar.day_not_found")
	}
	return all[at], nil
}

func endPage(r *site.Request, q db.Reader) (templ.Component, error) {
	d, err := entered(r, q)
	if err != nil {
		return nil, err
	}
	v := endView{Frame: r.Frame(r.S.T("calendar.end")), Problems: r.Problems, Reason: r.Input("reason", r.S.T("common.reason"), "")}
	v.Reason.MaxLength = 300
	v.Ask = kit.Confirmation{Question: r.S.T("calendar.end_ask", "day", dates.Format(r.S, d.Day), "name", pick(r.S, d.NameBn, d.NameEn)), Text: r.S.T("calendar.end_text"),
		Action: "/calendar/" + d.ID + "/end", Yes: r.S.T("calendar.end"), NoHref: "/calendar?year=" + strconv.Itoa(d.Day.Year)}
	return endShown(v), nil
}

func endDay(r *site.Request, tx *db.Tx) (string, error) {
	d, err := entered(r, tx)
	if err != nil {
		return "", err
	}
	r.Say("saved")
	return "/calendar?year=" + strconv.Itoa(d.Day.Year), calendars.End(r.Context(), tx, r.Who, d.ID, r.PostFormValue("reason"))
}
