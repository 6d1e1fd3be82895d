// SPDX-License-Identifier: Apache-2.0

// Package papers writes a report as text, PDF, workbook, CSV and JSON, in Bangla and English. It counts nothing and knows no database.
package papers

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/reports/content"
	"fera/internal/words"
)

// Stamp is what an issued report bears beside what it says. The zero Stamp is of a draft.
type Stamp struct {
	Number   int       `json:"number"`
	Issue    int       `json:"issue"`
	Position int64     `json:"position"` // of the trail, at which the figures were taken
	Hash     string    `json:"hash"`     // SHA-256 of what the report says
	At       time.Time `json:"issued_at"`
}

// Issued tells whether it is of an issued report.
func (s Stamp) Issued() bool { return s.Hash != "" }

// Format is a form in which a report is written.
type Format string

// The formats.
const (
	Text Format = "text"
	PDF  Format = "pdf"
	XLSX Format = "xlsx"
	CSV  Format = "csv"
	JSON Format = "json"
)

// Formats returns those that can be downloaded.
func Formats() []Format { return []Format{PDF, XLSX, CSV, JSON} }

// Media is the media type of a format, empty for one that there is not.
func (f Format) Media() string {
	return map[Format]string{Text: "text/plain; charset=utf-8", PDF: "application/pdf", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		CSV: "text/csv; charset=utf-8", JSON: "application/json"}[f]
}

// Paper is a report that is to be written.
type Paper struct {
	Content content.Content
	Stamp   Stamp
	Frozen  []byte // the exact text of an issued report, to go into the JSON as it is; nil where a part is left out
	Money   bool   // the reader may see the money
	Lang    words.Lang
}

// Write writes a report in a format.
func Write(to io.Writer, f Format, p Paper) error {
	if !p.Money {
		p.Content, p.Frozen = p.Content.WithoutMoney(), nil
	}
	w := paper{p, words.In(p.Lang), string(p.Lang)}
	switch f {
	case Text:
		return w.text(to)
	case PDF:
		return w.pdf(to)
	case XLSX:
		return w.workbook(to)
	case CSV:
		return w.csv(to)
	case JSON:
		return w.json(to)
	}
	return fault.New(fault.Invalid, "fault.bad_choice").On("format")
}

// paper is a report while it is written in one language.
type paper struct {
	Paper
	s    *words.Speaker
	lang string
}

// fact is something said of the report as a whole.
type fact struct{ label, value string }

func (p paper) facts() []fact {
	c := p.Content
	all := []fact{
		{p.s.T("report.about"), c.About.In(p.lang)},
		{p.s.T("report.period"), c.Period.Spoken(p.s)},
		{p.s.T("report.owner"), c.Owner.In(p.lang)},
		{p.s.T("report.for_whom"), p.s.T("report.audience."+string(c.Audience)) + " · " + p.s.T("report.audience_said."+string(c.Audience), "n", int(c.Audience.Floor()))},
		{p.s.T("report.counted"), dates.FormatTime(p.s, c.Counted)},
		{p.s.T("report.template"), p.s.T("report.template_said", "name", c.Title.In(p.lang), "n", c.Version)},
	}
	if c.Owner.Empty() {
		all = append(all[:2], all[3:]...)
	}
	if c.Simulated {
		all = append([]fact{{p.s.T("report.simulated"), p.s.T("report.simulated_said")}}, all...)
	}
	if p.Stamp.Issued() {
		all = append(all, fact{p.s.T("report.issued_on"), dates.FormatTime(p.s, p.Stamp.At)}, fact{p.s.T("report.position"), p.s.Number(int(p.Stamp.Position))}, fact{p.s.T("report.hash"), p.Stamp.Hash})
	}
	return all
}

// title is what stands on top.
func (p paper) title() string {
	title := p.s.T("report.kind."+p.Content.Kind) + ": " + p.Content.About.In(p.lang) + ", " + p.Content.Period.Spoken(p.s)
	if p.Content.Simulated {
		return p.s.T("open.simulated_title", "title", title)
	}
	return title
}

