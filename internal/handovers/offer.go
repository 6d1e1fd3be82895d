// SPDX-License-Identifier: Apache-2.0

package handovers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/operations"
	"fera/internal/persons"
	"fera/internal/referrals/course"
	"fera/internal/seal"
	"fera/internal/ties"
)

// Offering is a case as it is offered to another organisation.
type Offering struct {
	Operation string     `json:"-"` // id of the act, minted by who asks; see package operations
	Case      cases.ID   `json:"case"`
	Version   int        `json:"-"`  // of the case as it was looked at; 0 stands for any
	To        string     `json:"to"` // organisation of package offices
	Urgency   string     `json:"urgency"`
	Why       string     `json:"why"` // read there before they know who she is
	Summary   string     `json:"summary,omitempty"`
	Parts     []Part     `json:"parts,omitempty"`           // beside Identity, which always goes along
	Files     []files.ID `json:"files,omitempty"`           // of class 2
	Protected []files.ID `json:"protected_files,omitempty"` // of class 3
	Agreed    bool       `json:"agreed"`                    // she was told who gets what, and said yes
	Method    string     `json:"method"`                    // how she agreed, see choices.ConsentMethods
	Language  string     `json:"language"`                  // in which it was read out to her: bn or en

	batch string
}

// Make offers a case. What is handed over is put together now and stays as it is; nobody there sees it until a caseworker takes the
// case. The act may be repeated with the same operation id.
func Make(ctx context.Context, tx *db.Tx, who access.Actor, o Offering) (ID, error) {
	content, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	h, err := o.begin(ctx, tx, who)
	if err != nil {
		return "", err
	}
	if earlier, err := operations.Once(ctx, tx, who, o.Operation, string(h.ID), content); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	her, err := h.ready(ctx, tx, who, o)
	if err != nil {
		return "", err
	}
	return h.ID, h.offer(ctx, tx, who, her)
}

// begin finds the case, and who may give it away: who may refer and may close it.
func (o Offering) begin(ctx context.Context, tx *db.Tx, who access.Actor) (h Handover, err error) {
	c, err := cases.Begin(ctx, tx, who, o.Case, cases.Acting{Act: cases.Refer, Version: o.Version})
	if err != nil {
		return h, err
	}
	if err := access.CheckOn(ctx, tx, who, access.CloseCase, string(c.ID)); err != nil {
		return h, err
	}
	h = Handover{ID: ID(ids.Beside(string(c.ID), tx.Now())), Batch: o.batch, Case: c.ID, Person: c.Person, From: c.Organisation, FromOffice: c.Office, User: who.ID, By: who.Name, To: o.To,
		Programme: c.Programme, Urgency: o.Urgency, State: Offered, OfferedAt: tx.Now(), Since: tx.Now(), Version: 1}
	h.Request.Risk = c.Risk
	return h, nil
}

// ready checks an offer and gathers of it what is of class 2, writing nothing.
func (h *Handover) ready(ctx context.Context, tx *db.Tx, who access.Actor, o Offering) (her persons.Person, err error) {
	if f := o.check(); f != nil {
		return her, f
	}
	if err := h.reachable(ctx, tx); err != nil {
		return her, err
	}
	if err := h.alone(ctx, tx); err != nil {
		return her, err
	}
	if her, err = persons.Find(ctx, tx, who, h.Person); err != nil {
		return her, err
	}
	h.Why, h.Summary, h.Files, h.secretFiles = o.Why, o.Summary, o.Files, o.Protected
	for _, p := range append(PartsOf(2), PartsOf(3)...) {
		switch wanted := slices.Contains(o.Parts, p); {
		case p.Protected() && wanted:
			h.confided = append(h.confided, p)
		case p == Identity || wanted:
			h.Parts = append(h.Parts, p)
		}
	}
	if err := h.mayConfide(ctx, tx, who, her); err != nil {
		return her, err
	}
	h.Consent = Consent{Method: o.Method, Language: o.Language, Parts: slices.Clone(h.Parts), By: who.Name, At: tx.Now()}
	return her, h.gather(ctx, tx, who, her)
}

func (o *Offering) check() *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !o.Agreed {
		bad("handover.consent_needed", "agreed")
	}
	if !slices.Contains(choices.ConsentMethods(), o.Method) {
		bad("fault.bad_choice", "method")
	}
	if o.Language != "bn" && o.Language != "en" {
		bad("fault.bad_choice", "language")
	}
	if _, ok := course.Standard().Urgent(o.Urgency); !ok {
		bad("fault.bad_choice", "urgency")
	}
	for _, p := range o.Parts {
		if !slices.Contains(append(PartsOf(2), PartsOf(3)...), p) {
			bad("fault.bad_choice", "parts")
		}
	}
	if len(o.Files)+len(o.Protected) > 20 {
		faults = append(faults, fault.New(fault.Invalid, "fault.too_many").With("max", 20).On("files"))
	}
	faults = append(faults, text(&o.Why, 3, 500, "why"), text(&o.Summary, 0, 5000, "summary"))
	return fault.Join(faults...)
}

// reachable refuses organisations that nobody could take a case at, and one's own.
func (h Handover) reachable(ctx context.Context, q db.Reader) error {
	if h.To == h.From || ids.IsApart(string(h.ID)) {
		return fault.New(fault.Invalid, "handover.own_organisation").On("to")
	}
	able, err := h.takers(ctx, q)
	if err == nil && len(able) == 0 {
		err = fault.New(fault.Invalid, "handover.organisation_unknown").On("to")
	}
	return err
}

