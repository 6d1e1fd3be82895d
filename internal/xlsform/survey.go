// SPDX-License-Identifier: Apache-2.0

package xlsform

import (
	"strconv"
	"strings"

	"fera/internal/instruments"
)

// line is one row of the survey, by our names of its columns; texts by language.
type line struct {
	at    place
	cells map[string]string
	texts map[string]instruments.Texts
}

func (r *reader) lines(sheet string, names map[string]string) []line {
	rows := r.sheets[sheet].Rows
	if len(rows) == 0 {
		return nil
	}
	heads := r.heads(rows[0], names)
	r.unknown(sheet, rows[0], heads)
	var all []line
	for _, row := range rows[1:] {
		l := line{place{sheet, row.Number}, map[string]string{}, map[string]instruments.Texts{}}
		for i, cell := range row.Cells {
			if cell = strings.TrimSpace(cell); cell == "" || i >= len(heads) || heads[i].name == "" {
				continue
			}
			c := heads[i]
			if c.lang != "" {
				if l.texts[c.name] == nil {
					l.texts[c.name] = instruments.Texts{}
				}
				l.texts[c.name][c.lang] = cell
				continue
			}
			l.cells[c.name] = cell
		}
		if len(l.cells)+len(l.texts) > 0 {
			all = append(all, l)
		}
	}
	return all
}

// unknown says which columns do not count, and which are there twice. A text without a language beside the same one with
// the form's own language is no mistake.
func (r *reader) unknown(sheet string, head Row, heads []column) {
	at := place{sheet, head.Number}
	seen := map[column]string{}
	for i, c := range heads {
		said := snake(head.Cells[i])
		before, twice := seen[c]
		switch {
		case c.known && twice && c.lang != "" && said != before:
			r.advise(at, "", c.name, "xlsform.column_twice", "column", c.name)
		case c.known && twice:
			r.refuse(at, "", c.name, "xlsform.column_twice", "column", c.name)
		case !c.known && !meaningless(strings.ToLower(c.name)) && !strings.HasPrefix(c.name, "fera_weight_") && sheet == "survey":
			r.advise(at, "", c.name, "xlsform.column_unknown", "column", c.name)
		}
		seen[c] = said
	}
}

// nest is the groups and repeats that are open at a row, the form itself first.
type nest []level

type level struct {
	item *instruments.Item
	at   place
}

func (n nest) top() *instruments.Item { return n[len(n)-1].item }

func (n nest) add(i instruments.Item) { n.top().Items = append(n.top().Items, i) }

// shut ends the innermost group.
func (n nest) shut() nest {
	rest := n[:len(n)-1]
	rest.add(*n.top())
	return rest
}

// survey reads the questions, with groups and repeats around them.
func (r *reader) survey() {
	open := nest{{item: &instruments.Item{}}}
	for _, l := range r.lines("survey", aliases()) {
		if isYes(l.cells["disabled"]) {
			continue
		}
		if l.cells["type"] == "" && (l.cells["name"] == "" || l.texts["label"] == nil) {
			r.advise(l.at, l.cells["name"], "type", "xlsform.row_skipped")
			continue
		}
		open = r.surveyRow(l, open)
	}
	for len(open) > 1 {
		r.refuse(open[len(open)-1].at, open.top().Name, "type", "xlsform.begin_unmatched", "name", open.top().Name)
		open = open.shut()
	}
	r.form.Definition.Items = open.top().Items
	if len(open.top().Items) == 0 && !instruments.Refused(r.form.problems) {
		r.refuse(place{"survey", 0}, "", "", "xlsform.survey_missing")
	}
}

func (r *reader) surveyRow(l line, open nest) nest {
	said := l.cells["type"]
	t, problem := typeOf(said, l.cells["list"])
	switch {
	case problem != "":
		r.refuse(l.at, l.cells["name"], "type", problem, "type", said)
		if l.cells["name"] != "" { // so that what speaks of it is not refused as well
			open.add(instruments.Item{Name: l.cells["name"], Kind: instruments.Text, Label: l.texts["label"]})
			r.form.places["item "+l.cells["name"]] = l.at
		}
		return open
	case t.end && (len(open) == 1 || open.top().Kind != t.kind):
		r.refuse(l.at, "", "type", "xlsform.end_unmatched", "type", said)
		return open
	case t.end:
		return open.shut()
	}
	if t.advice != "" {
		r.advise(l.at, l.cells["name"], "type", t.advice, "type", said)
	}
	if t.kind == "" {
		return open
	}
	item := r.item(l, t)
	if item.Kind.Holds() {
		return append(open, level{&item, l.at})
	}
	open.add(item)
	return open
}

