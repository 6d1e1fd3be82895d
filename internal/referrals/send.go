// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/referrals/course"
)

// Sending sends a draft, as she agreed to it.
type Sending struct {
	ID       ID
	Version  int
	Agreed   bool   // she was told who gets what for which purpose, and said yes
	Method   string // how she agreed, see choices.ConsentMethods
	Language string // in which it was read out to her: bn or en
}

// Send sends a draft. What is shared is put together now and stays as it is.
func Send(ctx context.Context, tx *db.Tx, who access.Actor, s Sending) error {
	r, err := begin(ctx, tx, who, Acting{ID: s.ID, Act: course.Send, Version: s.Version})
	if err != nil {
		return err
	}
	if f := s.check(r); f != nil {
		return f
	}
	if err := r.offered(ctx, tx); err != nil {
		return err
	}
	her, err := persons.Find(ctx, tx, who, r.Person)
	if err != nil {
		return err
	}
	if err := reveal(ctx, tx, who, &her); err != nil {
		return err
	}
	r.Sheet = r.gather(her, dates.Of(tx.Now()))
	r.Consent = Consent{Method: s.Method, Language: s.Language, By: who.Name, At: tx.Now()}
	for _, f := range r.Sheet.Shown() {
		r.Consent.Fields = append(r.Consent.Fields, f.Code)
	}
	r.User, r.By = who.ID, who.Name
	if err := r.keep(ctx, tx, who, done{act: course.Send, side: course.Sender}); err != nil {
		return err
	}
	return r.tellReceivers(ctx, tx, "notice.referral_sent")
}

func (s *Sending) check(r Referral) *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !s.Agreed {
		bad("referral.consent_needed", "agreed")
	}
	if !slices.Contains(choices.ConsentMethods(), s.Method) {
		bad("fault.bad_choice", "method")
	}
	if s.Language != "bn" && s.Language != "en" {
		bad("fault.bad_choice", "language")
	}
	if len(r.Missing) > 0 && len([]rune(r.Anyway)) < 3 {
		bad("referral.papers_missing", "anyway")
	}
	return fault.Join(faults...)
}

// offered refuses to send to what is no longer offered, and finds anew whether the provider has accounts.
func (r *Referral) offered(ctx context.Context, q db.Reader) error {
	known, err := directory.Several(ctx, q, []string{r.Service})
	if err != nil {
		return err
	}
	if e := known[r.Service]; e.Service == nil || e.State != listing.Active {
		return fault.New(fault.Conflict, "referral.no_longer_offered")
	}
	return r.partner(ctx, q)
}

// reveal opens the number by which she may be reached; the trail has that it was opened. Who may see no number sends none: the
// provider reaches her through the office then.
func reveal(ctx context.Context, tx *db.Tx, who access.Actor, her *persons.Person) error {
	c := reachable(*her)
	if c.ID == "" {
		return nil
	}
	if may, err := access.Reaches(ctx, tx, who, access.RevealNumbers, string(her.ID)); err != nil || !may {
		her.Contacts = nil
		return err
	}
	number, err := persons.Reveal(ctx, tx, who, persons.RowOf{Person: her.ID, Row: persons.ContactRow, ID: c.ID})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(her.Contacts, func(o persons.Contact) bool { return o.ID == c.ID })
	her.Contacts[at].Number = number
	return nil
}

// tellReceivers leaves a notice for those who answer referrals at the provider, or has a message sent to one without accounts. The
// notice names the referral by its id.
func (r Referral) tellReceivers(ctx context.Context, tx *db.Tx, key string) error {
	if r.Partner == "" {
		return r.post(ctx, tx, letterFor(key))
	}
	scopes, err := r.receiving(ctx, tx)
	if err != nil {
		return err
	}
	users, err := accounts.WhoHolds(ctx, tx, access.AnswerReferral, scopes...)
	if err != nil {
		return err
	}
	return accounts.Tell(ctx, tx, users, key, r.subject())
}

// receiving are the offices of the provider that are told: those in the district where the service is given, or all when there is
// none there.
func (r Referral) receiving(ctx context.Context, q db.Reader) ([]access.Scope, error) {
	district := ""
	if r.Location != "" {
		known, err := directory.Several(ctx, q, []string{r.Location})
		if err != nil {
			return nil, err
		}
		if l := known[r.Location].Location; l != nil && len(l.Place) >= 4 {
			district = l.Place[:4]
		}
	}
	type office struct{ id, place string }
	rows, err := q.Query(ctx, `SELECT id, place_code FROM offices WHERE organisation_id = ? ORDER BY id`, r.Partner)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (o office, err error) { return o, row.Scan(&o.id, &o.place) })
	if err != nil {
		return nil, err
	}
	near, scopes := []access.Scope{}, []access.Scope{access.OfOrganisation(r.Partner)}
	for _, o := range all {
		scopes = append(scopes, access.AtOffice(o.id))
		if district != "" && strings.HasPrefix(o.place, district) {
			near = append(near, access.AtOffice(o.id))
		}
	}
	if len(near) > 0 {
		return near, nil
	}
	return scopes, nil
}

// tellSenders leaves a notice for who has the case.
func (r Referral) tellSenders(ctx context.Context, tx *db.Tx, key string) error {
	if r.Outside() {
		return nil
	}
	users, err := r.senders(ctx, tx)
	if err != nil {
		return err
	}
	return accounts.Tell(ctx, tx, users, key, r.subject())
}

