// SPDX-License-Identifier: Apache-2.0

package exports

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/operations"
	"fera/internal/seal"
)

// Asking asks for a file.
type Asking struct {
	Operation string // id of the act, minted by who asks
	Order
	Purpose   string
	Recipient string
}

// Check refuses an order that cannot be carried out, and returns the class of what is in it.
func (o *Order) Check(who access.Actor) (class int, f *fault.Error) {
	set, known := columns.Find(o.Set)
	if !known || !who.Holds(set.Need) {
		return 0, fault.New(fault.Invalid, "fault.bad_choice").On("set")
	}
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !slices.Contains(formats.All(), o.Format) {
		bad("fault.bad_choice", "format")
	}
	if o.Lang != "bn" {
		o.Lang = "en"
	}
	for _, code := range o.Columns {
		if !slices.ContainsFunc(set.Columns, func(c columns.Column) bool { return c.Code == code }) {
			bad("fault.bad_choice", "columns")
		}
	}
	some := set.Chosen(o.Columns)
	o.Columns = nil
	for _, c := range some {
		o.Columns = append(o.Columns, c.Code)
	}
	for part, value := range o.Filter.Parts() {
		if *value == "" {
			continue
		}
		if !set.Knows(part) || len(*value) > 100 {
			bad("export.filter_unknown", part)
			continue
		}
		if f := checkPart(part, value); f != nil {
			faults = append(faults, f)
		}
	}
	return max(columns.ClassOf(some), o.filterClass(set)), fault.Join(faults...)
}

// filterClass is the class of what the filter says of every row: who asks for those of one union and of one day need not put either in a column.
func (o *Order) filterClass(set columns.Set) int {
	if columns.ClassOf(set.Columns) < 2 || set.Code == "activities" {
		return 1
	}
	f := o.Filter
	if f.Risk != "" || f.Worker != "" {
		return 2
	}
	if p, ok := geo.Find(f.Place); ok && p.Kind != geo.Division && p.Kind != geo.District {
		return 2
	}
	if from, err := dates.Parse(f.From); f.From != "" && (err != nil || from.Day != 1) {
		return 2
	}
	if until, err := dates.Parse(f.Until); f.Until != "" && (err != nil || until != (dates.Partial{Year: until.Year, Month: until.Month}).Latest()) {
		return 2
	}
	return 1
}

// checkPart refuses a part of a filter that has no such form.
func checkPart(part string, value *string) *fault.Error {
	switch part {
	case "place":
		if _, ok := geo.Find(*value); !ok {
			return fault.New(fault.Invalid, "fault.bad_choice").On(part)
		}
	case "from", "until":
		on, err := dates.Parse(*value)
		if err != nil {
			return fault.Of(err).On(part)
		}
		if *value = on.Earliest().String(); part == "until" {
			*value = on.Latest().String()
		}
	}
	return nil
}

