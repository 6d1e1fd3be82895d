// SPDX-License-Identifier: Apache-2.0

package funding

import (
	"net/url"
	"slices"
	"strings"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/projects"
	"fera/internal/services"
	"fera/internal/web/fields"
	"fera/internal/web/site"
	"fera/internal/words"
)

// tableOf is the table of a part.
func tableOf(part string) (table, bool) {
	t, ok := map[string]table{"partners": partnerTable(), "results": resultTable(), "measures": measureTable(), "lines": lineTable(), "documents": documentTable(), "publishing": identifierTable()}[part]
	return t, ok
}

func partnerTable() table {
	t := table{columns: []column{{name: "name_bn", label: "project.name_bn"}, {name: "name_en", label: "project.name_en"},
		{name: "role", label: "project.role", key: "project.role.", options: func() (all []string) {
			for _, role := range projects.PartnerRoles() {
				all = append(all, string(role))
			}
			return all
		}},
		{name: "type", label: "project.type", key: "project.type.", options: projects.PartnerTypes}, {name: "ref", label: "project.ref_label"}, {name: "part", label: "project.partner_part"},
		{name: "organisation", label: "project.organisation"}}}
	t.rows = func(p projects.Record) (all []url.Values) {
		for _, one := range p.Partners {
			all = append(all, url.Values{"name_bn": {one.NameBn}, "name_en": {one.NameEn}, "role": {string(one.Role)}, "type": {one.Type}, "ref": {one.Ref}, "part": {one.Part}, "organisation": {one.Organisation}})
		}
		return all
	}
	t.read = func(r *site.Request, p *projects.Record) error {
		p.Partners = nil
		for _, row := range t.filled(r) {
			p.Partners = append(p.Partners, projects.Partner{NameBn: row.Get("name_bn"), NameEn: row.Get("name_en"), Role: projects.Role(row.Get("role")), Type: row.Get("type"), Ref: row.Get("ref"),
				Part: row.Get("part"), Organisation: last36(row.Get("organisation"))})
		}
		return nil
	}
	return t
}

// last36 is what identifies, of an address that was pasted.
func last36(text string) string { return text[max(0, len(text)-36):] }

func resultTable() table {
	t := table{columns: []column{{name: "code", label: "project.row_code_label"},
		{name: "level", label: "project.level", key: "project.level.", options: func() (all []string) {
			for _, l := range projects.Levels() {
				all = append(all, string(l))
			}
			return all
		}},
		{name: "under", label: "project.under_label"}, {name: "title_bn", label: "project.row_title_bn"}, {name: "title_en", label: "project.row_title_en"}}}
	t.rows = func(p projects.Record) (all []url.Values) {
		for _, one := range p.Results {
			all = append(all, url.Values{"code": {one.Code}, "level": {string(one.Level)}, "under": {one.Under}, "title_bn": {one.TitleBn}, "title_en": {one.TitleEn}})
		}
		return all
	}
	t.read = func(r *site.Request, p *projects.Record) error {
		before := p.Results
		p.Results = nil
		for _, row := range t.filled(r) {
			one := projects.Result{Code: row.Get("code"), Level: projects.Level(row.Get("level")), Under: row.Get("under"), TitleBn: row.Get("title_bn"), TitleEn: row.Get("title_en")}
			if i := slices.IndexFunc(before, func(o projects.Result) bool { return o.Code == one.Code }); i >= 0 {
				one.Indicators = before[i].Indicators
			}
			p.Results = append(p.Results, one)
		}
		return nil
	}
	return t
}

func lineTable() table {
	t := table{columns: []column{{name: "code", label: "project.row_code_label"}, {name: "name_bn", label: "project.name_bn"}, {name: "name_en", label: "project.name_en"}}}
	t.rows = func(p projects.Record) (all []url.Values) {
		for _, one := range p.Lines {
			all = append(all, url.Values{"code": {one.Code}, "name_bn": {one.NameBn}, "name_en": {one.NameEn}})
		}
		return all
	}
	t.read = func(r *site.Request, p *projects.Record) error {
		p.Lines = nil
		for _, row := range t.filled(r) {
			p.Lines = append(p.Lines, projects.Line{Code: row.Get("code"), NameBn: row.Get("name_bn"), NameEn: row.Get("name_en")})
		}
		return nil
	}
	return t
}

func documentTable() table {
	t := table{columns: []column{{name: "title_bn", label: "project.row_title_bn"}, {name: "title_en", label: "project.row_title_en"}, {name: "href", label: "project.href_label"}, {name: "category", label: "project.category"}}}
	t.rows = func(p projects.Record) (all []url.Values) {
		for _, one := range p.Documents {
			all = append(all, url.Values{"title_bn": {one.TitleBn}, "title_en": {one.TitleEn}, "href": {one.Href}, "category": {one.Category}})
		}
		return all
	}
	t.read = func(r *site.Request, p *projects.Record) error {
		before := p.Documents
		p.Documents = nil
		for _, row := range t.filled(r) {
			one := projects.Document{Href: row.Get("href")}
			if i := slices.IndexFunc(before, func(o projects.Document) bool { return o.Href == one.Href }); i >= 0 {
				one = before[i]
			}
			one.TitleBn, one.TitleEn, one.Category = row.Get("title_bn"), row.Get("title_en"), row.Get("category")
			p.Documents = append(p.Documents, one)
		}
		return nil
	}
	return t
}

