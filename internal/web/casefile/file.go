// SPDX-License-Identifier: Apache-2.0

package casefile

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/programmes"
	"fera/internal/web/casehead"
	"fera/internal/web/casework"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// fileView is the file of a case.
type fileView struct {
	kit.Frame
	Head      casehead.Head
	Can       []cases.Act
	Due       string // what is due and when
	Because   string // why on that day
	DueTone   kit.Tone
	Tasks     []taskLine
	Done      []taskLine
	Decisions []decisionLine
	Notes     []kit.Event
	MoreNotes string
	Private   []kit.Event // class 3, once opened
	Opened    bool
	MayLook   bool
	Until     string // when the glass closes again
	Members   []kit.Fact
	Events    []kit.Event
	Facts     []kit.Fact
	Next      string
}

// can tells whether an act is possible.
func (v fileView) can(a cases.Act) bool { return slices.Contains(v.Can, a) }

// path is an address below the file.
func (v fileView) path(parts ...string) string { return casehead.Path(v.Head.Case.ID, parts...) }

func file(r *site.Request, q db.Reader) (templ.Component, error) {
	v, err := read(r, q)
	return fileShown(v), err
}

// How much of notes and history the file shows at once.
const (
	notesShown  = 20
	eventsShown = 8
)

// read gathers the file of the case of the address.
func read(r *site.Request, q db.Reader) (v fileView, err error) {
	h, can, err := head(r, q)
	if err != nil {
		return v, err
	}
	offer(&h, can)
	v = fileView{Frame: r.Frame(r.S.T("casework.file")), Head: h, Can: can, Next: "/day/next?after=" + string(h.Case.ID)}
	p, err := programmes.Find(r.Context(), q, h.Case.Programme)
	if err != nil {
		return v, err
	}
	v.due(dates.Of(r.Now), p)
	for _, gather := range []func(*site.Request, db.Reader) error{v.tasks, v.decisions, v.notes, v.private, v.members, v.history} {
		if err := gather(r, q); err != nil {
			return v, err
		}
	}
	return v, v.facts(r, q, p)
}

// due says what is due, when, and by which rule.
func (v *fileView) due(today dates.Partial, p programmes.Programme) {
	c, s := v.Head.Case, v.S
	v.Due = casework.Due(s, c, today)
	switch {
	case c.Paused:
		v.Because, v.DueTone = s.T("casework.because.paused"), kit.Attention
		return
	case v.Due == "" && c.Status == cases.Closed:
		v.Due = s.T("casework.closed_on", "day", dates.Format(s, dates.Of(c.ClosedAt)))
		return
	case v.Due == "":
		v.Due = s.T("casework.nothing_due")
		return
	case c.Late(today):
		v.DueTone = kit.Attention
	}
	terms := map[string]deadlines.Term{"assign": p.Assign, "assess": p.Assess, "plan": p.Plan, "start": p.Start, "aftercare": p.AfterCare}
	v.Because = s.T("casework.because."+c.DueFor, "term", Term(s, terms[c.DueFor]))
}

// Term says how long somebody has: ten working days, one month.
func Term(s *words.Speaker, t deadlines.Term) string {
	if t.Count == 0 {
		return ""
	}
	return s.T("casework.unit."+string(t.Unit), "count", t.Count)
}

// taskLine is something to do, in words.
type taskLine struct {
	What, Whose, When string
	Href              string // where it is ticked, or brought back
	Late              bool
}

func (v *fileView) tasks(r *site.Request, q db.Reader) error {
	c, today := v.Head.Case, dates.Of(r.Now)
	open, err := cases.TasksOf(r.Context(), q, r.Who, c.ID)
	if err != nil {
		return err
	}
	var whose []string
	for _, t := range open {
		whose = append(whose, t.User)
	}
	slices.Sort(whose)
	people, err := casework.Colleagues(r, q, slices.Compact(whose))
	if err != nil {
		return err
	}
	for _, t := range open {
		line := taskLine{What: t.What, When: casework.Day(v.S, t.DueOn, today), Late: t.DueOn.SurelyBefore(today), Href: below(c.ID, "tasks", t.ID, "done")}
		for _, p := range people {
			if p.ID == t.User {
				line.Whose = p.Name
			}
		}
		v.Tasks = append(v.Tasks, line)
	}
	done, err := cases.Done(r.Context(), q, r.Who, c.ID, 5)
	for _, t := range done {
		v.Done = append(v.Done, taskLine{What: t.What, Whose: t.DoneBy, When: dates.Near(v.S, t.DoneAt, r.Now), Href: below(c.ID, "tasks", t.ID, "again")})
	}
	return err
}

func (v *fileView) notes(r *site.Request, q db.Reader) error {
	part := cases.Part{Before: r.URL.Query().Get("notes"), Limit: notesShown + 1}
	all, err := cases.Notes(r.Context(), q, r.Who, v.Head.Case.ID, part)
	if len(all) > notesShown {
		all = all[:notesShown]
		v.MoreNotes = v.path() + "?notes=" + all[notesShown-1].ID + "#notes"
	}
	v.Notes = v.noteEvents(r, all)
	return err
}

