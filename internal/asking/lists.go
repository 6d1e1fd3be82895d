// SPDX-License-Identifier: Apache-2.0

package asking

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
)

// Group is an organisation of the directory with what of its own is to be confirmed.
type Group struct {
	Organisation directory.Entry
	Entries      int
	DueOn        dates.Partial // of the entry that is due first; zero when there is one that nobody ever confirmed
	Escalated    bool          // its own people were asked in vain
}

// mostGroups is how many organisations a list holds.
const mostGroups = 200

// Groups returns the organisations of whose entries who is to say, or to find out, that they are right: for a focal person those that her
// people keep; for who keeps the directory those that nobody keeps, and those whose people do not answer. What was due first comes first.
func Groups(ctx context.Context, q db.Reader, who access.Actor) ([]Group, error) {
	if !who.Holds(access.ConfirmDirectory) {
		return nil, nil
	}
	due := soon(q)
	text, args := `SELECT e.organisation_id, count(*), min(e.due_on), max(CASE WHEN a.stage = 'escalated' AND a.due_on = e.due_on THEN 1 ELSE 0 END)
		FROM directory_entries e JOIN directory_entries o ON o.id = e.organisation_id LEFT JOIN directory_askings a ON a.entry_id = e.id
		WHERE e.state <> 'withdrawn' AND o.state <> 'withdrawn' AND e.due_on <= ?`, []any{due}
	if who.Holds(access.ManageDirectory) {
		text, args = text+` AND (o.partner_id IN ('', ?) OR a.stage = 'escalated' AND a.due_on = e.due_on)`, append(args, who.Organisation)
	} else {
		mine, err := partners(ctx, q, who)
		if err != nil {
			return nil, err
		}
		text, args = text+` AND o.partner_id IN `+db.In(len(mine)), append(args, mine...)
	}
	rows, err := q.Query(ctx, text+` GROUP BY e.organisation_id ORDER BY 4 DESC, 3, 1 LIMIT ?`, append(args, mostGroups)...)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (g Group, err error) {
		escalated := 0
		err = row.Scan(&g.Organisation.ID, &g.Entries, &g.DueOn, &escalated)
		g.Escalated = escalated > 0
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("list what is to be confirmed: %w", err)
	}
	wanted := make([]string, len(all))
	for i, g := range all {
		wanted[i] = g.Organisation.ID
	}
	there, err := directory.Several(ctx, q, wanted)
	for i := range all {
		all[i].Organisation = there[all[i].Organisation.ID]
	}
	return all, err
}

// soon is until when what is due is listed.
func soon(q db.Reader) string {
	return dates.Of(q.Now()).Add(listing.Interval("soon")).String()
}

// partners are the organisations whose entries who keeps.
func partners(ctx context.Context, q db.Reader, who access.Actor) (mine []any, err error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT partner_id FROM directory_entries WHERE partner_id <> '' ORDER BY partner_id`)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id string, err error) { return id, row.Scan(&id) })
	for _, p := range all {
		scopes := []access.Scope{access.OfOrganisation(p)}
		if who.Organisation == p {
			scopes = append(scopes, access.AtOffice(who.Office))
		}
		if who.Covers(access.ConfirmDirectory, scopes...) {
			mine = append(mine, p)
		}
	}
	return mine, err
}

// Entries returns what of an organisation is to be confirmed by now or soon, to who keeps it. What was never confirmed comes first.
func Entries(ctx context.Context, q db.Reader, who access.Actor, organisation string) ([]directory.Entry, error) {
	o, err := directory.Find(ctx, q, who, organisation)
	if err != nil {
		return nil, err
	}
	if keeps, err := directory.Keeps(ctx, q, who, o); err != nil || !keeps || o.Organisation == nil {
		if err == nil {
			err = fault.New(fault.NotFound, "directory.not_found")
		}
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT id FROM directory_entries WHERE organisation_id = ? AND state <> 'withdrawn' AND due_on <= ? ORDER BY due_on, kind, sorted, id LIMIT ?`, organisation, soon(q), mostEntries)
	wanted, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id string, err error) { return id, row.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("list what is to be confirmed: %w", err)
	}
	there, err := directory.Several(ctx, q, wanted)
	all := make([]directory.Entry, 0, len(wanted))
	for _, id := range wanted {
		all = append(all, there[id])
	}
	return all, err
}

// mostEntries is how many entries of an organisation are listed at once.
const mostEntries = 300
