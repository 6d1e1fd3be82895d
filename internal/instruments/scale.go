// SPDX-License-Identifier: Apache-2.0

package instruments

import (
	"math"
	"strings"

	"fera/internal/dates"
)

// Method says how a scale makes one number of several.
type Method string

// The methods.
const (
	Sum     Method = "sum"     // of scores times weights
	Mean    Method = "mean"    // of scores, by weights
	Highest Method = "highest" // of the scores
)

// Missing says what happens when answers are missing. It has to be said; there is no default.
type Missing string

// The policies for missing answers.
const (
	Refuse      Missing = "refuse"      // no score
	LeaveOut    Missing = "leave_out"   // score what there is; the number answered stands beside it
	Renormalise Missing = "renormalise" // as if those missing had been answered like the rest
)

// Scale is a score of a questionnaire: of a dimension, or composed of others.
type Scale struct {
	Name     string  `json:"name"`
	Label    Texts   `json:"label,omitzero"`
	Method   Method  `json:"method"`
	Parts    []Part  `json:"parts"`
	Times    float64 `json:"times,omitzero"` // the result is multiplied by this; 0 is 1
	Lowest   float64 `json:"lowest"`         // the range that the score can have
	Highest  float64 `json:"highest"`
	Places   int     `json:"places,omitzero"` // digits after the point that are reported
	Polarity string  `json:"polarity,omitzero"`

	Missing     Missing `json:"missing"`
	MostMissing int     `json:"most_missing,omitzero"` // with more missing there is no score; 0 is no such bound, except where the policy is refuse
	UnaskedLess bool    `json:"unasked_less,omitzero"` // items that were not relevant are left out, not missing
	Cuts        []Cut   `json:"cuts,omitzero"`         // several stand side by side
	Note        string  `json:"note,omitzero"`         // where the rule comes from
}

// Part is what goes into a scale: an item, or another scale that stands before.
type Part struct {
	Item   string   `json:"item,omitzero"`
	Scale  string   `json:"scale,omitzero"`
	Weight float64  `json:"weight"`
	From   *float64 `json:"from,omitzero"` // scores outside are missing
	To     *float64 `json:"to,omitzero"`
}

// Cut is a set of bands with the time in which it is in force.
type Cut struct {
	Name   string        `json:"name"`
	Label  Texts         `json:"label,omitzero"`
	From   dates.Partial `json:"from,omitzero"`
	Until  dates.Partial `json:"until,omitzero"`  // the last day
	Spoken string        `json:"spoken,omitzero"` // only for fillings in this language
	Bands  []Band        `json:"bands"`
	Note   string        `json:"note,omitzero"` // where it is published, and how sure we are
}

// Band is a part of a scale, from a score up to the next band's.
type Band struct {
	Name  string  `json:"name"`
	Label Texts   `json:"label,omitzero"`
	From  float64 `json:"from"`
}

// holds tells whether a cut is in force on a day for a filling in a language.
func (c Cut) holds(day dates.Partial, lang string) bool {
	return !day.SurelyBefore(c.From) && (c.Until.IsZero() || !c.Until.SurelyBefore(day)) && (c.Spoken == "" || c.Spoken == lang)
}

// Answer is what was answered to an item, for scoring.
type Answer struct {
	Value string // options separated by spaces
	Asked bool   // it was relevant
}

// Answers gives the answer to an item by its name.
type Answers func(item string) Answer

// Occasion is when and in which language a questionnaire was filled in: what decides which bands are in force.
type Occasion struct {
	Day      dates.Partial
	Language string
}

// Result is one score with everything that is needed to understand it.
type Result struct {
	Scale    string    `json:"scale"`
	Label    Texts     `json:"label,omitzero"`
	Version  string    `json:"version"` // of the definition
	Value    *float64  `json:"value"`   // none when too much is missing; bands go by it as it is
	Places   int       `json:"places"`  // digits after the point that are shown
	Lowest   float64   `json:"lowest"`
	Highest  float64   `json:"highest"`
	Answered int       `json:"answered"`
	Of       int       `json:"of"`
	Missing  Missing   `json:"missing"`
	Lines    []Line    `json:"lines"`
	Verdicts []Verdict `json:"verdicts,omitzero"`
	Why      string    `json:"why,omitzero"` // the key of a message, when there is no score
}

// Line explains what one part gave to a score.
type Line struct {
	Part   string   `json:"part"`
	Answer string   `json:"answer,omitzero"`
	Score  *float64 `json:"score"` // none when missing
	Weight float64  `json:"weight"`
	Gave   float64  `json:"gave"`
	Why    string   `json:"why,omitzero"` // why it is missing: "unanswered", "unscored", "unasked", "outside"
}

