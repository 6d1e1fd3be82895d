// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/offices"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/seal"
)

// Bringing is a referral that another network sends to an organisation here. Behind it is no case and no person of the register:
// all that is known of her is the sheet, sealed under a key of the referral itself.
type Bringing struct {
	Reference string        `json:"reference"` // the network's own; the same one twice is the same referral
	Service   string        `json:"service"`   // entry of the directory
	Location  string        `json:"location,omitempty"`
	Need      string        `json:"need"`
	Urgency   string        `json:"urgency"`
	Sheet     sharing.Sheet `json:"sheet"` // both stages
	Papers    []string      `json:"papers,omitempty"`
	Statement Statement     `json:"statement"`
}

// Statement is what the network says of her consent: it asked her, not we.
type Statement struct {
	Agreed   bool          `json:"agreed"`
	Method   string        `json:"method"` // see choices.ConsentMethods
	Language string        `json:"language"`
	By       string        `json:"by"` // who asked her
	On       dates.Partial `json:"on"` // a day
}

// Bring takes in what another network asks for. It comes to the inbox of the organisation that gives the service, as the minimum
// first. What was brought before under the same reference is that referral.
func Bring(ctx context.Context, tx *db.Tx, who access.Actor, b Bringing) (ID, error) {
	if err := access.Check(tx, who, access.BringReferral, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return "", err
	}
	content, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	if f := b.check(tx.Now()); f != nil {
		return "", f
	}
	from := origin{organisation: who.Organisation}
	if err := from.hash(ctx, tx, b.Reference, content); err != nil {
		return "", err
	}
	if earlier, err := from.earlier(ctx, tx); err != nil || earlier != "" {
		if err == nil {
			tx.Recorded() // the trail has the act already
		}
		return earlier, err
	}
	r := Referral{ID: ID(ids.New(tx.Now())), User: who.ID, By: who.Name, Urgency: b.Urgency, Protected: sharing.Protected(b.Need), State: course.Drafted, DraftedAt: tx.Now(), Since: tx.Now(),
		DueOn: cases.Never, Version: 1}
	if err := r.fill(ctx, tx, who, b); err != nil {
		return "", err
	}
	if err := r.enter(ctx, tx, from); err != nil {
		return "", fmt.Errorf("bring referral: %w", err)
	}
	if err := r.keep(ctx, tx, who, done{act: course.Send, side: course.Sender, way: "api"}); err != nil {
		return "", err
	}
	return r.ID, r.tellReceivers(ctx, tx, "notice.referral_sent")
}

func (b *Bringing) check(now time.Time) *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if f := text(&b.Reference, 1, 100, "reference"); f != nil {
		faults = append(faults, f)
	}
	if _, ok := listing.NeedOf(b.Need); !ok || !sharing.Knows(b.Need) {
		bad("referral.need_unknown", "need")
	}
	if _, ok := course.Standard().Urgent(b.Urgency); !ok {
		bad("fault.bad_choice", "urgency")
	}
	if strings.TrimSpace(b.Sheet["ask"]) == "" {
		bad("fault.needed", "ask")
	}
	faults = append(faults, b.Sheet.Check(b.Need), b.Sheet.CheckValues(), b.Statement.check(now))
	return fault.Join(faults...)
}

func (s *Statement) check(now time.Time) *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !s.Agreed {
		bad("referral.statement_needed", "agreed")
	}
	if !slices.Contains(choices.ConsentMethods(), s.Method) {
		bad("fault.bad_choice", "method")
	}
	if s.Language != "bn" && s.Language != "en" {
		bad("fault.bad_choice", "language")
	}
	if f := text(&s.By, 1, 100, "by"); f != nil {
		faults = append(faults, f)
	}
	if s.On.Precision() != dates.Day || s.On.String() > dates.Of(now).String() {
		bad("referral.statement_day", "on")
	}
	return fault.Join(faults...)
}

