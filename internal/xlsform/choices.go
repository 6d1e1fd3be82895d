// SPDX-License-Identifier: Apache-2.0

package xlsform

import (
	"strings"

	"fera/internal/instruments"
)

func choiceAliases() map[string]string {
	return map[string]string{"list_name": "list", "listname": "list", "list": "list", "name": "name", "value": "name", "label": "label", "caption": "label",
		"image": "image", "media::image": "image", "big-image": "big-image", "media::big-image": "big-image", "audio": "audio", "media::audio": "audio", "video": "video", "media::video": "video",
		"fera_score": "fera_score"}
}

// choices reads the lists. Columns that mean nothing to XLSForm are what choice filters speak of.
func (r *reader) choices(sheet string) {
	d := r.form.Definition
	for _, l := range r.lines(sheet, choiceAliases()) {
		c := l.cells
		name := c["list"]
		if name == "" {
			if c["name"] != "" || l.texts["label"] != nil {
				r.refuse(l.at, "", "list_name", "xlsform.list_unnamed")
			}
			continue
		}
		o := instruments.Option{Name: c["name"], Label: l.texts["label"]}
		for _, media := range []string{"image", "big-image", "audio", "video"} {
			if l.texts[media] != nil {
				if o.Media == nil {
					o.Media = map[string]instruments.Texts{}
				}
				o.Media[media] = l.texts[media]
			}
		}
		o.Score = r.score(l.at, c["name"], c["fera_score"])
		for column, value := range c {
			if column != "list" && column != "name" && column != "fera_score" {
				if o.Columns == nil {
					o.Columns = map[string]string{}
				}
				o.Columns[column] = value
			}
		}
		if o.Name == "" {
			r.refuse(l.at, name, "name", "instrument.option_unnamed", "list", name)
			continue
		}
		for _, text := range o.Label {
			if strings.Contains(text, "${") {
				r.advise(l.at, name, "label", "xlsform.option_reference", "option", o.Name)
				break
			}
		}
		list := d.FindList(name)
		if list == nil {
			d.Lists = append(d.Lists, instruments.List{Name: name})
			list = &d.Lists[len(d.Lists)-1]
			r.form.places["list "+name] = l.at
		}
		list.Options = append(list.Options, o)
	}
}

// settings reads the sheet of settings: one row under its heads.
func (r *reader) settings(name string) {
	d := r.form.Definition
	values := map[string]string{}
	rows := r.sheets["settings"].Rows
	if len(rows) > 1 {
		for i, head := range rows[0].Cells {
			if i < len(rows[1].Cells) && strings.TrimSpace(rows[1].Cells[i]) != "" {
				values[snake(plainQuotes(head))] = strings.TrimSpace(rows[1].Cells[i])
			}
		}
	}
	take := func(keys ...string) (value string) {
		for _, key := range keys {
			if v, ok := values[key]; ok {
				delete(values, key)
				if value == "" {
					value = v
				}
			}
		}
		return value
	}
	d.Language = code(take("default_language"))
	d.Name = take("form_id", "id_string", "set_form_id")
	d.Version = take("version")
	if title := take("form_title", "title", "set_form_title"); title != "" {
		d.Title = instruments.Texts{d.Language: title}
	}
	if d.Name == "" {
		d.Name = slug(name)
		r.advise(place{"settings", 2}, "", "form_id", "xlsform.form_id_missing", "name", d.Name)
	}
	if values["public_key"] != "" {
		r.advise(place{"settings", 2}, "", "public_key", "xlsform.encrypted")
	}
	if len(values) > 0 {
		d.Settings = values
	}
}

// slug makes a name of the name of a file.
func slug(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9' && b.Len() > 0:
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	if b.Len() == 0 {
		return "form"
	}
	return strings.TrimSuffix(b.String(), "_")
}
