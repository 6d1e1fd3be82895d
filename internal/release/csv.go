// SPDX-License-Identifier: Apache-2.0

package release

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"fera/internal/indicators"
	"fera/internal/sheets"
	"fera/internal/words"
)

// column is one column of the CSV: its name, its type as CSVW has it, and what it holds.
type column struct {
	name, datatype string
	about          Text
}

func csvColumns() []column {
	return []column{
		{"table", "string", Text{"Code of the table", "সারণির কোড"}},
		{"year", "gYear", Text{"The calendar year that is counted", "যে বছরের হিসাব"}},
		{"issue", "integer", Text{"Which issue of the table", "সারণির কততম প্রকাশ"}},
		{"way", "string", Text{"By what the row is told apart; empty for the whole", "কী দিয়ে ভাগ করা; পুরোটার জন্য খালি"}},
		{"within", "string", Text{"Codes of the row of which it is a part, with a semicolon between", "যে সারির অংশ তার কোড; একাধিক হলে মাঝে সেমিকোলন"}},
		{"codes", "string", Text{"Codes of what is counted together in the row, with a semicolon between", "সারিতে একসঙ্গে যা গোনা হয়েছে তার কোড; মাঝে সেমিকোলন"}},
		{"label_en", "string", Text{"The row in English", "সারিটি ইংরেজিতে"}},
		{"label_bn", "string", Text{"The row in Bangla", "সারিটি বাংলায়"}},
		{"sexes", "string", Text{"Which sexes are counted, with a semicolon between; empty for all", "কোন কোন লিঙ্গ গোনা হয়েছে; সবার জন্য খালি"}},
		{"count", "integer", Text{"How many", "কতজন বা কতটি"}},
	}
}

// CSV writes an issue as one line for each number. What may not be shown has no line.
func (n Namer) CSV(out io.Writer, i indicators.Issue) error {
	w, err := sheets.NewCSV(out)
	if err != nil {
		return err
	}
	var head []string
	for _, c := range csvColumns() {
		head = append(head, c.name)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	d := n.Document(i, Place{}, true)
	l := lines{w: w, start: []string{d.Code, strconv.Itoa(d.Year), strconv.Itoa(d.Issue)}, sexes: d.Columns}
	whole := Row{Label: both(func(s *words.Speaker) string { return s.T("figure.whole") }), Total: d.Whole.Total, Split: d.Whole.Split}
	if err := l.write(nil, []Row{whole}); err != nil {
		return err
	}
	for _, way := range d.Ways {
		l.way = way.Code
		if err := l.write(nil, way.Rows); err != nil {
			return err
		}
	}
	return w.Close()
}

// lines writes the lines of one way.
type lines struct {
	w     *sheets.Writer
	start []string
	sexes []Group
	way   string
}

func (l lines) write(within []string, rows []Row) error {
	for _, r := range rows {
		line := append(slices.Clone(l.start), l.way, strings.Join(within, ";"), strings.Join(r.Codes, ";"), r.Label.En, r.Label.Bn)
		if err := l.w.Write(append(slices.Clone(line), "", strconv.FormatInt(r.Total, 10))); err != nil {
			return err
		}
		for i, count := range r.Split {
			if err := l.w.Write(append(slices.Clone(line), strings.Join(l.sexes[i].Codes, ";"), strconv.FormatInt(count, 10))); err != nil {
				return err
			}
		}
		if err := l.write(r.Codes, r.Parts); err != nil {
			return err
		}
	}
	return nil
}

// Metadata describes the CSV of an issue as the W3C's "CSV on the Web" has it.
func (n Namer) Metadata(i indicators.Issue, at Place) map[string]any {
	d := n.Document(i, at, true)
	var columns []map[string]any
	for _, c := range csvColumns() {
		columns = append(columns, map[string]any{"name": c.name, "titles": c.name, "datatype": c.datatype, "dc:description": []map[string]string{{"@value": c.about.En, "@language": "en"}, {"@value": c.about.Bn, "@language": "bn"}}})
	}
	year, about := strconv.Itoa(d.Year), ""
	if d.Notice != nil {
		about = d.Notice.En + " "
	}
	return map[string]any{
		"@context":    "http://www.w3.org/ns/csvw",
		"url":         year + ".csv",
		"dc:title":    []map[string]string{{"@value": d.Title.En, "@language": "en"}, {"@value": d.Title.Bn, "@language": "bn"}},
		"dc:license":  map[string]string{"@id": at.Licence.URL},
		"dc:modified": map[string]string{"@value": d.PublishedAt.Format("2006-01-02"), "@type": "xsd:date"},
		"dc:description": about + strings.Join([]string{d.How.En, "Year " + year + ", issue " + strconv.Itoa(d.Issue) + ". No number between 1 and " + strconv.FormatInt(d.Floor-1, 10) +
			" is shown, nor anything from which one could be worked out."}, " "),
		"dialect":     map[string]any{"encoding": "utf-8", "header": true},
		"tableSchema": map[string]any{"columns": columns},
	}
}
