// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/referrals/course"
	"fera/internal/seal"
)

// Purpose is the one thing that a link is for.
type Purpose string

// The purposes. A provider answers with one link and reports with another.
const (
	ToAnswer  Purpose = "answer"  // the provider accepts, declines, puts on a list or gives a day
	ToReport  Purpose = "report"  // the provider tells what came of it
	ToConfirm Purpose = "confirm" // she says whether it was so
)

// lasts is how long a link holds.
func (p Purpose) lasts() time.Duration {
	if p == ToReport {
		return 60 * 24 * time.Hour
	}
	return 14 * 24 * time.Hour
}

// acts are what a link of a purpose may do.
func (p Purpose) acts() []course.Act {
	switch p {
	case ToAnswer:
		return []course.Act{course.Accept, course.Enlist, course.Appoint, course.Decline, course.Acknowledge}
	case ToReport:
		return append(course.Reports(), course.Appoint, course.Acknowledge)
	case ToConfirm:
		return []course.Act{course.Confirm, course.Deny}
	}
	return nil
}

// The passes that an act ends: those of providers, those by which she is asked; all when empty.
const (
	answering = "answering"
	asking    = "asking"
)

// Pass is a link that was found.
type Pass struct {
	Purpose Purpose
	EndsAt  time.Time
	Spent   bool       // it did what it was for
	SpentOn course.Act // by which act
	Ended   bool       // its time is over, or what it was for is
	Mends   time.Time  // until when the report that was made by it can be taken back; zero when it cannot
	Arrival Arrival    // as the provider sees it; for her, only the number and the state. Nothing when spent or ended

	id string
	r  Referral
}

// alphabet is of what a link's secret is written: no letter looks like another.
const alphabet = "abcdefghjkmnpqrstuvwxyz012345678"

func spell(b []byte) string {
	return base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString(b)
}

// Issue makes a link for a referral. Its text is given this once; kept is only a keyed hash. A link of the same purpose that was
// made before ends.
func Issue(ctx context.Context, tx *db.Tx, who access.Actor, id ID, purpose Purpose) (secret string, ends time.Time, err error) {
	r, c, err := find(ctx, tx, who, id)
	if err != nil {
		return "", ends, err
	}
	if err := access.CheckOn(ctx, tx, who, access.SendReferral, string(c.ID)); err != nil {
		return "", ends, err
	}
	if !slices.Contains(r.Passable(), purpose) {
		return "", ends, fault.New(fault.Conflict, "referral.not_now")
	}
	secret, ends, err = r.issue(ctx, tx, who.Name, purpose)
	if err != nil {
		return "", ends, err
	}
	return secret, ends, audit.Record(ctx, tx, who, r.act(), audit.Entry{Subject: r.subject(), Person: string(r.Person), Named: []string{"link_" + string(purpose)}})
}

// Passable are the purposes for which a link makes sense now.
func (r Referral) Passable() (some []Purpose) {
	switch r.State {
	case course.Sent, course.Received:
		return []Purpose{ToAnswer}
	case course.Accepted, course.Waiting, course.Appointed, course.Reopened:
		return []Purpose{ToReport}
	case course.Served, course.Unserved:
		return []Purpose{ToConfirm}
	case course.Withdrawn:
		if !r.SentAt.IsZero() && r.Acknowledged.IsZero() {
			return []Purpose{ToAnswer}
		}
	}
	return nil
}

func (r Referral) issue(ctx context.Context, tx *db.Tx, by string, purpose Purpose) (secret string, ends time.Time, err error) {
	if _, err := tx.Exec(ctx, `UPDATE referral_passes SET ends_at = ? WHERE referral_id = ? AND purpose = ? AND spent_at IS NULL AND ends_at > ?`,
		tx.Now(), string(r.ID), string(purpose), tx.Now()); err != nil {
		return "", ends, err
	}
	var b [20]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", ends, err
	}
	secret = spell(b[:])
	hash, err := hashOf(ctx, tx, secret)
	if err != nil {
		return "", ends, err
	}
	ends = tx.Now().Add(purpose.lasts())
	if _, err := tx.Exec(ctx, `INSERT INTO referral_passes (id, referral_id, purpose, made_by, at, ends_at, spent_on) VALUES (?, ?, ?, ?, ?, ?, '')`,
		hash, string(r.ID), string(purpose), by, tx.Now(), ends); err != nil {
		return "", ends, fmt.Errorf("make link: %w", err)
	}
	return secret, ends, nil
}