// noteEvents are notes as entries of a timeline. What was corrected is there, below the correction.
func (v *fileView) noteEvents(r *site.Request, all []cases.Note) (events []kit.Event) {
	s := v.S
	for _, n := range all {
		e := kit.Event{When: dates.Near(s, n.At, r.Now), ISO: n.At.UTC().Format(time.RFC3339), Who: n.By, Title: s.T("casework.note." + kindOf(n))}
		if !n.On.IsZero() {
			e.Title += ", " + casework.Day(s, n.On, dates.Of(r.Now))
		}
		b := noteBody{Lines: paragraphs(n.Text), Mentioned: strings.Join(n.Mentioned, ", "), Present: n.Present}
		switch {
		case n.Replaced:
			b.Replaced, e.Tone = true, kit.Plain
		case n.Replaces != "":
			e.Title += " " + s.T("casework.note_corrects")
		}
		act := cases.WriteNote
		b.Correct = v.path("notes/new") + "?replaces=" + n.ID
		if n.Protected {
			act = cases.WriteProtected
			b.Correct += "&protected=yes"
		}
		if n.User != r.Who.ID || n.Replaced || !v.can(act) || n.Rating != cases.Unrated {
			b.Correct = ""
		}
		e.Body = noteText(s, b)
		events = append(events, e)
	}
	return events
}

// kindOf is what a note is called.
func kindOf(n cases.Note) string {
	switch {
	case n.Rating != cases.Unrated:
		return "rating"
	case n.Kind == cases.Plain:
		return "plain"
	}
	return string(n.Kind)
}

// noteBody is what stands under the head of a note.
type noteBody struct {
	Lines              []string
	Present, Mentioned string
	Replaced           bool
	Correct            string // where its writer corrects it
}

func (v *fileView) private(r *site.Request, q db.Reader) error {
	may, until, err := persons.SeesProtected(r.Context(), q, r.Who, v.Head.Case.Person)
	if v.MayLook = may; !until.IsZero() {
		v.Until = dates.Clock(v.S, until)
	}
	return err
}

// look shows the file with the protected notes open, and enters the look.
func look(r *site.Request, tx *db.Tx) (string, error) {
	id, err := caseID(r)
	if err != nil {
		return "", err
	}
	all, err := cases.LookAtNotes(r.Context(), tx, r.Who, id, cases.Part{Limit: 200})
	if err != nil {
		return "", err
	}
	v, err := read(r, tx)
	if err != nil {
		return "", err
	}
	v.Private, v.Opened, v.QuickExit = v.noteEvents(r, all), true, true
	v.GlassUntil = v.Until
	r.Answer = fileShown(v)
	return "", nil
}

func (v *fileView) members(r *site.Request, q db.Reader) error {
	all, err := cases.Members(r.Context(), q, r.Who, v.Head.Case.ID)
	for _, m := range all {
		v.Members = append(v.Members, kit.Fact{Label: v.S.T("person.kinship." + m.Relation.Relation), Value: m.Relation.Name,
			Note: v.S.T("person.noted", "name", m.By, "when", dates.Near(v.S, m.At, r.Now))})
	}
	return err
}

// facts are what stands beside the course of the case.
func (v *fileView) facts(r *site.Request, q db.Reader, p programmes.Programme) error {
	c, s := v.Head.Case, v.S
	lang := string(s.Lang())
	o, err := offices.Find(r.Context(), q, access.System(access.ReadOffices), c.Office)
	if err != nil {
		return err
	}
	who := c.WorkerName
	if c.Worker == "" {
		who = s.T("casework.nobody")
	}
	risk := s.T("casework.unrated")
	if c.Risk != cases.Unrated {
		risk = s.T("case.risk." + string(c.Risk))
	}
	add := func(key, value string) {
		v.Facts = append(v.Facts, kit.Fact{Label: s.T("casework.fact." + key), Value: value})
	}
	add("worker", who)
	add("risk", risk)
	add("programme", programmeName(s, p))
	add("office", o.Name(lang))
	add("opened", dates.Format(s, dates.Of(c.OpenedAt)))
	add("origin", s.T("casework.origin."+c.Origin))
	if c.Openings > 1 {
		add("openings", s.T("casework.openings", "count", c.Openings))
	}
	if day, err := dates.Parse(c.VisitedOn); err == nil && c.VisitedOn != "" {
		add("visited", casework.Day(s, day, dates.Of(r.Now)))
	}
	if c.Closure != "" {
		reason, err := programmes.ClosureOf(r.Context(), q, c.Programme, c.Closure)
		if err != nil {
			return err
		}
		add("closure", pick(s, reason.Bn, reason.En))
	}
	pauses, err := cases.Pauses(r.Context(), q, r.Who, c.ID)
	for _, stop := range pauses {
		until := s.T("casework.until_now")
		if !stop.Until.IsZero() {
			until = dates.Format(s, stop.Until)
		}
		v.Facts = append(v.Facts, kit.Fact{Label: s.T("casework.fact.pause"), Value: s.T("casework.pause_span", "from", dates.Format(s, stop.From), "until", until), Note: stop.Reason})
	}
	return err
}

// pick is one of two texts, in the language of the reader.
func pick(s *words.Speaker, bn, en string) string {
	if s.Lang() == words.Bangla {
		return bn
	}
	return en
}

func programmeName(s *words.Speaker, p programmes.Programme) string {
	return pick(s, p.NameBn, p.NameEn)
}
