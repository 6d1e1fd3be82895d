// SPDX-License-Identifier: Apache-2.0

// Package figure does the work of fera figures: it shows figures on a terminal.
package figure

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"fera/internal/access"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/words"
)

// Asked is what is asked for on the command line.
type Asked struct {
	Indicator string   `arg:"" help:"Code of the indicator; fera figures list has them."`
	From      string   `placeholder:"MONTH" help:"First month, as 2029-01 (default: January of this year)."`
	To        string   `placeholder:"MONTH" help:"Last month (default: this one)."`
	Place     string   `placeholder:"CODE" help:"Only in this division, district or upazila."`
	By        []string `placeholder:"DIMENSION" help:"Break it down: month, quarter, year, day, division, district, upazila, sex, age, country, reason, kind, organisation, disability, ethnicity; twice at most."`
	Only      []string `placeholder:"DIMENSION=VALUE" help:"Only where a dimension has a value."`
	Language  string   `default:"en" enum:"en,bn" help:"In which language: en or bn."`
}

// teller is who asks on the terminal: whoever holds the key file reads everything anyway.
func teller() access.Actor { return access.System(access.ReadFigures, access.ReadPersons) }

// Said is the sentence about what cannot be asked, and whether that is what went wrong.
func Said(err error) (string, bool) {
	f := fault.Of(err)
	if f == nil || f.Kind == fault.Internal {
		return "", false
	}
	return words.In(words.English).Fault(f), true
}

// List prints the indicators and how each is counted.
func List(ctx context.Context, d *db.DB, out io.Writer, language string) error {
	lang, _ := words.ParseLang(language)
	s := words.In(lang)
	return d.Read(ctx, func(q db.Reader) error {
		all, err := indicators.List(ctx, q, teller(), dates.Of(q.Now()))
		for _, i := range all {
			fmt.Fprintf(out, "%s: %s\n    %s\n    %s\n", i.Code, i.Name(language), indicators.How(s, i), strings.Join(i.By, ", "))
		}
		return err
	})
}

// question reads what was asked for.
func (a Asked) question() (q indicators.Question, err error) {
	q = indicators.Question{Indicator: a.Indicator, Place: a.Place, By: a.By, Filter: map[string]string{}}
	for text, to := range map[string]*facts.Month{a.From: &q.From, a.To: &q.To} {
		if text == "" {
			continue
		}
		on, err := dates.Parse(text)
		if err != nil || on.Month == 0 {
			return q, fault.New(fault.Invalid, "figure.bad_period")
		}
		*to = facts.MonthOf(on)
	}
	if a.To == a.From {
		q.To = q.From
	}
	for _, only := range a.Only {
		dimension, value, ok := strings.Cut(only, "=")
		if !ok || !slices.Contains(definitions.Dimensions(), dimension) {
			return q, fault.New(fault.Invalid, "fault.bad_choice")
		}
		q.Filter[dimension] = value
	}
	return q, nil
}

// Show prints a figure as a table.
func Show(ctx context.Context, d *db.DB, out io.Writer, a Asked) error {
	question, err := a.question()
	if err != nil {
		return err
	}
	var t indicators.Table
	if err := d.Read(ctx, func(q db.Reader) (err error) {
		t, err = indicators.Ask(ctx, q, teller(), question)
		return err
	}); err != nil {
		return err
	}
	lang, _ := words.ParseLang(a.Language)
	s := words.In(lang)
	fmt.Fprintf(out, "%s\n%s\n\n", t.Indicator.Name(a.Language), indicators.How(s, t.Indicator))
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, c := range t.Cells {
		for n, key := range c.Keys {
			fmt.Fprintf(w, "%s\t", name(s, lang, t.Question.By[n%len(t.Question.By)], key))
		}
		fmt.Fprintln(w, number(s, c.Number))
	}
	fmt.Fprintf(w, "%s%s\t%s\n", strings.Repeat("\t", max(len(t.Question.By)-1, 0)), s.T("figure.whole"), number(s, t.Whole))
	if err := w.Flush(); err != nil {
		return err
	}
	for _, n := range t.Notes {
		fmt.Fprintln(out, Note(s, n))
	}
	_, err = fmt.Fprintln(out, s.T("figure.as_of", "at", dates.FormatTime(s, t.AsOf)))
	return err
}

// Note is what is to be said under a table, in words.
func Note(s *words.Speaker, n indicators.Note) string {
	var args []any
	for name, v := range n.Values {
		args = append(args, name, v)
	}
	return s.T(n.Key, args...)
}

// number is a figure in words: with what it is a share of.
func number(s *words.Speaker, n indicators.Number) string {
	switch {
	case n.Hidden:
		return s.T("figure.hidden")
	case n.Of != 0:
		return s.T("figure.of", "n", int(n.N), "of", int(n.Of))
	}
	return s.Number(int(n.N))
}

// name is a value of a dimension in words, as far as there are words for it.
func name(s *words.Speaker, lang words.Lang, dimension, key string) string {
	if key == "" {
		return s.T("figure.unknown")
	}
	switch dimension {
	case "division", "district", "upazila":
		if text := geo.Name(lang, key); text != "" {
			return text
		}
	case "country":
		if c, ok := countries.Find(key); ok {
			return c.Name(lang)
		}
	case "month", "quarter", "year", "day", "age":
		return s.Digits(key)
	}
	return key
}
