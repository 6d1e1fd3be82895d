// SPDX-License-Identifier: Apache-2.0

// Package links finds records of the register that may be of one person, and keeps
// what people decided about them.
//
// A decision is a row: same, different, same household, or cannot say; by whom,
// from which evidence, with which model. It is asked again only when there is
// other evidence. That two records are of one person can need a second person,
// and then takes effect when she agrees. What a merge does is the business of
// persons; how likely a pair is, that of matching.
package links

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/matching/index"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/ties"
)

// Answer is what somebody says of two records.
type Answer string

// The answers. Household is of two persons of one household.
const (
	Same      Answer = "same"
	Different Answer = "different"
	Household Answer = "household"
	Unsure    Answer = "unsure"
)

// Answers returns the answers in the order in which they are offered.
func Answers() []Answer { return []Answer{Same, Different, Household, Unsure} }

// State is how far a decision is.
type State string

// The states. A decision holds, or is proposed until a second person agrees;
// later it may be replaced by another, or taken back.
const (
	Holds    State = "holds"
	Proposed State = "proposed"
	Replaced State = "replaced"
)

// How says in what way a decision came about.
type How string

// The ways: at the review desk, or by who registered somebody known again.
const (
	ByReview       How = "review"
	ByRegistration How = "registration"
)

// Decision is one that was taken.
type Decision struct {
	ID       string
	Pair     ties.Pair
	Answer   Answer
	State    State
	How      How
	Bits     float64
	Model    string
	User     string
	UserName string
	At       time.Time
	evidence string
}

// Judgement is what somebody at the review desk says of two records.
type Judgement struct {
	One, Other persons.ID
	Answer     Answer
	Reason     string
}

// Decide writes down what who says of two records, both of which she sees. That
// they are of one person makes one of them, at once or when a second person says
// so too; the answer tells which.
func (f *Finder) Decide(ctx context.Context, tx *db.Tx, who access.Actor, j Judgement) (State, error) {
	if err := mayJudge(ctx, tx, who, j); err != nil {
		return "", err
	}
	reason, err := j.reason()
	if err != nil {
		return "", err
	}
	pair := ties.PairOf(string(j.One), string(j.Other))
	group, err := ties.Of(ctx, tx, pair.One)
	if err != nil {
		return "", fmt.Errorf("decide: %w", err)
	}
	if slices.Contains(group, pair.Other) {
		return "", fault.New(fault.Conflict, "person.merged_already")
	}
	if j.Answer == Same {
		if err := contradicted(ctx, tx, pair); err != nil {
			return "", err
		}
	}
	d := Decision{Pair: pair, Answer: j.Answer, State: Holds, How: ByReview}
	if err := d.weigh(ctx, tx, f); err != nil {
		return "", fmt.Errorf("decide: %w", err)
	}
	if j.Answer == Same {
		if d.State, err = d.together(ctx, tx, who); err != nil {
			return "", err
		}
	}
	if j.Answer == Same && d.State == Holds {
		if _, err := persons.Merge(ctx, tx, who, persons.Merging{One: j.One, Other: j.Other, Reason: reason}); err != nil {
			return "", err
		}
	}
	if err := d.keep(ctx, tx, who, reason); err != nil {
		return "", fmt.Errorf("decide: %w", err)
	}
	return d.State, d.record(ctx, tx, who, reason)
}

// contradicted refuses to make one person of two when somebody decided that a
// record of the one and a record of the other are of different persons.
func contradicted(ctx context.Context, q db.Reader, p ties.Pair) error {
	one, err := ties.Of(ctx, q, p.One)
	if err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	other, err := ties.Of(ctx, q, p.Other)
	if err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	var args []any
	for _, group := range []ties.Group{one, other, other, one} {
		for _, id := range group {
			args = append(args, id)
		}
	}
	var n int
	err = q.QueryRow(ctx, `SELECT count(*) FROM link_decisions WHERE ended_at IS NULL AND answer IN ('different', 'household') AND NOT (one_id = ? AND other_id = ?)
		AND (one_id IN `+db.In(len(one))+` AND other_id IN `+db.In(len(other))+` OR one_id IN `+db.In(len(other))+` AND other_id IN `+db.In(len(one))+`)`,
		append([]any{p.One, p.Other}, args...)...).Scan(&n)
	if err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	if n > 0 {
		return fault.New(fault.Conflict, "link.said_different")
	}
	return nil
}

