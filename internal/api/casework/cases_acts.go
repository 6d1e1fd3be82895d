// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"time"

	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
)

func takeCase(c *op.Call, id cases.ID) error {
	return cases.TakeUp(c.Ctx, c.Tx, c.Who, id, c.Body.(*versioned).Version)
}

// assigning gives one case to a caseworker.
type assigning struct {
	Version int    `json:"version"`
	To      string `json:"to"`
	Office  string `json:"office,omitempty"`
	Why     string `json:"why,omitempty"`
}

// Check implements op.Checked.
func (b *assigning) Check() *fault.Error { return op.Based(b.Version) }

func assignCase(c *op.Call, id cases.ID) error {
	b := c.Body.(*assigning)
	return cases.HandOver(c.Ctx, c.Tx, c.Who, cases.HandingOver{Cases: []cases.ID{id}, Version: b.Version, To: b.To, Office: b.Office, Why: b.Why})
}

// including makes somebody of the family a client of the case.
type including struct {
	Relation string `json:"relation"`
}

func includeMember(c *op.Call, id cases.ID) error {
	_, err := cases.Include(c.Ctx, c.Tx, c.Who, id, c.Body.(*including).Relation)
	return err
}

// rating says how much danger there is.
type rating struct {
	Version int    `json:"version"`
	Risk    string `json:"risk"`
	Why     string `json:"why,omitempty"`
}

// Check implements op.Checked.
func (b *rating) Check() *fault.Error { return op.Based(b.Version) }

func rateCase(c *op.Call, id cases.ID) error {
	b := c.Body.(*rating)
	return cases.Rate(c.Ctx, c.Tx, c.Who, cases.Rating{Case: id, Version: b.Version, Risk: cases.Risk(b.Risk), Why: b.Why})
}

func pauseCase(c *op.Call, id cases.ID) error {
	b := c.Body.(*reasoned)
	return cases.Stop(c.Ctx, c.Tx, c.Who, cases.Stopping{Case: id, Version: b.Version, Why: b.Why})
}

func resumeCase(c *op.Call, id cases.ID) error {
	return cases.GoOn(c.Ctx, c.Tx, c.Who, id, c.Body.(*versioned).Version)
}

// closing closes a case.
type closing struct {
	Version int      `json:"version"`
	Code    string   `json:"code"`
	Duties  []string `json:"duties"`
	Why     string   `json:"why"`
}

// Check implements op.Checked.
func (b *closing) Check() *fault.Error { return op.Based(b.Version) }

func closeCase(c *op.Call, id cases.ID) error {
	b := c.Body.(*closing)
	_, err := cases.Shut(c.Ctx, c.Tx, c.Who, cases.Closing{Case: id, Version: b.Version, Code: b.Code, Duties: b.Duties, Why: b.Why})
	return err
}

func beginAfterCare(c *op.Call, id cases.ID) error {
	return cases.LookAfter(c.Ctx, c.Tx, c.Who, id, c.Body.(*versioned).Version)
}

func endAfterCare(c *op.Call, id cases.ID) error {
	return cases.LeaveAlone(c.Ctx, c.Tx, c.Who, id, c.Body.(*versioned).Version)
}

func reopenCase(c *op.Call, id cases.ID) error {
	b := c.Body.(*reasoned)
	return cases.TakeUpAgain(c.Ctx, c.Tx, c.Who, cases.Reopening{Case: id, Version: b.Version, Why: b.Why})
}

// caseEvent is something that was done to a case.
type caseEvent struct {
	ID     string            `json:"id"`
	Act    string            `json:"act"`
	Status string            `json:"status"`
	By     string            `json:"by"`
	At     time.Time         `json:"at"`
	Why    string            `json:"why,omitempty"`
	Detail map[string]string `json:"detail,omitempty"`
}

func caseHistory(c *op.Call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]cases.Event, error) { return cases.History(c.Ctx, c.Q, c.Who, id, p) },
		func(e cases.Event) (string, caseEvent) {
			return e.ID, caseEvent{e.ID, string(e.Act), string(e.Status), e.By, e.At, e.Why, e.Detail}
		})
}

