// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"fera/internal/web/people"
	"fera/internal/web/site"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/imports"
	"fera/internal/numbers"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/sheets"
	"fera/internal/web/kit"
)

type importView struct {
	kit.Frame
	Problems kit.Problems
	Batch    imports.Batch
	State    kit.Tag
	Facts    []kit.Fact
	Counts   []kit.Fact
	Preview  []kit.Row
	Failure  string
}

func (s *Server) importPage(r *request, q db.Reader) (templ.Component, error) {
	b, err := imports.Find(r.Context(), q, r.Who, r.importID())
	if err != nil {
		return nil, err
	}
	if b.State == imports.Sent {
		return nil, site.Elsewhere(importPath(b.ID, "columns"))
	}
	v := importView{Frame: r.Frame(r.S.T("import.list")), Problems: r.Problems, Batch: b, State: r.importState(b)}
	if b.Failure != nil {
		v.Failure = r.S.Fault(b.Failure)
	}
	office, err := offices.Find(r.Context(), q, access.System(access.ReadOffices), b.Office)
	if err != nil {
		return nil, err
	}
	v.Facts = []kit.Fact{{Label: r.S.T("import.file"), Value: b.FileName}, {Label: r.S.T("import.office"), Value: office.Name(string(r.S.Lang()))},
		{Label: r.S.T("import.sent_by"), Value: b.UserName, Note: dates.FormatTime(r.S, b.SentAt)}, {Label: r.S.T("import.consent"), Value: r.importConsent(b), Note: b.Plan.Basis.Statement}}
	if b.Reason != "" {
		v.Facts = append(v.Facts, kit.Fact{Label: r.S.T("import.why_undone"), Value: b.Reason})
	}
	v.Counts = r.importCounts(b)
	if b.State == imports.Checked && b.EmptiedAt.IsZero() {
		if v.Preview, err = r.importPreview(q, b); err != nil {
			return nil, err
		}
	}
	return importPage(v), nil
}

// importConsent says how those in a file consented.
func (r *request) importConsent(b imports.Batch) string {
	var all []string
	for _, p := range b.Plan.Basis.Purposes {
		all = append(all, r.S.T("person.purpose."+string(p)))
	}
	if len(all) == 0 {
		all = []string{r.S.T("import.consent_columns")}
	}
	if b.Plan.Basis.Method != "" {
		all = append(all, r.S.T("person.method."+b.Plan.Basis.Method))
	}
	if on, err := dates.Parse(b.Plan.Basis.On); err == nil && !on.IsZero() {
		all = append(all, dates.Format(r.S, on))
	}
	return strings.Join(all, " · ")
}

// importCounts says how many rows there are of each kind, with the way to them.
func (r *request) importCounts(b imports.Batch) (facts []kit.Fact) {
	add := func(key string, n int, state imports.RowState, always bool) {
		if n == 0 && !always {
			return
		}
		f := kit.Fact{Label: r.S.T("import.count." + key), Value: r.S.Number(n)}
		if state != "" && n > 0 {
			f.Body = importCount(f.Value, importPath(b.ID, "rows")+"?state="+string(state), r.S.T("import.count."+key+"_see"))
		}
		facts = append(facts, f)
	}
	if b.State == imports.Checking {
		return nil
	}
	add("total", b.Total, "", true)
	if b.State == imports.Checked {
		add("ready", b.Ready(), "", true)
	} else {
		add("entered", b.Entered, "", true)
	}
	add("wrong", b.Wrong, imports.RowWrong, false)
	add("doubled", b.Doubled, imports.RowDouble, false)
	if b.State == imports.Checked {
		add("perhaps", b.Perhaps, imports.RowAnyway, false)
		add("known", b.Known, imports.RowAnyway, false)
	}
	add("taken", b.Taken, "", b.State == imports.Undone)
	add("clashes", b.Clashes, imports.RowClash, false)
	return facts
}

// mostPreviewed is how many rows are shown as they will be entered.
const mostPreviewed = 8