// mayJudge refuses who does not see both records or may not judge them.
func mayJudge(ctx context.Context, tx *db.Tx, who access.Actor, j Judgement) error {
	for _, id := range []persons.ID{j.One, j.Other} {
		c, err := persons.FindCard(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !c.ErasedAt.IsZero() {
			return fault.New(fault.Invalid, "person.erased")
		}
		for _, perm := range []access.Permission{access.ReadPersons, access.ReviewMatches} {
			if err := access.CheckOn(ctx, tx, who, perm, string(id)); err != nil {
				return err
			}
		}
	}
	if j.One == j.Other {
		return fault.New(fault.Invalid, "link.one_record")
	}
	if !slices.Contains(Answers(), j.Answer) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("answer")
	}
	return nil
}

func (j Judgement) reason() (string, error) {
	reason, problem := names.CheckText(j.Reason, 500)
	if problem != "" {
		return "", fault.New(fault.Invalid, problem).With("max", 500).On("reason")
	}
	return reason, nil
}

// weigh adds what the two records say at the moment.
func (d *Decision) weigh(ctx context.Context, q db.Reader, f *Finder) error {
	records, err := features(ctx, q, oneOf([]string{d.Pair.One, d.Pair.Other}))
	if err != nil {
		return err
	}
	if len(records) != 2 {
		return fmt.Errorf("%d records to compare, want 2", len(records))
	}
	d.evidence = evidenceOf(records[0], records[1])
	if c, ok := f.compare(records[0], records[1].ID); ok {
		d.Bits, d.Model = c.Bits, f.model()
	}
	return nil
}

// compare finds how a record resembles another that is in the index.
func (f *Finder) compare(r *index.Record, other index.ID) (index.Candidate, bool) {
	f.mu.Lock()
	x := f.index
	f.mu.Unlock()
	if x == nil {
		return index.Candidate{}, false
	}
	all := x.Find(r, mostCompared)
	at := slices.IndexFunc(all, func(c index.Candidate) bool { return c.ID == other })
	if at < 0 {
		return index.Candidate{}, false
	}
	return all[at], true
}

func (f *Finder) model() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index == nil {
		return ""
	}
	return f.index.Model().Version
}

// evidenceOf is the same as long as nothing that is compared of either changes.
func evidenceOf(a, b *index.Record) string {
	if textOf(a.ID) > textOf(b.ID) {
		a, b = b, a
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", fmt.Sprintf("%+v", *a), fmt.Sprintf("%+v", *b)))
	return hex.EncodeToString(sum[:12])
}

// latest is the last decision about a pair that was not replaced.
func latest(ctx context.Context, q db.Reader, p ties.Pair) (d Decision, found bool, err error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM link_decisions WHERE one_id = ? AND other_id = ? AND ended_at IS NULL ORDER BY id DESC LIMIT 1`, p.One, p.Other)
	all, err := db.Collect(rows, err, scan)
	if err != nil || len(all) == 0 {
		return d, false, err
	}
	return all[0], true, nil
}

const columns = `id, one_id, other_id, answer, state, how, bits, model, evidence, user_id, user_name, at`

func scan(row interface{ Scan(...any) error }) (d Decision, err error) {
	var bits int64
	err = row.Scan(&d.ID, &d.Pair.One, &d.Pair.Other, &d.Answer, &d.State, &d.How, &bits, &d.Model, &d.evidence, &d.User, &d.UserName, db.Time(&d.At))
	d.Bits = float64(bits) / thousand
	return d, err
}

// thousand is by what bits are kept as whole numbers.
const thousand = 1000

// keep writes a decision in place of the one before it. The pair is judged then,
// unless a second person is waited for.
func (d *Decision) keep(ctx context.Context, tx *db.Tx, who access.Actor, reason string) error {
	d.ID, d.User, d.UserName, d.At = ids.New(tx.Now()), who.ID, who.Name, tx.Now()
	if err := d.replace(ctx, tx, who); err != nil {
		return err
	}
	var sealed []byte
	if reason != "" {
		var err error
		if sealed, err = seal.Seal(ctx, tx, d.Pair.One, "link_decisions:"+d.ID, []byte(reason)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO link_decisions (id, one_id, other_id, answer, state, how, bits, model, evidence, reason, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.Pair.One, d.Pair.Other, string(d.Answer), string(d.State), string(d.How), int64(d.Bits*thousand), d.Model, d.evidence, sealed, d.User, d.UserName, d.At)
	if err != nil || d.State == Proposed {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM link_pairs WHERE one_id = ? AND other_id = ?`, d.Pair.One, d.Pair.Other)
	return err
}

