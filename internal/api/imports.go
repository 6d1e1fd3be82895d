// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/imports"
	"fera/internal/lists"
	"fera/internal/persons"
	"fera/internal/words"
)

func importOperations() []operation {
	const need = access.ImportPersons
	return []operation{
		{name: "send_list", method: http.MethodPost, path: "/imports", need: need, keyed: true, in: holds[newImport](), out: holds[batch](), status: 201, writes: true, most: 44 << 20, ready: readyToSend, do: sendList,
			example: `{"source": "Airport desk", "file_name": "list.csv", "content": "bmFtZSxwaG9uZQpSYWhpbWEsMDE3MTIzNDU2NzgK",
 "basis": {"purposes": ["register", "contact"], "method": "signed", "on": "2026-02-01", "statement": "Each signed a form at the desk."}}`},
		{name: "find_list", method: http.MethodGet, path: "/imports/{id}", need: need, out: holds[batch](), do: findList},
		{name: "read_list_rows", method: http.MethodGet, path: "/imports/{id}/rows", need: need, params: []string{"state", "after", "limit"}, out: holds[page[listRow]](), do: listRows},
		{name: "check_list", method: http.MethodPost, path: "/imports/{id}/check", need: need, in: holds[listPlan](), out: holds[batch](), writes: true, ready: readyToCheck, do: checkList,
			example: `{"columns": [{"heading": "phone", "target": "phone_family"}], "basis": {"purposes": ["register"], "method": "signed", "on": "2026-02-01", "statement": "Each signed a form at the desk."}}`},
		{name: "enter_list", method: http.MethodPost, path: "/imports/{id}/enter", need: need, out: holds[batch](), writes: true, do: enterList},
		{name: "undo_list", method: http.MethodPost, path: "/imports/{id}/undo", need: need, in: holds[undoing](), out: holds[batch](), writes: true, do: undoList, example: `{"reason": "the wrong list"}`},
	}
}

// newImport is a list of people. With a basis every row is checked at once;
// nobody is entered before that is asked for.
type newImport struct {
	Source   string `json:"source"`
	Office   string `json:"office,omitempty"`
	FileName string `json:"file_name"`
	Content  []byte `json:"content"`

	Sheet   string       `json:"sheet,omitempty"`
	Heading int          `json:"heading_row,omitempty"`
	Columns []listColumn `json:"columns,omitempty"`
	Basis   *listBasis   `json:"basis,omitempty"`
	Known   string       `json:"known,omitempty"`

	sending imports.Sending
	plan    lists.Plan // with a basis
}

// listPlan says how a list is to be read. Columns that are not named are about
// what they seem to be about.
type listPlan struct {
	Sheet   string       `json:"sheet,omitempty"`
	Heading int          `json:"heading_row,omitempty"`
	Columns []listColumn `json:"columns,omitempty"`
	Basis   *listBasis   `json:"basis"`
	Known   string       `json:"known,omitempty"`

	plan lists.Plan
}

type listColumn struct {
	Heading string `json:"heading"`
	Target  string `json:"target,omitempty"`
	Bijoy   bool   `json:"bijoy,omitempty"`
}

type listBasis struct {
	Purposes  []string `json:"purposes,omitempty"`
	Method    string   `json:"method,omitempty"`
	On        string   `json:"on,omitempty"`
	Statement string   `json:"statement"`
}

type undoing struct {
	Reason string `json:"reason"`
}

// batch is how a list stands.
type batch struct {
	ID        string       `json:"id"`
	State     string       `json:"state"`
	Source    string       `json:"source"`
	Office    string       `json:"office"`
	FileName  string       `json:"file_name"`
	Failure   string       `json:"failure,omitempty"`
	Columns   []listColumn `json:"columns"`
	Total     int          `json:"total"`
	Done      int          `json:"done"`
	Ready     int          `json:"ready"`
	Wrong     int          `json:"wrong"`
	Doubled   int          `json:"doubled"`
	Perhaps   int          `json:"perhaps"`
	Known     int          `json:"known_to_network"`
	Entered   int          `json:"entered"`
	Taken     int          `json:"taken"`
	Clashes   int          `json:"clashes"`
	SentAt    time.Time    `json:"sent_at"`
	ChangedAt time.Time    `json:"changed_at"`
}

