// SPDX-License-Identifier: Apache-2.0

package api

import (
	"time"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
)

func takeCase(c *call, id cases.ID) error {
	return cases.TakeUp(c.ctx, c.tx, c.who, id, c.body.(*versioned).Version)
}

// assigning gives one case to a caseworker.
type assigning struct {
	Version int    `json:"version"`
	To      string `json:"to"`
	Office  string `json:"office,omitempty"`
	Why     string `json:"why,omitempty"`
}

func (b *assigning) check() *fault.Error { return based(b.Version) }

func assignCase(c *call, id cases.ID) error {
	b := c.body.(*assigning)
	return cases.HandOver(c.ctx, c.tx, c.who, cases.HandingOver{Cases: []cases.ID{id}, Version: b.Version, To: b.To, Office: b.Office, Why: b.Why})
}

// including makes somebody of the family a client of the case.
type including struct {
	Relation string `json:"relation"`
}

func includeMember(c *call, id cases.ID) error {
	_, err := cases.Include(c.ctx, c.tx, c.who, id, c.body.(*including).Relation)
	return err
}

// rating says how much danger there is.
type rating struct {
	Version int    `json:"version"`
	Risk    string `json:"risk"`
	Why     string `json:"why,omitempty"`
}

func (b *rating) check() *fault.Error { return based(b.Version) }

func rateCase(c *call, id cases.ID) error {
	b := c.body.(*rating)
	return cases.Rate(c.ctx, c.tx, c.who, cases.Rating{Case: id, Version: b.Version, Risk: cases.Risk(b.Risk), Why: b.Why})
}

func pauseCase(c *call, id cases.ID) error {
	b := c.body.(*reasoned)
	return cases.Stop(c.ctx, c.tx, c.who, cases.Stopping{Case: id, Version: b.Version, Why: b.Why})
}

func resumeCase(c *call, id cases.ID) error {
	return cases.GoOn(c.ctx, c.tx, c.who, id, c.body.(*versioned).Version)
}

// closing closes a case.
type closing struct {
	Version int      `json:"version"`
	Code    string   `json:"code"`
	Duties  []string `json:"duties"`
	Why     string   `json:"why"`
}

func (b *closing) check() *fault.Error { return based(b.Version) }

func closeCase(c *call, id cases.ID) error {
	b := c.body.(*closing)
	_, err := cases.Shut(c.ctx, c.tx, c.who, cases.Closing{Case: id, Version: b.Version, Code: b.Code, Duties: b.Duties, Why: b.Why})
	return err
}

func beginAfterCare(c *call, id cases.ID) error {
	return cases.LookAfter(c.ctx, c.tx, c.who, id, c.body.(*versioned).Version)
}

func endAfterCare(c *call, id cases.ID) error {
	return cases.LeaveAlone(c.ctx, c.tx, c.who, id, c.body.(*versioned).Version)
}

func reopenCase(c *call, id cases.ID) error {
	b := c.body.(*reasoned)
	return cases.TakeUpAgain(c.ctx, c.tx, c.who, cases.Reopening{Case: id, Version: b.Version, Why: b.Why})
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

func caseHistory(c *call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]cases.Event, error) { return cases.History(c.ctx, c.q, c.who, id, p) },
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

func showTasks(c *call, id cases.ID) (any, error) {
	all, err := cases.TasksOf(c.ctx, c.q, c.who, id)
	return page[taskView]{Items: each(all, taskOf)}, err
}

// newTask puts down something to do.
type newTask struct {
	User  string        `json:"user,omitempty"`
	DueOn dates.Partial `json:"due_on"`
	What  string        `json:"what"`
}

func addTask(c *call, id cases.ID) error {
	b := c.body.(*newTask)
	_, err := cases.Remember(c.ctx, c.tx, c.who, cases.Task{Case: id, User: b.User, DueOn: b.DueOn, What: b.What})
	return err
}

func tickTask(c *call) (answer, error) {
	id, err := pathID[string](c, "id", "case.task_not_found")
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.repeated(id)
	if err == nil && !replayed {
		err = cases.Tick(c.ctx, c.tx, c.who, id)
	}
	return answer{body: handled{id}, replayed: replayed}, err
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

func showNotes(c *call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]cases.Note, error) { return cases.Notes(c.ctx, c.q, c.who, id, p) }, noteOf)
}