// foot stands at the foot of each page: what is issued is known by it.
func (p paper) foot(page, pages int) string {
	if p.Content.Simulated {
		return p.s.T("report.simulated") + " · " + p.plainFoot(page, pages)
	}
	return p.plainFoot(page, pages)
}

func (p paper) plainFoot(page, pages int) string {
	if !p.Stamp.Issued() {
		return p.s.T("report.foot_draft", "page", page, "pages", pages)
	}
	return p.s.T("report.foot_issued", "number", p.Stamp.Number, "issue", p.Stamp.Issue, "position", int(p.Stamp.Position), "hash", p.Stamp.Hash[:16], "page", page, "pages", pages)
}

// row is a line of a figure in words, the label first.
func (p paper) row(r content.Row) []string {
	all := []string{strings.Repeat("  ", r.Depth) + r.Title.In(p.lang)}
	for _, v := range r.Values {
		if r.Heads() {
			all = append(all, "")
			continue
		}
		all = append(all, v.Spoken(p.s))
	}
	return all
}

func (p paper) head(f content.Figure) []string {
	all := []string{""}
	for _, c := range f.Columns {
		all = append(all, c.Title.In(p.lang))
	}
	return all
}

// says are the sentences under a figure: what does not add up first.
func (p paper) says(f content.Figure) (all []string) {
	for _, g := range f.Flags {
		all = append(all, "! "+g.Text.In(p.lang))
	}
	for _, n := range f.Notes {
		all = append(all, n.In(p.lang))
	}
	return all
}

// blank tells of a section that nothing is in it.
func blank(s content.Section) bool { return len(s.Figures) == 0 && s.Text.Empty() }

func (p paper) text(to io.Writer) error {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	line(p.title())
	line("")
	for _, f := range p.facts() {
		line(f.label + ": " + f.value)
	}
	if !p.Stamp.Issued() {
		line(p.s.T("report.draft_said"))
	}
	for _, s := range p.Content.Sections {
		if blank(s) {
			continue
		}
		line("\n" + s.Title.In(p.lang) + "\n" + strings.Repeat("=", wide(s.Title.In(p.lang))))
		if text := s.Text.In(p.lang); text != "" {
			line(text)
		}
		for _, f := range s.Figures {
			p.table(&b, f)
		}
	}
	if len(p.Content.Lessons) > 0 {
		line("\n" + p.s.T("report.lessons") + "\n" + strings.Repeat("=", wide(p.s.T("report.lessons"))))
		for _, l := range p.Content.Lessons {
			line(l.About.In(p.lang) + ": " + l.Text.In(p.lang))
		}
	}
	_, err := io.WriteString(to, b.String())
	return err
}

func (p paper) table(b *strings.Builder, f content.Figure) {
	b.WriteString("\n" + f.Title.In(p.lang) + "\n")
	rows := [][]string{p.head(f)}
	for _, r := range f.Rows {
		rows = append(rows, p.row(r))
	}
	if f.Whole != nil {
		rows = append(rows, p.row(*f.Whole))
	}
	if len(rows) == 1 {
		rows = [][]string{{p.s.T("report.no_rows")}}
	}
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], wide(c))
		}
	}
	for _, r := range rows {
		line := "  "
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-wide(c))
			if i > 0 && !f.Columns[i-1].Says {
				c = pad + c
			} else {
				c += pad
			}
			line += c + "  "
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	for _, said := range p.says(f) {
		b.WriteString("  " + said + "\n")
	}
}

// wide is how many places a text takes on a terminal: marks stand over their letter.
func wide(text string) (n int) {
	for _, r := range text {
		if !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
			n++
		}
	}
	return n
}

func (p paper) json(to io.Writer) error {
	frozen := json.RawMessage(p.Frozen)
	if frozen == nil {
		text, err := json.Marshal(p.Content)
		if err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		frozen = text
	}
	var stamp *Stamp
	if p.Stamp.Issued() {
		stamp = &p.Stamp
	}
	if err := json.NewEncoder(to).Encode(struct {
		Stamp     *Stamp          `json:"stamp,omitempty"`
		Simulated bool            `json:"simulated,omitempty"` // also of a report that was issued before it said so itself
		Report    json.RawMessage `json:"report"`
	}{stamp, p.Content.Simulated, frozen}); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