func (c *call) batch(b imports.Batch) batch {
	failure := ""
	if b.Failure != nil {
		failure = words.In(words.English).Fault(b.Failure)
	}
	return batch{string(b.ID), string(b.State), b.Source, b.Office, b.FileName, failure,
		each(b.Plan.Columns, func(c lists.Column) listColumn { return listColumn{c.Heading, string(c.Target), c.Bijoy} }),
		b.Total, b.Done, b.Ready(), b.Wrong, b.Doubled, b.Perhaps, b.Known, b.Entered, b.Taken, b.Clashes, b.SentAt, b.ChangedAt}
}

// listRow is a row of which there is something to say.
type listRow struct {
	Row      int      `json:"row"`
	State    string   `json:"state"`
	Detail   string   `json:"detail,omitempty"`
	Strength string   `json:"strength,omitempty"`
	OfRow    int      `json:"of_row,omitempty"`
	OfPerson string   `json:"of_person,omitempty"`
	Because  []reason `json:"because,omitempty"`
	Person   string   `json:"person,omitempty"`
}

func (c *call) list() (imports.ID, error) {
	id := c.r.PathValue("id")
	if !ids.Valid(id) {
		return "", fault.New(fault.NotFound, "import.not_found")
	}
	return imports.ID(id), nil
}

// stands answers how a list stands after an act.
func (c *call) stands(id imports.ID, status int) (answer, error) {
	b, err := imports.Find(c.ctx, c.q, c.who, id)
	return answer{status: status, body: c.batch(b), location: prefix + "/imports/" + string(id)}, err
}

// readyToSend finds out what kind of file it is, and what its columns are about,
// before the transaction: others who write do not wait for it to be read.
func readyToSend(c *call) error {
	body := c.body.(*newImport)
	body.sending = imports.Sending{Operation: c.key, Office: body.Office, Source: body.Source, FileName: body.FileName, Content: body.Content}
	if err := body.sending.Ready(); err != nil || body.Basis == nil {
		return nil // what is wrong with the file is said with all else that is wrong
	}
	found, err := body.sending.Propose(c.ctx, c.read, c.who, imports.From{Sheet: body.Sheet, Heading: body.Heading})
	if err != nil {
		return err
	}
	body.plan, err = planOf(found, listPlan{Sheet: body.Sheet, Heading: body.Heading, Columns: body.Columns, Basis: body.Basis, Known: body.Known})
	return err
}

func sendList(c *call) (answer, error) {
	body := c.body.(*newImport)
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	b, err := imports.Send(c.ctx, c.tx, c.who, body.sending)
	if err != nil {
		return answer{}, err
	}
	if body.Basis != nil && !replayed {
		if err := imports.Check(c.ctx, c.tx, c.who, b.ID, body.plan); err != nil {
			return answer{}, err
		}
	}
	a, err := c.stands(b.ID, http.StatusCreated)
	a.replayed = replayed
	return a, err
}

