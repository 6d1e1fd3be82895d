// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"slices"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/referrals"
)

// referrals puts in what was asked of other organisations for her, and what they were told. Where a shelter is stands nowhere in it.
func (m *maker) referrals(c cases.Case) error {
	id := func(r referrals.Referral) string { return string(r.ID) }
	all, err := whole(func(p cases.Part) ([]referrals.Referral, error) { return referrals.List(m.ctx, m.tx, m.who, c.ID, p) }, id)
	if err != nil {
		return err
	}
	if m.asking.Protected {
		more, err := whole(func(p cases.Part) ([]referrals.Referral, error) { return referrals.Look(m.ctx, m.tx, m.who, c.ID, p) }, id)
		if err != nil {
			return err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b referrals.Referral) int { return a.DraftedAt.Compare(b.DraftedAt) })
	var entries []Entry
	for _, r := range all {
		e, err := m.referral(r)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	m.of(c, "referrals", entries)
	return nil
}

func (m *maker) referral(r referrals.Referral) (Entry, error) {
	if r.Veiled && m.asking.Protected {
		var err error
		if r, err = referrals.LookAt(m.ctx, m.tx, m.who, r.ID); err != nil {
			return Entry{}, err
		}
	}
	known, err := directory.Several(m.ctx, m.tx, []string{r.Organisation})
	if err != nil {
		return Entry{}, err
	}
	need, _ := listing.NeedOf(r.Need)
	lang := string(m.s.Lang())
	e := m.say(need.Name(lang))
	e.plain("referral_number", r.Number)
	e.fact("provider", r.Organisation, known[r.Organisation].Name().In(lang))
	e.when("sent", r.SentAt)
	e.code("came_of_it", "copy.referral", string(r.State))
	e.when("agreed_at", r.Consent.At)
	e.codes("shared", "shared.field", r.Consent.Fields)
	for _, f := range r.Sheet.Shown() {
		if f.Typed && f.Kind == "text" {
			e.as(f.Code, m.s.T("shared.field."+f.Code), r.Sheet[f.Code], r.Sheet[f.Code])
		}
	}
	if !r.MeetsAt.IsZero() {
		e.fact("expected", r.MeetsAt.UTC().Format("2006-01-02T15:04:05Z"), dates.FormatTime(m.s, r.MeetsAt))
	}
	events, err := referrals.Events(m.ctx, m.tx, m.who, r.ID)
	for _, event := range events {
		if event.Why != "" {
			e.plain("why", m.why(event.Why))
		}
	}
	return e.Entry, err
}

// why is a reason as it was written, or the words for its code with what was written beside it.
func (m *maker) why(text string) string {
	for _, code := range referrals.Reasons() {
		if text == code {
			return m.word("shared.reason", code)
		}
	}
	return text
}
