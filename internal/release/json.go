// SPDX-License-Identifier: Apache-2.0

package release

import (
	_ "embed"
	"time"

	"fera/internal/indicators"
	"fera/internal/indicators/tables"
	"fera/internal/words"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema of Index and Document, as draft 2020-12 has it.
func Schema() []byte { return schema }

// Licence is under which terms the figures may be used.
type Licence struct {
	Code string `json:"code"` // as SPDX has it
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Licences are those that an installation may choose from; the first holds unless it chooses.
func Licences() []Licence {
	return []Licence{
		{"CC-BY-4.0", "Creative Commons Attribution 4.0 International", "https://creativecommons.org/licenses/by/4.0/"},
		{"CC0-1.0", "Creative Commons Zero 1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/"},
		{"ODbL-1.0", "Open Data Commons Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"},
	}
}

// LicenceOf is the licence with a code, the first when there is none such.
func LicenceOf(code string) Licence {
	for _, l := range Licences() {
		if l.Code == code {
			return l
		}
	}
	return Licences()[0]
}

// Text is a text in both languages.
type Text struct {
	En string `json:"en"`
	Bn string `json:"bn"`
}

// both says something in both languages.
func both(say func(s *words.Speaker) string) Text {
	return Text{say(words.In(words.English)), say(words.In(words.Bangla))}
}

// Place is where an installation serves its figures, and under which licence.
type Place struct {
	Origin    string // "https://fera.example.org"
	Licence   Licence
	Simulated bool // nobody who is counted exists
}

// Notice says that nobody who is counted exists; nothing where they do.
func (p Place) Notice() *Text {
	if !p.Simulated {
		return nil
	}
	t := both(func(s *words.Speaker) string { return s.T("open.simulated") })
	return &t
}

// Titled is what a table is called there: that of people who do not exist says so wherever it is quoted.
func (p Place) Titled(s *words.Speaker, title string) string {
	if p.Simulated {
		return s.T("open.simulated_title", "title", title)
	}
	return title
}

// Title is what a table is called there in both languages.
func (p Place) Title(n Namer) Text {
	return both(func(s *words.Speaker) string { return p.Titled(s, n.Title(s.Lang())) })
}

// Index lists what is published.
type Index struct {
	Schema  string   `json:"$schema"`
	Kind    string   `json:"kind"`
	Notice  *Text    `json:"notice,omitempty"` // that nobody who is counted exists
	Licence Licence  `json:"licence"`
	Key     string   `json:"key"` // address of the key with which signatures are checked
	Tables  []Listed `json:"tables"`
}

// Listed is one table of the index.
type Listed struct {
	Code  string       `json:"code"`
	Title Text         `json:"title"`
	Years []ListedYear `json:"years"`
}

// ListedYear is one year of a table, with where its files are.
type ListedYear struct {
	Year        int       `json:"year"`
	Issue       int       `json:"issue"`
	PublishedAt time.Time `json:"published_at"`
	JSON        string    `json:"json"`
	CSV         string    `json:"csv"`
	Metadata    string    `json:"csv_metadata"`
	Page        string    `json:"page"`
}

// Group is one column: the sexes that it holds, one or several that are shown together.
type Group struct {
	Codes []string `json:"codes"`
	Label Text     `json:"label"`
}

// Row is one row of a way, with its parts where it is told apart further.
type Row struct {
	Codes []string `json:"codes"`
	Label Text     `json:"label"`
	Total int64    `json:"total"`
	Split []int64  `json:"split,omitempty"` // by column; left out where it may not be shown
	Parts []Row    `json:"parts,omitempty"`
}

// Way is one way in which the whole is told apart.
type Way struct {
	Code  string `json:"code"`
	Label Text   `json:"label"`
	Rows  []Row  `json:"rows"` // none where it could only be shown as the whole
}

// Whole is all that a table counts.
type Whole struct {
	Total int64   `json:"total"`
	Split []int64 `json:"split"`
}

// Document is one issue of a table.
type Document struct {
	Schema      string    `json:"$schema"`
	Kind        string    `json:"kind"`
	Code        string    `json:"code"`
	Title       Text      `json:"title"`
	Notice      *Text     `json:"notice,omitempty"` // that nobody who is counted exists
	How         Text      `json:"how"`
	Year        int       `json:"year"`
	Issue       int       `json:"issue"`
	Latest      bool      `json:"latest"`
	PublishedAt time.Time `json:"published_at"`
	Position    int64     `json:"trail_position"`
	Floor       int64     `json:"floor"`
	Licence     Licence   `json:"licence"`
	Columns     []Group   `json:"columns"`
	Whole       Whole     `json:"whole"`
	Ways        []Way     `json:"ways"`
	Signed      string    `json:"signed"` // to the letter
	Note        string    `json:"note"`   // the signature over it
	Key         string    `json:"key"`
}

// Document says an issue as JSON has it.
func (n Namer) Document(i indicators.Issue, at Place, latest bool) Document {
	d := Document{Schema: at.Origin + "/open/schema.json", Kind: "table", Code: i.Code, Year: i.Year, Issue: i.Issue, Latest: latest, PublishedAt: i.At, Position: i.Position,
		Floor: i.Answer.Floor, Licence: at.Licence, Signed: i.Signed(), Note: i.Note, Key: at.Origin + "/open/key", Columns: []Group{}, Ways: []Way{},
		Title: at.Title(n), Notice: at.Notice(), How: both(func(s *words.Speaker) string { return indicators.How(s, n.Indicator) }),
		Whole: Whole{i.Answer.Whole.Total, i.Answer.Whole.Split}}
	for _, codes := range i.Answer.Columns {
		d.Columns = append(d.Columns, Group{known(codes), both(func(s *words.Speaker) string { return n.Codes(s, "sex", codes) })})
	}
	for _, w := range i.Answer.Ways {
		d.Ways = append(d.Ways, Way{w.Code, both(func(s *words.Speaker) string { return WayName(s, w.Code) }), n.rows(w.Code, w.Rows)})
	}
	return d
}

func (n Namer) rows(way string, from []tables.Shown) []Row {
	rows := []Row{}
	for _, r := range from {
		row := Row{Codes: known(r.Codes), Label: both(func(s *words.Speaker) string { return n.Codes(s, way, r.Codes) }), Total: r.Total, Split: r.Split}
		if r.Parts != nil {
			row.Parts = n.rows(way, r.Parts)
		}
		rows = append(rows, row)
	}
	return rows
}

// known are codes with a word for what is not known.
func known(codes []string) []string {
	all := make([]string, len(codes))
	for i, c := range codes {
		if all[i] = c; c == "" {
			all[i] = Unknown
		}
	}
	return all
}
