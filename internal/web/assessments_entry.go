// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// askedEntry is a place of a form as the page shows it.
type askedEntry struct {
	kit.Input
	Key      string
	Kind     instruments.Kind
	Level    int
	Said     string // the question as plain text
	Options  []kit.Option
	Chosen   []string // of a ranking: in order
	Locked   bool     // it is only read
	MayClear bool     // an answer may be taken back
	Top      bool     // no heading of the page stands above it

	Instance, Of int
	MayAdd       bool
	Last         bool // the last instance of its repeat
}

// fieldOf is the name of the field of a question.
func fieldOf(key string) string { return "q." + key }

// asks is what stands in the list of the questions that the page asks.
func (e askedEntry) asks() string { return string(e.Kind) + ":" + e.Key }

// settable tells whether the page asks this.
func (e askedEntry) settable() bool { return e.Kind.Asked() && !e.Locked && !keepsFile(e.Kind) }

func keepsFile(k instruments.Kind) bool {
	return slices.Contains([]instruments.Kind{instruments.Image, instruments.Audio, instruments.Video, instruments.File}, k)
}

// asked makes what the page shows of an entry.
func (r *request) asked(e filling.Entry, o assessments.Opened) askedEntry {
	name := fieldOf(e.Key)
	a := askedEntry{Key: e.Key, Kind: e.Item.Kind, Level: e.Level, Said: filling.Plain(e.Label), Locked: e.ReadOnly, Instance: e.Instance, Of: e.Of, MayAdd: e.MayAdd, Last: e.Instance == e.Of}
	value := e.Value
	if r.Method == http.MethodPost && len(r.Problems) > 0 && r.PostForm.Has(name) { // it was not kept
		value = readAnswer(a.Kind, r.PostForm[name])
	}
	a.Input = kit.Input{Name: name, Label: a.Said, Hint: filling.Plain(e.Hint), Value: value, MaxLength: 10_000, Optional: e.Item.Kind.Asked() && !e.Required}
	a.MayClear = a.Optional
	for _, option := range e.Options {
		label := option.Label.In(o.Language, string(r.S.Lang()))
		if label == "" {
			label = option.Name
		}
		a.Options = append(a.Options, kit.Option{Value: option.Name, Label: filling.Plain(label), Chosen: slices.Contains(chosenOf(a.Kind, value), option.Name)})
	}
	switch a.Kind {
	case instruments.Integer:
		a.InputMode, a.Width = "numeric", kit.Short
	case instruments.Decimal:
		a.InputMode, a.Width = "decimal", kit.Short
	case instruments.Range:
		from, to, _ := e.Item.Span()
		a.InputMode, a.Width = "decimal", kit.Short
		a.Hint = strings.TrimSpace(a.Hint + " " + r.S.T("assessment.range", "from", r.S.Digits(number(from)), "to", r.S.Digits(number(to))))
	case instruments.Time:
		a.Type, a.Width = "time", kit.Short
	case instruments.DateTime:
		a.Type, a.Width = "datetime-local", kit.Medium
	case instruments.Date:
		a.Value = sayDate(r.S, value)
	case instruments.Point:
		a.Hint = strings.TrimSpace(a.Hint + " " + r.S.T("assessment.point_hint"))
	case instruments.Trace, instruments.Shape:
		a.Rows, a.Hint = 3, strings.TrimSpace(a.Hint+" "+r.S.T("assessment.trace_hint"))
	case instruments.Rank:
		a.Chosen = strings.Fields(value)
	case instruments.Text:
		if strings.Contains(e.Item.Appearance, "multiline") {
			a.Rows = 4
		}
	}
	return a
}

// chosenOf are the options of an answer. That to a question with one answer may have spaces in it.
func chosenOf(kind instruments.Kind, value string) []string {
	if kind == instruments.SelectOne && value != "" {
		return []string{value}
	}
	return strings.Fields(value)
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// sayDate says a stored day as it is typed; what is no day stays as it was typed.
func sayDate(s *words.Speaker, stored string) string {
	if d, err := dates.Parse(stored); err == nil && d.Day > 0 {
		return dates.Format(s, d)
	}
	return stored
}

// readAnswer makes an answer of what a page sends: a day in the stored form, several choices in one text.
func readAnswer(kind instruments.Kind, sent []string) string {
	sent = slices.DeleteFunc(slices.Clone(sent), func(v string) bool { return strings.TrimSpace(v) == "" })
	switch kind {
	case instruments.SelectMany, instruments.Rank:
		return strings.Join(sent, " ")
	case instruments.Acknowledge:
		if len(sent) > 0 {
			return "OK"
		}
		return ""
	}
	if len(sent) == 0 {
		return ""
	}
	value := sent[0]
	if kind == instruments.Date {
		if d, err := dates.Parse(value); err == nil && d.Day > 0 {
			return d.String()
		}
	}
	return value
}

// answerLine is a question with its answer in words, or the heading of a group.
type answerLine struct {
	Key     string
	Heading bool
	Label   string
	Answer  string // empty when it was not answered
}

// answersSaid lists what was answered, in order.
func answersSaid(s *words.Speaker, f *filling.Filling, lang string) (all []answerLine) {
	for _, e := range f.Whole(lang).Entries {
		label := filling.Plain(e.Label)
		switch {
		case e.Item.Kind.Holds():
			if e.Instance > 0 && e.Of > 1 {
				label += " " + s.Number(e.Instance)
			}
			all = append(all, answerLine{Key: e.Key, Heading: true, Label: label})
		case e.Item.Kind.Asked():
			all = append(all, answerLine{Key: e.Key, Label: label, Answer: answerSaid(s, e, lang)})
		}
	}
	return all
}

// answerSaid says one answer in words.
func answerSaid(s *words.Speaker, e filling.Entry, lang string) string {
	switch e.Item.Kind {
	case instruments.SelectOne, instruments.SelectMany, instruments.Rank:
		var said []string
		for _, name := range chosenOf(e.Item.Kind, e.Value) {
			label := name
			for _, o := range e.Options {
				if o.Name == name {
					label = filling.Plain(o.Label.In(lang, string(s.Lang())))
				}
			}
			said = append(said, label)
		}
		return strings.Join(said, ", ")
	case instruments.Integer, instruments.Decimal, instruments.Range:
		return s.Digits(e.Value)
	case instruments.Date:
		return sayDate(s, e.Value)
	case instruments.Acknowledge:
		if e.Value != "" {
			return s.T("assessment.acknowledged")
		}
	}
	return e.Value
}

// names lists the questions of the page and the alerts above them, so that a script sees when there are others.
func (v fillView) names() string {
	var all []string
	for _, e := range v.Entries {
		all = append(all, e.asks()+strconv.Itoa(len(e.Options)))
	}
	return strings.Join(all, " ") + " " + strconv.Itoa(len(v.Alerts))
}

// acknowledged is the input of something that is only to be confirmed.
func (e askedEntry) acknowledged() kit.Input {
	in := e.Input
	if in.Value != "" {
		in.Value = "yes"
	}
	return in
}

// repeatKey is the key of a repeat to which an instance belongs.
func repeatKey(key string) string {
	if i := strings.LastIndexByte(key, '['); i > 0 && strings.HasSuffix(key, "]") {
		return key[:i]
	}
	return key
}

func rankID(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i)
}

func asWord(whole bool) string {
	if whole {
		return "whole"
	}
	return "pages"
}
