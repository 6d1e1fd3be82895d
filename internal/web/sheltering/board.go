// SPDX-License-Identifier: Apache-2.0

package sheltering

import (
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/persons"
	"fera/internal/shelters"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// onBoard is how many nights a board shows.
const onBoard = 7

type boardView struct {
	kit.Frame
	Shelter        shelters.Shelter
	Division       string
	Pills          []kit.Tag
	Columns        []kit.Column
	Rows           []kit.Row
	Now, Wanted    []kit.Row
	NowColumns     []kit.Column
	WantedColumns  []kit.Column
	Earlier, Later string
	Named          bool
}

func board(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := shelterID(r)
	if err != nil {
		return nil, err
	}
	v, err := boardOf(r, q, id, nil)
	return boardPage(v), err
}

// names shows the board with what people are called there, which enters the look.
func names(r *site.Request, tx *db.Tx) (string, error) {
	id, err := shelterID(r)
	if err != nil {
		return "", err
	}
	called, err := shelters.Roll(r.Context(), tx, r.Who, id)
	if err != nil {
		return "", err
	}
	v, err := boardOf(r, tx, id, called)
	v.QuickExit = true
	r.Answer = boardPage(v)
	return "", err
}

// boardOf draws a board; called are the names of those who have a bed, by their references, nil while they are closed.
func boardOf(r *site.Request, q db.Reader, id shelters.ID, called map[string]string) (boardView, error) {
	from, err := dates.Parse(r.URL.Query().Get("from"))
	if err != nil {
		from = dates.Of(r.Now)
	}
	b, err := shelters.ReadBoard(r.Context(), q, r.Who, shelters.Viewing{Shelter: id, From: from, Days: onBoard})
	if err != nil {
		return boardView{}, err
	}
	v := boardView{Frame: r.Frame(r.S.T("shelter.board")), Shelter: b.Shelter, Division: geo.Name(r.S.Lang(), b.Shelter.Division), Pills: counts(r, b), Named: called != nil}
	v.Earlier, v.Later = at(id)+"?from="+b.Days[0].Add(-onBoard).String(), at(id)+"?from="+b.Days[0].Add(onBoard).String()
	v.Columns = []kit.Column{{Label: r.S.T("shelter.bed")}}
	for _, d := range b.Days {
		v.Columns = append(v.Columns, kit.Column{Label: short(r, d)})
	}
	for _, l := range b.Lines {
		v.Rows = append(v.Rows, line(r.S, l))
	}
	v.NowColumns = kit.Columns(r.S, "shelter.code", "shelter.who", "shelter.since", "shelter.until", "shelter.stands")
	if called != nil {
		v.NowColumns = append(v.NowColumns, kit.Column{Label: r.S.T("shelter.called")})
	}
	v.WantedColumns = kit.Columns(r.S, "shelter.code", "shelter.who", "shelter.since")
	if b.Shelter.Runs {
		v.NowColumns, v.WantedColumns = append(v.NowColumns, kit.Column{}), append(v.WantedColumns, kit.Column{})
	}
	for _, h := range b.Now {
		v.Now = append(v.Now, held(r, b.Shelter, h, called))
	}
	for _, h := range b.Wanted {
		v.Wanted = append(v.Wanted, kit.Row{Cells: []templ.Component{kit.Text(h.Code()), kit.Text(whoIs(r.S, h)), kit.Text(dates.Format(r.S, h.From)), openGuest(r.S, b.Shelter.ID, h)}})
	}
	return v, nil
}

// short is a day as the head of a column: its weekday and number.
func short(r *site.Request, d dates.Partial) string {
	if d == dates.Of(r.Now) {
		return r.S.T("shelter.tonight")
	}
	return dates.Weekday(r.S, d) + " " + r.S.Digits(strconv.Itoa(d.Day))
}

// line is one bed and its nights.
func line(s *words.Speaker, l shelters.Line) kit.Row {
	row := kit.Row{Cells: []templ.Component{bedName(s, l)}}
	for _, h := range l.Nights {
		switch {
		case h != nil && h.State == shelters.Placed:
			row.Cells = append(row.Cells, cell(kit.Tag{Text: s.T("shelter.cell.placed"), Tone: kit.Attention}, h.Code()))
		case h != nil:
			row.Cells = append(row.Cells, cell(kit.Tag{Text: s.T("shelter.cell." + string(h.State)), Tone: kit.Accent}, h.Code()))
		case l.Bed.Unused:
			row.Cells = append(row.Cells, kit.Text(s.T("shelter.unused")))
		default:
			row.Cells = append(row.Cells, cell(kit.Tag{Text: s.T("shelter.cell.free"), Tone: kit.Good}, ""))
		}
	}
	return row
}

// held is somebody who has a bed.
func held(r *site.Request, in shelters.Shelter, h shelters.Hold, called map[string]string) kit.Row {
	state := kit.Tag{Text: r.S.T("shelter.state." + string(h.State))}
	if today := dates.Of(r.Now); h.State != shelters.Placed && !today.SurelyBefore(h.Until) {
		state = kit.Tag{Text: r.S.T("shelter.late_since"), Tone: kit.Attention}
	}
	code := h.Code()
	if code == "" {
		code = "–"
	}
	row := kit.Row{Cells: []templ.Component{kit.Text(code), kit.Text(whoIs(r.S, h)), kit.Text(dates.Format(r.S, h.From)), kit.Text(dates.Format(r.S, h.Until)), kit.Pill(state)}}
	if called != nil {
		row.Cells = append(row.Cells, kit.Text(called[h.Ref]))
	}
	if in.Runs {
		row.Cells = append(row.Cells, openGuest(r.S, in.ID, h))
	}
	return row
}

// whoIs says of somebody without a name how old and of which sex.
func whoIs(s *words.Speaker, h shelters.Hold) string {
	sex := string(h.Sex)
	if h.Sex != persons.Female && h.Sex != persons.Male {
		sex = "other"
	}
	said := s.T("shelter.guest_said." + string(h.Age) + "." + sex)
	if h.Accessible {
		said += " · " + s.T("shelter.accessible")
	}
	return said
}

type bedsView struct {
	kit.Frame
	Problem      string
	From, Nights kit.Input
	Columns      []kit.Column
	Rows         []kit.Row
}

// beds is how many beds are free, by division.
func beds(r *site.Request, q db.Reader) (templ.Component, error) {
	v := bedsView{Frame: r.Frame(r.S.T("shelter.board")), Columns: kit.Columns(r.S, "shelter.field.division", "shelter.field.serves", "shelter.beds", "shelter.field.accessible")}
	asked := r.URL.Query()
	v.From = kit.Input{Name: "from", Label: r.S.T("shelter.beds_from"), Value: asked.Get("from"), Width: kit.Medium, MaxLength: 30}
	v.Nights = kit.Input{Name: "nights", Label: r.S.T("shelter.beds_nights"), Value: asked.Get("nights"), Width: kit.Short, InputMode: "numeric", MaxLength: 4}
	from, err := dates.Parse(v.From.Value)
	if err != nil || from.Precision() != dates.Day {
		from = dates.Of(r.Now)
	}
	nights, err := strconv.Atoi(v.Nights.Value)
	if err != nil || nights < 1 || nights > 365 {
		nights = 1
	}
	v.From.Value, v.Nights.Value = from.String(), strconv.Itoa(nights)
	all, err := shelters.Free(r.Context(), q, r.Who, from, nights)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		v.Rows = append(v.Rows, kit.Row{Cells: []templ.Component{kit.Text(geo.Name(r.S.Lang(), one.Division)), kit.Text(r.S.T("shelter.serves." + string(one.Serves))),
			kit.Text(r.S.T("shelter.beds_count", "count", one.Free)), kit.Text(r.S.Number(one.Accessible))}})
	}
	return bedsPage(v), nil
}