// item reads one question.
func (r *reader) item(l line, t kind) instruments.Item {
	c := l.cells
	i := instruments.Item{Name: c["name"], Kind: t.kind, List: t.list, OrOther: t.other, Label: l.texts["label"], Hint: l.texts["hint"], Guidance: l.texts["guidance_hint"],
		Filter: c["choice_filter"], Appearance: c["appearance"], Relevant: truth(c["relevant"]), Constraint: c["constraint"], ConstraintMessage: l.texts["constraint_message"],
		Required: truth(c["required"]), RequiredMessage: l.texts["required_message"], ReadOnly: truth(c["read_only"]), Default: c["default"],
		Calculation: c["calculation"], Trigger: c["trigger"], Count: c["repeat_count"], Polarity: c["fera_polarity"]}
	if i.Constraint == "" && t.constraint != "" {
		i.Constraint = t.constraint
	}
	for _, media := range []string{"image", "big-image", "audio", "video"} {
		if l.texts[media] != nil {
			if i.Media == nil {
				i.Media = map[string]instruments.Texts{}
			}
			i.Media[media] = l.texts[media]
		}
	}
	r.named(&i, l)
	if strings.Contains(i.Appearance, "search(") {
		r.refuse(l.at, i.Name, "appearance", "xlsform.search")
	}
	if isNo(i.Required) {
		i.Required = ""
	}
	if isNo(i.ReadOnly) {
		i.ReadOnly = ""
	}
	if i.Count != "" && i.Kind != instruments.Repeat {
		r.advise(l.at, i.Name, "repeat_count", "xlsform.count_misplaced")
		i.Count = ""
	}
	r.parameters(&i, l)
	r.scoring(&i, l)
	return i
}

// named sees to it that an item has a name, and remembers where it stands.
func (r *reader) named(i *instruments.Item, l line) {
	if i.Name == "" {
		switch i.Kind {
		case instruments.Start, instruments.End, instruments.Today, instruments.Username, instruments.Device: // called as their type
			i.Name = strings.NewReplacer(" ", "_", ":", "_").Replace(strings.ToLower(l.cells["type"]))
		case instruments.Note: // nobody refers to it
			i.Name = "note_" + strconv.Itoa(l.at.row)
		}
	}
	if i.Name == "" {
		if i.Kind.Holds() {
			i.Name = "group_" + strconv.Itoa(l.at.row)
			r.advise(l.at, "", "name", "xlsform.group_unnamed", "name", i.Name)
		} else {
			r.refuse(l.at, "", "name", "xlsform.name_missing")
			i.Name = "row_" + strconv.Itoa(l.at.row)
		}
	}
	if _, twice := r.form.places["item "+i.Name]; !twice {
		r.form.places["item "+i.Name] = l.at
	}
	r.form.places["last "+i.Name] = l.at
}

func (r *reader) parameters(i *instruments.Item, l line) {
	text := l.cells["parameters"]
	if text == "" {
		return
	}
	i.Parameters = map[string]string{}
	text = strings.NewReplacer(" = ", "=", "= ", "=", " =", "=").Replace(text)
	for _, pair := range strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == ',' || c == ';' || c == '\n' || c == '\t' }) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			r.refuse(l.at, i.Name, "parameters", "xlsform.parameters", "found", pair)
			continue
		}
		i.Parameters[strings.ToLower(name)] = value
	}
}

// scoring reads the columns that begin with fera.
func (r *reader) scoring(i *instruments.Item, l line) {
	c := l.cells
	if text := c["fera_class"]; text != "" {
		class, err := strconv.Atoi(text)
		if err != nil {
			class = -1 // the check says it
		}
		i.Class = class
	}
	for _, pair := range strings.Fields(c["fera_score"]) {
		option, value, _ := strings.Cut(pair, "=")
		if i.Scores == nil {
			i.Scores = map[string]*instruments.Score{}
		}
		i.Scores[option] = r.score(l.at, i.Name, value)
	}
	for _, pair := range strings.Fields(c["fera_codes"]) {
		system, value, _ := strings.Cut(pair, "=")
		if i.Codes == nil {
			i.Codes = map[string]string{}
		}
		i.Codes[system] = value
	}
	if c["fera_alert"] != "" {
		i.Alert = &instruments.Alert{When: c["fera_alert"], Level: instruments.Level(c["fera_alert_level"]), Message: l.texts["fera_alert_message"], Steps: l.texts["fera_alert_steps"]}
	}
	for name, text := range c {
		if scale, ok := strings.CutPrefix(name, "fera_weight_"); ok {
			r.weigh(scale, i.Name, text, l.at)
		}
	}
}

// weigh reads the weight of an item in a scale: "1", or "1 0..7" where scores outside of 0 to 7 are missing.
func (r *reader) weigh(scale, item, text string, at place) {
	weight, span, bounded := strings.Cut(text, " ")
	p := instruments.Part{Item: item}
	f, err := strconv.ParseFloat(weight, 64)
	p.Weight = f
	if bounded {
		low, high, ok := strings.Cut(strings.TrimSpace(span), "..")
		from, e1 := strconv.ParseFloat(low, 64)
		to, e2 := strconv.ParseFloat(high, 64)
		if !ok || e1 != nil || e2 != nil {
			r.refuse(at, item, "fera_weight_"+scale, "xlsform.number", "found", text)
			return
		}
		p.From, p.To = &from, &to
	}
	if err != nil {
		r.refuse(at, item, "fera_weight_"+scale, "xlsform.number", "found", text)
		return
	}
	r.weights[scale] = append(r.weights[scale], p)
}

// score reads the score of an option; "none" is one that has none.
func (r *reader) score(at place, name, text string) *instruments.Score {
	if text == "" || strings.EqualFold(text, "none") {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.refuse(at, name, "fera_score", "xlsform.number", "found", text)
		return nil
	}
	s := instruments.Score(f)
	return &s
}

func isYes(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "true", "true()":
		return true
	}
	return false
}

func isNo(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "no", "false", "false()":
		return true
	}
	return false
}

// truth writes the words for yes and no as expressions.
func truth(s string) string {
	switch {
	case isYes(s):
		return "true()"
	case isNo(s):
		return "false()"
	}
	return s
}