// senders is who has the case, or who sent the referral if nobody has.
func (r Referral) senders(ctx context.Context, q db.Reader) ([]string, error) {
	worker := ""
	if err := q.QueryRow(ctx, `SELECT worker_id FROM cases WHERE id = ?`, string(r.Case)).Scan(&worker); err != nil {
		return nil, fmt.Errorf("find who has the case: %w", err)
	}
	if worker == "" {
		worker = r.User
	}
	return []string{worker}, nil
}

// Ending ends a referral before or after its time, with a reason.
type Ending struct {
	ID      ID
	Version int
	Why     string
}

// Withdraw takes a referral back. A provider that knows of it is told, and asked to say that it has seen that.
func Withdraw(ctx context.Context, tx *db.Tx, who access.Actor, e Ending) error {
	return stop(ctx, tx, who, course.Withdraw, e)
}

// Revoke notes that she takes back her consent: it ends, and the provider is told and asked to say that it has seen that.
func Revoke(ctx context.Context, tx *db.Tx, who access.Actor, e Ending) error {
	return stop(ctx, tx, who, course.Revoke, e)
}

func stop(ctx context.Context, tx *db.Tx, who access.Actor, act course.Act, e Ending) error {
	r, err := begin(ctx, tx, who, Acting{ID: e.ID, Act: act, Version: e.Version})
	if err != nil {
		return err
	}
	least := 3
	if act == course.Revoke || r.State == course.Drafted {
		least = 0 // she owes nobody a reason
	}
	if f := text(&e.Why, least, 500, "why"); f != nil {
		return f
	}
	known := !r.SentAt.IsZero()
	if err := r.keep(ctx, tx, who, done{act: act, side: course.Sender, why: e.Why}); err != nil {
		return err
	}
	if err := r.endPasses(ctx, tx, answering); err != nil || !known {
		return err
	}
	return r.tellReceivers(ctx, tx, "notice.referral_withdrawn")
}

// RevokeAll notes that she takes back her consent to all referrals of a case that are under way, of whatever class who may change. It
// returns how many ended.
func RevokeAll(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, why string) (n int, err error) {
	if _, err := cases.Find(ctx, tx, who, of); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `SELECT r.id FROM referrals r WHERE r.case_id = ? AND r.ended_at IS NULL ORDER BY r.id`, string(of))
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id ID, err error) { return id, row.Scan(&id) })
	if err != nil {
		return 0, err
	}
	for _, id := range all {
		r, _, err := find(ctx, tx, who, id)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue // it is for who sees what is protected
		}
		if err != nil {
			return n, err
		}
		if r.Standing().Refusal(course.Revoke, course.Sender) != nil {
			continue
		}
		if err := Revoke(ctx, tx, who, Ending{ID: id, Why: why}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Close ends a referral for good: what she confirmed, what was declined or not answered; what the provider reported and she was asked
// about three times without being reached.
func Close(ctx context.Context, tx *db.Tx, who access.Actor, e Ending) error {
	r, err := begin(ctx, tx, who, Acting{ID: e.ID, Act: course.Close, Version: e.Version})
	if err != nil {
		return err
	}
	if f := text(&e.Why, 0, 500, "why"); f != nil {
		return f
	}
	if err := r.keep(ctx, tx, who, done{act: course.Close, side: course.Sender, why: e.Why}); err != nil {
		return err
	}
	return r.endPasses(ctx, tx, "")
}

// Hearing is what she said when she was asked whether it was so, or that she was not reached.
type Hearing struct {
	ID      ID
	Version int
	Act     course.Act // Confirm, Deny or Try
	Way     string     // see HearingWays
	Words   string     // what she said, or why she was not reached
}

// HearingWays are the ways in which she is asked.
func HearingWays() []string { return []string{"call", "visit", "sms", "office"} }

// Hear notes what she said, as she told who works with her. A no takes up the referral again.
func Hear(ctx context.Context, tx *db.Tx, who access.Actor, h Hearing) error {
	if !slices.Contains([]course.Act{course.Confirm, course.Deny, course.Try}, h.Act) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("act")
	}
	r, err := begin(ctx, tx, who, Acting{ID: h.ID, Act: h.Act, Version: h.Version})
	if err != nil {
		return err
	}
	if !slices.Contains(HearingWays(), h.Way) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("way")
	}
	if f := text(&h.Words, 0, 1000, "words"); f != nil {
		return f
	}
	return r.hear(ctx, tx, who, done{act: h.Act, side: course.Sender, way: h.Way, why: h.Words})
}

// hear does what her answer does.
func (r *Referral) hear(ctx context.Context, tx *db.Tx, who access.Actor, d done) error {
	if err := r.keep(ctx, tx, who, d); err != nil || d.act == course.Try {
		return err
	}
	if err := r.endPasses(ctx, tx, asking); err != nil {
		return err
	}
	if d.act == course.Confirm {
		return nil
	}
	if d.side == course.Returnee {
		if err := r.tellSenders(ctx, tx, "notice.referral_denied"); err != nil {
			return err
		}
	}
	return r.tellReceivers(ctx, tx, "notice.referral_reopened")
}
