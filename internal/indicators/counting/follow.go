// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
)

// The names of marks.
const (
	followed = "followed" // how far the trail was counted
	anew     = "anew"     // all is being counted anew
)

// atOnce is how many entries of the trail one transaction counts: few enough that the desk does not wait for it.
const atOnce = 60

// mark is how far something has come.
type mark struct {
	at   time.Time
	upTo int64
	text string
}

func markOf(ctx context.Context, q db.Reader, name string) (m mark, there bool, err error) {
	rows, err := q.Query(ctx, `SELECT at, upto, text FROM figure_marks WHERE name = ?`, name)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (m mark, err error) {
		err = r.Scan(db.Time(&m.at), &m.upTo, &m.text)
		return m, err
	})
	if err != nil || len(all) == 0 {
		return mark{}, false, err
	}
	return all[0], true, nil
}

func setMark(ctx context.Context, tx *db.Tx, name string, m mark) error {
	_, err := tx.Exec(ctx, `INSERT INTO figure_marks (name, at, upto, text) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at, upto = EXCLUDED.upto, text = EXCLUDED.text`,
		name, tx.Now(), m.upTo, m.text)
	return err
}

// Follow counts what the trail says has changed since it was counted last, and
// returns how many entries that were. It may run at any time; several at a time wait for one another.
func Follow(ctx context.Context, d *db.DB) (total int, err error) {
	for more := true; more && err == nil; {
		var n int
		n, more, err = Step(ctx, d)
		total += n
		if err == nil {
			err = Settle(ctx, d)
		}
	}
	return total, err
}

// Step is Follow for some entries at most, so that who has other work to do can
// rest in between. It reports whether there is more.
func Step(ctx context.Context, d *db.DB) (n int, more bool, err error) {
	err = d.Maintain(ctx, func(tx *db.Tx) (err error) {
		n, err = step(ctx, tx)
		return err
	})
	if errors.Is(err, errLost) || errors.Is(err, errStale) {
		return 0, false, Rebuild(ctx, d, nil)
	}
	if err != nil {
		return 0, false, fmt.Errorf("count what changed: %w", err)
	}
	return n, n == atOnce, nil
}

// entry is one of the trail: whose it is, or what it is about.
type entry struct {
	person, subject string
	act             access.Permission
	position        int64
}

// looks tells of an act that it changes nothing that is counted.
func looks(act access.Permission) bool {
	return slices.Contains([]access.Permission{access.ReadProtected, access.RevealNumbers, access.PrintPerson, access.CopyPerson, access.BreakGlass, access.ReviewGlass, access.SeeCodeWord}, act)
}

// errStale says that everything has to be counted anew: nothing was counted yet and
// the trail is long, what is counted has changed with the program, or somebody
// began to count anew and did not go on.
var errStale = errors.New("everything has to be counted anew")

// longTrail is from how many entries on it is quicker to count anew than to follow them all.
const longTrail = 10_000

// shape tells of a program what it counts and how: when it differs, what another has counted does not do.
func shape() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %v %v %v", sources.Measures(), facts.Cubes(), facts.AgeBands(), Named()))
	return hex.EncodeToString(sum[:8])
}

// patience is how long nothing is heard of who counts anew before another does.
const patience = 5 * time.Minute

// step counts the next entries of the trail.
func step(ctx context.Context, tx *db.Tx) (int, error) {
	if begun, counting, err := markOf(ctx, tx, anew); err != nil || counting {
		if counting && tx.Now().Sub(begun.at) > patience {
			return 0, errStale
		}
		return 0, err // whoever counts anew begins where the trail was then
	}
	m, there, err := markOf(ctx, tx, followed)
	if err != nil {
		return 0, err
	}
	if there && m.text != shape() {
		return 0, errStale
	}
	if !there {
		var length int64
		if err := tx.QueryRow(ctx, `SELECT COALESCE(max(position), 0) FROM audit_entries WHERE position IS NOT NULL`).Scan(&length); err != nil || length > longTrail {
			return 0, cmp.Or(err, errStale)
		}
	}
	rows, err := tx.Query(ctx, `SELECT position, COALESCE(person_id, ''), subject, act FROM audit_entries WHERE position > ? AND position <= ? ORDER BY position`, m.upTo, m.upTo+atOnce)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (e entry, err error) {
		err = r.Scan(&e.position, &e.person, &e.subject, &e.act)
		return e, err
	})
	if err != nil || len(all) == 0 {
		return 0, err
	}
	n, last := len(all), all[len(all)-1].position
	if err := recount(ctx, tx, slices.DeleteFunc(all, func(e entry) bool { return looks(e.act) })); err != nil {
		return 0, err
	}
	return n, setMark(ctx, tx, followed, mark{upTo: last, text: shape()})
}

// recount counts anew those whom entries are about.
func recount(ctx context.Context, tx *db.Tx, entries []entry) error {
	people := map[string]bool{}
	rest := map[string]map[string]bool{}
	for _, e := range entries {
		if e.person != "" {
			people[e.person] = true
		}
		if of, id, ok := strings.Cut(e.subject, ":"); ok && of != sources.OfPersons {
			if rest[of] == nil {
				rest[of] = map[string]bool{}
			}
			rest[of][id] = true
		}
	}
	change := facts.Totals{}
	if err := recountPeople(ctx, tx, slices.Sorted(maps.Keys(people)), change); err != nil {
		return err
	}
	for _, s := range sources.All() {
		if of := slices.Sorted(maps.Keys(rest[s.Of])); len(of) > 0 && s.Of != sources.OfPersons {
			if err := recountOthers(ctx, tx, s, of, change); err != nil {
				return err
			}
		}
	}
	return apply(ctx, tx, change)
}

