// SPDX-License-Identifier: Apache-2.0

// Package counted counts the figures of a report out of the records: those of a project by what counts for it, those of the whole
// by the indicators. It decides what of them may be told, and writes nothing.
//
// Who may draft a report has the program count for it. What is told follows from the audience of the report, and from whether who
// drafts may see the records; see docs/adr/0110.
package counted

import (
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/projects"
	"fera/internal/reports/content"
	"fera/internal/reports/templates"
	"fera/internal/words"
)

// Asking says for which report figures are to be counted.
type Asking struct {
	Who          access.Actor
	Project      *projects.Project // nil for a report of the whole
	Organisation string            // whose work a report of the whole is about; everybody's when empty
	Period       content.Period
	Audience     content.Audience
	Exact        bool // what is not protected is told exactly, if who may see the records
}

// Sees tells whether who may see the people whom a report is about: then what is not protected may be told exactly.
func Sees(who access.Actor, organisation string) bool {
	return who.Grants[access.ReadPersons].Everywhere || organisation != "" && who.Covers(access.ReadPersons, access.OfOrganisation(organisation))
}

// Fill counts the figures of a template and returns its sections with them.
func Fill(ctx context.Context, q db.Reader, a Asking, t templates.Template) ([]content.Section, error) {
	c := counter{Asking: a, ctx: ctx, q: q}
	if !Sees(a.Who, c.owner()) {
		c.Exact = false
	}
	var all []content.Section
	for _, s := range t.Sections {
		section := content.Section{Code: s.Code, Title: s.Title, Asks: s.Asks, Money: s.Money}
		if !s.Money || a.Project == nil || projects.SeesMoney(a.Who, *a.Project) {
			for _, f := range s.Figures {
				made, err := c.figures(f)
				if err != nil {
					return nil, err
				}
				section.Figures = append(section.Figures, made...)
			}
		}
		all = append(all, section)
	}
	return all, nil
}

// counter counts for one report.
type counter struct {
	Asking
	ctx context.Context
	q   db.Reader
	of  *project // what counts for the project, once it was read
}

func (c *counter) owner() string {
	if c.Project != nil {
		return c.Project.Organisation
	}
	return c.Organisation
}

// figures counts what a template asks for: most of them one table, typed figures one each.
func (c *counter) figures(f templates.Figure) ([]content.Figure, error) {
	if f.Is == templates.Typed {
		return c.typed()
	}
	if c.Project == nil {
		return c.one(c.ofTheWhole(f))
	}
	if c.of == nil {
		of, err := read(c.ctx, c.q, *c.Project)
		if err != nil {
			return nil, err
		}
		c.of = of
	}
	switch f.Is {
	case templates.People:
		return c.one(c.people(f.By))
	case templates.Cases:
		return c.one(c.cases())
	case templates.Services:
		return c.one(c.services())
	case templates.Activities:
		return c.one(c.activities())
	case templates.Results:
		return c.one(c.results())
	case templates.Money:
		return c.one(c.money())
	}
	return c.one(c.ofProject(f))
}

func (c *counter) one(f content.Figure, err error) ([]content.Figure, error) {
	return []content.Figure{f}, err
}

// say says a text of the catalogues in both languages.
func say(key string, args ...any) content.Words {
	return content.Words{Bn: words.In(words.Bangla).T(key, args...), En: words.In(words.English).T(key, args...)}
}

func column(key, title string, adds bool) content.Column {
	return content.Column{Key: key, Title: say(title), Adds: adds}
}

// part is one row of a population told apart, before it is decided what may be told.
type part struct {
	key string
	n   int64
}

// floored puts together rows of fewer people than the floor, with the smallest further one if they are still too few, so that none
// can be worked out. It tells nothing when all together are too few. The rows keep their order.
func floored(parts []part, floor int64) (groups [][]part, told bool) {
	var few []int
	sum := int64(0)
	for i, p := range parts {
		if p.n > 0 && p.n < floor {
			few = append(few, i)
			sum += p.n
		}
	}
	for sum > 0 && sum < floor {
		least := -1
		for i, p := range parts {
			if p.n >= floor && !slices.Contains(few, i) && (least < 0 || p.n < parts[least].n) {
				least = i
			}
		}
		if least < 0 {
			return nil, false
		}
		few = append(few, least)
		sum += parts[least].n
	}
	slices.Sort(few)
	for i, p := range parts {
		switch {
		case len(few) > 0 && i == few[0]:
			var group []part
			for _, j := range few {
				group = append(group, parts[j])
			}
			groups = append(groups, group)
		case !slices.Contains(few, i):
			groups = append(groups, []part{p})
		}
	}
	return groups, true
}
