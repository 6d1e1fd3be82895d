// SPDX-License-Identifier: Apache-2.0

package xlsform

import (
	"slices"
	"strconv"
	"strings"

	"fera/internal/dates"
	"fera/internal/instruments"
)

func plainAliases(names ...string) map[string]string {
	all := map[string]string{}
	for _, n := range names {
		all[n] = n
	}
	return all
}

// told reads what the form says of its languages itself; they come first, in its order.
func (r *reader) told() {
	d := r.form.Definition
	for _, l := range r.lines("fera_languages", plainAliases("code", "name", "origin", "note")) {
		i := slices.IndexFunc(d.Languages, func(g instruments.Language) bool { return g.Code == l.cells["code"] })
		if i < 0 {
			d.Languages = append(d.Languages, instruments.Language{Code: l.cells["code"]})
			i = len(d.Languages) - 1
		}
		g := &d.Languages[i]
		g.Origin, g.Note = instruments.Origin(l.cells["origin"]), l.cells["note"]
		if l.cells["name"] != "" {
			g.Name = l.cells["name"]
		}
	}
}

// own reads the sheets that begin with fera, the languages apart.
func (r *reader) own() {
	for _, l := range r.lines("fera", plainAliases("key", "value", "text")) {
		r.about(l)
	}
	r.scales()
	r.bands()
}

// about reads one row of the sheet that says what the questionnaire is.
func (r *reader) about(l line) {
	d := r.form.Definition
	texts, value := l.texts["text"], l.cells["value"]
	whole := func() int {
		n, err := strconv.Atoi(value)
		if err != nil {
			r.refuse(l.at, "", "value", "xlsform.number", "found", value)
		}
		return n
	}
	switch key := l.cells["key"]; key {
	case "title":
		d.Title = texts
	case "caution":
		d.Caution = texts
	case "status":
		d.Status = instruments.Status(value)
	case "source":
		d.Source = value
	case "licence":
		d.Licence = value
	case "administers":
		d.Administers = strings.Fields(value)
	case "minimum_age":
		d.MinimumAge = whole()
	case "younger":
		d.Younger = value
	case "sorts":
		d.Sorts = isYes(value)
	case "once_per":
		d.OncePer = value
	case "class":
		d.Class = whole()
	case "class_scores":
		d.ClassScores = whole()
	default:
		r.refuse(l.at, "", "key", "xlsform.key_unknown", "key", key)
	}
}

func (r *reader) scales() {
	d := r.form.Definition
	names := plainAliases("name", "label", "method", "times", "lowest", "highest", "places", "polarity", "missing", "most_missing", "unasked", "of_scales", "note")
	for _, l := range r.lines("fera_scales", names) {
		c := l.cells
		s := instruments.Scale{Name: c["name"], Label: l.texts["label"], Method: instruments.Method(c["method"]), Polarity: c["polarity"],
			Missing: instruments.Missing(c["missing"]), UnaskedLess: c["unasked"] == "left_out", Note: c["note"],
			Times: r.number(l, "times"), Lowest: r.number(l, "lowest"), Highest: r.number(l, "highest"),
			Places: int(r.number(l, "places")), MostMissing: int(r.number(l, "most_missing"))}
		s.Parts = r.weights[s.Name]
		delete(r.weights, s.Name)
		for _, pair := range strings.Fields(c["of_scales"]) {
			name, weight, _ := strings.Cut(pair, "=")
			f, err := strconv.ParseFloat(weight, 64)
			if err != nil {
				r.refuse(l.at, s.Name, "of_scales", "xlsform.number", "found", pair)
			}
			s.Parts = append(s.Parts, instruments.Part{Scale: name, Weight: f})
		}
		r.form.places["scale "+s.Name] = l.at
		d.Scales = append(d.Scales, s)
	}
	for scale := range r.weights {
		r.refuse(place{"fera_scales", 1}, scale, "name", "xlsform.scale_missing", "scale", scale)
	}
}

func (r *reader) number(l line, column string) float64 {
	text := l.cells[column]
	if text == "" {
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.refuse(l.at, l.cells["name"], column, "xlsform.number", "found", text)
	}
	return f
}

func (r *reader) day(l line, column string) dates.Partial {
	text := l.cells[column]
	if text == "" {
		return dates.Partial{}
	}
	p, err := dates.Parse(text)
	if err != nil {
		r.refuse(l.at, l.cells["scale"], column, "xlsform.date", "found", text)
	}
	return p
}

func (r *reader) bands() {
	d := r.form.Definition
	names := plainAliases("scale", "cut", "cut_label", "from", "until", "spoken", "band", "label", "at_least", "note")
	for _, l := range r.lines("fera_bands", names) {
		c := l.cells
		i := slices.IndexFunc(d.Scales, func(s instruments.Scale) bool { return s.Name == c["scale"] })
		if i < 0 {
			r.refuse(l.at, c["scale"], "scale", "xlsform.scale_missing", "scale", c["scale"])
			continue
		}
		s := &d.Scales[i]
		cut := instruments.Cut{Name: c["cut"], Label: l.texts["cut_label"], From: r.day(l, "from"), Until: r.day(l, "until"), Spoken: c["spoken"], Note: c["note"]}
		j := slices.IndexFunc(s.Cuts, func(k instruments.Cut) bool {
			return k.Name == cut.Name && k.From == cut.From && k.Until == cut.Until && k.Spoken == cut.Spoken
		})
		if j < 0 {
			s.Cuts = append(s.Cuts, cut)
			j = len(s.Cuts) - 1
		}
		s.Cuts[j].Bands = append(s.Cuts[j].Bands, instruments.Band{Name: c["band"], Label: l.texts["label"], From: r.number(l, "at_least")})
	}
}
