// SPDX-License-Identifier: Apache-2.0

package handovers

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/operations"
)

// Many offers many cases to one organisation for one reason, such as an office that closes.
type Many struct {
	Operation string  `json:"-"` // id of the act, minted by who asks
	To        string  `json:"to"`
	Urgency   string  `json:"urgency"`
	Why       string  `json:"why"`
	Parts     []Part  `json:"parts,omitempty"` // of class 2: what is of class 3 is chosen for each alone
	Asked     []Asked `json:"asked"`
}

// Asked is one of the cases, with what she said.
type Asked struct {
	Case     cases.ID `json:"case"`
	Agreed   bool     `json:"agreed"`
	Method   string   `json:"method,omitempty"`
	Language string   `json:"language,omitempty"`
}

// mostAtOnce is how many cases are offered in one act.
const mostAtOnce = 200

// MakeMany offers those of the cases whose person agreed. The others stay behind, each with the reason, and nothing of them is handed
// over. It returns the id of the batch.
func MakeMany(ctx context.Context, tx *db.Tx, who access.Actor, m Many) (string, error) {
	if !who.Holds(access.CloseCase) || !who.Holds(access.SendReferral) {
		return "", fault.New(fault.Forbidden, "access.not_allowed")
	}
	if n := len(m.Asked); n == 0 {
		return "", fault.New(fault.Invalid, "fault.needed").On("cases")
	} else if n > mostAtOnce {
		return "", fault.New(fault.Invalid, "fault.too_many").With("max", mostAtOnce).On("cases")
	}
	if slices.ContainsFunc(m.Parts, Part.Protected) {
		return "", fault.New(fault.Invalid, "handover.protected_alone").On("parts")
	}
	if err := (Handover{ID: ID(ids.Beside(who.Office, tx.Now())), From: who.Organisation, To: m.To}).reachable(ctx, tx); err != nil {
		return "", err
	}
	content, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	id := ids.New(tx.Now())
	if earlier, err := operations.Once(ctx, tx, who, m.Operation, id, content); err != nil || earlier != "" {
		if earlier != "" {
			tx.Allowed()
			tx.Recorded() // the trail has the act already
		}
		return earlier, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO handover_batches (id, from_organisation, from_office, to_organisation, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, who.Organisation, who.Office, m.To, who.ID, who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("offer cases: %w", err)
	}
	seen := map[cases.ID]bool{}
	for _, a := range m.Asked {
		if seen[a.Case] {
			continue
		}
		if !ids.Valid(string(a.Case)) {
			return "", fault.New(fault.NotFound, "case.not_found")
		}
		seen[a.Case] = true
		if err := m.one(ctx, tx, who, id, a); err != nil {
			return "", err
		}
	}
	tx.Allowed() // over each case it was asked, and those that may not be offered stay behind
	return id, audit.Record(ctx, tx, who, access.SendReferral, audit.Entry{Subject: "handover_batch:" + id, Named: []string{string(Offer)}})
}

// one offers one case of many, or notes why it stays behind. What is wrong with the whole of it refuses the whole.
func (m Many) one(ctx context.Context, tx *db.Tx, who access.Actor, batch string, a Asked) error {
	o := Offering{Case: a.Case, To: m.To, Urgency: m.Urgency, Why: m.Why, Parts: m.Parts, Agreed: true, Method: a.Method, Language: a.Language, batch: batch}
	if !a.Agreed { // that she said no is no mistake of who typed
		o.Method, o.Language = "spoken", "bn"
	}
	h, err := o.begin(ctx, tx, who)
	if err == nil {
		her, wrong := h.ready(ctx, tx, who, o)
		switch err = wrong; {
		case err != nil:
		case !a.Agreed:
			err = fault.New(fault.Conflict, "handover.no_consent")
		default:
			return h.offer(ctx, tx, who, her)
		}
	}
	f := fault.Of(err)
	if f == nil || f.Kind == fault.Invalid {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO handover_left (batch_id, case_id, why) VALUES (?, ?, ?)`, batch, string(a.Case), f.Key)
	return err
}

// Batch is how far many cases came that were offered at once.
type Batch struct {
	ID     string
	To     string
	User   string
	By     string
	At     time.Time
	Count  map[State]int
	Left   []Left // the cases that stayed behind, of those that who sees
	Others int    // that stayed behind and that who does not see
}

// Left is a case that stayed behind, and the key of the sentence that says why.
type Left struct {
	Case cases.ID
	Why  string
}

// FindBatch returns how far a batch of who's organisation came, to who made it or may give cases out.
func FindBatch(ctx context.Context, q db.Reader, who access.Actor, id string) (Batch, error) {
	b, err := scanBatch(q.QueryRow(ctx, `SELECT id, to_organisation, user_id, user_name, at FROM handover_batches WHERE id = ? AND from_organisation = ?`, id, who.Organisation))
	if errors.Is(err, sql.ErrNoRows) || err == nil && b.User != who.ID && !who.Holds(access.AssignCase) {
		return Batch{}, notFound()
	}
	if err != nil {
		return Batch{}, fmt.Errorf("find batch: %w", err)
	}
	if err := b.count(ctx, q); err != nil {
		return Batch{}, err
	}
	rows, err := q.Query(ctx, `SELECT case_id, why FROM handover_left WHERE batch_id = ? ORDER BY case_id`, id)
	left, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (l Left, err error) { return l, row.Scan(&l.Case, &l.Why) })
	if err != nil {
		return Batch{}, err
	}
	for _, l := range left {
		_, err := cases.Find(ctx, q, who, l.Case)
		switch {
		case err == nil:
			b.Left = append(b.Left, l)
		case fault.KindOf(err) == fault.NotFound:
			b.Others++
		default:
			return Batch{}, err
		}
	}
	return b, nil
}

func scanBatch(row interface{ Scan(...any) error }) (b Batch, err error) {
	err = row.Scan(&b.ID, &b.To, &b.User, &b.By, db.Time(&b.At))
	return b, err
}

// Batches returns the latest batches of who's organisation that who made, or all of them for who gives cases out.
func Batches(ctx context.Context, q db.Reader, who access.Actor, limit int) ([]Batch, error) {
	cond, args := "", []any{who.Organisation}
	if !who.Holds(access.AssignCase) {
		cond, args = ` AND user_id = ?`, append(args, who.ID)
	}
	rows, err := q.Query(ctx, `SELECT id, to_organisation, user_id, user_name, at FROM handover_batches WHERE from_organisation = ?`+cond+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	all, err := db.Collect(rows, err, scanBatch)
	if err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	for i := range all {
		if err := all[i].count(ctx, q); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (b *Batch) count(ctx context.Context, q db.Reader) error {
	rows, err := q.Query(ctx, `SELECT state, count(*) FROM handovers WHERE batch_id = ? GROUP BY state`, b.ID)
	type line struct {
		state State
		n     int
	}
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (l line, err error) { return l, row.Scan(&l.state, &l.n) })
	b.Count = map[State]int{}
	for _, l := range all {
		b.Count[l.state] = l.n
	}
	return err
}

// OfBatch returns the hand-overs of a batch that who sees.
func OfBatch(ctx context.Context, q db.Reader, who access.Actor, batch string) (some []Handover, err error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM handovers h WHERE h.batch_id = ? AND h.from_organisation = ? ORDER BY h.id`, batch, who.Organisation)
	all, err := opened(ctx, q, rows, err)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		if _, err := cases.Find(ctx, q, who, h.Case); err == nil {
			some = append(some, h)
		} else if fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
	}
	return some, nil
}

// Answered is how many of a batch have an answer or an end, of how many.
func (b Batch) Answered() (answered, total int) {
	for s, n := range b.Count {
		total += n
		if s != Offered && s != Received {
			answered += n
		}
	}
	return answered, total
}