// taskView is something to do.
type taskView struct {
	ID    string        `json:"id"`
	Case  string        `json:"case"`
	User  string        `json:"user"`
	DueOn dates.Partial `json:"due_on"`
	What  string        `json:"what"`
	By    string        `json:"by"`
	At    time.Time     `json:"at"`
}

func taskOf(t cases.Task) taskView {
	return taskView{t.ID, string(t.Case), t.User, t.DueOn, t.What, t.By, t.At}
}

func showTasks(c *op.Call, id cases.ID) (any, error) {
	all, err := cases.TasksOf(c.Ctx, c.Q, c.Who, id)
	return op.Page[taskView]{Items: op.Each(all, taskOf)}, err
}

// newTask puts down something to do.
type newTask struct {
	User  string        `json:"user,omitempty"`
	DueOn dates.Partial `json:"due_on"`
	What  string        `json:"what"`
}

func addTask(c *op.Call, id cases.ID) error {
	b := c.Body.(*newTask)
	_, err := cases.Remember(c.Ctx, c.Tx, c.Who, cases.Task{Case: id, User: b.User, DueOn: b.DueOn, What: b.What})
	return err
}

func tickTask(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[string](c, "id", "case.task_not_found")
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Repeated(id)
	if err == nil && !replayed {
		err = cases.Tick(c.Ctx, c.Tx, c.Who, id)
	}
	return op.Answer{Body: op.Handled{ID: id}, Replayed: replayed}, err
}

