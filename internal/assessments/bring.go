// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/names"
)

// The longest names, so that they fit an address.
const (
	mostName       = 80
	mostVersion    = 60
	mostDefinition = 2 << 20
)

// Bring takes a questionnaire into the register. It is a draft, whatever it says of itself, or waits for permission. The
// same version may be brought again only if nothing in it differs.
func Bring(ctx context.Context, tx *db.Tx, who access.Actor, d *instruments.Definition) (Ref, error) {
	if err := access.CheckAnywhere(tx, who, access.ManageInstruments); err != nil {
		return Ref{}, err
	}
	given := *d
	if given.Status != instruments.Pending {
		given.Status = instruments.Draft
	}
	k := Known{Ref: Ref{d.Name, strings.TrimSpace(d.Version)}, Definition: &given}
	if err := k.check(); err != nil {
		return Ref{}, err
	}
	text, err := given.Encode()
	if err != nil {
		return Ref{}, fmt.Errorf("bring questionnaire: %w", err)
	}
	if len(text) > mostDefinition {
		return Ref{}, fault.New(fault.Invalid, "instrument.definition_large").On("file")
	}
	have, err := version(ctx, tx, k.Ref)
	if err == nil {
		old, err := have.Definition.Encode()
		if err == nil && bytes.Equal(old, text) {
			tx.Recorded() // nothing is new
			return k.Ref, nil
		}
		return Ref{}, errors.Join(err, fault.New(fault.Conflict, "instrument.version_taken").With("version", k.Version).On("file"))
	}
	if fault.KindOf(err) != fault.NotFound {
		return Ref{}, err
	}
	if err := k.insert(ctx, tx, who.Name); err != nil {
		return Ref{}, fmt.Errorf("bring questionnaire: %w", err)
	}
	return k.Ref, k.record(ctx, tx, who, "brought", "")
}

// check refuses what cannot be kept. Whoever brings it has shown the list of problems already.
func (k Known) check() error {
	switch {
	case k.Name == "" || len(k.Name) > mostName || strings.ContainsAny(k.Name, "/?#% \n\t"):
		return fault.New(fault.Invalid, "instrument.name_unfit").With("max", mostName).On("file")
	case k.Version == "" || len(k.Version) > mostVersion || strings.ContainsAny(k.Version, "/?#%\n\t") || k.Version != k.Definition.Version:
		return fault.New(fault.Invalid, "instrument.version_unfit").With("max", mostVersion).On("file")
	}
	if _, problems := filling.New(k.Definition); slices.ContainsFunc(problems, func(p instruments.Problem) bool { return !p.Advice }) {
		return fault.New(fault.Invalid, "instrument.has_problems").On("file")
	}
	return nil
}

func (k Known) record(ctx context.Context, tx *db.Tx, who access.Actor, what, reason string) error {
	return audit.Record(ctx, tx, who, access.ManageInstruments, audit.Entry{Subject: "instrument:" + k.Name, Reason: reason,
		After: map[string]any{"version": k.Version, what: orElse(k.Starts.String(), "yes")}})
}

// Permit writes down that the owner of a questionnaire allows its use: who said so, and where that can be read. Those that
// ship and wait are not permitted this way: their text is missing or not the official one, and has to be brought.
func Permit(ctx context.Context, tx *db.Tx, who access.Actor, ref Ref, said string) error {
	if err := access.CheckAnywhere(tx, who, access.ManageInstruments); err != nil {
		return err
	}
	k, err := version(ctx, tx, ref)
	if err != nil {
		return err
	}
	said, problem := names.CheckText(said, 500)
	switch {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", 500).On("said")
	case len([]rune(said)) < 10:
		return fault.New(fault.Invalid, "instrument.permission_unsaid").On("said")
	case k.Shipped:
		return fault.New(fault.Invalid, "instrument.bring_text").On("said")
	case k.Standing(dates.Of(tx.Now())) != Pending:
		return fault.New(fault.Conflict, "instrument.permission_given")
	}
	if _, err := tx.Exec(ctx, `UPDATE assessment_instruments SET permitted = ? WHERE name = ? AND version = ?`, said, ref.Name, ref.Version); err != nil {
		return fmt.Errorf("permit questionnaire: %w", err)
	}
	return k.record(ctx, tx, who, "permitted", said)
}

// Activation puts a version to use from a day: today, when none is given.
type Activation struct {
	Ref
	From dates.Partial
}

