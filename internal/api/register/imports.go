// SPDX-License-Identifier: Apache-2.0

package register

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/imports"
	"fera/internal/lists"
	"fera/internal/persons"
	"fera/internal/words"
)

// importOperations are those on lists of people.
func importOperations() []op.Operation {
	const need = access.ImportPersons
	return []op.Operation{
		{Name: "send_list", Method: http.MethodPost, Path: "/imports", Need: need, Keyed: true, In: op.Holds[newImport](), Out: op.Holds[batch](), Status: 201, Writes: true, Most: 44 << 20, Ready: readyToSend, Do: sendList,
			Example: `{"source": "Airport desk", "file_name": "list.csv", "content": "bmFtZSxwaG9uZQpSYWhpbWEsMDE3MTIzNDU2NzgK",
 "basis": {"purposes": ["register", "contact"], "method": "signed", "on": "2026-02-01", "statement": "Each signed a form at the desk."}}`},
		{Name: "find_list", Method: http.MethodGet, Path: "/imports/{id}", Need: need, Out: op.Holds[batch](), Do: findList},
		{Name: "read_list_rows", Method: http.MethodGet, Path: "/imports/{id}/rows", Need: need, Params: []string{"state", "after", "limit"}, Out: op.Holds[op.Page[listRow]](), Do: listRows},
		{Name: "check_list", Method: http.MethodPost, Path: "/imports/{id}/check", Need: need, In: op.Holds[listPlan](), Out: op.Holds[batch](), Writes: true, Ready: readyToCheck, Do: checkList,
			Example: `{"columns": [{"heading": "phone", "target": "phone_family"}], "basis": {"purposes": ["register"], "method": "signed", "on": "2026-02-01", "statement": "Each signed a form at the desk."}}`},
		{Name: "enter_list", Method: http.MethodPost, Path: "/imports/{id}/enter", Need: need, Out: op.Holds[batch](), Writes: true, Do: enterList},
		{Name: "undo_list", Method: http.MethodPost, Path: "/imports/{id}/undo", Need: need, In: op.Holds[undoing](), Out: op.Holds[batch](), Writes: true, Do: undoList, Example: `{"reason": "the wrong list"}`},
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

func batchOf(b imports.Batch) batch {
	failure := ""
	if b.Failure != nil {
		failure = words.In(words.English).Fault(b.Failure)
	}
	return batch{string(b.ID), string(b.State), b.Source, b.Office, b.FileName, failure,
		op.Each(b.Plan.Columns, func(c lists.Column) listColumn { return listColumn{c.Heading, string(c.Target), c.Bijoy} }),
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

func listID(c *op.Call) (imports.ID, error) {
	return op.PathID[imports.ID](c, "id", "import.not_found")
}

// stands answers how a list stands after an act.
func stands(c *op.Call, id imports.ID, status int) (op.Answer, error) {
	b, err := imports.Find(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Status: status, Body: batchOf(b), Location: op.Prefix + "/imports/" + string(id)}, err
}

// readyToSend finds out what kind of file it is, and what its columns are about,
// before the transaction: others who write do not wait for it to be read.
func readyToSend(c *op.Call) error {
	body := c.Body.(*newImport)
	body.sending = imports.Sending{Operation: c.Key, Office: body.Office, Source: body.Source, FileName: body.FileName, Content: body.Content}
	if err := body.sending.Ready(); err != nil || body.Basis == nil {
		return nil // what is wrong with the file is said with all else that is wrong
	}
	found, err := body.sending.Propose(c.Ctx, c.Read, c.Who, imports.From{Sheet: body.Sheet, Heading: body.Heading})
	if err != nil {
		return err
	}
	body.plan, err = planOf(found, listPlan{Sheet: body.Sheet, Heading: body.Heading, Columns: body.Columns, Basis: body.Basis, Known: body.Known})
	return err
}

func sendList(c *op.Call) (op.Answer, error) {
	body := c.Body.(*newImport)
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	b, err := imports.Send(c.Ctx, c.Tx, c.Who, body.sending)
	if err != nil {
		return op.Answer{}, err
	}
	if body.Basis != nil && !replayed {
		if err := imports.Check(c.Ctx, c.Tx, c.Who, b.ID, body.plan); err != nil {
			return op.Answer{}, err
		}
	}
	a, err := stands(c, b.ID, http.StatusCreated)
	a.Replayed = replayed
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
		plan.Basis = lists.Basis{Purposes: op.Each(p.Basis.Purposes, func(s string) persons.Purpose { return persons.Purpose(s) }), Method: p.Basis.Method, On: p.Basis.On, Statement: p.Basis.Statement}
	}
	plan.Known, plan.Language = persons.Source(p.Known), string(words.English)
	return plan, nil
}

// readyToCheck reads the file before the transaction.
func readyToCheck(c *op.Call) error {
	id, err := listID(c)
	if err != nil {
		return err
	}
	body := c.Body.(*listPlan)
	var found imports.Proposal
	err = c.Read(func(q db.Reader) (err error) {
		found, err = imports.Propose(c.Ctx, q, c.Who, imports.From{Batch: id, Sheet: body.Sheet, Heading: body.Heading})
		return err
	})
	if err != nil {
		return err
	}
	body.plan, err = planOf(found, *body)
	return err
}

func findList(c *op.Call) (op.Answer, error) {
	id, err := listID(c)
	if err != nil {
		return op.Answer{}, err
	}
	b, err := imports.Find(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: batchOf(b)}, err
}

func checkList(c *op.Call) (op.Answer, error) {
	id, err := listID(c)
	if err != nil {
		return op.Answer{}, err
	}
	if err := imports.Check(c.Ctx, c.Tx, c.Who, id, c.Body.(*listPlan).plan); err != nil {
		return op.Answer{}, err
	}
	return stands(c, id, http.StatusOK)
}

func enterList(c *op.Call) (op.Answer, error) {
	id, err := listID(c)
	if err != nil {
		return op.Answer{}, err
	}
	if err := imports.Enter(c.Ctx, c.Tx, c.Who, id); err != nil {
		return op.Answer{}, err
	}
	return stands(c, id, http.StatusOK)
}

func undoList(c *op.Call) (op.Answer, error) {
	id, err := listID(c)
	if err != nil {
		return op.Answer{}, err
	}
	if err := imports.Undo(c.Ctx, c.Tx, c.Who, id, c.Body.(*undoing).Reason); err != nil {
		return op.Answer{}, err
	}
	return stands(c, id, http.StatusOK)
}

// listRows tells of the rows in one state: those that are wrong when none is named.
func listRows(c *op.Call) (op.Answer, error) {
	id, err := listID(c)
	if err != nil {
		return op.Answer{}, err
	}
	limit, err := c.Limit(100, 500)
	if err != nil {
		return op.Answer{}, err
	}
	state, given := c.Query["state"]
	if !given {
		state = string(imports.RowWrong)
	}
	if !slices.Contains(imports.RowStates(), imports.RowState(state)) {
		return op.Answer{}, fault.New(fault.Invalid, "fault.bad_choice").On("state")
	}
	after := 0
	if text, given := c.Query["after"]; given {
		if after, err = strconv.Atoi(text); err != nil || after < 0 {
			return op.Answer{}, fault.New(fault.Invalid, "api.cursor").On("after")
		}
	}
	b, err := imports.Find(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return op.Answer{}, err
	}
	lines, err := imports.Lines(c.Ctx, c.Q, c.Who, imports.Wanted{Batch: id, State: imports.RowState(state), After: after, Limit: limit + 1})
	next := ""
	if len(lines) > limit {
		lines = lines[:limit]
		next = c.R.URL.Path + "?state=" + state + "&limit=" + strconv.Itoa(limit) + "&after=" + strconv.Itoa(lines[limit-1].Number)
	}
	s := words.In(words.English)
	return op.Answer{Body: op.Page[listRow]{Items: op.Each(lines, func(l imports.Line) listRow {
		return listRow{l.Number, string(l.State), l.Said(s, b.Plan), string(l.Strength), l.OfRow, l.OfPerson, op.Each(l.Why, reasonOf), l.Person}
	}), Next: next}, Next: next}, err
}