// Verdict is the band that a score falls in, by one cut.
type Verdict struct {
	Cut       string        `json:"cut"`
	CutLabel  Texts         `json:"cut_label,omitzero"`
	Band      string        `json:"band"`
	Label     Texts         `json:"label,omitzero"`
	From      float64       `json:"from"` // where the band begins
	InForce   dates.Partial `json:"in_force,omitzero"`
	Published string        `json:"note,omitzero"`
}

// Score works out all scales of the definition from answers.
func (d *Definition) Score(answers Answers, on Occasion) []Result {
	results := make([]Result, 0, len(d.Scales))
	for i := range d.Scales {
		results = append(results, d.scoreOne(&d.Scales[i], answers, on, results))
	}
	return results
}

func (d *Definition) scoreOne(s *Scale, answers Answers, on Occasion, before []Result) Result {
	r := Result{Scale: s.Name, Label: s.Label, Version: d.Version, Places: s.Places, Lowest: s.Lowest, Highest: s.Highest, Missing: s.Missing, Lines: []Line{}}
	var sum, weights, all, top float64
	top = math.Inf(-1)
	for _, p := range s.Parts {
		line := d.line(p, answers, before)
		if line.Why == "unasked" && s.UnaskedLess {
			r.Lines = append(r.Lines, line)
			continue
		}
		r.Of++
		all += p.Weight
		if line.Score != nil {
			r.Answered++
			line.Gave = *line.Score * p.Weight
			sum, weights, top = sum+line.Gave, weights+p.Weight, max(top, line.Gave)
		}
		r.Lines = append(r.Lines, line)
	}
	missing := r.Of - r.Answered
	switch {
	case r.Answered == 0:
		r.Why = "instrument.nothing_to_score"
	case missing > 0 && s.Missing == Refuse, s.MostMissing > 0 && missing > s.MostMissing:
		r.Why = "instrument.too_many_missing"
	default:
		value := s.result(sum, weights, all, top)
		r.Value, r.Verdicts = &value, s.judge(value, on)
	}
	return r
}

// result makes the score of the sum of what was answered, its weights, the weights of all, and the highest.
func (s *Scale) result(sum, weights, all, top float64) float64 {
	value := sum
	switch {
	case s.Method == Highest:
		value = top
	case s.Method == Mean:
		value = sum / weights
	case s.Missing == Renormalise:
		value = sum / weights * all
	}
	if s.Times != 0 {
		value *= s.Times
	}
	// Twelve digits hide what adding up in another order would change.
	return math.Round(value*1e12) / 1e12
}

// line finds the score of one part.
func (d *Definition) line(p Part, answers Answers, before []Result) Line {
	if p.Scale != "" {
		line := Line{Part: p.Scale, Weight: p.Weight, Why: "unanswered"}
		for _, r := range before {
			if r.Scale == p.Scale && r.Value != nil {
				line.Score, line.Why = r.Value, ""
			}
		}
		return line
	}
	a := answers(p.Item)
	line := Line{Part: p.Item, Answer: a.Value, Weight: p.Weight}
	switch {
	case !a.Asked:
		line.Why, line.Answer = "unasked", ""
		return line
	case strings.TrimSpace(a.Value) == "":
		line.Why = "unanswered"
		return line
	}
	score, ok := d.scoreOf(d.FindItem(p.Item), a.Value)
	switch {
	case !ok:
		line.Why = "unscored"
	case p.From != nil && score < *p.From, p.To != nil && score > *p.To:
		line.Why = "outside"
	default:
		line.Score = &score
	}
	return line
}

// scoreOf turns an answer into a number: the score of the option, the sum of several, or the number itself.
func (d *Definition) scoreOf(item *Item, answer string) (float64, bool) {
	if item == nil {
		return 0, false
	}
	if !item.Kind.Chooses() {
		return number(answer)
	}
	total, any := 0.0, false
	for _, option := range strings.Fields(answer) {
		if s := d.optionScore(item, option); s != nil {
			total, any = total+float64(*s), true
		}
	}
	return total, any
}

func (d *Definition) optionScore(item *Item, option string) *Score {
	if s, ok := item.Scores[option]; ok {
		return s
	}
	list := d.FindList(item.List)
	if list == nil {
		return nil
	}
	for _, o := range list.Options {
		if o.Name == option {
			return o.Score
		}
	}
	return nil
}

// judge finds the band of a score in each cut that is in force.
func (s *Scale) judge(value float64, on Occasion) (all []Verdict) {
	for _, c := range s.Cuts {
		if !c.holds(on.Day, on.Language) || len(c.Bands) == 0 {
			continue
		}
		band := c.Bands[0]
		for _, b := range c.Bands {
			if value >= b.From-1e-9 {
				band = b
			}
		}
		all = append(all, Verdict{c.Name, c.Label, band.Name, band.Label, band.From, c.From, c.Note})
	}
	return all
}
