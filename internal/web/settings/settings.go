// SPDX-License-Identifier: Apache-2.0

// Package settings is the pages on which an administrator says what programmes ask
// of their cases, and which days are off. Both are dated data: a change holds from a
// day on, and what was before stays readable.
package settings

import (
	"fmt"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of programmes and of the calendar. Which days are off may be seen by anybody who signs in.
func Routes(_ *site.Site) []site.Route {
	const manage = access.ManageCases
	return []site.Route{
		{Path: "GET /programmes", Perm: manage, Page: programmeList},
		{Path: "GET /programmes/new", Perm: manage, Page: newProgramme},
		{Path: "POST /programmes", Perm: manage, Act: addProgramme, Page: newProgramme},
		{Path: "GET /programmes/{code}", Perm: manage, Page: programmePage},
		{Path: "GET /programmes/{code}/change", Perm: manage, Page: changePage},
		{Path: "POST /programmes/{code}/change", Perm: manage, Act: change, Page: changePage},
		{Path: "GET /programmes/{code}/reasons/{reason}", Perm: manage, Page: reasonPage},
		{Path: "POST /programmes/{code}/reasons/{reason}", Perm: manage, Act: setReason, Page: reasonPage},
		{Path: "GET /calendar", Perm: access.OwnAccount, Page: calendarPage},
		{Path: "POST /calendar", Perm: access.ManageCalendar, Act: enterDay, Page: calendarPage},
		{Path: "GET /calendar/{id}/end", Perm: access.ManageCalendar, Page: endPage},
		{Path: "POST /calendar/{id}/end", Perm: access.ManageCalendar, Act: endDay, Page: endPage},
	}
}

// pick is one of two texts, in the language of the reader.
func pick(s *words.Speaker, bn, en string) string {
	if s.Lang() == words.Bangla {
		return bn
	}
	return en
}

// day reads a day that was typed.
func day(r *site.Request, field string) (dates.Partial, error) {
	d, err := dates.Parse(r.PostFormValue(field))
	if f := fault.Of(err); f != nil {
		return d, f.On(field)
	}
	return d, err
}

// typed is a day as people type it.
func typed(d dates.Partial) string { return fmt.Sprintf("%d/%d/%d", d.Day, d.Month, d.Year) }

// number reads a whole number in either numerals; nothing typed is nothing.
func number(text string) (int, bool) {
	text = strings.Map(func(c rune) rune {
		switch {
		case '০' <= c && c <= '৯':
			return c - '০' + '0'
		case c == '−':
			return '-'
		case c == ',' || c == ' ':
			return -1
		}
		return c
	}, text)
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
