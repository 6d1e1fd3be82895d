// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"fera/internal/dates"
	"fera/internal/pdf"
	"fera/internal/words"
)

// Paper writes the copy as PDF, in its language.
func (c Copy) Paper() ([]byte, error) {
	lang, _ := words.ParseLang(c.Language)
	s := words.In(lang)
	d, err := pdf.New(pdf.Options{Title: s.T("copy.title"), Lang: string(s.Lang()), Made: c.MadeAt,
		Footer: func(page, pages int) string {
			return s.T("copy.foot", "page", page, "pages", pages, "day", dates.Format(s, dates.Of(c.MadeAt)))
		}})
	if err != nil {
		return nil, err
	}
	d.Heading(1, s.T("copy.title"))
	d.Facts([]pdf.Fact{{Label: s.T("copy.of"), Value: c.Name}, {Label: s.T("copy.made_by"), Value: joined(c.Organisation, c.Office)},
		{Label: s.T("copy.made_at"), Value: dates.FormatTime(s, c.MadeAt)}})
	for _, text := range c.lead(s) {
		d.Paragraph(text)
	}
	for _, section := range c.Sections {
		d.Heading(2, section.Title)
		section.write(d)
	}
	return d.Bytes()
}

// lead says what the copy is, what is in it and what is not, and what she may do.
func (c Copy) lead(s *words.Speaker) []string {
	all := []string{s.T("copy.lead"), s.T("copy.without_protected")}
	if c.Protected {
		all[1] = s.T("copy.with_protected")
	}
	if c.LeftOut > 0 {
		all = append(all, s.T("copy.left_out", "count", c.LeftOut))
	}
	return append(all, s.T("copy.not_in_it"), s.T("copy.rights"))
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// write writes a section: as a table if its entries are alike and narrow, else one entry below the other.
func (section Section) write(d *pdf.Document) {
	if head := section.alike(); head != nil {
		t := pdf.Table{Head: head}
		for _, e := range section.Entries {
			row := make([]string, len(e.Facts))
			for i, f := range e.Facts {
				row[i] = f.Text
			}
			t.Rows = append(t.Rows, row)
		}
		d.Table(t)
		return
	}
	for _, e := range section.Entries {
		if e.Title != "" {
			d.Heading(3, e.Title)
		}
		facts := make([]pdf.Fact, len(e.Facts))
		for i, f := range e.Facts {
			facts[i] = pdf.Fact{Label: f.Label, Value: f.Text}
		}
		d.Facts(facts)
	}
}

// alike are the labels of the facts, if all entries have the same few and no title.
func (section Section) alike() (head []string) {
	const most = 4
	first := section.Entries[0]
	if len(section.Entries) < 2 || len(first.Facts) > most {
		return nil
	}
	for _, e := range section.Entries {
		if e.Title != "" || len(e.Facts) != len(first.Facts) {
			return nil
		}
		for i, f := range e.Facts {
			if f.Label != first.Facts[i].Label {
				return nil
			}
		}
	}
	for _, f := range first.Facts {
		head = append(head, f.Label)
	}
	return head
}