// Activate puts a version to use, and ends the other versions of the same questionnaire on that day.
func Activate(ctx context.Context, tx *db.Tx, who access.Actor, a Activation) error {
	if err := access.CheckAnywhere(tx, who, access.ManageInstruments); err != nil {
		return err
	}
	k, err := version(ctx, tx, a.Ref)
	if err != nil {
		return err
	}
	today := dates.Of(tx.Now())
	if a.From.IsZero() {
		a.From = today
	}
	switch standing := k.Standing(today); {
	case a.From.Day == 0 || a.From.SurelyBefore(today):
		return fault.New(fault.Invalid, "instrument.from_past").On("from")
	case standing == Pending:
		return fault.New(fault.Conflict, "instrument.pending_permission").On("from")
	case k.Shipped && k.Definition.Status != instruments.Active:
		return fault.New(fault.Conflict, "instrument.bring_text").On("from")
	case standing == InUse || standing == Coming:
		return fault.New(fault.Conflict, "instrument.activated_already").On("from")
	}
	if wrong := fit(k.Definition); wrong != nil {
		return wrong.On("from")
	}
	k.Starts = a.From
	if err := k.insert(ctx, tx, who.Name); err != nil {
		return fmt.Errorf("activate questionnaire: %w", err)
	}
	if err := endOthers(ctx, tx, who, k); err != nil {
		return fmt.Errorf("activate questionnaire: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE assessment_instruments SET activated = ?, starts = ?, ends = '' WHERE name = ? AND version = ?`, true, a.From.String(), a.Name, a.Version); err != nil {
		return fmt.Errorf("activate questionnaire: %w", err)
	}
	if len(k.Definition.Scales) > 0 {
		if err := k.wantScores(ctx, tx, who); err != nil {
			return fmt.Errorf("activate questionnaire: %w", err)
		}
	}
	return k.record(ctx, tx, who, "activated", "")
}

// endOthers ends the other versions on the day on which k begins; those that never began stay drafts.
func endOthers(ctx context.Context, tx *db.Tx, who access.Actor, k Known) error {
	all, err := known(ctx, tx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Name != k.Name || o.Version == k.Version || !o.activated {
			continue
		}
		if err := o.insert(ctx, tx, who.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE assessment_instruments SET ends = ? WHERE name = ? AND version = ? AND (ends = '' OR ends > ?)`,
			k.Starts.String(), o.Name, o.Version, k.Starts.String()); err != nil {
			return err
		}
	}
	return nil
}

// fit tells why a definition cannot be administered here, if it cannot: nothing to ask, or a picture that has to be taken.
func fit(d *instruments.Definition) *fault.Error {
	asked, wrong := 0, (*fault.Error)(nil)
	d.Walk(func(item *instruments.Item, _ []*instruments.Item) {
		if item.Kind.Asked() {
			asked++
		}
		if needsFile(item.Kind) && strings.TrimSpace(item.Required) != "" && item.Required != "false()" {
			wrong = fault.New(fault.Invalid, "instrument.needs_file").With("name", item.Name)
		}
	})
	if asked == 0 {
		return fault.New(fault.Invalid, "instrument.empty")
	}
	return wrong
}

func needsFile(k instruments.Kind) bool {
	return slices.Contains([]instruments.Kind{instruments.Image, instruments.Audio, instruments.Video, instruments.File}, k)
}

// Retire takes a version out of use from today on. What was answered stays, and what was begun may be completed.
func Retire(ctx context.Context, tx *db.Tx, who access.Actor, ref Ref, reason string) error {
	if err := access.CheckAnywhere(tx, who, access.ManageInstruments); err != nil {
		return err
	}
	k, err := version(ctx, tx, ref)
	if err != nil {
		return err
	}
	reason, problem := names.CheckText(reason, 500)
	if problem != "" || reason == "" {
		return fault.New(fault.Invalid, orElse(problem, "fault.needed")).With("max", 500).On("reason")
	}
	today := dates.Of(tx.Now())
	switch k.Standing(today) {
	case Retired:
		return fault.New(fault.Conflict, "instrument.retired_already").On("reason")
	case Coming: // those that would have made room for it go on
		if _, err := tx.Exec(ctx, `UPDATE assessment_instruments SET ends = '' WHERE name = ? AND ends = ?`, ref.Name, k.Starts.String()); err != nil {
			return fmt.Errorf("retire questionnaire: %w", err)
		}
	}
	if err := k.insert(ctx, tx, who.Name); err != nil {
		return fmt.Errorf("retire questionnaire: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE assessment_instruments SET ends = ? WHERE name = ? AND version = ?`, today.String(), ref.Name, ref.Version); err != nil {
		return fmt.Errorf("retire questionnaire: %w", err)
	}
	return k.record(ctx, tx, who, "retired", reason)
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
