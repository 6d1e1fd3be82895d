// SPDX-License-Identifier: Apache-2.0

package counted

import (
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/iati"
	"fera/internal/projects"
	"fera/internal/reports/content"
)

// Actuals returns what the indicators of a project come to by the records, for the times of their targets and of what was published,
// to be published beside these. Who sees the project has the program count; nothing protected below the floor outside is in it.
func Actuals(ctx context.Context, q db.Reader, who access.Actor, id projects.ID) ([]iati.Actual, error) {
	p, err := projects.Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	c := counter{Asking: Asking{Who: who, Project: &p, Audience: content.Outside}, ctx: ctx, q: q}
	var all []iati.Actual
	for _, r := range p.Results {
		for _, m := range r.Indicators {
			some, err := c.actuals(m)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return all, nil
}

func (c *counter) actuals(m projects.Measured) (all []iati.Actual, err error) {
	i, err := c.definition(m.Indicator)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil // it is counted by nobody here
	}
	if err != nil {
		return nil, err
	}
	for _, period := range c.times(m) {
		if c.of == nil {
			if c.of, err = read(c.ctx, c.q, *c.Project); err != nil {
				return nil, err
			}
		}
		c.Period = period
		r, err := c.measure(i, period)
		if err != nil {
			return nil, err
		}
		v := c.told(r)
		if v.Is != content.Number {
			continue
		}
		figure := projects.Figure{From: period.First().Earliest(), Until: period.Last().Latest(), Value: v.N * 100, Says: "Counted from the records."}
		all = append(all, iati.Actual{Indicator: m.Indicator, Figure: figure})
		if i.Counts.Measure == "reached" {
			counts := map[string]int64{}
			for _, a := range c.of.held(period) {
				if len(i.Counts.Kinds) == 0 || slices.Contains(i.Counts.Kinds, a.kind) {
					c.tell(counts, a, "reached", "sex")
				}
			}
			for _, sex := range []string{"female", "male", "other"} {
				if figure.Value = counts[sex] * 100; figure.Value > 0 {
					all = append(all, iati.Actual{Indicator: m.Indicator, Figure: figure, Parts: map[string]string{"sex": sex}})
				}
			}
		}
	}
	return all, nil
}

// times are those of the figures of an indicator that are made of whole months, are about everywhere, and have begun.
func (c *counter) times(m projects.Measured) (all []content.Period) {
	today := dates.Of(c.q.Now())
	for _, f := range slices.Concat(m.Published, m.Targets) {
		p, exact := months(f)
		if exact && f.Place == "" && p.From <= today.Year*100+today.Month && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}