// Ask asks for a file. What is of class 1 is made at once; for what is of class 2 those who approve are told.
func Ask(ctx context.Context, tx *db.Tx, who access.Actor, a Asking) (Export, error) {
	e := Export{ID: ID(ids.New(tx.Now())), Organisation: who.Organisation, Office: who.Office, User: who.ID, UserName: who.Name, AskedAt: tx.Now(), Version: 1, State: Waiting}
	if err := access.Check(tx, who, access.MakeExport, e.scopes()...); err != nil {
		return Export{}, err
	}
	if err := e.fill(&a, who); err != nil {
		return Export{}, err
	}
	order, err := json.Marshal(e.Order)
	if err != nil {
		return Export{}, err
	}
	earlier, err := operations.Once(ctx, tx, who, a.Operation, string(e.ID), append(order, e.Purpose+"\x00"+e.Recipient...))
	if err != nil {
		return Export{}, err
	}
	if earlier != "" {
		tx.Recorded() // the trail has the act already
		return Find(ctx, tx, who, ID(earlier))
	}
	if err := e.notTooMany(ctx, tx); err != nil {
		return Export{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO exports (`+all+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', NULL, '', '', 0, 0, 0, 0, ?, ?, NULL, 1)`,
		string(e.ID), e.Organisation, e.Office, e.User, e.UserName, string(order), e.Class, e.Purpose, e.Recipient, string(e.State), e.AskedAt, tx.Now())
	if err != nil {
		return Export{}, fmt.Errorf("ask for export: %w", err)
	}
	if e.State == Asked {
		if err := e.tellApprovers(ctx, tx); err != nil {
			return Export{}, err
		}
	}
	return e, e.record(ctx, tx, who, access.MakeExport, e.said())
}

// said is what the trail says of an export.
func (e Export) said() map[string]any {
	said := map[string]any{"set": e.Order.Set, "columns": e.Order.Columns, "format": e.Order.Format, "filter": e.Order.Filter, "class": e.Class, "state": e.State}
	if e.Class >= 2 {
		said["purpose"], said["recipient"] = e.Purpose, e.Recipient
	}
	return said
}

// fill reads what was asked for.
func (e *Export) fill(a *Asking, who access.Actor) error {
	var faults []*fault.Error
	var f *fault.Error
	if e.Class, f = a.Order.Check(who); f != nil {
		faults = append(faults, f)
	}
	for field, text := range map[string]*string{"purpose": &a.Purpose, "recipient": &a.Recipient} {
		clean, problem := names.Check(*text, 300)
		if problem == "" && clean == "" && e.Class >= 2 {
			problem = "fault.needed"
		}
		if *text = clean; problem != "" {
			faults = append(faults, fault.New(fault.Invalid, problem).With("max", 300).On(field))
		}
	}
	if e.Class >= 2 {
		e.State = Asked
	}
	e.Order, e.Purpose, e.Recipient = a.Order, a.Purpose, a.Recipient
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

// notTooMany refuses more than one person can have under way.
func (e Export) notTooMany(ctx context.Context, q db.Reader) error {
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM exports WHERE user_id = ? AND state IN ('waiting', 'making')`, e.User).Scan(&n); err != nil {
		return err
	}
	if n >= mostAtOnce && e.State == Waiting {
		return fault.New(fault.Conflict, "export.too_many").With("count", mostAtOnce)
	}
	return nil
}

// tellApprovers tells those who may decide.
func (e Export) tellApprovers(ctx context.Context, tx *db.Tx) error {
	able, err := accounts.WhoHolds(ctx, tx, access.ApproveExport, e.scopes()...)
	if err != nil {
		return err
	}
	var others []string
	for _, id := range able {
		u, err := accounts.FindUser(ctx, tx, access.System(access.ReadUsers), id)
		if err != nil {
			return err
		}
		if id != e.User && u.Organisation == e.Organisation {
			others = append(others, id)
		}
	}
	return accounts.Tell(ctx, tx, others, "notice.export_asked", e.subject())
}

// Decision is what a second person says.
type Decision struct {
	Approve bool
	Remark  string // needed to refuse
	Version int    // at which it was read
}

// Decide allows or refuses what says who somebody is to leave. Who asked for it never decides on it.
func Decide(ctx context.Context, tx *db.Tx, who access.Actor, id ID, d Decision) error {
	e, err := Find(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if e.Mine(who) {
		return fault.New(fault.Forbidden, "export.second_person")
	}
	if err := access.Check(tx, who, access.ApproveExport, e.scopes()...); err != nil {
		return err
	}
	remark, problem := names.Check(d.Remark, 300)
	if problem == "" && remark == "" && !d.Approve {
		problem = "fault.needed"
	}
	switch {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", 300).On("remark")
	case e.State != Asked:
		return fault.New(fault.Conflict, "export.not_now")
	case d.Version != 0 && d.Version != e.Version:
		return fault.New(fault.Conflict, "export.changed_meanwhile")
	}
	e.State, e.DecidedBy, e.DecidedName, e.DecidedAt, e.Remark = Refused, who.ID, who.Name, tx.Now(), remark
	notice := "notice.export_refused"
	if d.Approve {
		e.State, notice = Waiting, "notice.export_approved"
	}
	if err := e.step(ctx, tx); err != nil {
		return err
	}
	if err := accounts.Tell(ctx, tx, []string{e.User}, notice, e.subject()); err != nil {
		return err
	}
	return e.record(ctx, tx, who, access.ApproveExport, e.said())
}

// Cancel gives up what who asked for, whether it waits, is being made or is ready: the file is destroyed.
func Cancel(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	e, err := mine(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if e.State != Asked && !e.State.Working() && e.State != Ready {
		return fault.New(fault.Conflict, "export.not_now")
	}
	if err := forget(ctx, tx, e); err != nil {
		return err
	}
	e.State, e.Size = Cancelled, 0
	if err := e.step(ctx, tx); err != nil {
		return err
	}
	return e.record(ctx, tx, who, access.MakeExport, e.said())
}

// mine finds an export that who asked for and still may make.
func mine(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Export, error) {
	e, err := Find(ctx, tx, who, id)
	if err != nil {
		return Export{}, err
	}
	if !e.Mine(who) {
		return Export{}, notFound()
	}
	return e, access.Check(tx, who, access.MakeExport, e.scopes()...)
}

// Fetch lets who asked have the file, and enters that in the trail. It is read with Open.
func Fetch(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Export, error) {
	e, err := mine(ctx, tx, who, id)
	if err != nil {
		return Export{}, err
	}
	switch {
	case e.State != Ready || !e.EndsAt.After(tx.Now()):
		return Export{}, fault.New(fault.Conflict, "export.file_gone")
	case e.Class >= 2 && e.Fetched >= MostFetched:
		return Export{}, fault.New(fault.Conflict, "export.fetched").With("count", MostFetched)
	}
	e.Fetched++
	if err := e.step(ctx, tx); err != nil {
		return Export{}, err
	}
	said := e.said()
	said["fetched"] = e.Fetched
	return e, e.record(ctx, tx, who, access.MakeExport, said)
}

// forget takes the file out of the store and destroys its key.
func forget(ctx context.Context, tx *db.Tx, e Export) error {
	n, err := tx.Exec(ctx, `DELETE FROM export_chunks WHERE export_id = ?`, string(e.ID))
	if err != nil || e.attempts == 0 && n == 0 {
		return err
	}
	return seal.Discard(ctx, tx, e.key())
}
