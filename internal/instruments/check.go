// SPDX-License-Identifier: Apache-2.0

package instruments

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fera/internal/fault"
)

// Problem is something about a definition that whoever wrote it should know. Advice may be left as it is; anything else
// has to be mended before the definition can be used.
type Problem struct {
	Item   string // the name of the item, list or scale
	Column string // as the workbook calls it: "relevant", "choice_filter"
	Advice bool
	Fault  *fault.Error

	Sheet string // where it stands in a workbook, if it came in one
	Row   int    // as a spreadsheet counts
}

// Refused tells whether any of the problems has to be mended.
func Refused(all []Problem) bool {
	return slices.ContainsFunc(all, func(p Problem) bool { return !p.Advice })
}

// The sizes beyond which a definition is refused.
const (
	mostItems   = 5000
	mostOptions = 50_000
)

// checker collects problems.
type checker struct {
	d    *Definition
	all  []Problem
	said map[string]bool // what has been advised once and would only be repeated
}

func (c *checker) add(item, column, key string, with ...any) {
	f := fault.New(fault.Invalid, key)
	for i := 0; i+1 < len(with); i += 2 {
		f = f.With(with[i].(string), with[i+1])
	}
	c.all = append(c.all, Problem{Item: item, Column: column, Fault: f})
}

func (c *checker) advise(item, column, key string, with ...any) {
	c.add(item, column, key, with...)
	c.all[len(c.all)-1].Advice = true
}

// Check lists what is wrong with a definition, expressions apart: those are read when a form is made of it.
func (d *Definition) Check() []Problem {
	c := &checker{d: d, said: map[string]bool{}}
	c.head()
	c.lists()
	c.items()
	c.scales()
	return c.all
}

func (c *checker) head() {
	d := c.d
	if strings.TrimSpace(d.Name) == "" || len(d.Name) > 200 || strings.ContainsFunc(d.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		c.add("", "form_id", "instrument.form_unnamed")
	}
	if strings.TrimSpace(d.Version) == "" {
		c.advise("", "version", "instrument.version_missing")
	}
	if len(d.Title) == 0 {
		c.advise("", "form_title", "instrument.title_missing")
	}
	if !slices.Contains([]Status{Draft, Pending, Active, Retired}, d.Status) {
		c.add("", "status", "instrument.status_unknown", "status", string(d.Status))
	}
	if d.Status == Active && (d.Source == "" || d.Licence == "") {
		c.add("", "licence", "instrument.source_missing")
	}
	if d.Status == Active && len(d.Items) == 0 {
		c.add("", "status", "instrument.empty")
	}
	for _, class := range []int{d.Class, d.ClassScores} {
		if class != 0 && class != 2 && class != 3 {
			c.add("", "fera_class", "instrument.class_unknown", "class", class)
		}
	}
	if alerts := 0; d.Sorts {
		d.Walk(func(item *Item, _ []*Item) {
			if item.Alert != nil {
				alerts++
			}
		})
		if alerts == 0 {
			c.add("", "sorts", "instrument.sorts_nothing")
		}
	}
	if d.OncePer != "" && d.OncePer != "quarter" {
		c.add("", "once_per", "instrument.once_per_unknown", "found", d.OncePer)
	}
	if d.MinimumAge < 0 || d.MinimumAge > 120 {
		c.add("", "minimum_age", "instrument.age_unknown")
	}
}

func (c *checker) lists() {
	seen, options := map[string]bool{}, 0
	for _, l := range c.d.Lists {
		if seen[l.Name] {
			c.add(l.Name, "list_name", "instrument.list_twice", "list", l.Name)
		}
		seen[l.Name] = true
		options += len(l.Options)
		names := map[string]bool{}
		for _, o := range l.Options {
			switch {
			case o.Name == "":
				c.add(l.Name, "name", "instrument.option_unnamed", "list", l.Name)
			case strings.ContainsFunc(o.Name, unicode.IsSpace) && c.usedForMany(l.Name):
				c.add(l.Name, "name", "instrument.option_space", "list", l.Name, "option", o.Name)
			case names[o.Name] && !c.duplicatesAllowed():
				c.add(l.Name, "name", "instrument.option_twice", "list", l.Name, "option", o.Name)
			}
			names[o.Name] = true
			if len(o.Label) == 0 && len(o.Media) == 0 {
				c.advise(l.Name, "label", "instrument.option_unlabelled", "list", l.Name, "option", o.Name)
			}
			c.languages(l.Name, "label", o.Label)
		}
	}
	if options > mostOptions {
		c.add("", "", "instrument.too_many_options", "most", mostOptions)
	}
}

func (c *checker) duplicatesAllowed() bool {
	return slices.Contains([]string{"yes", "true", "true()"}, strings.ToLower(c.d.Settings["allow_choice_duplicates"]))
}

