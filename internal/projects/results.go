// SPDX-License-Identifier: Apache-2.0

package projects

import (
	"fmt"
	"slices"

	"fera/internal/fault"
	"fera/internal/geo"
)

// checkResults refuses a chain that does not hold: each result serves one of a higher level, and none itself.
func (r *Record) checkResults(c *checking) {
	if len(r.Results) > mostRows {
		c.bad("project.too_many", "results")
	}
	seen, levels := map[string]bool{}, map[string]int{}
	for _, one := range r.Results {
		levels[one.Code] = slices.Index(Levels(), one.Level)
	}
	for i := range r.Results {
		one, at := &r.Results[i], fmt.Sprintf("results.%d.", i)
		c.code(one.Code, seen, at+"code")
		c.text(&one.TitleBn, mostTitle, at+"title_bn")
		c.text(&one.TitleEn, mostTitle, at+"title_en")
		if one.TitleBn == "" && one.TitleEn == "" {
			c.bad("fault.needed", at+"title_bn")
		}
		if levels[one.Code] < 0 {
			c.bad("fault.bad_choice", at+"level")
		}
		if above, known := levels[one.Under]; one.Under != "" && (!known || above >= levels[one.Code]) {
			c.bad("project.under", at+"under")
		}
		measured := map[string]bool{}
		for j := range one.Indicators {
			one.Indicators[j].check(c, measured, fmt.Sprintf("%sindicators.%d.", at, j))
		}
	}
}

func (m *Measured) check(c *checking, seen map[string]bool, at string) {
	c.code(m.Indicator, seen, at+"indicator")
	c.text(&m.TitleBn, mostTitle, at+"title_bn")
	c.text(&m.TitleEn, mostTitle, at+"title_en")
	if m.Unit != "number" && m.Unit != "percent" {
		c.bad("fault.bad_choice", at+"unit")
	}
	if len(m.Targets)+len(m.Published) > mostRows {
		c.bad("project.too_many", at+"targets")
	}
	if m.Baseline != nil {
		m.Baseline.check(c, at+"baseline.")
	}
	for i := range m.Targets {
		m.Targets[i].check(c, fmt.Sprintf("%stargets.%d.", at, i))
	}
	for i := range m.Published {
		m.Published[i].check(c, fmt.Sprintf("%spublished.%d.", at, i))
	}
	for i, one := range m.Targets {
		if slices.ContainsFunc(m.Targets[:i], func(o Figure) bool { return o.From == one.From && o.Until == one.Until && o.Place == one.Place }) {
			c.bad("project.target_twice", fmt.Sprintf("%stargets.%d.", at, i))
		}
	}
}

// mostValue is more than any figure of a project comes to: a thousand crore.
const mostValue = 10_000_000_000 * 100

func (f *Figure) check(c *checking, at string) {
	c.text(&f.Says, 1000, at+"says")
	if f.Value < 0 || f.Value > mostValue {
		c.bad("fault.bad_number", at+"value")
	}
	if _, ok := geo.Find(f.Place); f.Place != "" && !ok {
		c.bad("fault.bad_choice", at+"place")
	}
	if f.From.IsZero() || f.From.Check() != nil {
		c.bad("date.unreadable", at+"from")
	}
	if !f.Until.IsZero() && (f.Until.Check() != nil || f.Until.SurelyBefore(f.From)) {
		c.bad("project.ends_before", at+"until")
	}
}

// Chain returns the results from the top, each followed by those that serve it, with how deep it stands.
func (r Record) Chain() (all []Link) {
	var walk func(under string, depth int)
	walk = func(under string, depth int) {
		for _, one := range r.Results {
			if one.Under == under {
				all = append(all, Link{one, depth})
				walk(one.Code, depth+1)
			}
		}
	}
	walk("", 0)
	return all
}

// Link is a result in its place of the chain.
type Link struct {
	Result
	Depth int
}

// Measure returns the indicator of a project by its code.
func (r Record) Measure(code string) (Measured, error) {
	for _, one := range r.Results {
		for _, m := range one.Indicators {
			if m.Indicator == code {
				return m, nil
			}
		}
	}
	return Measured{}, fault.New(fault.NotFound, "project.indicator_unknown")
}
