// SPDX-License-Identifier: Apache-2.0

// Package figures is the part of the API that asks for figures and for what is behind them, and
// says what is counted and published.
package figures

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/tables"
	"fera/internal/words"
)

// Operations ask for figures and for what is behind them, and say what is counted and published.
func Operations() []op.Operation {
	asked := []string{"from", "to", "place", "by", "sex", "age", "country", "reason", "kind", "organisation", "disability", "ethnicity"}
	read := func(o op.Operation) op.Operation {
		o.Method, o.Need = http.MethodGet, access.ReadFigures
		return o
	}
	write := func(o op.Operation) op.Operation {
		o.Method, o.Status, o.Keyed, o.Writes = http.MethodPost, http.StatusCreated, true, true
		return o
	}
	return []op.Operation{
		read(op.Operation{Name: "list_figures", Path: "/figures", Out: op.Holds[op.Page[figureKind]](), Show: listFigures}),
		read(op.Operation{Name: "read_figure", Path: "/figures/{code}", Params: append([]string{"since"}, asked...), Out: op.Holds[figureTable](), Do: readFigure}),
		read(op.Operation{Name: "list_figure_records", Path: "/figures/{code}/records", Params: append([]string{"keys", "limit", "cursor"}, asked...), Out: op.Holds[op.Page[figureRecord]](), Do: figureRecords}),
		read(op.Operation{Name: "list_entered_figures", Path: "/figures/{code}/entered", Out: op.Holds[op.Page[enteredFigure]](), Show: enteredFigures}),
		write(op.Operation{Name: "define_figure", Path: "/figures", Need: access.ManageFigures, In: op.Sent[definitions.Indicator](), Out: op.Holds[op.Page[figureKind]](), Act: defineFigure, Show: listFigures,
			Example: `{"code": "returns_for_pay", "starts": "2026-01-01", "name_en": "Returns for want of pay", "name_bn": "বেতনের কারণে ফেরা", "owner": "monitoring desk",
 "counts": {"count": "events", "measure": "return", "where": {"reason": "pay"}}, "by": ["month", "district"]}`}),
		write(op.Operation{Name: "enter_figure", Path: "/figures/{code}/entered", Need: access.ManageFigures, In: op.Sent[newFigure](), Out: op.Holds[op.Page[enteredFigure]](), Act: enterFigure, Show: enteredFigures,
			Example: `{"from": "2022-12", "to": "2023-12", "source": "the project's report", "altogether": 5625, "parts": [{"code": "female", "n": 3764}, {"code": "male", "n": 1859}]}`}),
		write(op.Operation{Name: "publish_table", Path: "/figure-tables/{code}/{year}", Need: access.PublishFigures, Out: op.Holds[op.Page[tableIssue]](), Act: publishTable, Show: tableIssues}),
		read(op.Operation{Name: "list_table_issues", Path: "/figure-tables/{code}/{year}", Out: op.Holds[op.Page[tableIssue]](), Show: tableIssues}),
	}
}

// figureKind is an indicator, with how it is counted in words.
type figureKind struct {
	Code      string                 `json:"code"`
	Starts    dates.Partial          `json:"starts"`
	NameEn    string                 `json:"name_en"`
	NameBn    string                 `json:"name_bn"`
	How       map[words.Lang]string  `json:"how"`
	By        []string               `json:"by"`
	Standards []definitions.Standard `json:"standards,omitempty"`
	Owner     string                 `json:"owner"`
}

func kindOf(i definitions.Indicator) figureKind {
	how := map[words.Lang]string{}
	for _, lang := range words.Languages() {
		how[lang] = indicators.How(words.In(lang), i)
	}
	return figureKind{i.Code, i.Starts, i.NameEn, i.NameBn, how, i.By, i.Standards, i.Owner}
}

// figureCell is one number of a table. An empty key stands for what is not known, several are joined that are shown together.
type figureCell struct {
	Keys   []string `json:"keys,omitempty"`
	N      int64    `json:"n"`
	Of     int64    `json:"of,omitzero"`
	Hidden bool     `json:"hidden,omitzero"`
}

// figureNote is something to be said under a table.
type figureNote struct {
	Code string                `json:"code"`
	Text map[words.Lang]string `json:"text"`
}

