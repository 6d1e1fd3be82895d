// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"slices"
	"strconv"
	"strings"

	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
)

// assessments puts in what she answered to questionnaires and what that came to, the earliest first.
func (m *maker) assessments() error {
	all, err := assessments.List(m.ctx, m.tx, m.who, m.her.ID)
	if err != nil {
		return err
	}
	slices.Reverse(all)
	var entries []Entry
	for _, l := range all {
		if l.Protected && !m.asking.Protected || l.Round == 0 {
			continue
		}
		o, err := assessments.Look(m.ctx, m.tx, m.who, l.ID)
		if err != nil {
			return err
		}
		entries = append(entries, m.assessment(o))
	}
	m.add("assessments", entries...)
	return nil
}

func (m *maker) assessment(o assessments.Opened) Entry {
	lang := o.Definition.Language
	if slices.ContainsFunc(o.Definition.Languages, func(l instruments.Language) bool { return l.Code == string(m.s.Lang()) }) {
		lang = string(m.s.Lang())
	}
	e := m.say(filling.Plain(o.Definition.Title.In(lang, o.Definition.Language)) + ", " + dates.Format(m.s, o.Day()))
	for _, entry := range o.Filling.Whole(lang).Entries {
		if entry.Item.Kind.Asked() {
			e.as(entry.Key, filling.Plain(entry.Label), entry.Value, m.answer(entry, lang))
		}
	}
	if len(o.Scores) > 0 {
		for _, r := range o.Scores[0].Results {
			m.score(e, r, lang)
		}
	}
	return e.Entry
}

// answer says an answer: by the words of the options that were chosen, or as it was given.
func (m *maker) answer(entry filling.Entry, lang string) string {
	switch entry.Item.Kind {
	case instruments.SelectOne, instruments.SelectMany, instruments.Rank:
		chosen := []string{entry.Value}
		if entry.Item.Kind != instruments.SelectOne {
			chosen = strings.Fields(entry.Value)
		}
		for i, name := range chosen {
			if at := slices.IndexFunc(entry.Options, func(o instruments.Option) bool { return o.Name == name }); at >= 0 {
				chosen[i] = filling.Plain(entry.Options[at].Label.In(lang, string(m.s.Lang())))
			}
		}
		return strings.Join(chosen, ", ")
	case instruments.Integer, instruments.Decimal, instruments.Range:
		return m.s.Digits(entry.Value)
	case instruments.Date:
		if d, err := dates.Parse(entry.Value); err == nil {
			return dates.Format(m.s, d)
		}
	case instruments.Acknowledge:
		if entry.Value != "" {
			return m.s.T("common.yes")
		}
	}
	return entry.Value
}

func (m *maker) score(e *saying, r instruments.Result, lang string) {
	if r.Value == nil {
		return
	}
	label := r.Label.In(lang, string(m.s.Lang()), "en")
	if label == "" {
		label = r.Scale
	}
	text := m.s.T("copy.score", "score", m.s.Digits(strconv.FormatFloat(*r.Value, 'f', r.Places, 64)),
		"lowest", m.s.Digits(strconv.FormatFloat(r.Lowest, 'f', -1, 64)), "highest", m.s.Digits(strconv.FormatFloat(r.Highest, 'f', -1, 64)))
	for _, v := range r.Verdicts {
		if said := v.Label.In(lang, string(m.s.Lang())); said != "" {
			text += " · " + said
		}
	}
	e.as(r.Scale, label, strconv.FormatFloat(*r.Value, 'f', -1, 64), text)
}
