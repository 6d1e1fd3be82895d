// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/questionnaires"
)

// Ref names one version of a questionnaire.
type Ref struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Standing is where a version stands on a day.
type Standing string

// The standings, in order of life.
const (
	Draft   Standing = "draft"              // brought in and not activated
	Pending Standing = "pending_permission" // its owner has not agreed, or its text is not there
	Coming  Standing = "coming"             // activated from a later day
	InUse   Standing = "in_use"
	Retired Standing = "retired"
)

// Known is a version of a questionnaire that the register knows.
type Known struct {
	Ref
	Definition *instruments.Definition // not to be changed
	Shipped    bool
	Permitted  string        // who gave permission, where the definition says that it is needed
	Starts     dates.Partial // first day on which it may be begun
	Ends       dates.Partial // first day on which it may not be begun any more
	By         string        // who brought it in
	At         time.Time     // and when; zero for one that ships and was not used yet

	activated bool
}

// Standing tells where the version stands on a day.
func (k Known) Standing(day dates.Partial) Standing {
	switch {
	case !k.Ends.IsZero() && !day.SurelyBefore(k.Ends):
		return Retired
	case k.Definition.Status == instruments.Pending && k.Permitted == "":
		return Pending
	case !k.activated:
		return Draft
	case day.SurelyBefore(k.Starts):
		return Coming
	}
	return InUse
}

// shipped makes a version of a definition that ships and has no row. It is in use if its file says so, unless somebody here
// chose another version or ended the one that shipped before: then it waits to be activated.
func shipped(d *instruments.Definition, rows []Known) Known {
	decided := slices.ContainsFunc(rows, func(k Known) bool { return k.Name == d.Name && (!k.Ends.IsZero() || !k.Shipped && k.activated) })
	return Known{Ref: Ref{d.Name, d.Version}, Definition: d, Shipped: true, activated: d.Status == instruments.Active && !decided}
}

const knownColumns = `name, version, definition, shipped, permitted, activated, starts, ends, user_name, at`

func scanKnown(row interface{ Scan(...any) error }) (k Known, err error) {
	var text string
	if err = row.Scan(&k.Name, &k.Version, &text, &k.Shipped, &k.Permitted, &k.activated, &k.Starts, &k.Ends, &k.By, db.Time(&k.At)); err != nil {
		return k, err
	}
	if k.Definition, err = instruments.Decode([]byte(text)); err != nil {
		return k, fmt.Errorf("definition of %s: %w", k.Name, err)
	}
	return k, nil
}

// known lists all versions: those with a row, and those that ship without one.
func known(ctx context.Context, q db.Reader) ([]Known, error) {
	rows, err := q.Query(ctx, `SELECT `+knownColumns+` FROM assessment_instruments`)
	all, err := db.Collect(rows, err, scanKnown)
	if err != nil {
		return nil, err
	}
	rowed := slices.Clip(all)
	for _, d := range questionnaires.List() {
		if !slices.ContainsFunc(rowed, func(k Known) bool { return k.Ref == Ref{d.Name, d.Version} }) {
			all = append(all, shipped(d, rowed))
		}
	}
	slices.SortFunc(all, func(a, b Known) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), b.At.Compare(a.At), cmp.Compare(b.Version, a.Version))
	})
	return all, nil
}

// ListInstruments returns all versions of all questionnaires, by name, the latest brought first.
func ListInstruments(ctx context.Context, q db.Reader, who access.Actor) ([]Known, error) {
	if !who.Holds(access.ReadInstruments) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	all, err := known(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list questionnaires: %w", err)
	}
	return all, nil
}

// FindInstrument returns one version of a questionnaire.
func FindInstrument(ctx context.Context, q db.Reader, who access.Actor, ref Ref) (Known, error) {
	if !who.Holds(access.ReadInstruments) {
		return Known{}, fault.New(fault.NotFound, "instrument.not_found").With("name", ref.Name)
	}
	return version(ctx, q, ref)
}

// version finds a version, whoever asks.
func version(ctx context.Context, q db.Reader, ref Ref) (Known, error) {
	rows, err := q.Query(ctx, `SELECT `+knownColumns+` FROM assessment_instruments WHERE name = ?`, ref.Name)
	all, err := db.Collect(rows, err, scanKnown)
	if err != nil {
		return Known{}, fmt.Errorf("find questionnaire: %w", err)
	}
	if i := slices.IndexFunc(all, func(k Known) bool { return k.Version == ref.Version }); i >= 0 {
		return all[i], nil
	}
	d, err := questionnaires.Find(ref.Name)
	if err != nil || d.Version != ref.Version {
		return Known{}, fault.New(fault.NotFound, "instrument.not_found").With("name", ref.Name)
	}
	return shipped(d, all), nil
}

// inUse returns the version of a name that may be begun on a day.
func inUse(ctx context.Context, q db.Reader, name string, day dates.Partial) (Known, error) {
	all, err := known(ctx, q)
	if err != nil {
		return Known{}, err
	}
	there := false
	for _, k := range current(all, day) {
		if k.Name == name {
			return k, nil
		}
	}
	for _, k := range all {
		there = there || k.Name == name
	}
	if there {
		return Known{}, fault.New(fault.Conflict, "instrument.not_active")
	}
	return Known{}, fault.New(fault.NotFound, "instrument.not_found").With("name", name)
}

// current keeps of each name the version in use that began last.
func current(all []Known, day dates.Partial) (some []Known) {
	for _, k := range all {
		if k.Standing(day) != InUse {
			continue
		}
		i := slices.IndexFunc(some, func(o Known) bool { return o.Name == k.Name })
		switch {
		case i < 0:
			some = append(some, k)
		case some[i].Starts.SurelyBefore(k.Starts), some[i].Starts == k.Starts && some[i].olderThan(k):
			some[i] = k
		}
	}
	return some
}

// olderThan tells which of two versions came first; one without a row came with the program that runs now.
func (k Known) olderThan(o Known) bool {
	return !k.At.IsZero() && (o.At.IsZero() || k.At.Before(o.At))
}

// insert keeps a version, if it is not kept yet.
func (k Known) insert(ctx context.Context, tx *db.Tx, by string) error {
	text, err := k.Definition.Encode()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO assessment_instruments (`+knownColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		k.Name, k.Version, string(text), k.Shipped, k.Permitted, k.activated, k.Starts.String(), k.Ends.String(), by, tx.Now())
	return err
}
