// SPDX-License-Identifier: Apache-2.0

package handovers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/referrals/sharing"
	"fera/internal/services"
)

// Part is something of a case that is handed over or not.
type Part string

// The parts. Identity always goes along: without it nobody can be taken over.
const (
	Identity        Part = "identity"
	Contact         Part = "contact"  // the numbers that she called safe, if she agreed to be reached
	Relatives       Part = "family"   // names of parents and spouse, marriage, schooling
	Journeys        Part = "journeys" // without what happened
	Goals           Part = "goals"    // of the plan, those of class 2
	Given           Part = "services" // what she had, of class 2
	Circumstances   Part = "circumstances"
	ProtectedGoals  Part = "goals_protected"
	ProtectedGiven  Part = "services_protected"
	ReasonForRating Part = "risk" // why her case was rated as it is
)

// PartsOf returns the parts of a class, in the order in which they are shown.
func PartsOf(class int) []Part {
	if class == 3 {
		return []Part{Circumstances, ProtectedGoals, ProtectedGiven, ReasonForRating}
	}
	return []Part{Identity, Contact, Relatives, Journeys, Goals, Given}
}

// Protected tells whether a part is of class 3.
func (p Part) Protected() bool { return slices.Contains(PartsOf(3), p) }

// Content is what is sealed of a hand-over.
type Content struct {
	Why       string     `json:"why"` // the organisation that is asked reads it before it knows who she is
	Summary   string     `json:"summary,omitempty"`
	Parts     []Part     `json:"parts"` // of class 2
	Files     []files.ID `json:"files,omitempty"`
	FileNames []string   `json:"file_names,omitempty"`
	Consent   Consent    `json:"consent"`
	Request   Request    `json:"request"`
	Where     string     `json:"where,omitempty"` // of the day on which they meet
	Record    Record     `json:"record"`
}