func (c *checker) usedForMany(list string) (used bool) {
	c.d.Walk(func(item *Item, _ []*Item) {
		used = used || item.List == list && (item.Kind == SelectMany || item.Kind == Rank)
	})
	return used
}

// languages advises of a text that is there in one language and missing in another.
func (c *checker) languages(item, column string, t Texts) {
	if len(t) == 0 {
		return
	}
	for _, l := range c.d.Languages {
		if once := item + " " + column + " " + l.Code; t[l.Code] == "" && !c.said[once] {
			c.said[once] = true
			c.advise(item, column, "instrument.translation_missing", "language", l.said())
		}
	}
}

func (l Language) said() string {
	if l.Name != "" {
		return l.Name
	}
	return l.Code
}

func (c *checker) items() {
	count := 0
	siblings := map[*Item]map[string]bool{}
	c.d.Walk(func(item *Item, within []*Item) {
		count++
		var parent *Item
		if len(within) > 0 {
			parent = within[len(within)-1]
		}
		if siblings[parent] == nil {
			siblings[parent] = map[string]bool{}
		}
		switch lower := strings.ToLower(item.Name); {
		case !validName(item.Name):
			c.add(item.Name, "name", "instrument.name_invalid", "name", item.Name)
		case siblings[parent][lower]:
			c.add(item.Name, "name", "instrument.name_twice", "name", item.Name)
		default:
			siblings[parent][lower] = true
		}
		c.item(item)
	})
	if count > mostItems {
		c.add("", "", "instrument.too_many_items", "most", mostItems)
	}
}

func (c *checker) item(item *Item) {
	switch {
	case item.Kind.Chooses() && strings.HasPrefix(item.List, "${"): // the answers of a repeat, which the form looks for
	case item.Kind.Chooses() && c.d.FindList(item.List) == nil:
		c.add(item.Name, "type", "instrument.list_missing", "list", item.List)
	case item.Kind.Chooses() && len(c.d.FindList(item.List).Options) == 0:
		c.add(item.Name, "type", "instrument.list_empty", "list", item.List)
	case item.Kind == Calculate && item.Calculation == "" && item.Default == "":
		c.add(item.Name, "calculation", "instrument.calculation_missing")
	case item.Kind.Asked() && len(item.Label) == 0 && len(item.Hint) == 0 && len(item.Media) == 0:
		c.advise(item.Name, "label", "instrument.label_missing")
	}
	if item.Kind == Range {
		c.rangeOf(item)
	}
	if item.Class != 0 && item.Class != 2 && item.Class != 3 {
		c.add(item.Name, "fera_class", "instrument.class_unknown", "class", item.Class)
	}
	if item.Alert != nil && item.Alert.Level != Now && item.Alert.Level != Soon {
		c.add(item.Name, "fera_alert_level", "instrument.level_unknown", "found", string(item.Alert.Level))
	}
	for option := range item.Scores {
		if list := c.d.FindList(item.List); list == nil || !slices.ContainsFunc(list.Options, func(o Option) bool { return o.Name == option }) {
			c.add(item.Name, "fera_score", "instrument.score_of_nothing", "option", option)
		}
	}
	if item.Polarity != "" && item.Polarity != "higher_is_better" && item.Polarity != "higher_is_worse" {
		c.add(item.Name, "fera_polarity", "instrument.polarity_unknown", "found", item.Polarity)
	}
	for column, t := range map[string]Texts{"label": item.Label, "hint": item.Hint, "constraint_message": item.ConstraintMessage, "required_message": item.RequiredMessage} {
		c.languages(item.Name, column, t)
	}
}

// Span returns the bounds and the step of a range; the step is 0 if the parameters are no numbers or make no sense.
func (i *Item) Span() (from, to, step float64) {
	from, to, step = 1, 10, 1
	for name, into := range map[string]*float64{"start": &from, "end": &to, "step": &step} {
		if text := i.Parameters[name]; text != "" {
			f, ok := number(text)
			if !ok {
				return 0, 0, 0
			}
			*into = f
		}
	}
	step = math.Abs(step)
	if from > to {
		from, to = to, from
	}
	if step == 0 || step > to-from || (to-from)/step > 100_000 {
		return 0, 0, 0
	}
	return from, to, step
}

func (c *checker) rangeOf(item *Item) {
	if _, _, step := item.Span(); step == 0 {
		c.add(item.Name, "parameters", "instrument.range_invalid")
	}
}

// validName tells whether a name can stand in a reference.
func validName(name string) bool {
	for i, r := range name {
		switch {
		case r == '_' || unicode.IsLetter(r):
		case i > 0 && (unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == '-' || r == '.'):
		default:
			return false
		}
	}
	return name != ""
}

// number reads a plain decimal number.
func number(text string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}