// replace ends the decision before.
func (d *Decision) replace(ctx context.Context, tx *db.Tx, who access.Actor) error {
	_, err := tx.Exec(ctx, `UPDATE link_decisions SET state = ?, ended_at = ?, second_id = ? WHERE one_id = ? AND other_id = ? AND ended_at IS NULL`,
		string(Replaced), tx.Now(), who.ID, d.Pair.One, d.Pair.Other)
	return err
}

// record enters a decision in the trail of both records, for who sees both.
func (d *Decision) record(ctx context.Context, tx *db.Tx, who access.Actor, reason string) error {
	for _, p := range [][2]string{{d.Pair.One, d.Pair.Other}, {d.Pair.Other, d.Pair.One}} {
		err := audit.Record(ctx, tx, who, access.ReviewMatches, audit.Entry{Subject: "person:" + p[0], Person: p[0],
			After: map[string]string{"with": p[1], "answer": string(d.Answer), "state": string(d.State)}, Reason: reason})
		if err != nil {
			return err
		}
	}
	return nil
}

// TakeApart says that two records which were made one are not of one person.
func (f *Finder) TakeApart(ctx context.Context, tx *db.Tx, who access.Actor, j Judgement) error {
	reason, err := j.reason()
	if err != nil {
		return err
	}
	if err := persons.Unmerge(ctx, tx, who, persons.Merging{One: j.One, Other: j.Other, Reason: reason}); err != nil {
		return err
	}
	d := Decision{Pair: ties.PairOf(string(j.One), string(j.Other)), Answer: Different, State: Holds, How: ByReview}
	if j.Answer == Household {
		d.Answer = Household
	}
	if err := d.weigh(ctx, tx, f); err != nil {
		return fmt.Errorf("take apart: %w", err)
	}
	if err := d.keep(ctx, tx, who, reason); err != nil {
		return fmt.Errorf("take apart: %w", err)
	}
	return nil
}

// together says whether what who says takes effect: she is the second who says
// so, or no second is needed.
func (d *Decision) together(ctx context.Context, tx *db.Tx, who access.Actor) (State, error) {
	before, found, err := latest(ctx, tx, d.Pair)
	if err != nil {
		return "", fmt.Errorf("decide: %w", err)
	}
	if found && before.State == Proposed && before.Answer == Same && before.evidence == d.evidence {
		if before.User == who.ID {
			return "", fault.New(fault.Conflict, "link.second_person")
		}
		return Holds, nil
	}
	needed, err := d.sensitive(ctx, tx)
	if err != nil {
		return "", fmt.Errorf("decide: %w", err)
	}
	if needed {
		return Proposed, nil
	}
	return Holds, nil
}

// sureBits is from where a pair of one organisation may be judged by one person.
const sureBits = 10

// sensitive reports whether a second person must agree that two records are of
// one: they are of different organisations, the evidence is not strong, either
// holds something of class 3, or by the lot, so that nobody learns from being
// asked for a second that there is something of class 3.
func (d *Decision) sensitive(ctx context.Context, q db.Reader) (bool, error) {
	if d.Bits < sureBits || lot(d.Pair) {
		return true, nil
	}
	var organisations, protected int
	if err := q.QueryRow(ctx, `SELECT count(DISTINCT organisation_id) FROM person_registrations WHERE person_id IN (?, ?)`, d.Pair.One, d.Pair.Other).Scan(&organisations); err != nil {
		return false, err
	}
	err := q.QueryRow(ctx, `SELECT (SELECT count(*) FROM person_claims WHERE person_id IN (?, ?) AND sealed IS NOT NULL) + (SELECT count(*) FROM person_journeys WHERE person_id IN (?, ?) AND sealed IS NOT NULL)
		+ (SELECT count(*) FROM person_functioning WHERE person_id IN (?, ?)) + (SELECT count(*) FROM files WHERE person_id IN (?, ?) AND protected = TRUE)`,
		d.Pair.One, d.Pair.Other, d.Pair.One, d.Pair.Other, d.Pair.One, d.Pair.Other, d.Pair.One, d.Pair.Other).Scan(&protected)
	return organisations > 1 || protected > 0, err
}

// lot draws one pair in three, always the same.
func lot(p ties.Pair) bool {
	sum := sha256.Sum256([]byte(p.One + " " + p.Other))
	return sum[0]%3 == 0
}
