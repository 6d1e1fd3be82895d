// SPDX-License-Identifier: Apache-2.0

package xlsform

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"fera/internal/instruments"
)

// Write writes a definition as a workbook. Every cell is a text, so that nothing is taken for a formula or a date.
func Write(to io.Writer, d *instruments.Definition) error {
	file := excelize.NewFile()
	defer file.Close()
	for i, t := range Tables(d) {
		if i == 0 {
			if err := file.SetSheetName("Sheet1", t.Sheet); err != nil {
				return err
			}
		} else if _, err := file.NewSheet(t.Sheet); err != nil {
			return err
		}
		if err := writeSheet(file, t); err != nil {
			return err
		}
	}
	return file.Write(to)
}

// writeSheet writes the cells and how far they reach: readers that stream, pyxform among them, read no further than that.
func writeSheet(file *excelize.File, t Table) error {
	last := "A1"
	for _, r := range t.Rows {
		for i, c := range r.Cells {
			if c == "" {
				continue
			}
			at, err := excelize.CoordinatesToCellName(i+1, r.Number)
			if err != nil {
				return err
			}
			if err := file.SetCellStr(t.Sheet, at, c); err != nil {
				return err
			}
		}
		corner, err := excelize.CoordinatesToCellName(max(1, len(r.Cells)), r.Number)
		if err != nil {
			return err
		}
		last = corner
	}
	return file.SetSheetDimension(t.Sheet, "A1:"+last)
}

// Tables lays a definition out as the sheets of an XLSForm.
func Tables(d *instruments.Definition) []Table {
	w := writer{d}
	all := []Table{w.survey(), w.choices(), w.settings(), w.about(), w.languages()}
	if len(d.Scales) > 0 {
		all = append(all, w.scales(), w.bands())
	}
	return all
}

type writer struct{ d *instruments.Definition }

// entry is a row as values by the head of their columns.
type entry map[string]string

