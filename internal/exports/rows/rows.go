// SPDX-License-Identifier: Apache-2.0

// Package rows reads the rows of exports page by page, each page in a short read of
// its own, so that a long export holds nothing. It reads by the same functions and
// under the same conditions as the lists, and nothing of class 3.
package rows

import (
	"context"
	"fmt"
	"maps"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/exports/columns"
	"fera/internal/geo"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/words"
)

// PageSize is how many rows one read returns at most.
const PageSize = 200

// Row is one row: its values by the codes of the columns. Person is whom it is about, empty when it is about nobody.
type Row struct {
	Person persons.ID
	Values map[string]string
}

// Ask says what is read, for whom.
type Ask struct {
	Set    columns.Set
	Filter columns.Filter
	Lang   words.Lang // of names of places and kinds
	Class  int        // 2: also what says who somebody is
	// Sign makes a sign of an identifier, which is the same for the same one in one file and another in every other file.
	Sign func(id string) string
}

// Page is some rows, and where to go on; the cursor is empty at the end.
type Page struct {
	Rows []Row
	Next string
}

// Reader reads the rows of one export. It remembers names of offices and kinds from page to page.
type Reader struct {
	Ask
	who      access.Actor
	offices  map[string][2]string // of an office: its name, and its organisation's
	names    map[string]string    // of organisations, kinds and providers
	from, to dates.Partial
	today    dates.Partial
}

// New begins to read.
func New(who access.Actor, a Ask) (*Reader, error) {
	r := &Reader{Ask: a, who: who, offices: map[string][2]string{}, names: map[string]string{}}
	var err error
	if r.from, err = day(a.Filter.From); err != nil {
		return nil, err
	}
	r.to, err = day(a.Filter.Until)
	return r, err
}

func day(text string) (dates.Partial, error) {
	if text == "" {
		return dates.Partial{}, nil
	}
	return dates.Parse(text)
}

// since and before are the moments between which something happened; zero for any.
func (r *Reader) since() time.Time {
	if r.from.IsZero() {
		return time.Time{}
	}
	return r.from.Start()
}

func (r *Reader) before() time.Time {
	if r.to.IsZero() {
		return time.Time{}
	}
	return r.to.End()
}

// Page reads the page after a cursor; the first when it is empty. Numbers that are sealed are not in it: see Numbers.
func (r *Reader) Page(ctx context.Context, q db.Reader, after string) (p Page, err error) {
	r.today = dates.Of(q.Now())
	switch r.Set.Code {
	case "persons":
		p, err = r.persons(ctx, q, after)
	case "cases":
		p, err = r.cases(ctx, q, after)
	case "services":
		p, err = r.services(ctx, q, after)
	case "referrals":
		p, err = r.referrals(ctx, q, after)
	case "activities":
		p, err = r.activities(ctx, q, after)
	case "directory":
		p, err = r.directory(ctx, q, after)
	default:
		return p, fmt.Errorf("there is no list %q", r.Set.Code)
	}
	if err != nil {
		return Page{}, fmt.Errorf("read %s: %w", r.Set.Code, err)
	}
	for i := range p.Rows {
		r.keep(p.Rows[i].Values)
	}
	return p, nil
}

// keep leaves in a row what has a column of a class that may be in the file: a value that nobody listed goes nowhere.
func (r *Reader) keep(values map[string]string) {
	maps.DeleteFunc(values, func(code, _ string) bool {
		for _, c := range r.Set.Columns {
			if c.Code == code {
				return c.Class > r.Class
			}
		}
		return true
	})
}

// signs puts in the signs of identifiers and, under their own columns, the identifiers themselves.
func (r *Reader) signs(values map[string]string, of map[string]string) {
	for code, id := range of {
		if id == "" {
			continue
		}
		values[code] = r.Sign(code + ":" + id)
		values[code+"_id"] = id
	}
}

// people puts in the names of those whom rows are about.
func (r *Reader) people(ctx context.Context, q db.Reader, rows []Row) error {
	if r.Class < 2 {
		return nil
	}
	var wanted []persons.ID
	for _, row := range rows {
		if row.Person != "" {
			wanted = append(wanted, row.Person)
		}
	}
	cards, err := persons.FindCards(ctx, q, r.who, wanted)
	for _, row := range rows {
		if c, ok := cards[row.Person]; ok {
			row.Values["name_bn"], row.Values["name_latin"] = c.NameBn, c.NameLatin
		}
	}
	return err
}

// at puts in an office and its organisation.
func (r *Reader) at(ctx context.Context, q db.Reader, values map[string]string, office string) error {
	if office == "" {
		return nil
	}
	names, known := r.offices[office]
	if !known {
		o, err := offices.Find(ctx, q, access.System(access.ReadOffices), office)
		if err != nil {
			return err
		}
		org, err := offices.FindOrganisation(ctx, q, access.System(access.ReadOffices), o.Organisation)
		if err != nil {
			return err
		}
		names = [2]string{o.Name(string(r.Lang)), org.Name(string(r.Lang))}
		r.offices[office] = names
	}
	values["office"], values["organisation"] = names[0], names[1]
	return nil
}

// named remembers the name of something, asking once.
func (r *Reader) named(key string, ask func() (string, error)) (string, error) {
	name, known := r.names[key]
	if known {
		return name, nil
	}
	name, err := ask()
	if err == nil {
		r.names[key] = name
	}
	return name, err
}

// place puts in a place and those around it, each under its kind.
func (r *Reader) place(values map[string]string, code string) {
	for _, p := range geo.Path(code) {
		column := string(p.Kind)
		if p.Kind == geo.Thana {
			column = string(geo.Upazila)
		}
		values[column], values[column+"_code"] = geo.Name(r.Lang, p.Code), p.Code
	}
}

// month is the month of a moment, empty before there is one.
func month(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := dates.Of(t)
	return dates.Partial{Year: d.Year, Month: d.Month}.String()
}

func onDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return dates.Of(t).String()
}

// ofMonth is the month of a day that may be known in part.
func ofMonth(p dates.Partial) string { return dates.Partial{Year: p.Year, Month: p.Month}.String() }