// recountPeople counts people anew, with all whose records are or were of one person with theirs.
func recountPeople(ctx context.Context, tx *db.Tx, touched []string, change facts.Totals) error {
	if len(touched) == 0 {
		return nil
	}
	records, groups, err := together(ctx, tx, touched)
	if err != nil {
		return err
	}
	before, err := keptOf(ctx, tx, records)
	if err != nil {
		return err
	}
	c, err := newCounter(ctx, tx)
	if err != nil {
		return err
	}
	now, err := c.persons(groups)
	if err != nil {
		return err
	}
	return exchange(ctx, tx, change, before, now)
}

func recountOthers(ctx context.Context, tx *db.Tx, s sources.Source, of []string, change facts.Totals) error {
	before, err := keptOf(ctx, tx, of)
	if err != nil {
		return err
	}
	c, err := newCounter(ctx, tx)
	if err != nil {
		return err
	}
	now, err := c.others(s, of)
	if err != nil {
		return err
	}
	return exchange(ctx, tx, change, before, now)
}

// exchange takes the facts of subjects out and puts others in. Of whom nothing
// changed, nothing is written.
func exchange(ctx context.Context, tx *db.Tx, change facts.Totals, before, now []subject) error {
	was := map[string]subject{}
	for _, s := range before {
		was[s.id] = s
	}
	var gone []string
	var fresh []subject
	for _, s := range now {
		old, there := was[s.id]
		delete(was, s.id)
		if there && old.same(s) {
			continue
		}
		if there {
			gone = append(gone, s.id)
			facts.Contribute(change, old.facts, -1)
		}
		facts.Contribute(change, s.facts, 1)
		fresh = append(fresh, s)
	}
	for id, s := range was {
		gone = append(gone, id)
		facts.Contribute(change, s.facts, -1)
	}
	if len(gone) > 0 {
		if err := forget(ctx, tx, gone); err != nil {
			return err
		}
	}
	return keep(ctx, tx, fresh)
}

// same tells whether nothing changed of a subject since it was counted.
func (s subject) same(now subject) bool {
	if !slices.Equal(s.facts, now.facts) {
		return false
	}
	return len(now.records) < 2 && len(s.records) < 2 || slices.Equal(s.records, now.records)
}

// together finds all records that are, or were counted as, of one person with
// those touched, and puts them into groups as they are now.
func together(ctx context.Context, q db.Reader, touched []string) (records []string, groups [][]string, err error) {
	all := map[string]bool{}
	group := map[string]string{} // by record, under which it is found now
	for fresh := touched; len(fresh) > 0; {
		for _, id := range fresh {
			all[id] = true
		}
		found, err := beside(ctx, q, fresh, group)
		if err != nil {
			return nil, nil, err
		}
		fresh = slices.DeleteFunc(found, func(id string) bool { return all[id] })
	}
	records = slices.Sorted(maps.Keys(all))
	by := map[string][]string{}
	for _, id := range records {
		head := id
		if g := group[id]; g != "" {
			head = g
		}
		by[head] = append(by[head], id)
	}
	for _, head := range slices.Sorted(maps.Keys(by)) {
		groups = append(groups, by[head])
	}
	return records, groups, nil
}

// beside are the records that are of one person with some now, and those that
// were counted with them.
func beside(ctx context.Context, q db.Reader, some []string, group map[string]string) (found []string, err error) {
	in := db.In(len(some))
	rows, err := q.Query(ctx, `SELECT o.record_id, o.person_id FROM ties o WHERE o.person_id IN (SELECT t.person_id FROM ties t WHERE t.record_id IN `+in+`)`, anyOf(some)...)
	pairs, err := db.Collect(rows, err, scanPair)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		group[p[0]] = p[1]
		found = append(found, p[0])
	}
	rows, err = q.Query(ctx, `SELECT person_id, subject_id FROM figure_subjects WHERE subject_id IN (SELECT k.subject_id FROM figure_subjects k WHERE k.person_id IN `+in+`)
		UNION SELECT person_id, subject_id FROM figure_subjects WHERE subject_id IN `+in, append(anyOf(some), anyOf(some)...)...)
	pairs, err = db.Collect(rows, err, scanPair)
	for _, p := range pairs {
		found = append(found, p[0], p[1])
	}
	slices.Sort(found)
	return slices.Compact(found), err
}

func scanPair(r interface{ Scan(...any) error }) (p [2]string, err error) {
	err = r.Scan(&p[0], &p[1])
	return p, err
}

// State says up to when everything is counted, and whether all is being counted anew.
func State(ctx context.Context, q db.Reader) (asOf time.Time, counting bool, err error) {
	if _, counting, err = markOf(ctx, q, anew); err != nil {
		return asOf, counting, err
	}
	m, _, err := markOf(ctx, q, followed)
	if err != nil {
		return asOf, counting, err
	}
	rows, err := q.Query(ctx, `SELECT min(at) FROM audit_entries WHERE position = ?`, m.upTo+1)
	waiting, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (at time.Time, err error) {
		err = r.Scan(db.NullTime(&at))
		return at, err
	})
	if asOf = q.Now(); err == nil && len(waiting) > 0 && !waiting[0].IsZero() {
		asOf = waiting[0]
	}
	return asOf, counting, err
}

// Position is up to where the trail is counted.
func Position(ctx context.Context, q db.Reader) (int64, error) {
	m, _, err := markOf(ctx, q, followed)
	return m.upTo, err
}