// fill puts into the referral what was brought.
func (r *Referral) fill(ctx context.Context, q db.Reader, who access.Actor, b Bringing) error {
	r.Need, r.Reference, r.Sheet = b.Need, b.Reference, b.Sheet
	if r.district = b.Sheet["district"]; len(r.district) > 4 {
		r.district = r.district[:4]
	}
	r.Consent = Consent{Method: b.Statement.Method, Language: b.Statement.Language, By: b.Statement.By, At: b.Statement.On.Start()}
	for _, f := range r.Sheet.Shown() {
		r.Consent.Fields = append(r.Consent.Fields, f.Code)
	}
	if err := r.address(ctx, q, Drafting{Service: b.Service, Location: b.Location, Need: b.Need, Papers: b.Papers}); err != nil {
		return err
	}
	if r.Partner == "" || r.Partner == who.Organisation {
		return fault.New(fault.Invalid, "referral.not_with_us").On("service")
	}
	o, err := offices.FindOrganisation(ctx, q, access.System(access.ReadOffices), who.Organisation)
	if err != nil {
		return err
	}
	r.From = o.Name("en")
	return nil
}

// enter stores what was brought, with a key of its own and where it is from.
func (r *Referral) enter(ctx context.Context, tx *db.Tx, from origin) (err error) {
	if err := seal.NewKey(ctx, tx, r.Partner, r.subject()); err != nil {
		return err
	}
	if r.Number, err = newNumber(ctx, tx); err != nil {
		return err
	}
	if err := r.insert(ctx, tx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO referral_arrivals (referral_id, organisation_id, reference, digest) VALUES (?, ?, ?, ?)`, string(r.ID), from.organisation, from.reference, from.digest)
	if err != nil {
		return err
	}
	return r.publish(ctx, tx, Referral{}, course.Send)
}

// origin is where a referral is from that was brought: of reference and content only keyed hashes.
type origin struct{ organisation, reference, digest string }

func (o *origin) hash(ctx context.Context, q db.Reader, reference string, content []byte) (err error) {
	if o.reference, err = seal.Blind(ctx, q, "referral_arrivals.reference", o.organisation+" "+reference); err != nil {
		return err
	}
	if content != nil {
		o.digest, err = seal.Blind(ctx, q, "referral_arrivals.digest", string(content))
	}
	return err
}

// earlier finds what was brought under the same reference. Other content under it is refused.
func (o origin) earlier(ctx context.Context, q db.Reader) (id ID, err error) {
	digest := ""
	err = q.QueryRow(ctx, `SELECT referral_id, digest FROM referral_arrivals WHERE organisation_id = ? AND reference = ?`, o.organisation, o.reference).Scan(&id, &digest)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", err
	case o.digest != "" && digest != o.digest:
		return "", fault.New(fault.Conflict, "referral.reference_used").On("reference")
	}
	return id, nil
}

// Brought is a referral as the network sees it that brought it: where it stands, and what was done.
type Brought struct {
	Referral
	Events []Event // nothing in a list
}

// brought finds a referral that who's organisation brought.
func brought(ctx context.Context, q db.Reader, who access.Actor, id ID) (Referral, error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM referral_arrivals WHERE referral_id = ? AND organisation_id = ?`, string(id), who.Organisation).Scan(&n); err != nil {
		return Referral{}, err
	}
	if n == 0 || !who.Holds(access.BringReferral) {
		return Referral{}, notFound()
	}
	r, err := read(ctx, q, id)
	if err != nil {
		return r, err
	}
	return r, r.open(ctx, q)
}

// FindBrought returns a referral that who's organisation brought, with what was done and why. It may be asked as often as one likes:
// asking changes nothing.
func FindBrought(ctx context.Context, q db.Reader, who access.Actor, id ID) (Brought, error) {
	r, err := brought(ctx, q, who, id)
	if err != nil {
		return Brought{}, err
	}
	events, err := r.events(ctx, q)
	return Brought{r, events}, err
}