func identifierTable() table {
	t := table{columns: []column{{name: "value", label: "project.identifier"}, {name: "kind", label: "project.identifier_kind"}}}
	t.rows = func(p projects.Record) (all []url.Values) {
		for _, one := range p.Identifiers {
			all = append(all, url.Values{"value": {one.Value}, "kind": {one.Kind}})
		}
		return all
	}
	t.read = func(r *site.Request, p *projects.Record) error {
		p.Identifiers = nil
		for _, row := range t.filled(r) {
			p.Identifiers = append(p.Identifiers, projects.Identifier{Value: row.Get("value"), Kind: row.Get("kind")})
		}
		return nil
	}
	return t
}

// measureTable is the indicators of all results; each row names the result that it measures.
func measureTable() table {
	t := table{columns: []column{{name: "result", label: "project.measure_result"}, {name: "indicator", label: "project.measure_code"}, {name: "title_bn", label: "project.row_title_bn"}, {name: "title_en", label: "project.row_title_en"},
		{name: "unit", label: "project.unit", key: "project.unit.", options: func() []string { return []string{"number", "percent"} }},
		{name: "baseline", label: "project.baseline"}, {name: "targets", label: "project.targets", area: true}, {name: "published", label: "project.published", area: true}}}
	t.rows = func(p projects.Record) (all []url.Values) {
		for _, one := range p.Results {
			for _, m := range one.Indicators {
				row := url.Values{"result": {one.Code}, "indicator": {m.Indicator}, "title_bn": {m.TitleBn}, "title_en": {m.TitleEn}, "unit": {m.Unit}, "targets": {writeFigures(m.Targets)}, "published": {writeFigures(m.Published)}}
				if m.Baseline != nil {
					row.Set("baseline", writeFigures([]projects.Figure{*m.Baseline}))
				}
				all = append(all, row)
			}
		}
		return all
	}
	t.read = func(r *site.Request, p *projects.Record) error {
		before := slices.Clone(p.Results)
		p.Results = slices.Clone(p.Results)
		for i := range p.Results {
			p.Results[i].Indicators = nil
		}
		for _, row := range t.filled(r) {
			at := slices.IndexFunc(p.Results, func(o projects.Result) bool { return o.Code == row.Get("result") })
			if at < 0 {
				return fault.New(fault.Invalid, "project.result_unknown").On("result")
			}
			m, err := readMeasure(row)
			if err != nil {
				return err
			}
			for _, old := range before[at].Indicators {
				if old.Indicator == m.Indicator {
					m.Falls = old.Falls
				}
			}
			p.Results[at].Indicators = append(p.Results[at].Indicators, m)
		}
		return nil
	}
	return t
}

func readMeasure(row url.Values) (m projects.Measured, err error) {
	m = projects.Measured{Indicator: row.Get("indicator"), TitleBn: row.Get("title_bn"), TitleEn: row.Get("title_en"), Unit: row.Get("unit")}
	if m.Targets, err = readFigures(row.Get("targets")); err != nil {
		return m, err
	}
	if m.Published, err = readFigures(row.Get("published")); err != nil {
		return m, err
	}
	baselines, err := readFigures(row.Get("baseline"))
	if len(baselines) > 0 {
		m.Baseline = &baselines[0]
	}
	return m, err
}

// writeFigures writes figures a line each: value; from; until; code of the place; what is said of it.
func writeFigures(all []projects.Figure) string {
	var lines []string
	for _, f := range all {
		s := words.In(words.English)
		cells := []string{services.WriteAmount(f.Value, services.Taka), fields.Day(s, f.From), fields.Day(s, f.Until), f.Place, f.Says}
		lines = append(lines, strings.TrimRight(strings.Join(cells, "; "), "; "))
	}
	return strings.Join(lines, "\n")
}

func readFigures(text string) (all []projects.Figure, err error) {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		cells := strings.SplitN(line, ";", 5)
		for len(cells) < 5 {
			cells = append(cells, "")
		}
		var f projects.Figure
		if f.Value, err = hundredths(cells[0]); err != nil {
			return nil, fault.New(fault.Invalid, "project.figure_line").With("line", strings.TrimSpace(line)).On("targets")
		}
		for i, day := range []*dates.Partial{&f.From, &f.Until} {
			if *day, err = typedDay(cells[i+1]); err != nil {
				return nil, fault.New(fault.Invalid, "project.figure_line").With("line", strings.TrimSpace(line)).On("targets")
			}
		}
		f.Place, f.Says = strings.TrimSpace(cells[3]), strings.TrimSpace(cells[4])
		all = append(all, f)
	}
	return all, nil
}
