// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/imports"
	"fera/internal/lists"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/web/kit"
)

// importRoutes are the pages on which lists of people are brought in.
func (s *Server) importRoutes() []route {
	const perm = access.ImportPersons
	return []route{
		{path: "GET /imports", perm: perm, page: s.importList},
		{path: "GET /imports/new", perm: perm, page: s.newImport},
		{path: "POST /imports", perm: perm, step: s.sendImport, page: s.newImport, upload: imports.Largest + 1<<20},
		{path: "GET /imports/{id}", perm: perm, page: s.importPage},
		{path: "GET /imports/{id}/columns", perm: perm, page: s.importColumns},
		{path: "POST /imports/{id}/columns", perm: perm, step: s.checkImport, page: s.importColumns},
		{path: "POST /imports/{id}/enter", perm: perm, act: s.enterImport, page: s.importPage},
		{path: "GET /imports/{id}/rows", perm: perm, page: s.importRows},
		{path: "POST /imports/{id}/rows", perm: perm, act: s.decideImport, page: s.importRows},
		{path: "GET /imports/{id}/errors.csv", perm: perm, page: s.importErrors},
		{path: "GET /imports/{id}/errors.xlsx", perm: perm, page: s.importErrors},
		{path: "GET /imports/{id}/undo", perm: perm, page: s.undoImport},
		{path: "POST /imports/{id}/undo", perm: perm, act: s.doUndoImport, page: s.undoImport},
		{path: "POST /imports/{id}/drop", perm: perm, act: s.dropImport, page: s.importPage},
	}
}

// importID is the batch that the address names.
func (r *request) importID() imports.ID { return imports.ID(r.PathValue("id")) }

func importPath(id imports.ID, more ...string) string {
	return strings.Join(append([]string{"/imports", url.PathEscape(string(id))}, more...), "/")
}

type importsView struct {
	kit.Frame
	Rows []kit.Row
}

func (s *Server) importList(r *request, q db.Reader) (templ.Component, error) {
	all, err := imports.List(r.Context(), q, r.Who, 100)
	v := importsView{Frame: r.Frame(r.S.T("import.lists"))}
	for _, b := range all {
		v.Rows = append(v.Rows, kit.Row{Href: importPath(b.ID), Cells: []templ.Component{kit.Text(b.Source), kit.Text(b.FileName), kit.Text(dates.Near(r.S, b.SentAt, r.Now)),
			kit.Text(r.S.T("person.count", "count", max(b.Entered-b.Taken, 0))), kit.Pill(r.importState(b))}})
	}
	return importsPage(v), err
}

// importState says where a batch stands.
func (r *request) importState(b imports.Batch) kit.Tag {
	tone := map[imports.State]kit.Tone{imports.Sent: kit.Attention, imports.Checked: kit.Attention, imports.Entered: kit.Good}[b.State]
	if b.Failure != nil {
		return kit.Tag{Text: r.S.T("import.stopped"), Tone: kit.Danger}
	}
	if b.State == imports.Undone && b.Clashes > 0 {
		tone = kit.Attention
	}
	return kit.Tag{Text: r.S.T("import.state." + string(b.State)), Tone: tone}
}

type importNewView struct {
	kit.Frame
	Problems  kit.Problems
	Operation string
	Source    kit.Input
	File      kit.Input
	Office    kit.Input
	Offices   []kit.Option
}

func (s *Server) newImport(r *request, q db.Reader) (templ.Component, error) {
	v := importNewView{Frame: r.Frame(r.S.T("import.new")), Problems: r.Problems, Operation: r.Typed("operation", ids.New(r.Now)),
		Source: r.Input("source", r.S.T("import.source"), ""), File: r.Input("file", r.S.T("import.file"), ""), Office: r.Input("office", r.S.T("import.office"), r.Who.Office)}
	v.Source.Hint, v.File.Hint, v.File.Type = r.S.T("import.source_hint"), r.S.T("import.file_hint", "max", imports.Largest>>20), "file"
	all, err := offices.List(r.Context(), q, access.System(access.ReadOffices), r.Who.Organisation)
	for _, o := range all {
		if o.ClosedAt.IsZero() && r.Who.Covers(access.ImportPersons, access.AtOffice(o.ID), access.OfOrganisation(o.Organisation)) {
			v.Offices = append(v.Offices, kit.Option{Value: o.ID, Label: o.Name(string(r.S.Lang()))})
		}
	}
	return importNewPage(v), err
}

