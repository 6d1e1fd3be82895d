// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/operations"
	"fera/internal/persons"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/seal"
)

// Drafting is a referral as somebody writes it.
type Drafting struct {
	Operation string        `json:"-"` // id of the act, minted by who asks; see package operations
	Case      cases.ID      `json:"case"`
	Service   string        `json:"service"` // entry of the directory
	Location  string        `json:"location,omitempty"`
	Need      string        `json:"need"`
	Urgency   string        `json:"urgency"`
	Share     []string      `json:"share,omitempty"`  // fields beside those that are always shared
	Typed     sharing.Sheet `json:"typed,omitempty"`  // what is written for this provider
	Papers    []string      `json:"papers,omitempty"` // those that she has, of those that the service asks for
	Anyway    string        `json:"anyway,omitempty"` // why she is sent although papers are missing
}

// Draft begins a referral. Nobody but who sees the case knows of it until it is sent. The act may be repeated with the same
// operation id.
func Draft(ctx context.Context, tx *db.Tx, who access.Actor, d Drafting) (ID, error) {
	c, err := cases.Begin(ctx, tx, who, d.Case, cases.Acting{Act: actFor(d.Need)})
	if err != nil {
		return "", err
	}
	r := Referral{ID: ID(ids.Beside(string(c.ID), tx.Now())), Case: c.ID, Person: c.Person, registration: c.Registration, From: c.Organisation, FromOffice: c.Office, User: who.ID, By: who.Name,
		State: course.Drafted, DraftedAt: tx.Now(), Since: tx.Now(), DueOn: cases.Never, Version: 1}
	content, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	if earlier, err := operations.Once(ctx, tx, who, d.Operation, string(r.ID), content); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	if err := r.take(ctx, tx, who, d); err != nil {
		return "", err
	}
	if r.Number, err = newNumber(ctx, tx); err != nil {
		return "", err
	}
	if err := r.insert(ctx, tx); err != nil {
		return "", fmt.Errorf("draft referral: %w", err)
	}
	return r.ID, audit.Record(ctx, tx, who, r.act(), audit.Entry{Subject: r.subject(), Person: string(r.Person), Named: []string{"draft"}})
}

// Redraft writes a draft anew, as it was looked at.
func Redraft(ctx context.Context, tx *db.Tx, who access.Actor, a Acting, d Drafting) error {
	a.Act = course.Change
	r, err := begin(ctx, tx, who, a)
	if err != nil {
		return err
	}
	if d.Case != r.Case {
		return notFound()
	}
	if r.Protected && !sharing.Protected(d.Need) || !r.Protected && sharing.Protected(d.Need) {
		return fault.New(fault.Invalid, "referral.begin_anew").On("need")
	}
	if err := r.take(ctx, tx, who, d); err != nil {
		return err
	}
	return r.keep(ctx, tx, who, done{act: course.Change, side: course.Sender, quiet: true})
}

// actFor is the act on the case that a referral for a need is.
func actFor(need string) cases.Act {
	if sharing.Protected(need) {
		return cases.ReferProtected
	}
	return cases.Refer
}

// take puts into the referral what was written, or refuses it.
func (r *Referral) take(ctx context.Context, q db.Reader, who access.Actor, d Drafting) error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if _, ok := listing.NeedOf(d.Need); !ok || !sharing.Knows(d.Need) {
		bad("referral.need_unknown", "need")
	}
	if _, ok := course.Standard().Urgent(d.Urgency); !ok {
		bad("fault.bad_choice", "urgency")
	}
	if f := text(&d.Anyway, 0, 500, "anyway"); f != nil {
		faults = append(faults, f)
	}
	typed := sharing.Sheet{}
	for code, value := range d.Typed {
		if f, ok := sharing.FieldOf(code); ok && f.Typed {
			typed[code] = value
		}
	}
	if strings.TrimSpace(typed["ask"]) == "" {
		bad("fault.needed", "ask")
	}
	if f := typed.Check(d.Need); f != nil {
		faults = append(faults, f)
	}
	for _, code := range d.Share {
		if !slices.ContainsFunc(sharing.For(d.Need), func(f sharing.Field) bool { return f.Code == code }) {
			bad("referral.not_for_this_need", "share")
		}
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	r.Need, r.Urgency, r.Protected = d.Need, d.Urgency, sharing.Protected(d.Need)
	r.Sheet, r.Fields, r.Anyway = typed, slices.Clone(d.Share), d.Anyway
	if err := r.protect(ctx, q, who); err != nil {
		return err
	}
	return r.address(ctx, q, d)
}

// protect refuses what is of class 3 where she did not agree that such things are written down, and to who may not enter them.
func (r *Referral) protect(ctx context.Context, q db.Reader, who access.Actor) error {
	her, err := persons.Find(ctx, q, who, r.Person)
	if err != nil {
		return err
	}
	r.district = her.Place
	if len(r.district) > 4 {
		r.district = r.district[:4]
	}
	if !r.hidden() {
		return nil
	}
	may, err := access.Reaches(ctx, q, who, access.ChangeProtected, string(r.Person))
	switch {
	case err != nil:
		return err
	case !may:
		return fault.New(fault.Forbidden, "person.protected_not_allowed")
	case !her.Agreed(persons.PurposeProtected):
		return fault.New(fault.Invalid, "person.protected_consent_needed").On("need")
	}
	return nil
}

