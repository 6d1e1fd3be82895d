// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
)

// History returns what was done to a person's record, newest first; of part,
// Before and Limit count. Who may not see protected data does not learn that
// there are any: acts and fields of that kind are left out for them.
func History(ctx context.Context, q db.Reader, who access.Actor, id ID, part audit.Filter) ([]audit.Line, error) {
	of, err := seen(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	if part.Limit <= 0 {
		part.Limit = 50
	}
	var lines []audit.Line
	for _, id := range of {
		some, err := historyOf(ctx, q, who, id, part)
		if err != nil {
			return nil, err
		}
		lines = append(lines, some...)
	}
	slices.SortFunc(lines, newestFirst)
	return lines[:min(len(lines), part.Limit)], nil
}

func newestFirst(a, b audit.Line) int { return strings.Compare(b.ID, a.ID) }

// historyOf is the history of one record.
func historyOf(ctx context.Context, q db.Reader, who access.Actor, id ID, part audit.Filter) (lines []audit.Line, err error) {
	sees, _, err := access.SeesProtected(ctx, q, who, string(id))
	if err != nil {
		return nil, err
	}
	limit, before := part.Limit, part.Before
	for len(lines) < limit {
		more, err := audit.List(ctx, q, audit.Filter{Person: string(id), Before: before, Limit: limit})
		if err != nil {
			return nil, err
		}
		if len(more) == 0 {
			break
		}
		before = more[len(more)-1].ID
		if err := audit.WithValues(ctx, q, more); err != nil {
			return nil, err
		}
		for _, l := range more {
			known, err := knows(ctx, q, who, id, l)
			if err != nil {
				return nil, err
			}
			if known && (sees || trim(&l)) {
				lines = append(lines, l) // what is hidden must not be counted either
			}
		}
	}
	return lines, nil
}

// knows reports whether who may see an entry that is of more than this record. What was
// done in a case is known to who sees cases of hers; of an entry that names a second
// record, only who sees that one too learns that two were found to be of one person.
func knows(ctx context.Context, q db.Reader, who access.Actor, id ID, l audit.Line) (bool, error) {
	if strings.HasPrefix(string(l.Act), "case.") {
		subject, of := strings.CutPrefix(l.Subject, "case:")
		if !of {
			subject = string(id)
		}
		return access.Reaches(ctx, q, who, access.ReadCases, subject)
	}
	if l.Act != access.MergePersons && l.Act != access.UnmergePersons && l.Act != access.ReviewMatches {
		return true, nil
	}
	var other string
	for _, values := range []map[string]json.RawMessage{l.Before, l.After} {
		if err := json.Unmarshal(values["with"], &other); err == nil {
			return access.Reaches(ctx, q, who, cards(who), other)
		}
	}
	return false, nil
}

// trim takes the protected fields out of an entry, and reports whether anything
// is left that may be shown.
func trim(l *audit.Line) bool {
	switch l.Act {
	case access.ReadProtected, access.ChangeProtected, access.BreakGlass, access.ReviewGlass:
		return false
	}
	said := len(l.Fields) > 0
	l.Fields = slices.DeleteFunc(l.Fields, secret)
	if said && len(l.Fields) == 0 {
		return false
	}
	for _, values := range []map[string]json.RawMessage{l.Before, l.After} {
		maps.DeleteFunc(values, func(f string, _ json.RawMessage) bool { return secret(f) })
		if journey, ok := values["journey"]; ok {
			values["journey"] = withoutCircumstances(journey)
		}
	}
	return true
}

func secret(field string) bool {
	return Field(field).Protected() || field == "functioning" || field == "circumstances"
}

// withoutCircumstances is a journey as who may not see what happened sees it:
// the same as one of which nothing was told.
func withoutCircumstances(journey json.RawMessage) json.RawMessage {
	var parts map[string]json.RawMessage
	if json.Unmarshal(journey, &parts) != nil {
		return nil
	}
	delete(parts, "circumstances")
	text, err := json.Marshal(parts)
	if err != nil {
		return nil
	}
	return text
}

// Looks returns who looked at a person's protected data, revealed a number or took
// away in a file what says who she is, newest first, so that she can be told.
func Looks(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]audit.Line, error) {
	if _, err := seen(ctx, q, who, id); err != nil {
		return nil, err
	}
	of, err := Records(ctx, q, who, access.ReadLooks, id)
	if err != nil || len(of) == 0 {
		return nil, errors.Join(err, notFound())
	}
	var all []audit.Line
	for _, id := range of {
		some, err := looksAt(ctx, q, who, id)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, newestFirst)
	return all, nil
}

// looksAt are the looks at one record.
func looksAt(ctx context.Context, q db.Reader, who access.Actor, id ID) (all []audit.Line, err error) {
	sees, _, err := access.SeesProtected(ctx, q, who, string(id))
	if err != nil {
		return nil, err
	}
	for _, act := range []access.Permission{access.ReadProtected, access.RevealNumbers, access.BreakGlass, access.MakeExport} {
		lines, err := audit.List(ctx, q, audit.Filter{Person: string(id), Act: act, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if !sees && act != access.RevealNumbers && act != access.MakeExport {
				l.Fields = nil // which of them there are
			}
			all = append(all, l)
		}
	}
	return all, nil
}