func (s *Server) sendImport(r *request) (next string, err error) {
	content, err := r.SentFile()
	if err != nil {
		return "", err
	}
	sending := imports.Sending{Operation: r.PostForm.Get("operation"), Office: r.PostForm.Get("office"), Source: r.PostForm.Get("source"), FileName: "-", Content: content}
	if r.MultipartForm != nil && len(r.MultipartForm.File["file"]) > 0 {
		sending.FileName = filepath.Base(r.MultipartForm.File["file"][0].Filename)
	}
	_ = sending.Ready() // Send says what is wrong with it, with all else that is
	err = s.DB.Write(r.Context(), func(tx *db.Tx) error {
		b, err := imports.Send(r.Context(), tx, r.Who, sending)
		next = importPath(b.ID, "columns")
		return err
	})
	return next, err
}

// importColumn is one column of the form that gives columns their meaning.
type importColumn struct {
	lists.Proposed
	Select kit.Input
	Bijoy  *kit.Input // where the text seems to be typed for it
}

// importGroup is some of what columns can be about.
type importGroup struct {
	Label   string
	Options []kit.Option
}

type importColumnsView struct {
	kit.Frame
	Problems kit.Problems
	Batch    imports.Batch
	Found    imports.Proposal
	Sheet    kit.Input
	Sheets   []kit.Option
	Heading  kit.Input
	Columns  []importColumn
	Groups   []importGroup
	Purposes kit.Input
	Asked    []kit.Option
	Method   kit.Input
	Methods  []kit.Option
	On       kit.Input
	Say      kit.Input
	Known    kit.Input
	Sources  []kit.Option
}

func (s *Server) importColumns(r *request, q db.Reader) (templ.Component, error) {
	b, err := imports.Find(r.Context(), q, r.Who, r.importID())
	if err != nil {
		return nil, err
	}
	found, err := imports.Propose(r.Context(), q, r.Who, r.importFrom(b))
	if err != nil {
		return nil, err
	}
	v := importColumnsView{Frame: r.Frame(r.S.T("import.columns")), Problems: r.Problems, Batch: b, Found: found, Heading: r.Input("heading", r.S.T("import.heading_row"), strconv.Itoa(found.Heading)),
		Sheet: r.Input("sheet", r.S.T("import.sheet"), found.Sheet.Name)}
	v.Sheet.Value, v.Heading.Value, v.Heading.Width, v.Heading.InputMode = found.Sheet.Name, strconv.Itoa(found.Heading), kit.Short, "numeric"
	for _, sheet := range found.Sheets {
		label := sheet.Name
		if sheet.Hidden {
			label = r.S.T("import.sheet_hidden", "sheet", sheet.Name)
		}
		v.Sheets = append(v.Sheets, kit.Option{Value: sheet.Name, Label: label})
	}
	for _, g := range lists.Groups() {
		group := importGroup{Label: r.S.T("import.group." + string(g))}
		for _, t := range lists.Targets(g) {
			group.Options = append(group.Options, kit.Option{Value: string(t), Label: t.Label(r.S)})
		}
		v.Groups = append(v.Groups, group)
	}
	for i, c := range found.Columns {
		v.Columns = append(v.Columns, r.importColumn(b.Plan, i, c))
	}
	v.consent(r, b.Plan)
	return importColumnsPage(v), nil
}

// importFrom says which rows the form is about: those asked for, else those of
// the plan there is.
func (r *request) importFrom(b imports.Batch) imports.From {
	from := imports.From{Batch: b.ID, Sheet: b.Plan.Sheet, Heading: b.Plan.Heading}
	asked := r.URL.Query()
	if r.Method == "POST" {
		asked = r.PostForm
	}
	if asked.Has("sheet") || asked.Has("heading") {
		from.Sheet = asked.Get("sheet")
		from.Heading, _ = strconv.Atoi(asked.Get("heading")) // what is no number is looked for
	}
	return from
}

