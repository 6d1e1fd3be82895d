// SPDX-License-Identifier: Apache-2.0

// Package iati writes projects as activities of IATI 2.03, the form in which those who pay for and do such work publish it.
//
// It writes what is said of a project and nothing it would have to make up: without the identifier of who publishes there is no
// file. A result is written when it is measured, since the form has no other. What was published of an indicator says so in a
// comment; what the records come to is handed in as Actual. People are never in it but as numbers.
package iati

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/projects"
)

// Activity is a project with what belongs in the file beside its record.
type Activity struct {
	Project projects.Project
	Entries []projects.Entry // its book; none when it is not to be published
	Actuals []Actual
}

// Actual is what an indicator came to by the records, for a time and a place.
type Actual struct {
	Indicator string
	projects.Figure
	Parts map[string]string // the part of the people it is about, such as sex: female; everybody when empty
}

// Write writes a file with one activity. Made is when the file is made.
func Write(w io.Writer, a Activity, made time.Time) error {
	file, err := read(a, made)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(file); err != nil {
		return fmt.Errorf("write IATI activity: %w", err)
	}
	_, err = io.WriteString(w, "\n")
	return err
}

// Version is that of the standard.
const Version = "2.03"

func read(a Activity, made time.Time) (*activities, error) {
	p := a.Project
	reporter := p.Reporter
	switch {
	case reporter.Ref == "":
		return nil, fault.New(fault.Invalid, "project.reporter_needed").On("reporter.ref")
	case len(p.Partners) == 0:
		return nil, fault.New(fault.Invalid, "project.partners_needed").On("partners")
	}
	one := &activity{Lang: "en", Updated: p.At.UTC().Format(time.RFC3339), Currency: currencyOf(a.Entries), ID: reporter.Ref + "-" + p.Code,
		Reporter: reportingOrg{Ref: reporter.Ref, Type: cmp.Or(reporter.Type, "90"), Narratives: said(reporter.NameEn, reporter.NameBn)},
		Title:    text{said(p.TitleEn, p.TitleBn)}, Status: coded{Code: statuses()[p.State]}, Country: country{"BD", "100"},
		Descriptions: []description{{Type: "1", Narratives: said(cmp.Or(p.TextEn, p.TitleEn), cmp.Or(p.TextBn, p.TitleBn))}}}
	for _, partner := range p.Partners {
		one.Partners = append(one.Partners, participatingOrg{Ref: partner.Ref, Type: partner.Type, Role: roles()[partner.Role], Narratives: said(partner.NameEn, partner.NameBn)})
	}
	for _, id := range p.Identifiers {
		one.Others = append(one.Others, otherIdentifier{id.Value, id.Kind})
	}
	one.dates(p.Record)
	one.places(a)
	one.purposes(p.Record)
	one.money(a)
	one.papers(p.Record)
	one.results(a)
	return &activities{Version: Version, Generated: made.UTC().Format(time.RFC3339), Activities: []*activity{one}}, nil
}

// statuses are those of IATI's list ActivityStatus.
func statuses() map[projects.State]string {
	return map[projects.State]string{projects.Planned: "1", projects.Running: "2", projects.Completed: "4", projects.Cancelled: "5", projects.Suspended: "6"}
}

// roles are those of IATI's list OrganisationRole.
func roles() map[projects.Role]string {
	return map[projects.Role]string{projects.Funding: "1", projects.Accountable: "2", projects.Extending: "3", projects.Implementing: "4"}
}

// said are the same words in the languages in which there are any; English is the language of the file.
func said(en, bn string) (all []narrative) {
	if en != "" {
		all = append(all, narrative{Text: en})
	}
	if bn != "" {
		all = append(all, narrative{Lang: "bn", Text: bn})
	}
	return all
}

func iso(day dates.Partial) string { return day.Earliest().String() }

func isoEnd(day dates.Partial) string { return day.Latest().String() }

