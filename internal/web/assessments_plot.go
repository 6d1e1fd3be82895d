// SPDX-License-Identifier: Apache-2.0

package web

import (
	"math"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/assessments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/instruments"
	"fera/internal/services"
	"fera/internal/web/kit"
	"fera/internal/web/plots"
	"fera/internal/words"
)

// plotted is one scale over time: the picture, and the table of the same figures.
type plotted struct {
	Label string
	plots.Course
	Rows []kit.Row
}

// plot lays out one scale. The bands drawn are those of its first set; where several stand side by side, the table names all.
func (r *request) plot(scale instruments.Scale, points []assessments.Point, version string) plotted {
	digits := func(f float64) string { return r.S.Digits(number(f)) }
	p := plotted{Label: r.text(scale.Label), Course: plots.Course{Lowest: scale.Lowest, Highest: scale.Highest, Ends: [2]string{digits(scale.Lowest), digits(scale.Highest)}}}
	if len(scale.Cuts) > 0 {
		for _, b := range scale.Cuts[0].Bands {
			p.Bands = append(p.Bands, plots.Band{From: math.Max(b.From, scale.Lowest), Label: r.text(b.Label), Mark: digits(b.From)})
		}
	}
	for _, point := range points {
		result, by := resultOf(point, scale.Name, version)
		day, value, band := dates.Format(r.S, point.Day()), r.S.T("assessment.no_score"), ""
		if result != nil && result.Value != nil {
			value = r.S.Digits(strconv.FormatFloat(*result.Value, 'f', scale.Places, 64))
			for _, verdict := range result.Verdicts {
				band = joined(band, r.text(verdict.Label))
			}
			p.Points = append(p.Points, plots.Point{At: point.BeganAt, Value: *result.Value, Said: value, Day: day, Kind: by})
		}
		p.Rows = append(p.Rows, kit.Row{Cells: []templ.Component{kit.Text(day), kit.Text(value), kit.Text(band), kit.Text(r.S.Digits(by))}})
	}
	if n := len(p.Points); n > 0 {
		p.Said = r.S.T("assessment.plot_said", "from", p.Points[0].Said, "first", p.Points[0].Day, "to", p.Points[n-1].Said, "last", p.Points[n-1].Day,
			"lowest", digits(scale.Lowest), "highest", digits(scale.Highest))
	}
	return p
}

// between is what was given to a person from the first of some points to the last, numbered in each plot and named in a table: what of class 2
// who asks may see in her cases.
func (r *request) between(q db.Reader, points []assessments.Point) (marks []plots.Mark, rows []kit.Row, err error) {
	given, err := services.Of(r.Context(), q, r.Who, r.personID())
	if err != nil || len(points) < 2 {
		return nil, nil, err
	}
	first, last := points[0].Day().String(), points[len(points)-1].Day().String()
	for _, g := range given {
		if on := g.On.String(); on < first || on > last {
			continue
		}
		kind, err := services.FindKind(r.Context(), q, g.Code, g.On)
		if err != nil {
			return nil, nil, err
		}
		name := kind.NameEn
		if r.S.Lang() == words.Bangla {
			name = kind.NameBn
		}
		sign := r.S.Digits(strconv.Itoa(len(marks) + 1))
		marks = append(marks, plots.Mark{At: g.On.Start(), Sign: sign})
		rows = append(rows, kit.Row{Cells: []templ.Component{kit.Text(sign), kit.Text(dates.Format(r.S, g.On)), kit.Text(name)}})
	}
	return marks, rows, nil
}

// commonVersion is the latest of the versions by which the points were asked that scored all of them; empty if there is none.
func commonVersion(points []assessments.Point) string {
	for i := len(points) - 1; i >= 0; i-- {
		by := points[i].Ref.Version
		if !slices.ContainsFunc(points, func(p assessments.Point) bool {
			return !slices.ContainsFunc(p.Scores, func(s assessments.Scored) bool { return s.Version == by })
		}) {
			return by
		}
	}
	return ""
}

// resultOf is the score of a point by a version; if none is given, by the one that it was asked by.
func resultOf(p assessments.Point, scale, version string) (*instruments.Result, string) {
	if version == "" {
		version = p.Ref.Version
	}
	for _, s := range p.Scores {
		if s.Version != version {
			continue
		}
		for i := range s.Results {
			if s.Results[i].Scale == scale {
				return &s.Results[i], s.Version
			}
		}
	}
	return nil, version
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// changeRows are the rows of a comparison; what changed says so in a word.
func changeRows(s *words.Speaker, all []changeLine) (rows []kit.Row) {
	for _, l := range all {
		row := kit.Row{Cells: []templ.Component{kit.Text(l.Label), kit.Text(l.Then), kit.Text(l.Now), nil}}
		switch {
		case l.Heading && l.Label == "":
			continue
		case l.Heading:
			row.Cells = row.Cells[:1]
		case l.Changed:
			row.Tone, row.Cells[3] = kit.Accent, kit.Text(s.T("assessment.changed"))
		}
		rows = append(rows, row)
	}
	return rows
}

func placesOf(d *instruments.Definition, scale string) int {
	for _, sc := range d.Scales {
		if sc.Name == scale {
			return sc.Places
		}
	}
	return 0
}