// importPreview shows the first rows as they will be entered.
func (r *request) importPreview(q db.Reader, b imports.Batch) (rows []kit.Row, err error) {
	all, err := imports.Preview(r.Context(), q, r.Who, b.ID, mostPreviewed)
	for _, one := range all {
		reg := one.Registration
		name := reg.Values[persons.NameBn]
		if name == "" {
			name = reg.Values[persons.NameLatin]
		}
		row := kit.Row{Cells: []templ.Component{kit.Text(r.S.Digits(strconv.Itoa(one.Number)) + ". " + name), nil, nil, nil, nil}}
		if len(one.Troubles) > 0 {
			row.Tone, row.Cells[1] = kit.Attention, kit.Text(imports.Line{Troubles: one.Troubles}.Said(r.S, b.Plan))
			rows = append(rows, row)
			continue
		}
		birth, _ := dates.Parse(reg.Values[persons.Birth]) // it was read before
		row.Cells[1] = kit.Text(r.S.T("person.sex."+reg.Values[persons.SexField]) + ", " + people.Age(r.S, birth, dates.Of(r.Now)))
		home := geo.Full(r.S.Lang(), reg.Values[persons.Home])
		if text := reg.Values[persons.HomeText]; text != "" {
			home = strings.TrimPrefix(home+", "+text, ", ")
		}
		row.Cells[2] = kit.Text(home)
		var found []string
		for _, c := range reg.Contacts {
			found = append(found, r.S.Digits(numbers.ShowPhone(c.Number)))
		}
		for _, i := range reg.Identifiers {
			found = append(found, r.S.T("person.paper_kind."+i.Kind)+" "+r.S.Digits(i.Number))
		}
		row.Cells[3] = kit.Text(strings.Join(found, ", "))
		for _, j := range reg.Journeys {
			stay := countries.Name(r.S.Lang(), j.Country)
			if !j.Returned.IsZero() {
				stay += ", " + dates.Format(r.S, j.Returned)
			}
			row.Cells[4] = kit.Text(stay)
		}
		rows = append(rows, row)
	}
	return rows, err
}

type importRowsView struct {
	kit.Frame
	Batch imports.Batch
	State imports.RowState
	Rows  []kit.Row
	Pages kit.Pages
	Keep  bool // whether there is a file with these rows
	All   bool // whether all may be entered at once
}

// rowStates are the rows that can be looked at.
func rowState(asked string) imports.RowState {
	switch state := imports.RowState(asked); state {
	case imports.RowDouble, imports.RowAnyway, imports.RowClash:
		return state
	}
	return imports.RowWrong
}

const rowsAtOnce = 50

func (s *Server) importRows(r *request, q db.Reader) (templ.Component, error) {
	b, err := imports.Find(r.Context(), q, r.Who, r.importID())
	if err != nil {
		return nil, err
	}
	asked := r.URL.Query()
	state := rowState(asked.Get("state"))
	after, _ := strconv.Atoi(asked.Get("after")) // what is no number is the beginning
	lines, err := imports.Lines(r.Context(), q, r.Who, imports.Wanted{Batch: b.ID, State: state, After: after, Limit: rowsAtOnce + 1})
	if err != nil {
		return nil, err
	}
	v := importRowsView{Frame: r.Frame(r.S.T("import.rows." + string(state))), Batch: b, State: state, Keep: state != imports.RowClash && b.EmptiedAt.IsZero(),
		All: state == imports.RowDouble && b.State == imports.Checked && len(lines) > 0}
	if len(lines) > rowsAtOnce {
		lines = lines[:rowsAtOnce]
		v.Pages.Next = importPath(b.ID, "rows") + "?" + url.Values{"state": {string(state)}, "after": {strconv.Itoa(lines[rowsAtOnce-1].Number)}}.Encode()
	}
	for _, l := range lines {
		row, err := r.importRow(q, b, l)
		if err != nil {
			return nil, err
		}
		v.Rows = append(v.Rows, row)
	}
	return importRowsPage(v), nil
}

