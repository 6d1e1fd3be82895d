// SPDX-License-Identifier: Apache-2.0

package handovers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/services"
	"fera/internal/ties"
	"fera/internal/words"
)

// Arrival is a hand-over as the organisation sees it that is asked: the minimum until a caseworker takes the case, and then where it
// went, to who sees that. Nothing of it is seen any more when it was declined, withdrawn or ran out.
type Arrival struct {
	ID         ID
	From       string // organisation
	FromOffice string
	By         string // who offered it
	Urgency    string
	State      State
	DueOn      string
	OfferedAt  time.Time
	Since      time.Time
	MeetsAt    time.Time
	Where      string
	Programme  string
	District   string
	Request    Request
	Why        string // nothing in a list
	Parts      []Part // what of class 2 would come with her
	Files      int
	TakerName  string
	Person     persons.ID // the record here, once it was taken, to who sees it
	Case       cases.ID
	Acts       []Act
	Events     []Event // nothing in a list; without what the other side wrote for itself
	Version    int
}

// Late tells whether what is due is overdue on a day.
func (a Arrival) Late(today dates.Partial) bool { return a.DueOn < today.String() }

// receives tells whether who is of the organisation that is asked, and may take cases.
func (h Handover) receives(who access.Actor) bool {
	return who.Organisation == h.To && !who.Practises() && who.Holds(access.AnswerReferral) && who.Holds(access.OpenCase)
}

// arrival is what the other side sees.
func (h Handover) arrival() Arrival {
	a := Arrival{ID: h.ID, From: h.From, FromOffice: h.FromOffice, Urgency: h.Urgency, State: h.State, DueOn: h.DueOn, OfferedAt: h.OfferedAt, Since: h.Since, Acts: Possible(h.State, Taker), Version: h.Version}
	switch h.State {
	case Offered, Received:
		a.By, a.Programme, a.District, a.Request, a.Parts, a.Files, a.Why, a.MeetsAt, a.Where = h.By, h.Programme, h.District, h.Request, h.Parts, len(h.Files), h.Why, h.MeetsAt, h.Where
	case Taken, Done:
		a.By, a.TakerName, a.MeetsAt, a.Where = h.By, h.TakerName, h.MeetsAt, h.Where
	}
	return a
}

// Filter chooses hand-overs that came to an organisation.
type Filter struct {
	State State // empty: those in which it is its turn
	After Cursor
	Limit int // 50 when zero, 200 at most
}

// Cursor is where a list goes on.
type Cursor struct {
	DueOn string
	ID    ID
}

// Page is a part of a list.
type Page struct {
	Arrivals []Arrival
	Next     Cursor // empty at the end
}

