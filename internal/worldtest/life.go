// SPDX-License-Identifier: Apache-2.0

package worldtest

import (
	"context"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/referrals"
	"fera/internal/referrals/sharing"
	"fera/internal/services"
	"fera/internal/shelters"
)

// Canary begins every text of class 3 in a Life; what follows says in which field it lies.
const Canary = "zqcanary"

// Canaries names the fields of class 3 in which a Life has a text.
func Canaries() []string {
	return []string{"ethnicity", "tongue", "account", "file-title", "file-content", "answer", "note", "rating", "goal", "step", "step-ended", "remark", "complaint", "session", "undone", "called-as", "needs", "asked", "health-note", "withdrawn"}
}

func canary(field string) string { return Canary + "-" + field }

// Life is one woman of whom somebody keeps something in every room, and a canary in every field of class 3.
type Life struct {
	Person     persons.ID
	Case       cases.ID
	Signed     files.ID // what she signed when she agreed to the plan
	Paper      files.ID // of class 3
	Assessment assessments.ID
	Services   []services.ID // of class 2, of class 3, of class 3 and undone
	Approval   string        // of money that was asked for
	Task       string        // still to be done
	Stay       shelters.StayID
	Referrals  []referrals.ID // of class 2 with something of class 3 in it; of class 3, sent and withdrawn
}

// Live makes a Life through the acts of who, a caseworker; a minute lies between one act and the next.
func Live(t testing.TB, d *db.DB, clock *dbtest.Clock, who access.Actor) Life {
	t.Helper()
	l := &Life{}
	for _, act := range []func(ctx context.Context, tx *db.Tx, who access.Actor) error{l.register, l.papers, l.begin, l.ask, l.plan, l.give, l.refer, l.goOn} {
		clock.Move(time.Minute)
		dbtest.Write(t, d, func(tx *db.Tx) error { return act(t.Context(), tx, who) })
	}
	return *l
}

func (l *Life) register(ctx context.Context, tx *db.Tx, who access.Actor) (err error) {
	r := Rahima()
	r.Values[persons.Ethnicity], r.Values[persons.MotherTongue] = canary("ethnicity"), canary("tongue")
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Relations = []persons.Relation{{Relation: "mother", Name: "Ayesha Khatun"}}
	r.Journeys = []persons.Journey{{Country: "SA", City: "Riyadh", Occupation: "9111", Departed: dates.Partial{Year: 2027, Month: 3}, Returned: dates.Partial{Year: 2030, Month: 2, Day: 11},
		Reasons: []string{"pay"}, Circumstances: &persons.Circumstances{Happened: []string{"confined"}, Account: canary("account"), Owed: 70_000}}}
	r.Functioning = &persons.Functioning{Vision: 3, Hearing: 1}
	l.Person, err = persons.Register(ctx, tx, who, r)
	return err
}

func (l *Life) papers(ctx context.Context, tx *db.Tx, who access.Actor) error {
	for _, f := range []struct {
		to        *files.ID
		title     string
		content   string
		protected bool
	}{{&l.Signed, "signed plan", "a signature", false}, {&l.Paper, canary("file-title"), canary("file-content"), true}} {
		content, err := files.Read(files.Document, []byte("%PDF-1.4\n"+f.content))
		if err != nil {
			return err
		}
		if *f.to, err = persons.AddFile(ctx, tx, who, files.Upload{Person: string(l.Person), Kind: files.Document, Protected: f.protected, Title: f.title, Content: content}); err != nil {
			return err
		}
	}
	return nil
}

func (l *Life) begin(ctx context.Context, tx *db.Tx, who access.Actor) (err error) {
	if l.Case, err = cases.Open(ctx, tx, who, cases.Opening{Person: l.Person, Programme: "reintegration", Origin: "self", Why: "wants to begin anew"}); err != nil {
		return err
	}
	if err := cases.TakeUp(ctx, tx, who, l.Case, 0); err != nil {
		return err
	}
	if err := cases.Rate(ctx, tx, who, cases.Rating{Case: l.Case, Risk: cases.High, Why: canary("rating") + " is why"}); err != nil {
		return err
	}
	for _, n := range []cases.Note{{Text: "she came with her mother"}, {Text: canary("note"), Protected: true}} {
		if err := cases.Write(ctx, tx, who, l.Case, n); err != nil {
			return err
		}
	}
	for range 2 {
		if l.Task, err = cases.Remember(ctx, tx, who, cases.Task{Case: l.Case, What: "call the bank", DueOn: dates.Partial{Year: 2030, Month: 4, Day: 1}}); err != nil {
			return err
		}
	}
	all, err := cases.TasksOf(ctx, tx, who, l.Case)
	if err != nil {
		return err
	}
	return cases.Tick(ctx, tx, who, all[0].ID)
}