// table makes a sheet of entries, with the columns that any of them has, in the order of wanted and then by name.
func table(sheet string, wanted []string, all []entry) Table {
	used := map[string]bool{}
	for _, e := range all {
		for head, v := range e {
			used[head] = used[head] || v != ""
		}
	}
	var heads []string
	for _, head := range wanted {
		if used[head] && !slices.Contains(heads, head) {
			heads = append(heads, head)
		}
		delete(used, head)
	}
	for _, head := range slices.Sorted(maps.Keys(used)) {
		if used[head] {
			heads = append(heads, head)
		}
	}
	t := Table{Sheet: sheet, Rows: []Row{{1, heads}}}
	for i, e := range all {
		row := Row{Number: i + 2}
		for _, head := range heads {
			row.Cells = append(row.Cells, e[head])
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// head writes the head of a column in a language.
func (w writer) head(column, lang string) string {
	if lang == "default" && w.d.Language == "default" {
		return column
	}
	for _, l := range w.d.Languages {
		switch {
		case l.Code != lang || l.Name == "":
		case len(l.Code) > 3 && code(l.Name) == l.Code: // a language that has no code but its name
			return column + "::" + l.Name
		default:
			return column + "::" + l.Name + " (" + l.Code + ")"
		}
	}
	return column + "::" + lang
}

func (w writer) put(e entry, column string, t instruments.Texts) {
	for lang, text := range t {
		e[w.head(column, lang)] = text
	}
}

// spread lists the heads of columns, each in all languages where it can have one.
func (w writer) spread(columns ...string) (all []string) {
	for _, c := range columns {
		if !translated(strings.TrimPrefix(c, "media::")) {
			all = append(all, c)
			continue
		}
		for _, l := range w.d.Languages {
			all = append(all, w.head(c, l.Code))
		}
		all = append(all, c)
	}
	return all
}

func (w writer) survey() Table {
	var all []entry
	w.rows(w.d.Items, &all)
	return table("survey", w.spread("type", "name", "label", "hint", "guidance_hint", "relevant", "required", "required_message", "constraint", "constraint_message",
		"calculation", "choice_filter", "appearance", "parameters", "default", "read_only", "repeat_count", "trigger",
		"media::image", "media::big-image", "media::audio", "media::video"), all)
}

func (w writer) rows(items []instruments.Item, all *[]entry) {
	for i := range items {
		item := &items[i]
		*all = append(*all, w.row(item))
		if item.Kind.Holds() {
			w.rows(item.Items, all)
			*all = append(*all, entry{"type": "end_" + string(item.Kind)})
		}
	}
}

func (w writer) row(i *instruments.Item) entry {
	e := entry{"type": typeText(i), "name": i.Name, "relevant": i.Relevant, "required": i.Required, "constraint": i.Constraint, "calculation": i.Calculation,
		"choice_filter": i.Filter, "appearance": i.Appearance, "default": i.Default, "read_only": i.ReadOnly, "repeat_count": i.Count, "trigger": i.Trigger, "fera_polarity": i.Polarity}
	w.put(e, "label", i.Label)
	w.put(e, "hint", i.Hint)
	w.put(e, "guidance_hint", i.Guidance)
	w.put(e, "required_message", i.RequiredMessage)
	w.put(e, "constraint_message", i.ConstraintMessage)
	for media, t := range i.Media {
		w.put(e, "media::"+media, t)
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(i.Parameters)) {
		pairs = append(pairs, name+"="+i.Parameters[name])
	}
	e["parameters"] = strings.Join(pairs, " ")
	if i.Class != 0 {
		e["fera_class"] = strconv.Itoa(i.Class)
	}
	pairs = nil
	for _, option := range slices.Sorted(maps.Keys(i.Scores)) {
		pairs = append(pairs, option+"="+scoreText(i.Scores[option], "none"))
	}
	e["fera_score"] = strings.Join(pairs, " ")
	pairs = nil
	for _, system := range slices.Sorted(maps.Keys(i.Codes)) {
		pairs = append(pairs, system+"="+i.Codes[system])
	}
	e["fera_codes"] = strings.Join(pairs, " ")
	if i.Alert != nil {
		e["fera_alert"], e["fera_alert_level"] = i.Alert.When, string(i.Alert.Level)
		w.put(e, "fera_alert_message", i.Alert.Message)
		w.put(e, "fera_alert_steps", i.Alert.Steps)
	}
	for _, s := range w.d.Scales {
		for _, p := range s.Parts {
			if p.Item == i.Name && !i.Kind.Holds() {
				text := number(p.Weight)
				if p.From != nil && p.To != nil {
					text += " " + number(*p.From) + ".." + number(*p.To)
				}
				e["fera_weight_"+s.Name] = text
			}
		}
	}
	return e
}

func typeText(i *instruments.Item) string {
	switch {
	case i.Kind.Holds():
		return "begin_" + string(i.Kind)
	case i.Kind.Chooses() && i.OrOther:
		return string(i.Kind) + " " + i.List + " or_other"
	case i.Kind.Chooses():
		return string(i.Kind) + " " + i.List
	case i.Kind == instruments.DateTime:
		return "dateTime"
	case i.Kind == instruments.Device:
		return "deviceid"
	}
	return string(i.Kind)
}

func scoreText(s *instruments.Score, none string) string {
	if s == nil {
		return none
	}
	return number(float64(*s))
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (w writer) choices() Table {
	var all []entry
	for _, l := range w.d.Lists {
		for _, o := range l.Options {
			e := entry{"list_name": l.Name, "name": o.Name, "fera_score": scoreText(o.Score, "")}
			w.put(e, "label", o.Label)
			for media, t := range o.Media {
				w.put(e, "media::"+media, t)
			}
			for column, v := range o.Columns {
				e[column] = v
			}
			all = append(all, e)
		}
	}
	return table("choices", w.spread("list_name", "name", "label", "media::image", "media::big-image", "media::audio", "media::video"), all)
}

func (w writer) settings() Table {
	e := entry{"form_title": w.d.Title.In(w.d.Language), "form_id": w.d.Name, "version": w.d.Version}
	if w.d.Language != "default" {
		e["default_language"] = strings.TrimPrefix(w.head("", w.d.Language), "::")
	}
	for key, v := range w.d.Settings {
		e[key] = v
	}
	return table("settings", []string{"form_title", "form_id", "version", "default_language"}, []entry{e})
}

// about writes what XLSForm has no words for.
func (w writer) about() Table {
	d := w.d
	var all []entry
	texts := func(key string, t instruments.Texts) {
		if len(t) > 0 {
			e := entry{"key": key}
			w.put(e, "text", t)
			all = append(all, e)
		}
	}
	value := func(key, v string) {
		if v != "" && v != "0" {
			all = append(all, entry{"key": key, "value": v})
		}
	}
	texts("title", d.Title)
	value("status", string(d.Status))
	value("source", d.Source)
	value("licence", d.Licence)
	texts("caution", d.Caution)
	value("administers", strings.Join(d.Administers, " "))
	value("minimum_age", strconv.Itoa(d.MinimumAge))
	value("younger", d.Younger)
	if d.Sorts {
		value("sorts", "yes")
	}
	value("once_per", d.OncePer)
	value("class", strconv.Itoa(d.Class))
	value("class_scores", strconv.Itoa(d.ClassScores))
	return table("fera", w.spread("key", "value", "text"), all)
}

func (w writer) languages() Table {
	var all []entry
	for _, l := range w.d.Languages {
		all = append(all, entry{"code": l.Code, "name": l.Name, "origin": string(l.Origin), "note": l.Note})
	}
	return table("fera_languages", []string{"code", "name", "origin", "note"}, all)
}

func (w writer) scales() Table {
	var all []entry
	for _, s := range w.d.Scales {
		e := entry{"name": s.Name, "method": string(s.Method), "lowest": number(s.Lowest), "highest": number(s.Highest), "polarity": s.Polarity, "missing": string(s.Missing), "note": s.Note}
		w.put(e, "label", s.Label)
		for column, v := range map[string]float64{"times": s.Times, "places": float64(s.Places), "most_missing": float64(s.MostMissing)} {
			if v != 0 {
				e[column] = number(v)
			}
		}
		if s.UnaskedLess {
			e["unasked"] = "left_out"
		}
		var of []string
		for _, p := range s.Parts {
			if p.Scale != "" {
				of = append(of, p.Scale+"="+number(p.Weight))
			}
		}
		e["of_scales"] = strings.Join(of, " ")
		all = append(all, e)
	}
	return table("fera_scales", w.spread("name", "label", "method", "times", "lowest", "highest", "places", "polarity", "missing", "most_missing", "unasked", "of_scales", "note"), all)
}

func (w writer) bands() Table {
	var all []entry
	for _, s := range w.d.Scales {
		for _, c := range s.Cuts {
			for _, b := range c.Bands {
				e := entry{"scale": s.Name, "cut": c.Name, "from": c.From.String(), "until": c.Until.String(), "spoken": c.Spoken, "band": b.Name, "at_least": number(b.From), "note": c.Note}
				w.put(e, "cut_label", c.Label)
				w.put(e, "label", b.Label)
				all = append(all, e)
			}
		}
	}
	return table("fera_bands", w.spread("scale", "cut", "cut_label", "from", "until", "spoken", "band", "label", "at_least", "note"), all)
}