// takers are the users of the other organisation who could take a case.
func (h Handover) takers(ctx context.Context, q db.Reader) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT id FROM offices WHERE organisation_id = ? ORDER BY id`, h.To)
	scopes, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (access.Scope, error) {
		id := ""
		err := row.Scan(&id)
		return access.AtOffice(id), err
	})
	if err != nil || len(scopes) == 0 {
		return nil, err
	}
	scopes = append(scopes, access.OfOrganisation(h.To))
	able, err := accounts.WhoHolds(ctx, q, access.OpenCase, scopes...)
	if err != nil {
		return nil, err
	}
	asked, err := accounts.WhoHolds(ctx, q, access.AnswerReferral, scopes...)
	return slices.DeleteFunc(able, func(u string) bool { return !slices.Contains(asked, u) }), err
}

// Organisations returns those to which a case can be offered by who: all others at which somebody could take it.
func Organisations(ctx context.Context, q db.Reader, who access.Actor) (some []offices.Organisation, err error) {
	all, err := offices.Organisations(ctx, q, access.System(access.ReadOffices))
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.ID == who.Organisation || ids.IsApart(o.ID) {
			continue
		}
		able, err := Handover{To: o.ID}.takers(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(able) > 0 {
			some = append(some, o)
		}
	}
	return some, nil
}

// alone refuses somebody who is in a hand-over already, by whichever of her records.
func (h Handover) alone(ctx context.Context, q db.Reader) error {
	group, err := ties.Of(ctx, q, string(h.Person))
	if err != nil {
		return err
	}
	args := make([]any, len(group))
	for i, id := range group {
		args[i] = id
	}
	var n, mine int
	err = q.QueryRow(ctx, `SELECT count(*), COALESCE(sum(CASE WHEN from_organisation = ? THEN 1 ELSE 0 END), 0) FROM handovers WHERE ended_at IS NULL AND person_id IN `+db.In(len(args)),
		append([]any{h.From}, args...)...).Scan(&n, &mine)
	switch {
	case err != nil || n == 0:
		return err
	case mine == 0: // of another organisation: that there is one is not for who asks
		return fault.New(fault.Conflict, "handover.not_possible")
	}
	return fault.New(fault.Conflict, "handover.already")
}

// mayConfide refuses parts and files of class 3 of who does not see them, and of somebody who did not agree that such things are written down.
func (h Handover) mayConfide(ctx context.Context, q db.Reader, who access.Actor, her persons.Person) error {
	if len(h.confided)+len(h.secretFiles) == 0 {
		return nil
	}
	sees, _, err := access.SeesProtected(ctx, q, who, string(h.Person))
	switch {
	case err != nil:
		return err
	case !sees:
		return fault.New(fault.Forbidden, "person.protected_not_allowed")
	case !her.Agreed(persons.PurposeProtected):
		return fault.New(fault.Invalid, "person.protected_consent_needed").On("parts")
	}
	return nil
}

// offer adds the numbers and what is of class 3, and writes the hand-over.
func (h *Handover) offer(ctx context.Context, tx *db.Tx, who access.Actor, her persons.Person) error {
	if err := h.contacts(ctx, tx, who, her); err != nil {
		return err
	}
	s, err := h.confide(ctx, tx, who, her)
	if err != nil {
		return err
	}
	if err := h.holds(s, dates.Of(tx.Now())); err != nil {
		return err
	}
	if s.any() {
		if h.protected, err = seal.JSON(ctx, tx, string(h.Person), "handovers.protected:"+string(h.ID), s); err != nil {
			return err
		}
	}
	if err := h.reckon(ctx, tx); err != nil {
		return err
	}
	if err := h.insert(ctx, tx); err != nil {
		return fmt.Errorf("offer case: %w", err)
	}
	if err := h.happened(ctx, tx, who, done{act: Offer, side: Giver}); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, who, access.SendReferral, audit.Entry{Subject: h.subject(), Person: string(h.Person), Named: []string{string(Offer)}}); err != nil {
		return err
	}
	if err := cases.Touch(ctx, tx, h.Case); err != nil {
		return err
	}
	return h.tellTakers(ctx, tx, "notice.handover_offered")
}

func (h *Handover) insert(ctx context.Context, tx *db.Tx) error {
	sealed, err := seal.JSON(ctx, tx, string(h.Person), "handovers.sealed:"+string(h.ID), h.Content)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO handovers (id, batch_id, case_id, person_id, from_organisation, from_office, user_id, user_name, to_organisation, to_office, taker_id, taker_name, new_person, new_case,
		programme, district, urgency, state, due_on, alarm_to, alarm_at, offered_at, since_at, sealed, protected, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(h.ID), h.Batch, string(h.Case), string(h.Person), h.From, h.FromOffice, h.User, h.By, h.To, h.Programme, h.District, h.Urgency, string(h.State), h.DueOn, h.alarmTo, orNull(h.alarmAt),
		h.OfferedAt, h.Since, sealed, h.protected, h.Version)
	if err == nil && n == 0 { // another offered her at the same moment
		err = fault.New(fault.Conflict, "handover.already")
	}
	return err
}

// Preview is what would be handed over: who looks sees no more than the numbers masked, and of class 3 which parts alone.
func Preview(ctx context.Context, tx *db.Tx, who access.Actor, o Offering) (Handover, error) {
	h, err := o.begin(ctx, tx, who)
	if err != nil {
		return h, err
	}
	o.Agreed, o.Method, o.Language = true, "spoken", "bn" // she is asked when it is known what
	if _, err := h.ready(ctx, tx, who, o); err != nil {
		return h, err
	}
	return h, nil
}
