// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"strconv"
	"strings"

	"fera/internal/instruments"
	"fera/internal/instruments/expr"
)

// Answers returns everything to be kept so that the filling can be begun again: what was answered, also to questions that
// are not relevant now, what calculations came to, and how many instances repeats have ("people[]").
func (a *Filling) Answers() map[string]string {
	all := map[string]string{}
	for key, v := range a.given {
		all[key] = v
	}
	a.every(a.root, func(s *spot) {
		for _, k := range s.kids {
			if k.n.item.Kind == instruments.Repeat && k.n.count == nil {
				all[k.key+instances] = strconv.Itoa(len(k.each))
			}
		}
		if s.n.calculation != nil && s.n.item.Trigger == "" || s.n.item.Kind == instruments.Today || s.n.item.Kind == instruments.Start ||
			s.n.item.Kind == instruments.End || s.n.item.Kind == instruments.Username {
			all[s.key] = s.value.String()
		}
	})
	return all
}

func (a *Filling) every(s *spot, do func(*spot)) {
	do(s)
	for _, k := range s.kids {
		for _, m := range k.members() {
			a.every(m, do)
		}
	}
}

// Given returns what counts: the answers and calculations that are relevant and not blank.
func (a *Filling) Given() map[string]string {
	all := map[string]string{}
	a.visit(a.root, func(s *spot) {
		if v := s.value.String(); v != "" && !s.n.item.Kind.Holds() && s.n.item.Kind != instruments.Note {
			all[s.key] = v
		}
	})
	return all
}

// Relevant tells whether the item of a key is asked now.
func (a *Filling) Relevant(key string) bool {
	s := a.by[key]
	return s != nil && s.relevant
}

// Value returns what an item has been answered with or comes to; blank if it is not relevant.
func (a *Filling) Value(key string) expr.Value {
	if s := a.by[key]; s != nil {
		return s.value
	}
	return expr.Value{}
}

// Scores works out the scales of the form, by the bands that are in force on the day of the filling.
func (a *Filling) Scores() []instruments.Result {
	answers := func(item string) instruments.Answer {
		n := named(a.form, item)
		if n == nil || n.repeat() != nil {
			return instruments.Answer{}
		}
		s := a.by[n.key]
		return instruments.Answer{Value: s.value.String(), Asked: s.relevant}
	}
	return a.form.def.Score(answers, instruments.Occasion{Day: a.day(), Language: a.on.Language})
}

// Alarm is an answer that needs somebody.
type Alarm struct {
	Key     string            `json:"key"` // of the question
	Level   instruments.Level `json:"level"`
	Message instruments.Texts `json:"message,omitzero"`
	Steps   instruments.Texts `json:"steps,omitzero"`
}

// Alarms lists the answers that need somebody, those first that need her at once.
func (a *Filling) Alarms() []Alarm {
	a.left = mostWork
	var now, soon []Alarm
	a.visit(a.root, func(s *spot) {
		if s.n.alert == nil || s.n.item.Kind.Asked() && s.value.Blank() || !a.eval(s, s.n.alert).True() {
			return
		}
		alarm := Alarm{s.key, s.n.item.Alert.Level, s.n.item.Alert.Message, s.n.item.Alert.Steps}
		if alarm.Level == instruments.Now {
			now = append(now, alarm)
			return
		}
		soon = append(soon, alarm)
	})
	return append(now, soon...)
}

// Urgency tells how soon somebody is needed: at once, soon, or as usual. The alarms are the reasons.
func (a *Filling) Urgency() instruments.Level {
	if all := a.Alarms(); len(all) > 0 {
		return all[0].Level
	}
	return instruments.Routine
}

// Sorting is what a first screening comes to: how soon somebody is needed, why, and how much was left unanswered.
type Sorting struct {
	Level      instruments.Level `json:"level"` // empty when nothing was answered at all, which sorts nobody
	Reasons    []Alarm           `json:"reasons,omitzero"`
	Asked      int               `json:"asked"`
	Unanswered int               `json:"unanswered"`
}

// Sorting sorts by the answers, if the form is a first screening. Nothing pressing among the answers is routine; no answers are not.
func (a *Filling) Sorting() (s Sorting, sorts bool) {
	if !a.form.def.Sorts {
		return s, false
	}
	s.Level, s.Reasons = a.Urgency(), a.Alarms()
	a.visit(a.root, func(one *spot) {
		if !one.n.item.Kind.Asked() {
			return
		}
		s.Asked++
		if one.value.Blank() {
			s.Unanswered++
		}
	})
	if s.Asked == s.Unanswered && len(s.Reasons) == 0 {
		s.Level = ""
	}
	return s, true
}

// Key finds the key of the item that somebody means by a name: the key itself, or the name where there is one such item.
func (f *Form) Key(name string) (string, bool) {
	if all := f.named[name]; len(all) == 1 && all[0].repeat() == nil {
		return all[0].key, true
	}
	bare := name
	for {
		open := strings.IndexByte(bare, '[')
		shut := strings.IndexByte(bare, ']')
		if open < 0 || shut < open {
			break
		}
		bare = bare[:open] + bare[shut+1:]
	}
	for _, n := range f.nodes[1:] {
		if n.key == bare {
			return name, true
		}
	}
	return "", false
}