// Consent is what she agreed to: this organisation, these parts.
type Consent struct {
	Method   string    `json:"method"` // see choices.ConsentMethods
	Language string    `json:"language"`
	Parts    []Part    `json:"parts"` // read out to her, without those of class 3
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Request is what the organisation that is asked sees before it takes the case.
type Request struct {
	Sex     string     `json:"sex"`
	AgeBand string     `json:"age_band,omitempty"`
	Risk    cases.Risk `json:"risk,omitempty"`
}

// Record is what goes into the record of who takes the case, of class 2.
type Record struct {
	Registration persons.Registration `json:"registration"`
	Plan         []plans.Goal         `json:"plan,omitempty"`
	Goals        []string             `json:"goals,omitempty"` // in her words: those of which nothing is left to do
	Given        []Gift               `json:"given,omitempty"`
}

// Gift is something that she had.
type Gift struct {
	Code     string        `json:"code"`
	On       dates.Partial `json:"on"`
	Quantity int           `json:"quantity,omitzero"`
	Amount   int64         `json:"amount,omitzero"` // in poisha
}

// secret is what goes into the record of class 3.
type secret struct {
	Parts         []Part                   `json:"parts"`
	Circumstances []*persons.Circumstances `json:"circumstances,omitempty"` // beside the journeys, in their order
	Journeys      []persons.Journey        `json:"journeys,omitempty"`      // when they were not handed over themselves
	Plan          []plans.Goal             `json:"plan,omitempty"`
	Goals         []string                 `json:"goals,omitempty"`
	Given         []Gift                   `json:"given,omitempty"`
	Rating        string                   `json:"rating,omitempty"`
	Files         []files.ID               `json:"files,omitempty"`
}

func (s secret) any() bool {
	return len(s.Circumstances)+len(s.Journeys)+len(s.Plan)+len(s.Goals)+len(s.Given)+len(s.Files) > 0 || s.Rating != ""
}

// gather puts together what is handed over of class 2.
func (h *Handover) gather(ctx context.Context, q db.Reader, who access.Actor, her persons.Person) error {
	has := func(p Part) bool { return slices.Contains(h.Parts, p) }
	h.Request = Request{Sex: string(her.Sex), Risk: h.Request.Risk}
	if _, most := her.Birth.Age(dates.Of(q.Now())); most >= 0 {
		h.Request.AgeBand = sharing.AgeBand(most)
	}
	if h.District = her.Place; len(h.District) > 4 {
		h.District = h.District[:4]
	}
	r := persons.Registration{Source: persons.Handed, Values: map[persons.Field]string{}}
	for _, f := range fields(h.Parts) {
		if v := inUse(her, f); v != "" {
			r.Values[f] = v
		}
	}
	if her.DoNotContact {
		r.Values[persons.DoNotContact] = "yes"
	}
	if has(Journeys) {
		r.Journeys = bare(her.Journeys)
	}
	h.Record = Record{Registration: r}
	if has(Goals) {
		p, err := held(func(number int) (plans.Plan, error) { return plans.Find(ctx, q, who, h.Case, number) })
		if err != nil {
			return err
		}
		h.Record.Plan, h.Record.Goals = left(p.Goals)
	}
	if has(Given) {
		all, err := services.List(ctx, q, who, h.Case, cases.Part{Limit: 200})
		if err != nil {
			return err
		}
		h.Record.Given = gifts(all)
	}
	return h.papers(ctx, q, who)
}

// fields are the values that the parts hand over.
func fields(parts []Part) []persons.Field {
	all := []persons.Field{persons.NameBn, persons.NameLatin, persons.CallName, persons.SexField, persons.Birth, persons.Home, persons.HomeText, persons.PapersHome}
	if slices.Contains(parts, Relatives) {
		all = append(all, persons.FatherName, persons.MotherName, persons.SpouseName, persons.Marital, persons.Schooling)
	}
	return all
}

func inUse(her persons.Person, f persons.Field) string {
	for _, c := range her.Claims {
		if c.Field == f && c.InUse {
			return c.Value
		}
	}
	return ""
}

// bare are journeys as a registration gives them, without what happened.
func bare(all []persons.Journey) (some []persons.Journey) {
	for _, j := range all {
		some = append(some, persons.Journey{Country: j.Country, City: j.City, Occupation: j.Occupation, Work: j.Work, Employer: j.Employer, Recruiter: j.Recruiter, LeftBy: j.LeftBy, Cost: j.Cost,
			PaidBy: j.PaidBy, Departed: j.Departed, Returned: j.Returned, Port: j.Port, Papers: j.Papers, Reasons: j.Reasons})
	}
	return some
}

// held is the plan that holds, or else the draft; of who has none, no plan.
func held(find func(number int) (plans.Plan, error)) (plans.Plan, error) {
	p, err := find(0)
	if err == nil && p.Agreed > 0 && p.Number != p.Agreed {
		p, err = find(p.Agreed)
	}
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return plans.Plan{}, nil
	}
	return p, err
}

// left are the goals that go into a plan of the other organisation, and those in her words of which nothing is left to do.
func left(goals []plans.Goal) (plan []plans.Goal, bare []string) {
	plan, done := plans.Left(goals)
	for _, g := range done {
		bare = append(bare, g.Words)
	}
	return plan, bare
}

func gifts(all []services.Service) (some []Gift) {
	for _, s := range all {
		if s.State == services.Given || s.State == services.Paid {
			some = append(some, Gift{s.Code, s.On, s.Quantity, s.Amount})
		}
	}
	return some
}

// papers refuses files that are not hers, or of another class than they were chosen as. Those of class 3 are named nowhere.
func (h *Handover) papers(ctx context.Context, q db.Reader, who access.Actor) (err error) {
	if h.FileNames, err = h.documents(ctx, q, who, false); err != nil {
		return err
	}
	_, err = h.documents(ctx, q, who, true)
	return err
}

func (h Handover) documents(ctx context.Context, q db.Reader, who access.Actor, protected bool) (names []string, err error) {
	chosen := h.Files
	if protected {
		chosen = h.secretFiles
	}
	if len(chosen) == 0 {
		return nil, nil
	}
	all, err := persons.Files(ctx, q, who, h.Person, protected)
	if err != nil {
		return nil, err
	}
	for _, id := range chosen {
		at := slices.IndexFunc(all, func(f files.File) bool { return f.ID == id && f.Kind == files.Document })
		if at < 0 {
			return nil, fault.New(fault.Invalid, "handover.file_unknown").On("files")
		}
		names = append(names, all[at].Title)
	}
	return names, nil
}