// noteView is a note of a case.
type noteView struct {
	ID        string    `json:"id"`
	Protected bool      `json:"protected"`
	Text      string    `json:"text"`
	Risk      string    `json:"risk,omitempty"`
	Replaces  string    `json:"replaces,omitempty"`
	Replaced  bool      `json:"replaced"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

func noteOf(n cases.Note) (string, noteView) {
	return n.ID, noteView{n.ID, n.Protected, n.Text, string(n.Rating), n.Replaces, n.Replaced, n.By, n.At}
}

func showNotes(c *op.Call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]cases.Note, error) { return cases.Notes(c.Ctx, c.Q, c.Who, id, p) }, noteOf)
}

func lookAtNotes(c *op.Call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]cases.Note, error) { return cases.LookAtNotes(c.Ctx, c.Tx, c.Who, id, p) }, noteOf)
}

// newNote writes a note, or corrects one of one's own.
type newNote struct {
	Text      string `json:"text"`
	Protected bool   `json:"protected,omitzero"`
	Replaces  string `json:"replaces,omitempty"`
}

func writeNote(c *op.Call, id cases.ID) error {
	b := c.Body.(*newNote)
	return cases.Write(c.Ctx, c.Tx, c.Who, id, cases.Note{Text: b.Text, Protected: b.Protected, Replaces: b.Replaces})
}

// approvalView is something that one person may not decide alone.
type approvalView struct {
	ID        string     `json:"id"`
	Case      string     `json:"case"`
	Kind      string     `json:"kind"`
	Subject   string     `json:"subject"`
	Amount    int64      `json:"amount_poisha"`
	Needed    int        `json:"needed"`
	Decision  string     `json:"decision"`
	By        string     `json:"by"`
	At        time.Time  `json:"at"`
	DecidedAt time.Time  `json:"decided_at,omitzero"`
	Why       string     `json:"why,omitempty"`
	Votes     []voteView `json:"votes"`
}

// voteView is what somebody said to it.
type voteView struct {
	By  string    `json:"by"`
	Yes bool      `json:"yes"`
	Why string    `json:"why,omitempty"`
	At  time.Time `json:"at"`
}

func approvalOf(a cases.Approval) approvalView {
	return approvalView{a.ID, string(a.Case), string(a.Kind), a.Subject, a.Amount, a.Needed, string(a.Decision), a.AskedName, a.AskedAt, a.DecidedAt, a.Why,
		op.Each(a.Votes, func(v cases.Vote) voteView { return voteView{v.Name, v.Yes, v.Why, v.At} })}
}

func showApprovals(c *op.Call, id cases.ID) (any, error) {
	all, err := cases.Approvals(c.Ctx, c.Q, c.Who, id)
	return op.Page[approvalView]{Items: op.Each(all, approvalOf)}, err
}

func waitingApprovals(c *op.Call) (op.Answer, error) {
	limit, err := c.Limit(50, 200)
	if err != nil {
		return op.Answer{}, err
	}
	all, err := cases.ToDecide(c.Ctx, c.Q, c.Who, limit)
	return op.Answer{Body: op.Page[approvalView]{Items: op.Each(all, approvalOf)}}, err
}

// deciding says yes or no. Nothing is no answer.
type deciding struct {
	Yes *bool  `json:"yes"`
	Why string `json:"why,omitempty"`
}

// Check implements op.Checked.
func (b *deciding) Check() *fault.Error {
	if b.Yes == nil {
		return fault.New(fault.Invalid, "fault.needed").On("yes")
	}
	return nil
}

func decideApproval(c *op.Call, id cases.ID) error {
	approval, err := op.PathID[string](c, "row", "case.approval_not_found")
	if err != nil {
		return err
	}
	if _, err := cases.FindApproval(c.Ctx, c.Tx, c.Who, id, approval); err != nil {
		return err
	}
	b := c.Body.(*deciding)
	_, err = cases.Say(c.Ctx, c.Tx, c.Who, cases.Deciding{Approval: approval, Yes: *b.Yes, Why: b.Why})
	return err
}

// loadView is how much one caseworker of an office has in hand.
type loadView struct {
	Worker     string `json:"worker"`
	WorkerName string `json:"worker_name"`
	Cases      int    `json:"cases_count"`
	Late       int    `json:"late_count"`
	Grave      int    `json:"grave_count"`
	Idle       int    `json:"idle_count"`
}

// idle is since when nothing may have been done to a case that is called idle: thirty days, unless the query says.
func idle(c *op.Call) (time.Time, error) {
	n, err := c.Number("idle_days", 30, 1, 3660)
	return c.Q.Now().AddDate(0, 0, -n), err
}

func readBoard(c *op.Call) (op.Answer, error) {
	office, err := c.Text("office")
	if err != nil {
		return op.Answer{}, err
	}
	if office == "" {
		office = c.Who.Office
	}
	since, err := idle(c)
	if err != nil {
		return op.Answer{}, err
	}
	all, err := cases.Board(c.Ctx, c.Q, c.Who, office, since)
	return op.Answer{Body: op.Page[loadView]{Items: op.Each(all, func(l cases.Load) loadView { return loadView{l.Worker, l.Name, l.Cases, l.Late, l.Grave, l.Idle} })}}, err
}

// myDay is what waits for who asks.
type myDay struct {
	Due       []caseView     `json:"due"`  // her cases of which something is due within a week, or late
	Idle      []caseView     `json:"idle"` // those to which nothing was done for long
	Tasks     []taskView     `json:"tasks"`
	Approvals []approvalView `json:"approvals"`
}

func readMyDay(c *op.Call) (op.Answer, error) {
	const most, ahead = 100, 7
	since, err := idle(c)
	if err != nil {
		return op.Answer{}, err
	}
	due, err := cases.List(c.Ctx, c.Q, c.Who, cases.Filter{Worker: c.Who.ID, DueBy: c.Today.Add(ahead), Limit: most})
	if err != nil {
		return op.Answer{}, err
	}
	idle, err := cases.List(c.Ctx, c.Q, c.Who, cases.Filter{Worker: c.Who.ID, Idle: since, Limit: most})
	if err != nil {
		return op.Answer{}, err
	}
	tasks, err := cases.Tasks(c.Ctx, c.Q, c.Who, most)
	if err != nil {
		return op.Answer{}, err
	}
	waiting, err := cases.ToDecide(c.Ctx, c.Q, c.Who, most)
	return op.Answer{Body: myDay{casesOf(c, due.Cases), casesOf(c, idle.Cases), op.Each(tasks, taskOf), op.Each(waiting, approvalOf)}}, err
}