// figureTable is a figure that was asked for.
type figureTable struct {
	Figure   figureKind     `json:"figure"`
	From     string         `json:"from"`
	To       string         `json:"to"`
	Place    string         `json:"place,omitempty"`
	By       []string       `json:"by,omitempty"`
	Cells    []figureCell   `json:"cells,omitempty"`
	Margins  [][]figureCell `json:"margins,omitempty"`
	Whole    figureCell     `json:"altogether"`
	Overlaps []int64        `json:"overlaps,omitempty"`
	Stock    bool           `json:"stock,omitzero"`
	Exact    bool           `json:"exact"`
	AsOf     time.Time      `json:"as_of"`
	Notes    []figureNote   `json:"notes,omitempty"`
}

// figureRecord is one of those behind a number.
type figureRecord struct {
	Record string `json:"record"`
	Person string `json:"person,omitempty"`
	On     string `json:"on,omitempty"`
}

// newFigure is a figure that is typed in.
type newFigure struct {
	From   dates.Partial `json:"from"`
	To     dates.Partial `json:"to"`
	Source string        `json:"source"`
	Whole  int64         `json:"altogether"`
	Parts  []figurePart  `json:"parts,omitempty"`
}

// figurePart is a part of a figure that was typed in.
type figurePart struct {
	Code string `json:"code"`
	N    int64  `json:"n"`
}

// enteredFigure is a figure that was typed in, with by how much the whole is more than its parts.
type enteredFigure struct {
	ID         string        `json:"id"`
	From       dates.Partial `json:"from"`
	To         dates.Partial `json:"to"`
	Source     string        `json:"source"`
	Whole      int64         `json:"altogether"`
	Parts      []figurePart  `json:"parts,omitempty"`
	Difference int64         `json:"difference"`
	By         string        `json:"by"`
	At         time.Time     `json:"at"`
}

// tableIssue is a table as it was published. Signed is the whole of it exactly as the note says it was signed.
type tableIssue struct {
	Code    string     `json:"code"`
	Year    int        `json:"year"`
	Issue   int        `json:"issue"`
	Floor   int64      `json:"floor"`
	Columns [][]string `json:"sexes"` // those that are too small alone are shown together
	Rows    []tableRow `json:"rows"`
	Signed  string     `json:"signed"`
	Note    string     `json:"note"`
	At      time.Time  `json:"at"`
}

// tableRow is one row of a published table: the whole, or a part in one way.
type tableRow struct {
	Way    string   `json:"told_by,omitempty"`
	Within []string `json:"within,omitempty"` // the row of which it is a part
	Codes  []string `json:"codes,omitempty"`  // what is shown together
	Total  int64    `json:"altogether"`
	Split  []int64  `json:"split,omitempty"` // by column, where that is shown
}

func issueOf(i indicators.Issue) tableIssue {
	t := tableIssue{Code: i.Code, Year: i.Year, Issue: i.Issue, Floor: i.Answer.Floor, Columns: i.Answer.Columns, Signed: i.Signed(), Note: i.Note, At: i.At,
		Rows: []tableRow{{Total: i.Answer.Whole.Total, Split: i.Answer.Whole.Split}}}
	var add func(way string, within []string, rows []tables.Shown)
	add = func(way string, within []string, rows []tables.Shown) {
		for _, r := range rows {
			t.Rows = append(t.Rows, tableRow{way, within, r.Codes, r.Total, r.Split})
			add(way, r.Codes, r.Parts)
		}
	}
	for _, w := range i.Answer.Ways {
		add(w.Code, nil, w.Rows)
	}
	return t
}

func listFigures(c *op.Call) (any, error) {
	all, err := indicators.List(c.Ctx, c.Q, c.Who, c.Today)
	return op.Page[figureKind]{Items: op.Each(all, kindOf)}, err
}

// question reads what is asked for from the query.
func question(c *op.Call) (q indicators.Question, err error) {
	q = indicators.Question{Indicator: c.Path("code"), Place: c.Query["place"], Filter: map[string]string{}}
	if by := c.Query["by"]; by != "" {
		q.By = strings.Split(by, ",")
	}
	for name, to := range map[string]*facts.Month{"from": &q.From, "to": &q.To} {
		if text, given := c.Query[name]; given {
			on, err := dates.Parse(text)
			if err != nil || on.Month == 0 || on.Day != 0 {
				return q, fault.New(fault.Invalid, "figure.bad_period").On(name)
			}
			*to = facts.MonthOf(on)
		}
	}
	for name, value := range c.Query {
		if slices.Contains(definitions.Dimensions(), name) {
			q.Filter[name] = value
		}
	}
	if text, given := c.Query["since"]; given {
		if q.Since, err = time.Parse(time.RFC3339, text); err != nil {
			return q, fault.New(fault.Invalid, "fault.bad_choice").On("since")
		}
	}
	return q, nil
}