// planOf is what a body says of the columns, and what else they seem to be about.
// Text is not taken for Bijoy unless the body says so.
func planOf(found imports.Proposal, p listPlan) (lists.Plan, error) {
	plan := found.Plan()
	for i := range plan.Columns {
		plan.Columns[i].Bijoy = false
	}
	for i, said := range p.Columns {
		at := slices.IndexFunc(plan.Columns, func(c lists.Column) bool { return c.Heading == said.Heading })
		if at < 0 {
			return plan, fault.New(fault.Invalid, "import.no_such_column").With("heading", said.Heading).On("columns." + strconv.Itoa(i) + ".heading")
		}
		plan.Columns[at].Target, plan.Columns[at].Bijoy = lists.Target(said.Target), said.Bijoy
	}
	if p.Basis != nil {
		plan.Basis = lists.Basis{Purposes: each(p.Basis.Purposes, func(s string) persons.Purpose { return persons.Purpose(s) }), Method: p.Basis.Method, On: p.Basis.On, Statement: p.Basis.Statement}
	}
	plan.Known, plan.Language = persons.Source(p.Known), string(words.English)
	return plan, nil
}

// readyToCheck reads the file before the transaction.
func readyToCheck(c *call) error {
	id, err := c.list()
	if err != nil {
		return err
	}
	body := c.body.(*listPlan)
	var found imports.Proposal
	err = c.read(func(q db.Reader) (err error) {
		found, err = imports.Propose(c.ctx, q, c.who, imports.From{Batch: id, Sheet: body.Sheet, Heading: body.Heading})
		return err
	})
	if err != nil {
		return err
	}
	body.plan, err = planOf(found, *body)
	return err
}

func findList(c *call) (answer, error) {
	id, err := c.list()
	if err != nil {
		return answer{}, err
	}
	b, err := imports.Find(c.ctx, c.q, c.who, id)
	return answer{body: c.batch(b)}, err
}

func checkList(c *call) (answer, error) {
	id, err := c.list()
	if err != nil {
		return answer{}, err
	}
	if err := imports.Check(c.ctx, c.tx, c.who, id, c.body.(*listPlan).plan); err != nil {
		return answer{}, err
	}
	return c.stands(id, http.StatusOK)
}

func enterList(c *call) (answer, error) {
	id, err := c.list()
	if err != nil {
		return answer{}, err
	}
	if err := imports.Enter(c.ctx, c.tx, c.who, id); err != nil {
		return answer{}, err
	}
	return c.stands(id, http.StatusOK)
}

func undoList(c *call) (answer, error) {
	id, err := c.list()
	if err != nil {
		return answer{}, err
	}
	if err := imports.Undo(c.ctx, c.tx, c.who, id, c.body.(*undoing).Reason); err != nil {
		return answer{}, err
	}
	return c.stands(id, http.StatusOK)
}

// listRows tells of the rows in one state: those that are wrong when none is named.
func listRows(c *call) (answer, error) {
	id, err := c.list()
	if err != nil {
		return answer{}, err
	}
	limit, err := c.limit(100, 500)
	if err != nil {
		return answer{}, err
	}
	state, given := c.query["state"]
	if !given {
		state = string(imports.RowWrong)
	}
	if !slices.Contains(imports.RowStates(), imports.RowState(state)) {
		return answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("state")
	}
	after := 0
	if text, given := c.query["after"]; given {
		if after, err = strconv.Atoi(text); err != nil || after < 0 {
			return answer{}, fault.New(fault.Invalid, "api.cursor").On("after")
		}
	}
	b, err := imports.Find(c.ctx, c.q, c.who, id)
	if err != nil {
		return answer{}, err
	}
	lines, err := imports.Lines(c.ctx, c.q, c.who, imports.Wanted{Batch: id, State: imports.RowState(state), After: after, Limit: limit + 1})
	next := ""
	if len(lines) > limit {
		lines = lines[:limit]
		next = c.r.URL.Path + "?state=" + state + "&limit=" + strconv.Itoa(limit) + "&after=" + strconv.Itoa(lines[limit-1].Number)
	}
	s := words.In(words.English)
	return answer{body: page[listRow]{each(lines, func(l imports.Line) listRow {
		return listRow{l.Number, string(l.State), l.Said(s, b.Plan), string(l.Strength), l.OfRow, l.OfPerson, each(l.Why, reasonOf), l.Person}
	}), next}, next: next}, err
}
