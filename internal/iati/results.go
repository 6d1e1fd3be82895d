// SPDX-License-Identifier: Apache-2.0

package iati

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"fera/internal/geo"
	"fera/internal/projects"
)

// levels are those of IATI's list ResultType.
func levels() map[projects.Level]string {
	return map[projects.Level]string{projects.Goal: "3", projects.Outcome: "2", projects.Output: "1", projects.Activity: "9"}
}

// results are those that are measured, for the form asks for an indicator in each.
func (x *activity) results(a Activity) {
	for _, r := range a.Project.Results {
		one := result{Type: levels()[r.Level], Aggregates: "true", Title: text{said(r.TitleEn, r.TitleBn)}}
		for _, m := range r.Indicators {
			one.Indicators = append(one.Indicators, measure(m, a.Actuals))
		}
		if len(one.Indicators) > 0 {
			x.Results = append(x.Results, one)
		}
	}
}

func measure(m projects.Measured, actuals []Actual) indicator {
	one := indicator{Measure: "1", Ascending: strconv.FormatBool(!m.Falls), Aggregates: "true", Title: text{said(orElse(m.TitleEn, m.Title("en")), m.TitleBn)}}
	if m.Unit == "percent" {
		one.Measure, one.Aggregates = "2", "false"
	}
	if b := m.Baseline; b != nil {
		one.Baseline = &baseline{Year: strconv.Itoa(b.From.Year), Date: iso(b.From), Value: figure(b.Value), Locations: at(b.Place), Comment: comment(b.Says)}
	}
	periods := map[string]*period{}
	of := func(f projects.Figure) *period {
		start, end := iso(f.From), isoEnd(f.From)
		if !f.Until.IsZero() {
			end = isoEnd(f.Until)
		}
		key := start + " " + end
		if periods[key] == nil {
			periods[key] = &period{Start: isoDate{start}, End: isoDate{end}}
		}
		return periods[key]
	}
	for _, f := range m.Targets {
		p := of(f)
		p.Targets = append(p.Targets, mark{Value: figure(f.Value), Locations: at(f.Place), Comment: comment(f.Says)})
	}
	for _, f := range m.Published {
		p := of(f)
		says := "As published, not counted from records."
		if f.Says != "" {
			says += " " + f.Says
		}
		p.Actuals = append(p.Actuals, mark{Value: figure(f.Value), Locations: at(f.Place), Comment: comment(says)})
	}
	for _, f := range actuals {
		if f.Indicator != m.Indicator {
			continue
		}
		p := of(f.Figure)
		a := mark{Value: figure(f.Value), Locations: at(f.Place), Comment: comment(f.Says)}
		for _, name := range slices.Sorted(maps.Keys(f.Parts)) {
			a.Dimensions = append(a.Dimensions, dimension{name, f.Parts[name]})
		}
		p.Actuals = append(p.Actuals, a)
	}
	for _, key := range slices.Sorted(maps.Keys(periods)) {
		one.Periods = append(one.Periods, *periods[key])
	}
	return one
}

func orElse(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// figure writes hundredths, with a point only where there are any.
func figure(hundredths int64) string {
	if hundredths%100 == 0 {
		return strconv.FormatInt(hundredths/100, 10)
	}
	return amount(hundredths)
}

func at(place string) []placeRef {
	if place == "" {
		return nil
	}
	return []placeRef{{ref(place)}}
}

// ref is how places are called in the file.
func ref(place string) string { return "BD-" + place }

func comment(says string) *text {
	if says == "" {
		return nil
	}
	return &text{said(says, "")}
}

// places are where it works, and where anything of it is measured.
func (x *activity) places(a Activity) {
	p := a.Project
	x.Scope = coded{Code: scope(p.Record)}
	wanted := slices.Clone(p.Places)
	add := func(f projects.Figure) {
		if f.Place != "" && !slices.Contains(wanted, f.Place) {
			wanted = append(wanted, f.Place)
		}
	}
	for _, r := range p.Results {
		for _, m := range r.Indicators {
			if m.Baseline != nil {
				add(*m.Baseline)
			}
			for _, f := range slices.Concat(m.Targets, m.Published) {
				add(f)
			}
		}
	}
	for _, actual := range a.Actuals {
		add(actual.Figure)
	}
	for _, code := range wanted {
		place, ok := geo.Find(code)
		if !ok {
			continue
		}
		one := location{Ref: ref(code), Reach: coded{Code: "2"}, Name: text{said(geo.Full("en", code), geo.Full("bn", code))}, Class: coded{Code: "1"}, Feature: coded{Code: features()[place.Kind]}}
		if centre, known := geo.Centre(code); known {
			one.Point = &point{"http://www.opengis.net/def/crs/EPSG/0/4326", fmt.Sprintf("%.4f %.4f", centre.Lat, centre.Lon)}
			one.Exactness = &coded{Code: "2"}
		}
		x.Locations = append(x.Locations, one)
	}
}

// features are those of IATI's list GeographicLocationType.
func features() map[geo.Kind]string {
	return map[geo.Kind]string{geo.Division: "ADM1", geo.District: "ADM2", geo.Upazila: "ADM3", geo.Thana: "ADM3", geo.Union: "ADM4"}
}

// scope is how far the project reaches, by IATI's list ActivityScope: the whole country, several divisions, one, a district, or one place.
func scope(r projects.Record) string {
	if r.Nationwide || len(r.Places) == 0 {
		return "4"
	}
	divisions := map[string]bool{}
	for _, code := range r.Places {
		divisions[geo.Path(code)[0].Code] = true
	}
	first, _ := geo.Find(r.Places[0])
	switch {
	case len(divisions) > 1:
		return "5"
	case len(r.Places) > 1 || first.Kind == geo.Division:
		return "6"
	case first.Kind == geo.District:
		return "7"
	}
	return "8"
}