func (r *request) importColumn(plan lists.Plan, i int, c lists.Proposed) importColumn {
	now, bijoy := string(c.Target), c.Bijoy
	if i < len(plan.Columns) && plan.Columns[i].Heading == c.Heading {
		now, bijoy = string(plan.Columns[i].Target), plan.Columns[i].Bijoy
	}
	column := importColumn{Proposed: c, Select: r.Input(lists.FieldOf(i), c.Heading, now)}
	if len(c.Plain) > 0 {
		in := r.Input("bijoy."+strconv.Itoa(i), r.S.T("import.bijoy"), "")
		in.Hint = r.S.T("import.bijoy_hint", "typed", c.Sample[0], "plain", c.Plain[0])
		if r.Ticked(in.Name, "yes", bijoy) {
			in.Value = "yes"
		}
		column.Bijoy = &in
	}
	return column
}

// consent fills in the part of the form that says how people consented.
func (v *importColumnsView) consent(r *request, plan lists.Plan) {
	v.Purposes = r.Input("purposes", r.S.T("import.purposes"), "")
	v.Purposes.Hint = r.S.T("import.purposes_hint")
	for _, p := range persons.Purposes() {
		v.Asked = append(v.Asked, kit.Option{Value: string(p), Label: r.S.T("person.purpose." + string(p)), Chosen: r.Ticked("purposes", string(p), slices.Contains(plan.Basis.Purposes, p))})
	}
	v.Method = r.Input("method", r.S.T("import.method"), plan.Basis.Method)
	for _, m := range choices.ConsentMethods() {
		v.Methods = append(v.Methods, kit.Option{Value: m, Label: r.S.T("person.method." + m)})
	}
	v.On = r.Input("on", r.S.T("import.on"), plan.Basis.On)
	v.On.Hint, v.On.Width = r.S.T("import.on_hint"), kit.Medium
	v.Say = r.Input("statement", r.S.T("import.statement"), plan.Basis.Statement)
	v.Say.Hint, v.Say.MaxLength, v.Say.Rows = r.S.T("import.statement_hint"), 1000, 3
	known := string(plan.Known)
	if known == "" {
		known = string(persons.OwnWord)
	}
	v.Known = r.Input("known", r.S.T("import.known"), known)
	for _, source := range persons.Sources() {
		v.Sources = append(v.Sources, kit.Option{Value: string(source), Label: r.S.T("person.source." + string(source))})
	}
}

func (s *Server) checkImport(r *request) (string, error) {
	var found imports.Proposal
	err := s.DB.Read(r.Context(), func(q db.Reader) (err error) {
		found, err = imports.Propose(r.Context(), q, r.Who, r.importFrom(imports.Batch{ID: r.importID()}))
		return err
	})
	if err != nil {
		return "", err
	}
	plan := found.Plan()
	for i := range plan.Columns {
		plan.Columns[i].Target = lists.Target(r.PostForm.Get(lists.FieldOf(i)))
		plan.Columns[i].Bijoy = r.PostForm.Get("bijoy."+strconv.Itoa(i)) == "yes"
	}
	for _, p := range r.PostForm["purposes"] {
		plan.Basis.Purposes = append(plan.Basis.Purposes, persons.Purpose(p))
	}
	plan.Basis.Method, plan.Basis.On, plan.Basis.Statement = r.PostForm.Get("method"), r.PostForm.Get("on"), r.PostForm.Get("statement")
	plan.Known, plan.Language = persons.Source(r.PostForm.Get("known")), string(r.S.Lang())
	return importPath(r.importID()), s.DB.Write(r.Context(), func(tx *db.Tx) error { return imports.Check(r.Context(), tx, r.Who, r.importID(), plan) })
}

func (s *Server) enterImport(r *request, tx *db.Tx) (string, error) {
	return importPath(r.importID()), imports.Enter(r.Context(), tx, r.Who, r.importID())
}

func (s *Server) dropImport(r *request, tx *db.Tx) (string, error) {
	r.Say("import_dropped")
	return "/imports", imports.Drop(r.Context(), tx, r.Who, r.importID())
}