func readFigure(c *op.Call) (op.Answer, error) {
	q, err := question(c)
	if err != nil {
		return op.Answer{}, err
	}
	t, err := indicators.Ask(c.Ctx, c.Q, c.Who, q)
	return op.Answer{Body: tableOf(t)}, err
}

func tableOf(t indicators.Table) figureTable {
	one := func(c indicators.Cell) figureCell { return figureCell{c.Keys, c.N, c.Of, c.Hidden} }
	f := figureTable{Figure: kindOf(t.Indicator), From: monthText(t.Question.From), To: monthText(t.Question.To), Place: t.Question.Place, By: t.Question.By, Cells: op.Each(t.Cells, one),
		Whole: one(indicators.Cell{Number: t.Whole}), Overlaps: t.Overlaps, Stock: t.Stock, Exact: t.Exact, AsOf: t.AsOf}
	for _, m := range t.Margins {
		f.Margins = append(f.Margins, op.Each(m, one))
	}
	for _, n := range t.Notes {
		f.Notes = append(f.Notes, figureNoteOf(n))
	}
	return f
}

func figureNoteOf(n indicators.Note) figureNote {
	said := figureNote{Code: n.Key, Text: map[words.Lang]string{}}
	for _, lang := range words.Languages() {
		var args []any
		for name, v := range n.Values {
			args = append(args, name, v)
		}
		said.Text[lang] = words.In(lang).T(n.Key, args...)
	}
	return said
}

// monthText is a month as it is asked for: that of which only the year is known is its beginning.
func monthText(m facts.Month) string {
	return dates.Partial{Year: m.Year(), Month: max(int(m)%100, 1)}.String()
}

func figureRecords(c *op.Call) (op.Answer, error) {
	q, err := question(c)
	if err != nil {
		return op.Answer{}, err
	}
	l := indicators.Looking{Question: q}
	if keys, given := c.Query["keys"]; given {
		l.Keys = strings.Split(keys, ",")
	}
	if l.Limit, err = c.Limit(50, 200); err != nil {
		return op.Answer{}, err
	}
	if l.After, err = c.Cursor(); err != nil {
		return op.Answer{}, err
	}
	b, err := indicators.Look(c.Ctx, c.Q, c.Who, l)
	next := c.Next(b.Next)
	return op.Answer{Body: op.Page[figureRecord]{Items: op.Each(b.Records, func(r indicators.Record) figureRecord { return figureRecord{r.Ref, r.Person, r.On} }), Next: next}, Next: next}, err
}

func defineFigure(c *op.Call) error {
	return indicators.Define(c.Ctx, c.Tx, c.Who, *c.Body.(*definitions.Indicator))
}

func enterFigure(c *op.Call) error {
	f := c.Body.(*newFigure)
	_, err := indicators.Enter(c.Ctx, c.Tx, c.Who, indicators.Typed{Indicator: c.Path("code"), From: f.From, To: f.To, Source: f.Source, Sum: tables.Sum{Whole: f.Whole, Parts: op.Each(f.Parts, func(p figurePart) tables.PartOf { return tables.PartOf(p) })}})
	return err
}

func enteredFigures(c *op.Call) (any, error) {
	all, err := indicators.Entered(c.Ctx, c.Q, c.Who, c.Path("code"))
	return op.Page[enteredFigure]{Items: op.Each(all, func(t indicators.Typed) enteredFigure {
		return enteredFigure{t.ID, t.From, t.To, t.Source, t.Whole, op.Each(t.Parts, func(p tables.PartOf) figurePart { return figurePart(p) }), t.Difference(), t.By, t.At}
	})}, err
}

// tableYear is which table of which year is meant.
func tableYear(c *op.Call) (p indicators.Publishing, err error) {
	on, err := dates.Parse(c.Path("year"))
	if err != nil || on.Month != 0 {
		return p, fault.New(fault.NotFound, "figure.table_not_found")
	}
	return indicators.Publishing{Code: c.Path("code"), Year: on.Year}, nil
}

func publishTable(c *op.Call) error {
	p, err := tableYear(c)
	if err == nil {
		_, err = indicators.Publish(c.Ctx, c.Tx, c.Who, p)
	}
	return err
}

func tableIssues(c *op.Call) (any, error) {
	p, err := tableYear(c)
	if err != nil {
		return nil, err
	}
	all, err := indicators.Issues(c.Ctx, c.Q, p.Code, p.Year)
	return op.Page[tableIssue]{Items: op.Each(all, issueOf)}, err
}