// ask completes a questionnaire of class 3.
func (l *Life) ask(ctx context.Context, tx *db.Tx, who access.Actor) (err error) {
	if l.Assessment, err = assessments.Begin(ctx, tx, who, assessments.Beginning{Person: l.Person, Name: "forced_labour_indicators", Language: "en"}); err != nil {
		return err
	}
	answers := map[string]string{"ilo_deception": "yes", "ilo_deception_told": canary("answer")}
	if _, err := assessments.Save(ctx, tx, who, assessments.Answering{ID: l.Assessment, Answers: answers}); err != nil {
		return err
	}
	_, err = assessments.Finish(ctx, tx, who, assessments.Completing{ID: l.Assessment})
	return err
}

func (l *Life) plan(ctx context.Context, tx *db.Tx, who access.Actor) error {
	by := dates.Partial{Year: 2030, Month: 5, Day: 1}
	goals := []plans.Goal{
		{Dimension: plans.Economic, Level: plans.Individual, Words: "a shop of my own", Steps: []plans.Step{{What: "learn to keep books", Who: "returnee", By: by}, {What: "find a place", Who: "family", By: by}}},
		{Dimension: plans.Psychosocial, Level: plans.Individual, Words: canary("goal"), Steps: []plans.Step{{What: canary("step"), Who: "provider", By: by}}},
	}
	if _, err := plans.Draw(ctx, tx, who, plans.Drawing{Case: l.Case, Goals: goals}); err != nil {
		return err
	}
	if err := plans.Agree(ctx, tx, who, plans.Agreement{Case: l.Case, Version: 1, How: "paper", File: l.Signed}); err != nil {
		return err
	}
	p, err := plans.Look(ctx, tx, who, l.Case, 0)
	if err != nil {
		return err
	}
	for _, e := range []plans.Ending{{Step: p.Goals[0].Steps[0].ID, Why: "the course is over"}, {Step: p.Goals[1].Steps[0].ID, Why: canary("step-ended")}} {
		e.Case = l.Case
		if err := plans.End(ctx, tx, who, e); err != nil {
			return err
		}
	}
	return nil
}

func (l *Life) give(ctx context.Context, tx *db.Tx, who access.Actor) error {
	for _, g := range []services.Giving{
		{Code: "information", Remark: "on loans"},
		{Code: "counselling_individual", Remark: canary("remark"), Notes: canary("session")},
		{Code: "health_care", Details: map[string]string{"complaint": canary("complaint")}},
	} {
		g.Case = l.Case
		id, err := services.Log(ctx, tx, who, g)
		if err != nil {
			return err
		}
		l.Services = append(l.Services, id)
	}
	return services.Undo(ctx, tx, who, services.Undoing{Service: l.Services[2], Why: canary("undone")})
}

// refer asks two providers for something: one for work, with a private word beside it, one for medical care.
func (l *Life) refer(ctx context.Context, tx *db.Tx, who access.Actor) error {
	keeper := access.System(access.ManageDirectory, access.ReadDirectory)
	body, err := directory.Add(ctx, tx, keeper, directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Somebody who helps"}}}})
	if err != nil {
		return err
	}
	for _, d := range []referrals.Drafting{
		{Need: "job", Typed: sharing.Sheet{"ask": "work near her home", "help_needed": canary("asked")}},
		{Need: "health", Typed: sharing.Sheet{"ask": canary("asked"), "health_note": canary("health-note")}},
	} {
		s, err := directory.Add(ctx, tx, keeper, directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: body.ID, Name: listing.Text{En: "help"}, State: listing.Active, Needs: []string{d.Need}, Areas: []string{listing.Country}}}})
		if err != nil {
			return err
		}
		d.Case, d.Service, d.Urgency = l.Case, s.ID, "days"
		id, err := referrals.Draft(ctx, tx, who, d)
		if err != nil {
			return err
		}
		if err := referrals.Send(ctx, tx, who, referrals.Sending{ID: id, Agreed: true, Method: "spoken", Language: "bn"}); err != nil {
			return err
		}
		l.Referrals = append(l.Referrals, id)
	}
	return referrals.Withdraw(ctx, tx, who, referrals.Ending{ID: l.Referrals[1], Why: canary("withdrawn")})
}

// goOn carries the plan out: a review is held, and others are asked to let the case be closed.
func (l *Life) goOn(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if err := cases.Begun(ctx, tx, who, l.Case, 0); err != nil {
		return err
	}
	reviews, err := plans.Reviews(ctx, tx, who, l.Case)
	if err != nil {
		return err
	}
	if err := plans.Hold(ctx, tx, who, plans.Reviewing{Case: l.Case, Review: reviews[0].ID, Found: "the shop is open"}); err != nil {
		return err
	}
	stays, err := shelters.Ask(ctx, tx, who, shelters.Asking{Case: l.Case, Division: "30", Guests: []shelters.Guest{{CalledAs: canary("called-as")}}, Needs: canary("needs")})
	if err != nil {
		return err
	}
	l.Stay = stays[0]
	c, err := cases.Begin(ctx, tx, who, l.Case, cases.Acting{Act: cases.Ask})
	if err != nil {
		return err
	}
	a, err := cases.AskFor(ctx, tx, who, c, cases.Asking{Kind: cases.OfMoney, Subject: "service:" + string(l.Services[0]), Amount: 3_000_000, Why: "to buy a sewing machine"})
	l.Approval = a.ID
	return err
}