// contacts adds the numbers by which she may safely be reached. Each is opened, which the trail has; who may open none hands none over.
func (h *Handover) contacts(ctx context.Context, tx *db.Tx, who access.Actor, her persons.Person) error {
	if !slices.Contains(h.Parts, Contact) || her.DoNotContact || !her.Agreed(persons.PurposeContact) {
		return nil
	}
	may, err := access.Reaches(ctx, tx, who, access.RevealNumbers, string(her.ID))
	if err != nil || !may {
		return err
	}
	for _, c := range her.Contacts {
		if c.Safety != "safe" && c.Safety != "careful" {
			continue
		}
		number, err := persons.Reveal(ctx, tx, who, persons.RowOf{Person: her.ID, Row: persons.ContactRow, ID: c.ID})
		if err != nil {
			return err
		}
		h.Record.Registration.Contacts = append(h.Record.Registration.Contacts, persons.Contact{Kind: c.Kind, Number: number, Owner: c.Owner, Safety: c.Safety, Ways: c.Ways, Hours: c.Hours})
	}
	return nil
}

// confide gathers what is of class 3. Each look is in the trail.
func (h *Handover) confide(ctx context.Context, tx *db.Tx, who access.Actor, her persons.Person) (s secret, err error) {
	has := func(p Part) bool { return slices.Contains(h.confided, p) }
	s.Parts, s.Files = h.confided, h.secretFiles
	for _, id := range s.Files {
		if err := audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "file:" + string(id), Person: string(h.Person), Named: []string{"handover"}}); err != nil {
			return s, err
		}
	}
	if has(Circumstances) {
		p, err := persons.Look(ctx, tx, who, h.Person)
		if err != nil {
			return s, err
		}
		all := bare(her.Journeys)
		for i, j := range her.Journeys {
			c, known := p.Circumstances[j.ID]
			if s.Circumstances = append(s.Circumstances, nil); known {
				s.Circumstances[i] = &c
			}
		}
		if !slices.Contains(h.Parts, Journeys) {
			s.Journeys = all
		}
	}
	if has(ProtectedGoals) {
		p, err := held(func(number int) (plans.Plan, error) { return plans.Look(ctx, tx, who, h.Case, number) })
		if err != nil {
			return s, err
		}
		s.Plan, s.Goals = left(slices.DeleteFunc(p.Goals, func(g plans.Goal) bool { return !g.Protected }))
	}
	if has(ProtectedGiven) {
		all, err := services.Look(ctx, tx, who, h.Case, cases.Part{Limit: 200})
		if err != nil {
			return s, err
		}
		s.Given = gifts(all)
	}
	if has(ReasonForRating) {
		all, err := cases.LookAtNotes(ctx, tx, who, h.Case, cases.Part{Limit: 200})
		if err != nil {
			return s, err
		}
		if at := slices.IndexFunc(all, func(n cases.Note) bool { return n.Rating != cases.Unrated }); at >= 0 {
			s.Rating = all[at].Text
		}
	}
	return s, nil
}

// registration is what the organisation that takes the case enters of her, ready to be checked.
func (h Handover) registration(s secret) persons.Registration {
	r := h.Record.Registration
	r.Journeys = slices.Clone(r.Journeys)
	if len(r.Journeys) == 0 {
		r.Journeys = s.Journeys
	}
	for i, c := range s.Circumstances {
		if c != nil && i < len(r.Journeys) {
			r.Journeys[i].Circumstances = c
		}
	}
	yes := func(p persons.Purpose) {
		r.Consents = append(r.Consents, persons.Consent{Purpose: p, Given: true, Method: h.Consent.Method, Language: h.Consent.Language})
	}
	r.Consents = nil
	yes(persons.PurposeRegister)
	if len(r.Contacts) > 0 {
		yes(persons.PurposeContact)
	}
	if s.any() {
		yes(persons.PurposeProtected)
	}
	return r
}

// holds refuses to offer what the other organisation could not enter, so that taking the case cannot fail for it.
func (h Handover) holds(s secret, today dates.Partial) error {
	r := h.registration(s)
	if err := r.Ready(today); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	return nil
}