func lookAtNotes(c *call, id cases.ID) (any, error) {
	return parts(c, func(p cases.Part) ([]cases.Note, error) { return cases.LookAtNotes(c.ctx, c.tx, c.who, id, p) }, noteOf)
}

// newNote writes a note, or corrects one of one's own.
type newNote struct {
	Text      string `json:"text"`
	Protected bool   `json:"protected,omitzero"`
	Replaces  string `json:"replaces,omitempty"`
}

func writeNote(c *call, id cases.ID) error {
	b := c.body.(*newNote)
	return cases.Write(c.ctx, c.tx, c.who, id, cases.Note{Text: b.Text, Protected: b.Protected, Replaces: b.Replaces})
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
		each(a.Votes, func(v cases.Vote) voteView { return voteView{v.Name, v.Yes, v.Why, v.At} })}
}

func showApprovals(c *call, id cases.ID) (any, error) {
	all, err := cases.Approvals(c.ctx, c.q, c.who, id)
	return page[approvalView]{Items: each(all, approvalOf)}, err
}

func waitingApprovals(c *call) (answer, error) {
	limit, err := c.limit(50, 200)
	if err != nil {
		return answer{}, err
	}
	all, err := cases.ToDecide(c.ctx, c.q, c.who, limit)
	return answer{body: page[approvalView]{Items: each(all, approvalOf)}}, err
}

// deciding says yes or no. Nothing is no answer.
type deciding struct {
	Yes *bool  `json:"yes"`
	Why string `json:"why,omitempty"`
}

func (b *deciding) check() *fault.Error {
	if b.Yes == nil {
		return fault.New(fault.Invalid, "fault.needed").On("yes")
	}
	return nil
}

func decideApproval(c *call, id cases.ID) error {
	approval, err := pathID[string](c, "row", "case.approval_not_found")
	if err != nil {
		return err
	}
	if _, err := cases.FindApproval(c.ctx, c.tx, c.who, id, approval); err != nil {
		return err
	}
	b := c.body.(*deciding)
	_, err = cases.Say(c.ctx, c.tx, c.who, cases.Deciding{Approval: approval, Yes: *b.Yes, Why: b.Why})
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
func (c *call) idle() (time.Time, error) {
	n, err := c.number("idle_days", 30, 1, 3660)
	return c.q.Now().AddDate(0, 0, -n), err
}

func readBoard(c *call) (answer, error) {
	office, err := c.text("office")
	if err != nil {
		return answer{}, err
	}
	if office == "" {
		office = c.who.Office
	}
	since, err := c.idle()
	if err != nil {
		return answer{}, err
	}
	all, err := cases.Board(c.ctx, c.q, c.who, office, since)
	return answer{body: page[loadView]{Items: each(all, func(l cases.Load) loadView { return loadView{l.Worker, l.Name, l.Cases, l.Late, l.Grave, l.Idle} })}}, err
}

// myDay is what waits for who asks.
type myDay struct {
	Due       []caseView     `json:"due"`  // her cases of which something is due within a week, or late
	Idle      []caseView     `json:"idle"` // those to which nothing was done for long
	Tasks     []taskView     `json:"tasks"`
	Approvals []approvalView `json:"approvals"`
}

func readMyDay(c *call) (answer, error) {
	const most, ahead = 100, 7
	since, err := c.idle()
	if err != nil {
		return answer{}, err
	}
	due, err := cases.List(c.ctx, c.q, c.who, cases.Filter{Worker: c.who.ID, DueBy: c.today.Add(ahead), Limit: most})
	if err != nil {
		return answer{}, err
	}
	idle, err := cases.List(c.ctx, c.q, c.who, cases.Filter{Worker: c.who.ID, Idle: since, Limit: most})
	if err != nil {
		return answer{}, err
	}
	tasks, err := cases.Tasks(c.ctx, c.q, c.who, most)
	if err != nil {
		return answer{}, err
	}
	waiting, err := cases.ToDecide(c.ctx, c.q, c.who, most)
	return answer{body: myDay{each(due.Cases, c.caseOf), each(idle.Cases, c.caseOf), each(tasks, taskOf), each(waiting, approvalOf)}}, err
}
