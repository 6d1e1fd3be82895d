// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fera/internal/assessments"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/web/kit"
)

// sortedSaid is how a first screening sorted, in words, with the reasons.
type sortedSaid struct {
	Said, Lead string
	Tone       kit.Tone
	Reasons    []reasonSaid
	Left       string // how much was left unanswered
}

// reasonSaid is one reason, and how soon it needs somebody.
type reasonSaid struct {
	Text  string
	Level kit.Tag
}

// sortedLine is how a first screening sorted, as a line to compare.
func (r *request) sortedLine(o assessments.Opened) []answerLine {
	if said := r.sorted(o.Filling); said != nil {
		return []answerLine{{Key: "sorted", Label: r.S.T("assessment.sorted"), Answer: said.Said}}
	}
	return nil
}

// sorted says how a first screening sorts; nil for a questionnaire that is none.
func (r *request) sorted(f *filling.Filling) *sortedSaid {
	s, sorts := f.Sorting()
	if !sorts {
		return nil
	}
	said := sortedSaid{Tone: kit.Good}
	switch s.Level {
	case instruments.Now:
		said.Tone = kit.Danger
	case instruments.Soon:
		said.Tone = kit.Attention
	case "":
		s.Level, said.Tone = "nothing", kit.Attention
	}
	said.Said, said.Lead = r.S.T("assessment.sorted."+string(s.Level)), r.S.T("assessment.sorted_lead."+string(s.Level))
	for _, reason := range s.Reasons {
		tone := kit.Attention
		if reason.Level == instruments.Now {
			tone = kit.Danger
		}
		said.Reasons = append(said.Reasons, reasonSaid{r.text(reason.Message), kit.Tag{Text: r.S.T("assessment.level_" + string(reason.Level)), Tone: tone}})
	}
	if s.Unanswered > 0 && s.Unanswered < s.Asked {
		said.Left = r.S.T("assessment.sorted_left", "count", s.Unanswered, "of", s.Asked)
	}
	return &said
}
