// SPDX-License-Identifier: Apache-2.0

package index

import (
	"context"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
)

// Range is the terms that are one text, or that begin with it.
type Range struct {
	Text   string
	Begins bool
}

// Holds reports whether a term lies in the range.
func (r Range) Holds(term string) bool {
	return term == r.Text || r.Begins && strings.HasPrefix(term, r.Text)
}

// mostRead bounds how many lines one range reads. A beginning that half the
// country shares finds enough long before.
const mostRead = 20_000

// Search is what to find: one range, among those whom who reaches with a
// permission, whose home lies in a place if one is given.
type Search struct {
	Range
	Who  access.Actor
	With access.Permission
	Home string
	Most int // how many are wanted
}

// Find returns the subjects of a search who are in the index; those who wait are
// found by Fresh. At offices, a whole term is one short range; other reaches are
// checked line by line.
func Find(ctx context.Context, q db.Reader, s Search) ([]string, error) {
	cond, args := `term = ?`, []any{s.Text}
	if s.Begins {
		cond, args = `term >= ? AND term < ?`, []any{s.Text, s.Text + "~"}
	}
	may, more := access.Where(s.Who, s.With, "t.subject_id")
	if offices, only := officesOf(s.Who, s.With); only {
		may, more = `t.office_id IN `+db.In(len(offices)), offices
		if !s.Begins {
			cond, args = cond+` AND office_id IN `+db.In(len(offices)), append(args, offices...)
		}
	}
	if s.Home != "" {
		may += ` AND t.place_code >= ? AND t.place_code < ?`
		more = append(more, s.Home, s.Home+"~")
	}
	args = append(append(append(args, mostRead), more...), s.Most)
	rows, err := q.Query(ctx, `SELECT t.subject_id FROM (SELECT subject_id, office_id, place_code FROM index_terms WHERE `+cond+` LIMIT ?) AS t WHERE `+may+` LIMIT ?`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// officesOf returns the offices whose records who may see, if who sees by office only.
func officesOf(who access.Actor, with access.Permission) (offices []any, only bool) {
	reach := who.Grants[with]
	for _, s := range reach.Scopes {
		id, ok := strings.CutPrefix(s, access.AtOffice(""))
		if !ok {
			return nil, false
		}
		offices = append(offices, id)
	}
	return offices, !reach.Everywhere && len(offices) > 0
}

// Waiting is a subject who waits for the next round.
type Waiting struct {
	Place
	Terms []string
}

// Has reports whether she has a term in the range.
func (w Waiting) Has(r Range) bool { return slices.ContainsFunc(w.Terms, r.Holds) }

func scanWaiting(row interface{ Scan(...any) error }) (w Waiting, err error) {
	var terms string
	err = row.Scan(&w.Subject, &w.Office, &w.Home, &terms)
	w.Terms = strings.Fields(terms)
	return w, err
}

// Fresh returns those who wait for the next round, whom who reaches with a
// permission and who have a term in one of the ranges, the newest first.
func Fresh(ctx context.Context, q db.Reader, who access.Actor, with access.Permission, ranges []Range) ([]Waiting, error) {
	if len(ranges) == 0 {
		return nil, nil
	}
	var like []string
	var args []any
	for _, r := range ranges {
		pattern := "% " + r.Text
		if !r.Begins {
			pattern += " "
		}
		like, args = append(like, `w.terms LIKE ?`), append(args, pattern+"%")
	}
	may, more := access.Where(who, with, "w.subject_id")
	if offices, only := officesOf(who, with); only {
		may, more = `w.office_id IN `+db.In(len(offices)), offices
	}
	rows, err := q.Query(ctx, `SELECT w.subject_id, w.office_id, w.place_code, w.terms FROM index_waiting w WHERE (`+strings.Join(like, ` OR `)+`) AND `+may+`
		ORDER BY w.subject_id DESC LIMIT ?`, append(append(args, more...), mostRead)...)
	all, err := db.Collect(rows, err, scanWaiting)
	// LIKE takes small letters for large ones on one engine and not on the other.
	return slices.DeleteFunc(all, func(w Waiting) bool { return !slices.ContainsFunc(ranges, w.Has) }), err
}