// ListBrought returns the referrals that who's organisation brought, the latest first; with a reference, only the one under it.
func ListBrought(ctx context.Context, q db.Reader, who access.Actor, reference string, part cases.Part) ([]Brought, error) {
	if !who.Holds(access.BringReferral) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	cond, before, limit := ``, "", 0
	before, limit = part.Range()
	args := []any{who.Organisation, before}
	if reference != "" {
		from := origin{organisation: who.Organisation}
		if err := from.hash(ctx, q, names.Clean(reference), nil); err != nil {
			return nil, err
		}
		cond, args = ` AND a.reference = ?`, append(args, from.reference)
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM referral_arrivals a JOIN referrals r ON r.id = a.referral_id WHERE a.organisation_id = ? AND a.referral_id < ?`+cond+
		` ORDER BY a.referral_id DESC LIMIT ?`, append(args, limit)...)
	found, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list referrals: %w", err)
	}
	all := make([]Brought, len(found))
	for i, r := range found {
		if err := r.open(ctx, q); err != nil {
			return nil, err
		}
		all[i] = Brought{Referral: r}
	}
	return all, nil
}

// Following is what a network does with a referral that it brought.
type Following struct {
	ID      ID
	Version int
	Act     course.Act // see FollowingActs
	Words   string     // why, or what she said
}

// FollowingActs are what a network may do with what it brought: it alone speaks with her.
func FollowingActs() []course.Act {
	return []course.Act{course.Withdraw, course.Revoke, course.Try, course.Confirm, course.Deny, course.Close}
}

// Follow does what a network does with a referral that it brought: take it back, tell what she said, end it.
func Follow(ctx context.Context, tx *db.Tx, who access.Actor, f Following) error {
	r, err := brought(ctx, tx, who, f.ID)
	if err != nil {
		return err
	}
	if f.Version != 0 && f.Version != r.Version {
		return changedMeanwhile()
	}
	if !slices.Contains(FollowingActs(), f.Act) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("act")
	}
	if refusal := r.Standing().Refusal(f.Act, course.Sender); refusal != nil {
		return refusal
	}
	least := 0
	if f.Act == course.Withdraw {
		least = 3
	}
	if wrong := text(&f.Words, least, 1000, "words"); wrong != nil {
		return wrong
	}
	if err := access.Check(tx, who, access.BringReferral, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return err
	}
	what := done{act: f.Act, side: course.Sender, way: "api", why: f.Words}
	if slices.Contains([]course.Act{course.Try, course.Confirm, course.Deny}, f.Act) {
		return r.hear(ctx, tx, who, what)
	}
	if err := r.keep(ctx, tx, who, what); err != nil {
		return err
	}
	if f.Act == course.Close {
		return r.endPasses(ctx, tx, "")
	}
	if err := r.endPasses(ctx, tx, answering); err != nil {
		return err
	}
	return r.tellReceivers(ctx, tx, "notice.referral_withdrawn")
}

// discardBrought destroys what is known of people whom other networks sent, some time after the referral ended or nothing more was
// expected of the organisation here. That there was one stays, for the totals.
func discardBrought(ctx context.Context, d *db.DB) (n int, err error) {
	for {
		some := 0
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			before := tx.Now().AddDate(0, 0, -course.Standard().KeepBrought)
			rows, err := tx.Query(ctx, `SELECT `+columns+` FROM referral_arrivals a JOIN referrals r ON r.id = a.referral_id WHERE a.discarded_at IS NULL
				AND (r.ended_at <= ? OR r.since_at <= ? AND r.state IN ('served', 'unserved', 'confirmed', 'declined', 'expired')) ORDER BY r.id LIMIT ?`, before, before, atOnce)
			all, err := db.Collect(rows, err, scan)
			if err != nil {
				return err
			}
			some = len(all)
			for _, r := range all {
				if err := r.discard(ctx, tx); err != nil {
					return fmt.Errorf("discard referral: %w", err)
				}
			}
			return nil
		})
		n += some
		if err != nil || some < atOnce {
			return n, err
		}
	}
}

func (r Referral) discard(ctx context.Context, tx *db.Tx) error {
	before := r
	if r.EndedAt.IsZero() {
		r.State, r.EndedAt = course.Closed, tx.Now()
	}
	if r.State == course.Withdrawn && r.Acknowledged.IsZero() {
		r.Acknowledged = tx.Now() // nobody can keep any more what there is nothing of
	}
	if err := flow(ctx, tx, before, r); err != nil {
		return err
	}
	if err := r.blank(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE referral_arrivals SET discarded_at = ? WHERE referral_id = ?`, tx.Now(), string(r.ID)); err != nil {
		return err
	}
	return seal.Discard(ctx, tx, r.subject())
}
