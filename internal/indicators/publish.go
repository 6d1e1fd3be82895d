// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/tables"
	"fera/internal/simulated"
)

// Origin is the first line of what is signed of a published table.
const Origin = "fera/figures"

// OriginSimulated is that line where nobody who is counted exists.
const OriginSimulated = Origin + "/simulated"

// Issue is a table as it was published.
type Issue struct {
	Code     string
	Year     int
	Issue    int // 1, and one more for each later issue of the same table
	Answer   tables.Answer
	Note     string // signed: which table, of when, and the hash of the answer
	Position int64  // of the trail up to which was counted
	By       string
	At       time.Time

	text   string // the answer as it was signed
	origin string // the first line of what was signed
}

// Publishing publishes a table of the catalogue for a year that is over.
type Publishing struct {
	Code string
	Year int
}

// signer is the part of the key ring that signs.
type signer interface {
	Signer() (note.Signer, error)
	Verifier() (string, error)
}

// Publish publishes a table of the catalogue, with nothing in it that is below the
// floor or can be worked out. A table that was published before is published anew
// with the same rows only, and only if no number changes by less than the floor.
func Publish(ctx context.Context, tx *db.Tx, who access.Actor, p Publishing) (Issue, error) {
	if err := access.CheckAnywhere(tx, who, access.PublishFigures); err != nil {
		return Issue{}, err
	}
	i, _, err := p.prepare(ctx, tx)
	if err != nil {
		return Issue{}, err
	}
	i.By, i.At = who.Name, tx.Now()
	if err := i.sign(ctx, tx); err != nil {
		return Issue{}, fmt.Errorf("publish table: %w", err)
	}
	return i, audit.Record(ctx, tx, who, access.PublishFigures, audit.Entry{Subject: fmt.Sprintf("figure_issue:%s:%d:%d", i.Code, i.Year, i.Issue), After: map[string]any{"table": i.Code, "year": i.Year, "issue": i.Issue}})
}

// prepare makes the next issue of a table without signing it, and returns the issues before it.
func (p Publishing) prepare(ctx context.Context, q db.Reader) (i Issue, earlier []Issue, err error) {
	if p.Year < 1976 || p.Year >= dates.Of(q.Now()).Year {
		return i, nil, fault.New(fault.Invalid, "figure.year_not_over").On("year")
	}
	f, err := publicFamily(ctx, q, p)
	if err != nil {
		return i, nil, err
	}
	i = Issue{Code: p.Code, Year: p.Year, Issue: 1}
	if earlier, err = Issues(ctx, q, p.Code, p.Year); err != nil {
		return i, nil, err
	}
	n := len(earlier)
	if n == 0 {
		answer, any := tables.Protect(f, tables.Outside)
		if any && answer.Whole.Total == 0 { // later issues have the rows of the first: there are none yet
			return i, nil, fault.New(fault.Conflict, "figure.nothing_counted")
		}
		if !any {
			return i, nil, fault.New(fault.Conflict, "figure.too_few_to_publish")
		}
		i.Answer = answer
		return i, nil, nil
	}
	answer, ok := tables.Refill(earlier[n-1].Answer, f)
	switch {
	case !ok:
		return i, earlier, fault.New(fault.Conflict, "figure.revision_too_small")
	case reflect.DeepEqual(answer, earlier[n-1].Answer):
		return i, earlier, fault.New(fault.Conflict, "figure.nothing_new")
	}
	i.Answer, i.Issue = answer, earlier[n-1].Issue+1
	return i, earlier, nil
}

// publicFamily counts what a table of the catalogue is about.
func publicFamily(ctx context.Context, q db.Reader, p Publishing) (tables.Family, error) {
	t, i, err := TableOf(ctx, q, p.Code)
	if err != nil {
		return tables.Family{}, err
	}
	if _, recounting, err := counting.State(ctx, q); err != nil || recounting {
		return tables.Family{}, errors.Join(err, fault.New(fault.Conflict, "figure.note.counting"))
	}
	s := selection{from: facts.Month(p.Year * 100), to: facts.Month(p.Year*100 + 12)}
	f := family{ctx: ctx, q: q, part: i.Counts, s: s, columns: "sex"}
	return f.count(t.Ways, facts.District)
}

// sign signs the issue and keeps it.
func (i *Issue) sign(ctx context.Context, tx *db.Tx) error {
	upTo, err := counting.Position(ctx, tx)
	if err != nil {
		return err
	}
	i.Position = upTo
	text, err := json.Marshal(i.Answer)
	if err != nil {
		return err
	}
	i.text, i.origin = string(text), Origin
	if made, err := simulated.Is(ctx, tx); err != nil {
		return err
	} else if made {
		i.origin = OriginSimulated
	}
	keys, ok := tx.Keys().(signer)
	if !ok {
		return errors.New("the database was opened without its keys")
	}
	s, err := keys.Signer()
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: i.statement()}, s)
	if err != nil {
		return err
	}
	i.Note = string(signed)
	_, err = tx.Exec(ctx, `INSERT INTO figure_issues (code, year, issue, answer, note, position, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		i.Code, i.Year, i.Issue, i.text, i.Note, i.Position, i.By, i.At)
	return err
}

// statement is what is signed.
func (i *Issue) statement() string {
	sum := sha256.Sum256([]byte(i.text))
	return fmt.Sprintf("%s\n%s %d %d\n%s\n%s\n", i.origin, i.Code, i.Year, i.Issue, i.At.UTC().Format(time.RFC3339), base64.StdEncoding.EncodeToString(sum[:]))
}

// Signed is the answer exactly as it was signed, for who checks it.
func (i Issue) Signed() string { return i.text }

// Verify tells whether an issue is what this installation signed.
func (i *Issue) Verify(key string) error {
	v, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	n, err := note.Open([]byte(i.Note), note.VerifierList(v))
	if err != nil {
		return fmt.Errorf("the table was not signed by this installation: %w", err)
	}
	if n.Text != i.statement() {
		return errors.New("the table is not the one that was signed")
	}
	return nil
}

// VerifierOf is the key with which others check what this installation signs.
func VerifierOf(q db.Reader) (string, error) {
	keys, ok := q.Keys().(signer)
	if !ok {
		return "", errors.New("the database was opened without its keys")
	}
	return keys.Verifier()
}

// Issues returns the issues of a table for a year, the first first. They are open to everybody.
func Issues(ctx context.Context, q db.Reader, code string, year int) ([]Issue, error) {
	rows, err := q.Query(ctx, `SELECT code, year, issue, answer, note, position, user_name, at FROM figure_issues WHERE code = ? AND year = ? ORDER BY issue`, code, year)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (i Issue, err error) {
		if err = r.Scan(&i.Code, &i.Year, &i.Issue, &i.text, &i.Note, &i.Position, &i.By, db.Time(&i.At)); err != nil {
			return i, err
		}
		if i.origin = Origin; strings.HasPrefix(i.Note, OriginSimulated+"\n") {
			i.origin = OriginSimulated
		}
		return i, json.Unmarshal([]byte(i.text), &i.Answer)
	})
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	return all, nil
}