// hashOf is a keyed hash: who reads the database alone can make no link.
func hashOf(ctx context.Context, q db.Reader, secret string) (string, error) {
	return seal.Blind(ctx, q, "referral_passes.id", strings.ToLower(strings.TrimSpace(secret)))
}

// endPasses ends the links that have nothing to do any more, and what was to be said with them.
func (r Referral) endPasses(ctx context.Context, tx *db.Tx, which string) error {
	cond, kinds := "", []string{"work", "work_late", "work_news", askHer}
	switch which {
	case answering:
		cond, kinds = ` AND purpose IN ('answer', 'report')`, kinds[:3]
	case asking:
		cond, kinds = ` AND purpose = 'confirm'`, kinds[3:]
	}
	if err := r.sayNoMore(ctx, tx, kinds...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE referral_passes SET ends_at = ? WHERE referral_id = ? AND spent_at IS NULL AND ends_at > ?`+cond, tx.Now(), string(r.ID), tx.Now())
	return err
}

// FindPass finds a link by its secret, without noting that somebody looked: programs that fetch what a message names change nothing.
// A link that is spent or over says only that.
func FindPass(ctx context.Context, q db.Reader, secret string) (Pass, error) {
	hash, err := hashOf(ctx, q, secret)
	if err != nil {
		return Pass{}, err
	}
	var p Pass
	var referral ID
	var spent time.Time
	err = q.QueryRow(ctx, `SELECT id, referral_id, purpose, ends_at, spent_at, spent_on FROM referral_passes WHERE id = ?`, hash).
		Scan(&p.id, &referral, &p.Purpose, db.Time(&p.EndsAt), db.NullTime(&spent), &p.SpentOn)
	if errors.Is(err, sql.ErrNoRows) {
		return Pass{}, fault.New(fault.NotFound, "referral.link_unknown")
	}
	if err != nil {
		return Pass{}, err
	}
	p.Spent, p.Ended = !spent.IsZero(), !q.Now().Before(p.EndsAt)
	if p.Spent {
		return p, p.mends(ctx, q, referral, spent)
	}
	if p.Ended {
		return p, nil
	}
	if p.r, err = read(ctx, q, referral); err != nil {
		return Pass{}, err
	}
	return p, p.show(ctx, q)
}

// show puts into a pass what it lets one see.
func (p *Pass) show(ctx context.Context, q db.Reader) error {
	if err := p.r.open(ctx, q); err != nil {
		return err
	}
	a := p.r.arrival()
	if p.Purpose == ToConfirm {
		a = Arrival{Number: a.Number, State: a.State, Version: a.Version}
		a.Acts = course.Possible(p.r.Standing(), course.Returnee)
	}
	a.Acts = slices.DeleteFunc(slices.Clone(a.Acts), func(act course.Act) bool { return !slices.Contains(p.Purpose.acts(), act) })
	a.ID = ""
	p.Arrival, p.Ended = a, len(a.Acts) == 0
	if p.Ended {
		p.Arrival = Arrival{}
	}
	return nil
}

// bearer is who acts by a link: whoever holds it.
func (p Pass) bearer() access.Actor {
	return access.Actor{ID: "link:" + string(p.Purpose), Name: "link:" + string(p.Purpose)}
}

// OpenPass opens a link and notes that the provider has received the referral.
func OpenPass(ctx context.Context, tx *db.Tx, secret string) (Pass, error) {
	p, err := FindPass(ctx, tx, secret)
	if err != nil || p.Spent || p.Ended || p.Purpose == ToConfirm {
		return p, err
	}
	tx.Allowed()
	if _, err := tx.Exec(ctx, `UPDATE referral_passes SET opened_at = COALESCE(opened_at, ?) WHERE id = ?`, tx.Now(), p.id); err != nil {
		return p, err
	}
	a, err := p.r.look(ctx, tx, p.bearer(), "link")
	if err != nil {
		return p, err
	}
	acts := p.Arrival.Acts
	p.Arrival = a
	p.Arrival.ID, p.Arrival.Acts = "", acts
	return p, nil
}

// Use does by a link the one thing that it is for; the link is spent then. Where the provider has something to do later, it is given
// the next link.
func Use(ctx context.Context, tx *db.Tx, secret string, reply Reply) (next string, err error) {
	p, err := FindPass(ctx, tx, secret)
	switch {
	case err != nil:
		return "", err
	case !p.Mends.IsZero() && reply.Act == course.Correct:
		return "", p.mend(ctx, tx, reply)
	case p.Spent:
		return "", fault.New(fault.Conflict, "referral.link_spent")
	case p.Ended:
		return "", fault.New(fault.Conflict, "referral.link_over")
	case !slices.Contains(p.Purpose.acts(), reply.Act):
		return "", fault.New(fault.Forbidden, "access.not_allowed")
	}
	tx.Allowed()
	n, err := tx.Exec(ctx, `UPDATE referral_passes SET spent_at = ?, spent_on = ? WHERE id = ? AND spent_at IS NULL`, tx.Now(), string(reply.Act), p.id)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "", fault.New(fault.Conflict, "referral.link_spent")
	}
	if p.Purpose == ToConfirm {
		return "", p.said(ctx, tx, reply)
	}
	if err := p.r.reply(ctx, tx, p.bearer(), reply, "link"); err != nil {
		return "", err
	}
	after, err := read(ctx, tx, p.r.ID)
	if err != nil || !slices.Contains(after.Passable(), ToReport) {
		return "", err
	}
	next, _, err = after.issue(ctx, tx, "link:"+string(p.Purpose), ToReport)
	return next, err
}

// said does what she said by her link.
func (p Pass) said(ctx context.Context, tx *db.Tx, reply Reply) error {
	if f := p.r.Standing().Refusal(reply.Act, course.Returnee); f != nil {
		return f
	}
	if f := text(&reply.Reason, 0, 1000, "words"); f != nil {
		return f
	}
	return p.r.hear(ctx, tx, p.bearer(), done{act: reply.Act, side: course.Returnee, way: "link", why: reply.Reason})
}

// mendable is how long a report that was made by a link can be taken back by it. Who has an account takes it back until she was asked; of who
// holds a link nobody knows afterwards who it was.
const mendable = time.Hour

// mends tells until when the report that a spent link made can be taken back: it is the last that was made, she has not answered it, and
// nobody gave her a link to.
func (p *Pass) mends(ctx context.Context, q db.Reader, id ID, spent time.Time) error {
	until := spent.Add(mendable)
	if p.Purpose != ToReport || !slices.Contains(course.Reports(), p.SpentOn) || !q.Now().Before(until) {
		return nil
	}
	r, err := read(ctx, q, id)
	if err != nil {
		return err
	}
	if !r.ToldAt.Equal(spent) || r.Standing().Refusal(course.Correct, course.Receiver) != nil {
		return nil
	}
	switch err := r.unasked(ctx, q); {
	case err == nil:
		p.r, p.Mends = r, until
	case fault.Of(err) == nil:
		return err
	}
	return nil
}

// mend takes back the report that a link made. The link is as it was before, to report anew.
func (p Pass) mend(ctx context.Context, tx *db.Tx, reply Reply) error {
	tx.Allowed()
	reply.Version = 0
	if err := p.r.reply(ctx, tx, p.bearer(), reply, "link"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE referral_passes SET spent_at = NULL, spent_on = '' WHERE id = ?`, p.id)
	return err
}