// Inbox returns what was offered to who's organisation, what is due first first. It names nobody, and says nothing of class 3.
func Inbox(ctx context.Context, q db.Reader, who access.Actor, f Filter) (p Page, err error) {
	if !who.Holds(access.AnswerReferral) || !who.Holds(access.OpenCase) {
		return p, fault.New(fault.Forbidden, "access.not_allowed")
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	states, args := []State{Offered, Received}, []any{who.Organisation}
	if f.State != "" {
		states = []State{f.State}
	}
	for _, s := range states {
		args = append(args, string(s))
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM handovers h WHERE h.to_organisation = ? AND h.state IN `+db.In(len(states))+` AND (h.due_on > ? OR (h.due_on = ? AND h.id > ?))
		ORDER BY h.due_on, h.id LIMIT ?`, append(args, f.After.DueOn, f.After.DueOn, string(f.After.ID), f.Limit+1)...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return p, fmt.Errorf("list hand-overs: %w", err)
	}
	for i, h := range all {
		if i == f.Limit {
			p.Next = Cursor{all[i-1].DueOn, all[i-1].ID}
			break
		}
		a := h.arrival() // nothing was opened
		a.District, a.Programme = h.District, h.Programme
		if h.State != Offered && h.State != Received {
			a.District = ""
		}
		p.Arrivals = append(p.Arrivals, a)
	}
	return p, nil
}

// LookAt opens a hand-over that came to who's organisation. Opening it is receiving it; each look is in the trail.
func LookAt(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Arrival, error) {
	h, err := received(ctx, tx, who, Acting{ID: id})
	if err != nil {
		return Arrival{}, err
	}
	tx.Allowed()
	if h.State == Offered {
		if err := h.keep(ctx, tx, who, done{act: Open, side: Taker}); err != nil {
			return Arrival{}, err
		}
	} else if err := audit.Record(ctx, tx, who, access.AnswerReferral, audit.Entry{Subject: h.subject(), Person: string(h.Person), Named: []string{"looked"}}); err != nil {
		return Arrival{}, err
	}
	a := h.arrival()
	if h.State != Received && h.State != Taken && h.State != Done {
		return a, nil
	}
	if h.newCase != "" {
		if c, err := cases.Find(ctx, tx, who, cases.ID(h.newCase)); err == nil {
			a.Case, a.Person = c.ID, c.Person
		} else if fault.KindOf(err) != fault.NotFound {
			return Arrival{}, err
		}
	}
	events, err := h.events(ctx, tx)
	for _, e := range events {
		if e.Side != Taker {
			e.Why = ""
		}
		a.Events = append(a.Events, e)
	}
	return a, err
}

// received finds a hand-over that came to who's organisation.
func received(ctx context.Context, q db.Reader, who access.Actor, a Acting) (Handover, error) {
	h, err := read(ctx, q, a.ID)
	switch {
	case err != nil:
		return h, err
	case !h.receives(who):
		return Handover{}, notFound()
	case a.Version != 0 && a.Version != h.Version:
		return h, changedMeanwhile()
	}
	return h, nil
}

// Reasons are the reasons for which an organisation declines, as codes; beside one may stand words.
func Reasons() []string { return []string{"full", "not_eligible", "too_far", "known_already", "other"} }

// Refuse declines. Nothing of it is seen there any more.
func Refuse(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	h, err := received(ctx, tx, who, a)
	if err != nil {
		return err
	}
	if f := refusal(h.State, Taker, Decline); f != nil {
		return f
	}
	if f := text(&a.Why, 3, 500, "why"); f != nil {
		return f
	}
	tx.Allowed()
	if err := h.keep(ctx, tx, who, done{act: Decline, side: Taker, why: a.Why}); err != nil {
		return err
	}
	return h.tellGivers(ctx, tx, "notice.handover_declined")
}

// Taking is how a caseworker takes a case.
type Taking struct {
	ID       ID
	Version  int
	Language words.Lang // in which the notes are written that say what was handed over
}

// Accept takes a case: a registration at who's own office, tied to the record that was handed over, a case of which who is the
// caseworker, and in them what was chosen to be shared. Either all of it is done or nothing.
func Accept(ctx context.Context, tx *db.Tx, who access.Actor, t Taking) (cases.ID, error) {
	h, err := received(ctx, tx, who, Acting{ID: t.ID, Version: t.Version})
	if err != nil {
		return "", err
	}
	if f := refusal(h.State, Taker, Take); f != nil {
		return "", f
	}
	own := []access.Scope{access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)}
	for _, perm := range []access.Permission{access.AnswerReferral, access.RegisterPerson, access.OpenCase, access.WorkCase} {
		if err := access.Check(tx, who, perm, own...); err != nil {
			return "", err
		}
	}
	s, err := h.unlock(ctx, tx)
	if err != nil {
		return "", err
	}
	was := h.Content
	if err := h.enter(ctx, tx, who, s); err != nil {
		return "", err
	}
	kinds, err := services.Kinds(ctx, tx, dates.Of(tx.Now()))
	if err != nil {
		return "", err
	}
	if err := was.write(ctx, tx, who, noting{cases.ID(h.newCase), words.In(t.Language), kinds, s}); err != nil {
		return "", err
	}
	h.Taker, h.TakerName, h.ToOffice = who.ID, who.Name, who.Office
	if err := h.keep(ctx, tx, who, done{act: Take, side: Taker}); err != nil {
		return "", err
	}
	return cases.ID(h.newCase), h.tellGivers(ctx, tx, "notice.handover_taken")
}

// enter registers her and opens the case.
func (h *Handover) enter(ctx context.Context, tx *db.Tx, who access.Actor, s secret) error {
	r := h.registration(s)
	person, err := persons.RegisterHanded(ctx, tx, who, h.Person, r)
	if err != nil {
		return err
	}
	of, err := cases.Open(ctx, tx, who, cases.Opening{Person: person, Programme: h.Programme, Origin: "handover", Why: h.Why})
	if err != nil {
		return err
	}
	if err := cases.TakeUp(ctx, tx, who, of, 0); err != nil {
		return err
	}
	h.newPerson, h.newCase = string(person), string(of)
	if err := h.bring(ctx, tx, who, s); err != nil {
		return err
	}
	return h.carry(ctx, tx, who, append(slices.Clone(h.Files), s.Files...))
}

// bring makes her goals the draft of a plan, which says whence it came.
func (h Handover) bring(ctx context.Context, tx *db.Tx, who access.Actor, s secret) error {
	goals := slices.Clone(h.Record.Plan)
	for _, g := range s.Plan {
		g.Protected = true
		goals = append(goals, g)
	}
	if len(goals) == 0 {
		return nil
	}
	from := h.By
	if all, err := offices.Organisations(ctx, tx, access.System(access.ReadOffices)); err != nil {
		return err
	} else if at := slices.IndexFunc(all, func(o offices.Organisation) bool { return o.ID == h.From }); at >= 0 {
		from += ", " + all[at].Name("en")
	}
	_, err := plans.Bring(ctx, tx, who, plans.Bringing{Case: cases.ID(h.newCase), Goals: goals, From: from})
	return err
}

// carry keeps copies of the documents that were chosen in her new record, under its key. What was taken out of her records since stays out.
func (h Handover) carry(ctx context.Context, tx *db.Tx, who access.Actor, chosen []files.ID) error {
	group, err := ties.Of(ctx, tx, string(h.Person))
	for _, id := range chosen {
		if err != nil {
			return err
		}
		f, u, lent := files.Lend(ctx, tx, who, id)
		if fault.KindOf(lent) == fault.NotFound && lent != nil || lent == nil && !slices.Contains(group, f.Person) {
			continue
		}
		if lent != nil {
			return lent
		}
		u.Person = h.newPerson
		_, err = persons.AddFile(ctx, tx, who, u)
	}
	return err
}

// noting is where the notes go, and in which language.
type noting struct {
	to    cases.ID
	s     *words.Speaker
	kinds []services.Kind
	secret
}

// write puts into notes of the new case what has no other place there: the summary, goals of which nothing is left to do, and what she had.
func (c Content) write(ctx context.Context, tx *db.Tx, who access.Actor, n noting) error {
	var open, closed []string
	if c.Summary != "" {
		open = append(open, n.s.T("handover.note_summary"), c.Summary)
	}
	open = append(open, n.listed("handover.note_goals", c.Record.Goals)...)
	open = append(open, n.listed("handover.note_given", n.gifts(c.Record.Given))...)
	if n.Rating != "" {
		closed = append(closed, n.s.T("handover.note_rating"), n.Rating)
	}
	closed = append(closed, n.listed("handover.note_goals", n.Goals)...)
	closed = append(closed, n.listed("handover.note_given", n.gifts(n.Given))...)
	for _, note := range []cases.Note{{Text: fitting(open)}, {Text: fitting(closed), Protected: true}} {
		if note.Text == "" {
			continue
		}
		if err := cases.Write(ctx, tx, who, n.to, note); err != nil {
			return err
		}
	}
	return nil
}

// fitting joins lines as far as a note holds them.
func fitting(lines []string) string {
	const most = 9_900
	text := []rune(strings.Join(lines, "\n"))
	if len(text) > most {
		text = append(text[:most], '…')
	}
	return string(text)
}

func (n noting) listed(key string, lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	all := []string{n.s.T(key)}
	for _, l := range lines {
		all = append(all, "– "+l)
	}
	return all
}

func (n noting) gifts(all []Gift) (lines []string) {
	for _, g := range all {
		line := n.s.Digits(g.On.String()) + ": " + n.kind(g.Code)
		if g.Quantity > 1 {
			line += " × " + n.s.Number(g.Quantity)
		}
		if g.Amount > 0 {
			line += ", ৳ " + n.s.Digits(services.WriteAmount(g.Amount, services.Taka))
		}
		lines = append(lines, line)
	}
	return lines
}

func (n noting) kind(code string) string {
	at := slices.IndexFunc(n.kinds, func(k services.Kind) bool { return k.Code == code })
	if at < 0 {
		return code
	}
	return n.kinds[at].Name(string(n.s.Lang()))
}

// Came tells that something came to who's organisation, without opening it.
func Came(ctx context.Context, q db.Reader, who access.Actor, id ID) (Arrival, error) {
	h, err := received(ctx, q, who, Acting{ID: id})
	if err != nil {
		return Arrival{}, err
	}
	a := h.arrival()
	return Arrival{ID: a.ID, From: a.From, FromOffice: a.FromOffice, Urgency: a.Urgency, State: a.State, DueOn: a.DueOn, OfferedAt: a.OfferedAt, Since: a.Since, Version: a.Version}, nil
}
