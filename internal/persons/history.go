// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
)

// History returns what was done to a person's record, newest first. Who may not
// see protected data does not learn that there are any: acts and fields of that
// kind are left out for them.
func History(ctx context.Context, q db.Reader, who access.Actor, id ID, before string, limit int) ([]audit.Line, error) {
	if _, err := FindCard(ctx, q, who, id); err != nil {
		return nil, err
	}
	sees, _, err := access.SeesProtected(ctx, q, who, string(id))
	if err != nil {
		return nil, err
	}
	lines, err := audit.List(ctx, q, audit.Filter{Person: string(id), Before: before, Limit: limit})
	if err != nil {
		return nil, err
	}
	if !sees {
		lines = slices.DeleteFunc(lines, hides)
	}
	if err := audit.WithValues(ctx, q, lines); err != nil {
		return nil, err
	}
	for i := range lines {
		if !sees {
			trim(&lines[i])
		}
	}
	return lines, nil
}

// hides reports whether an entry is itself about protected data.
func hides(l audit.Line) bool {
	switch l.Act {
	case access.ReadProtected, access.ChangeProtected, access.BreakGlass, access.ReviewGlass:
		return true
	}
	return false
}

// trim takes the protected fields out of an entry.
func trim(l *audit.Line) {
	secret := func(f string) bool {
		return Field(f).Protected() || f == "functioning" || f == "circumstances"
	}
	l.Fields = slices.DeleteFunc(l.Fields, secret)
	for f := range l.Before {
		if secret(f) {
			delete(l.Before, f)
		}
	}
	for f := range l.After {
		if secret(f) {
			delete(l.After, f)
		}
	}
	// A journey's circumstances lie inside its value: who may not see them gets the journey's fields by name only.
	if text, ok := l.After["journey"]; ok && strings.Contains(string(text), `"circumstances"`) {
		delete(l.After, "journey")
		delete(l.Before, "journey")
	}
}

// Looks returns who looked at a person's protected data or revealed a number,
// newest first, so that she can be told.
func Looks(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]audit.Line, error) {
	if _, err := FindCard(ctx, q, who, id); err != nil {
		return nil, err
	}
	if ok, err := access.Reaches(ctx, q, who, access.ReadLooks, string(id)); err != nil || !ok {
		return nil, notFound()
	}
	var all []audit.Line
	for _, act := range []access.Permission{access.ReadProtected, access.RevealNumbers, access.BreakGlass} {
		lines, err := audit.List(ctx, q, audit.Filter{Person: string(id), Act: act, Limit: 200})
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	slices.SortFunc(all, func(a, b audit.Line) int { return strings.Compare(b.ID, a.ID) })
	return all, nil
}