// address says to whom it goes: a service that is offered, for this need, at one of its places.
func (r *Referral) address(ctx context.Context, q db.Reader, d Drafting) error {
	known, err := directory.Several(ctx, q, []string{d.Service})
	if err != nil {
		return err
	}
	e, ok := known[d.Service]
	if !ok || e.Service == nil || e.State != listing.Active {
		return fault.New(fault.Invalid, "referral.service_unknown").On("service")
	}
	s := e.Service
	if !slices.Contains(s.Needs, d.Need) {
		return fault.New(fault.Invalid, "referral.service_other_need").On("service")
	}
	if d.Location != "" && !slices.ContainsFunc(s.At, func(o listing.Offer) bool { return o.Location == d.Location }) {
		return fault.New(fault.Invalid, "referral.service_elsewhere").On("location")
	}
	r.Service, r.Location, r.Organisation = d.Service, d.Location, s.Organisation
	r.Papers, r.Missing = nil, nil
	for _, p := range s.Papers {
		switch {
		case p.Code == "":
		case slices.Contains(d.Papers, p.Code):
			r.Papers = append(r.Papers, p.Code)
		default:
			r.Missing = append(r.Missing, p.Code)
		}
	}
	return r.partner(ctx, q)
}

// partner finds whether the provider has accounts. What is made up goes to nobody.
func (r *Referral) partner(ctx context.Context, q db.Reader) error {
	known, err := directory.Several(ctx, q, []string{r.Organisation})
	if err != nil {
		return err
	}
	r.Partner = ""
	if e := known[r.Organisation]; e.Organisation != nil && !ids.IsApart(string(r.ID)) {
		r.Partner = e.Organisation.Partner
	}
	return nil
}

// Preview is what would be shared if a draft were sent now. Numbers are masked: they are opened when it is sent.
func Preview(ctx context.Context, q db.Reader, who access.Actor, r Referral) (sharing.Sheet, error) {
	her, err := persons.Find(ctx, q, who, r.Person)
	if err != nil {
		return nil, err
	}
	if r.district == "" {
		r.district = her.Place[:min(len(her.Place), 4)]
	}
	return r.gather(her, dates.Of(q.Now())), nil
}

// gather puts together what is shared: what always is, what was chosen, what was typed.
func (r Referral) gather(her persons.Person, today dates.Partial) sharing.Sheet {
	all := sharing.Sheet{"sex": string(her.Sex), "district": r.district, "birth": her.Birth.String(), "home": her.Place, "papers": strings.Join(r.Papers, ","),
		"name": strings.Trim(her.NameBn+" / "+her.NameLatin, " /"), "contact": shared(reachable(her)), "schooling": inUse(her, persons.Schooling)}
	if _, most := her.Birth.Age(today); most >= 0 {
		all["age_band"] = sharing.AgeBand(most)
	}
	if n := len(her.Journeys); n > 0 {
		last := slices.MaxFunc(her.Journeys, func(a, b persons.Journey) int { return strings.Compare(a.Returned.String(), b.Returned.String()) })
		all["country"], all["returned_on"], all["occupation"] = last.Country, last.Returned.String(), last.Occupation
	}
	for code, value := range r.Sheet {
		all[code] = value
	}
	some := sharing.Sheet{}
	for _, f := range sharing.For(r.Need) {
		if all[f.Code] != "" && (f.Typed || slices.Contains(sharing.Always(), f.Code) || slices.Contains(r.Fields, f.Code)) {
			some[f.Code] = all[f.Code]
		}
	}
	return some
}

func inUse(her persons.Person, f persons.Field) string {
	for _, c := range her.Claims {
		if c.Field == f && c.InUse {
			return c.Value
		}
	}
	return ""
}

// reachable is the contact by which a provider may reach her: one that she called safe, her own before others. There may be none;
// then the provider reaches her through who sent it.
func reachable(her persons.Person) (best persons.Contact) {
	if her.DoNotContact || !her.Agreed(persons.PurposeContact) {
		return best
	}
	for _, c := range her.Contacts {
		switch {
		case c.Safety != "safe" || c.Kind == "email":
		case best.ID == "" || c.Owner == "own" && best.Owner != "own":
			best = c
		}
	}
	return best
}

// shared writes a contact as its field holds it: number, whose it is, in which ways and when it is safe; nothing when there is none.
func shared(c persons.Contact) string {
	if c.ID == "" {
		return "office"
	}
	number := c.Number
	if number == "" {
		number = "…" + c.Last
	}
	return strings.Join([]string{number, c.Owner, strings.Join(c.Ways, ","), strings.ReplaceAll(c.Hours, ";", ",")}, ";")
}

func (r *Referral) insert(ctx context.Context, tx *db.Tx) error {
	sealed, err := r.seal(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO referrals (id, number, case_id, person_id, registration_id, from_organisation, from_office, user_id, user_name, to_organisation, to_partner, need, service_id,
		protected, district, urgency, state, outcome, answer, tries, rounds, silent, due_on, alarm_to, alarm_at, drafted_at, since_at, sent_at, sealed, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(r.ID), r.Number, string(r.Case), string(r.Person), r.registration, r.From, r.FromOffice, r.User, r.By, r.Organisation, r.Partner, r.need, r.service,
		r.Protected, r.district, r.Urgency, string(r.State), false, r.DueOn, r.alarmTo, orNull(r.alarmAt), r.DraftedAt, r.Since, orNull(r.SentAt), sealed, r.Version)
	return err
}

// seal closes the content, and leaves in clear what may stand there.
func (r *Referral) seal(ctx context.Context, q db.Reader) ([]byte, error) {
	r.need, r.service = r.Need, r.Service
	if r.Protected {
		r.need, r.service = "", ""
	}
	return seal.JSON(ctx, q, r.keyholder(), "referrals.sealed:"+string(r.ID), r.Content)
}