// importRow says of a row what is to be said, with what can be decided.
func (r *request) importRow(q db.Reader, b imports.Batch, l imports.Line) (kit.Row, error) {
	row := kit.Row{Cells: []templ.Component{kit.Text(r.S.T("import.row", "row", r.S.Digits(strconv.Itoa(l.Number)))), kit.Text(l.Said(r.S, b.Plan)), nil}}
	other := l.OfPerson
	if l.State == imports.RowClash {
		other = l.Person
	}
	var card persons.Card
	if other != "" {
		var err error
		if card, err = persons.FindCard(r.Context(), q, r.Who, persons.ID(other)); err != nil && fault.KindOf(err) != fault.NotFound {
			return row, err
		}
	}
	decision := importDecision{S: r.S, Action: importPath(b.ID, "rows") + "?state=" + string(l.State), Row: l.Number, Card: card, State: l.State,
		May: l.State == imports.RowClash && b.State == imports.Undone || (l.State == imports.RowDouble || l.State == imports.RowAnyway) && b.State == imports.Checked}
	if l.State == imports.RowClash {
		row.Cells[1] = importWho(card)
	}
	row.Cells[2] = importDecide(decision)
	return row, nil
}

func (s *Server) decideImport(r *request, tx *db.Tx) (string, error) {
	row, err := strconv.Atoi(r.PostForm.Get("row"))
	all := r.PostForm.Get("row") == "all"
	if err != nil && !all || err == nil && row < 1 {
		return "", fault.New(fault.Invalid, "fault.stale_form")
	}
	next := importPath(r.importID(), "rows") + "?state=" + string(rowState(r.URL.Query().Get("state")))
	switch r.PostForm.Get("decision") {
	case "enter", "leave":
		return next, imports.Choose(r.Context(), tx, r.Who, imports.Choice{Batch: r.importID(), Row: row, Enter: r.PostForm.Get("decision") == "enter"})
	case "remove", "keep":
		version, _ := strconv.Atoi(r.PostForm.Get("version")) // none fits no record
		return next, imports.Settle(r.Context(), tx, r.Who, imports.Settlement{Batch: r.importID(), Row: row, Version: version, Remove: r.PostForm.Get("decision") == "remove"})
	}
	return "", fault.New(fault.Invalid, "fault.stale_form")
}

// importErrors sends the rows that are not entered, each with the reason.
func (s *Server) importErrors(r *request, q db.Reader) (templ.Component, error) {
	var out bytes.Buffer
	answer := site.Download{File: site.File{Kind: "text/csv; charset=utf-8"}, Name: "errors.csv"}
	to, err := sheets.NewCSV(&out)
	if strings.HasSuffix(r.URL.Path, ".xlsx") {
		out.Reset()
		answer = site.Download{File: site.File{Kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, Name: "errors.xlsx"}
		to, err = sheets.NewXLSX(&out, "Rows", "")
	}
	if err != nil {
		return nil, err
	}
	err = imports.WriteTroubles(r.Context(), q, r.Who, r.importID(), to)
	if err := errors.Join(err, to.Close()); err != nil {
		return nil, err
	}
	answer.Body = out.Bytes()
	return answer, nil
}

type importUndoView struct {
	kit.Frame
	Problems kit.Problems
	Batch    imports.Batch
	Confirm  kit.Confirmation
	Reason   kit.Input
}

func (s *Server) undoImport(r *request, q db.Reader) (templ.Component, error) {
	b, err := imports.Find(r.Context(), q, r.Who, r.importID())
	if err != nil {
		return nil, err
	}
	v := importUndoView{Frame: r.Frame(r.S.T("import.undo")), Problems: r.Problems, Batch: b, Reason: r.Input("reason", r.S.T("import.undo_reason"), ""),
		Confirm: kit.Confirmation{Question: r.S.T("import.undo_question", "count", b.Entered-b.Taken), Text: r.S.T("import.undo_text"), Action: importPath(b.ID, "undo"),
			Yes: r.S.T("import.undo"), NoHref: importPath(b.ID), Danger: true}}
	return importUndoPage(v), nil
}

func (s *Server) doUndoImport(r *request, tx *db.Tx) (string, error) {
	return importPath(r.importID()), imports.Undo(r.Context(), tx, r.Who, r.importID(), r.PostForm.Get("reason"))
}