// dates are when it was to begin and end, and when it did. Of one of which the month or the year is known, it is the first or last day.
func (x *activity) dates(r projects.Record) {
	for _, d := range []struct {
		code string
		day  dates.Partial
		end  bool
	}{{"1", r.PlannedFrom, false}, {"2", r.Started, false}, {"3", r.PlannedTo, true}, {"4", r.Ended, true}} {
		switch {
		case d.day.IsZero():
		case d.end:
			x.Dates = append(x.Dates, activityDate{isoEnd(d.day), d.code})
		default:
			x.Dates = append(x.Dates, activityDate{iso(d.day), d.code})
		}
	}
}

// purposes are the sectors, and whether the equality of women and men is an aim.
func (x *activity) purposes(r projects.Record) {
	for _, s := range r.Sectors {
		one := sector{Vocabulary: "1", Code: s.Code}
		if s.Percent > 0 {
			one.Percentage = strconv.Itoa(s.Percent)
		}
		x.Sectors = append(x.Sectors, one)
	}
	if r.Gender > 0 {
		x.Markers = []policyMarker{{"1", "1", strconv.Itoa(r.Gender)}}
	}
}

func (x *activity) papers(r projects.Record) {
	for _, d := range r.Documents {
		one := documentLink{URL: d.Href, Format: cmp.Or(d.Format, "text/html"), Title: text{said(d.TitleEn, d.TitleBn)}, Category: coded{Code: cmp.Or(d.Category, "A12")}}
		if d.Language != "" {
			one.Language = &coded{Code: d.Language}
		}
		if !d.On.IsZero() {
			one.Date = &isoDate{iso(d.On)}
		}
		x.Documents = append(x.Documents, one)
	}
}

// currencyOf is the currency of most of the money.
func currencyOf(all []projects.Entry) (most string) {
	times := map[string]int{}
	for _, e := range all {
		times[e.Currency]++
		if times[e.Currency] > times[most] {
			most = e.Currency
		}
	}
	return most
}

// amount writes hundredths with a point.
func amount(hundredths int64) string {
	sign := ""
	if hundredths < 0 {
		sign, hundredths = "-", -hundredths
	}
	return fmt.Sprintf("%s%d.%02d", sign, hundredths/100, hundredths%100)
}

// money are the budget by time and currency, and what came in and went out. What was taken back is not written, nor what took it back.
func (x *activity) money(a Activity) {
	for _, e := range a.Entries {
		if e.Reversed || e.Reverses != "" {
			continue
		}
		if e.Kind == projects.Budget {
			x.budget(e)
			continue
		}
		t := transaction{Type: coded{Code: map[projects.Kind]string{projects.Received: "1", projects.Disbursed: "3", projects.Spent: "4", projects.Committed: "11"}[e.Kind]},
			Date: isoDate{iso(e.On)}, Value: value{e.Currency, iso(e.On), amount(e.Amount)}}
		if e.Says != "" {
			t.Description = &text{said(e.Says, "")}
		}
		if org := orgOf(a.Project, e); org != nil && (e.Kind == projects.Received || e.Kind == projects.Committed) {
			t.Provider = org
		} else {
			t.Receiver = org
		}
		x.Transactions = append(x.Transactions, t)
	}
	slices.SortStableFunc(x.Budgets, func(a, b budget) int { return cmp.Compare(a.Start.Date, b.Start.Date) })
}

// budget adds to what is planned for the same time.
func (x *activity) budget(e projects.Entry) {
	start, end := isoDate{iso(e.On)}, isoDate{isoEnd(e.Until)}
	for i, b := range x.Budgets {
		if b.Start == start && b.End == end && b.Value.Currency == e.Currency {
			x.Budgets[i].sum += e.Amount
			x.Budgets[i].Value.Amount = amount(x.Budgets[i].sum)
			return
		}
	}
	x.Budgets = append(x.Budgets, budget{Type: "1", Status: "2", Start: start, End: end, Value: value{e.Currency, start.Date, amount(e.Amount)}, sum: e.Amount})
}

// orgOf is the other side of an entry, with what is known of it as a partner.
func orgOf(p projects.Project, e projects.Entry) *org {
	if e.Partner == "" {
		return nil
	}
	for _, one := range p.Partners {
		if one.NameEn == e.Partner || one.NameBn == e.Partner {
			return &org{Ref: one.Ref, Type: one.Type, Narratives: said(one.NameEn, one.NameBn)}
		}
	}
	return &org{Narratives: said(e.Partner, "")}
}
