// SPDX-License-Identifier: Apache-2.0

package xlsform

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"fera/internal/instruments"
)

// column is what the head of a column says: what it holds, and in which language.
type column struct {
	name  string // our name for it; as written, if we do not know it
	lang  string // the code of the language; "" if the column is not for one
	known bool
}

// aliases are the names under which pyxform knows the columns of the survey, by our names.
func aliases() map[string]string {
	return map[string]string{
		"type": "type", "command": "type", "name": "name", "tag": "name", "value": "name", "label": "label", "caption": "label",
		"hint": "hint", "guidance_hint": "guidance_hint", "guidance": "guidance_hint",
		"relevant": "relevant", "relevance": "relevant", "bind::relevant": "relevant",
		"constraint": "constraint", "bind::constraint": "constraint",
		"constraint_message": "constraint_message", "constraining_message": "constraint_message", "bind::jr:constraintmsg": "constraint_message", "jr:constraintmsg": "constraint_message", "bind:jr:constraintmsg": "constraint_message", "bind:jr:requiredmsg": "required_message", "bind::constraint_message": "constraint_message",
		"required": "required", "bind::required": "required",
		"required_message": "required_message", "requiredmsg": "required_message", "bind::jr:requiredmsg": "required_message", "jr:requiredmsg": "required_message", "bind::required_message": "required_message",
		"read_only": "read_only", "readonly": "read_only", "bind::readonly": "read_only", "bind::read_only": "read_only",
		"default": "default", "calculation": "calculation", "calculate": "calculation", "bind::calculate": "calculation", "bind::calculation": "calculation",
		"choice_filter": "choice_filter", "appearance": "appearance", "control::appearance": "appearance", "body::appearance": "appearance",
		"parameters": "parameters", "repeat_count": "repeat_count", "count": "repeat_count", "jr:count": "repeat_count", "control::jr:count": "repeat_count",
		"trigger": "trigger", "disabled": "disabled",
		"image": "image", "media::image": "image", "big-image": "big-image", "media::big-image": "big-image", "audio": "audio", "media::audio": "audio", "video": "video", "media::video": "video",
		"select_from_list_name": "list", "list_name": "list", "fera_class": "fera_class", "fera_polarity": "fera_polarity", "fera_score": "fera_score", "fera_codes": "fera_codes",
		"fera_alert": "fera_alert", "fera_alert_level": "fera_alert_level", "fera_alert_message": "fera_alert_message", "fera_alert_steps": "fera_alert_steps",
	}
}

// meaningless are columns of other tools that say nothing about the questions; nobody has to be told that they do not count.
func meaningless(name string) bool {
	switch name {
	case "", "note", "notes", "comment", "comments", "$kuid", "kuid", "$autoname", "$prev", "$qpath", "$xpath", "_isrepeat", "hxl", "kobo--score-choices", "kobo--rank-items", "kobo--rank-constraint-message", "kobo--locking-profile", "autoplay", "rows", "body::accuracythreshold", "order":
		return true
	}
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "#")
}

// translated tells whether a column can have a language.
func translated(name string) bool {
	return slices.Contains([]string{"label", "hint", "guidance_hint", "constraint_message", "required_message", "image", "big-image", "audio", "video",
		"fera_alert_message", "fera_alert_steps", "text", "cut_label"}, name)
}

func snake(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "_")) }

// split cuts a head at its :: and trims the pieces; a single colon does where the sheet has no double one.
func split(head string, double bool) []string {
	mark := "::"
	if !double && !strings.Contains(head, mark) && !strings.Contains(strings.ToLower(head), "jr:") {
		mark = ":"
	}
	parts := strings.Split(head, mark)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// heads reads the first row of a sheet.
func (r *reader) heads(row Row, names map[string]string) []column {
	double := slices.ContainsFunc(row.Cells, func(c string) bool { return strings.Contains(c, "::") })
	all := make([]column, len(row.Cells))
	for i, cell := range row.Cells {
		all[i] = r.head(cell, double, names)
	}
	return all
}

func (r *reader) head(cell string, double bool, names map[string]string) column {
	whole := strings.TrimSpace(plainQuotes(cell))
	parts := split(whole, double)
	for used := len(parts); used > 0; used-- {
		name, ok := names[snake(strings.Join(parts[:used], "::"))]
		if !ok {
			continue
		}
		c := column{name: name, known: true}
		if translated(name) {
			c.lang = r.form.Definition.Language
			if used < len(parts) {
				c.lang = code(strings.Join(parts[used:], "::"))
			}
		} else if used < len(parts) {
			continue // bind::something of ours? not one that we know
		}
		return c
	}
	return column{name: whole}
}

var coded = regexp.MustCompile(`^(.*?)\s*\(([A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*)\)$`)

// code finds the code of a language as workbooks write it: "Bangla (bn)", "English", "বাংলা".
func code(said string) string {
	if m := coded.FindStringSubmatch(said); m != nil {
		return strings.ToLower(strings.ReplaceAll(m[2], "_", "-"))
	}
	switch strings.ToLower(said) {
	case "bangla", "bengali", "বাংলা", "bn":
		return "bn"
	case "english", "ইংরেজি", "en":
		return "en"
	case "french", "français", "francais", "fr":
		return "fr"
	case "arabic", "العربية", "ar":
		return "ar"
	case "spanish", "español", "espanol", "es":
		return "es"
	case "hindi", "हिन्दी", "hi":
		return "hi"
	case "default", "":
		return "default"
	}
	return strings.ToLower(strings.Join(strings.FieldsFunc(said, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.Is(unicode.M, c) }), "_"))
}

// spoken is the name of a language without its code.
func spoken(said string) string {
	if m := coded.FindStringSubmatch(said); m != nil {
		return strings.TrimSpace(m[1])
	}
	if said == code(said) {
		return ""
	}
	return said
}

// languagesOf finds the languages in the heads of sheets, in the order in which they first appear. A form that does not
// say which is its own speaks the first of them.
func (r *reader) languagesOf(names ...string) {
	d := r.form.Definition
	add := func(c, name string) {
		i := slices.IndexFunc(d.Languages, func(l instruments.Language) bool { return l.Code == c })
		switch {
		case i < 0:
			d.Languages = append(d.Languages, instruments.Language{Code: c, Name: name, Origin: instruments.Brought})
		case d.Languages[i].Name == "":
			d.Languages[i].Name = name
		}
	}
	all := aliases()
	all["text"] = "text"
	all["cut_label"] = "cut_label"
	for _, name := range names {
		rows := r.sheets[name].Rows
		if len(rows) == 0 {
			continue
		}
		double := slices.ContainsFunc(rows[0].Cells, func(c string) bool { return strings.Contains(c, "::") })
		for _, cell := range rows[0].Cells {
			c := r.head(cell, double, all)
			if c.lang == "" || c.name == "name" {
				continue
			}
			parts := split(cell, double)
			if c.lang == d.Language && len(parts) == 1 {
				add(c.lang, "")
				continue
			}
			add(c.lang, spoken(parts[len(parts)-1]))
		}
	}
	if !slices.ContainsFunc(d.Languages, func(l instruments.Language) bool { return l.Code == d.Language }) && len(d.Languages) > 0 {
		if d.Title != nil {
			d.Title = instruments.Texts{d.Languages[0].Code: d.Title[d.Language]}
		}
		d.Language = d.Languages[0].Code
	}
}

func plainQuotes(s string) string {
	return strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u00a0", " ").Replace(s)
}
