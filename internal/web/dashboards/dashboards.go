// SPDX-License-Identifier: Apache-2.0

// Package dashboards is where figures are looked at: the dashboards, one question at a time, and the records behind a number. What
// is asked for is all in the address. It counts nothing, and shows what package indicators shows to who asks.
package dashboards

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dashboards"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/sources"
	"fera/internal/phrases"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// Routes are the pages of the room.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /figures", Perm: access.ReadFigures, Page: index},
		{Path: "GET /figures/board/{code}", Perm: access.ReadFigures, Page: board},
		{Path: "GET /figures/ask/{indicator}", Perm: access.ReadFigures, Page: ask},
		{Path: "GET /figures/ask/{indicator}/records", Perm: access.ReadFigures, Page: behind},
	}
}

// titled is something to go to, with a sentence.
type titled struct{ Href, Name, Lead string }

// counted is an indicator in the list of them.
type counted struct {
	titled
	How   string
	Notes []string // the standards, who answers for it
}

// noun are the indicators that count one thing.
type noun struct {
	Name string
	All  []counted
}

type indexView struct {
	kit.Frame
	Boards   []titled
	Nouns    []noun
	Counting bool // everything is being counted anew
	AsOf     string
	Guide    guide.View
}

// topic is what the guidance calls the reading of figures.
const topic = "figures.read"

func index(r *site.Request, q db.Reader) (templ.Component, error) {
	v := indexView{Frame: r.Frame(r.S.T("web.room.figures"))}
	for _, d := range dashboards.List() {
		lang := string(r.S.Lang())
		v.Boards = append(v.Boards, titled{"/figures/board/" + d.Code, d.Name(lang), d.Lead(lang)})
	}
	say, err := phrases.New(r.Context(), q, r.S)
	if err != nil {
		return nil, err
	}
	all, err := indicators.List(r.Context(), q, r.Who, dates.Of(r.Now))
	if err != nil {
		return nil, err
	}
	v.Nouns = nouns(r, say, all)
	if v.Guide, err = guide.For(r, q, topic); err != nil {
		return nil, err
	}
	asOf, anew, err := counting.State(r.Context(), q)
	v.Counting, v.AsOf = anew, r.S.T("figure.as_of", "at", dates.FormatTime(r.S, asOf))
	return indexPage(v), err
}

// nouns groups indicators by what they count.
func nouns(r *site.Request, say *phrases.Phrases, all []definitions.Indicator) (groups []noun) {
	for _, name := range []string{"people", "cases", "services", "referrals", "questionnaires", "activities"} {
		n := noun{Name: r.S.T("board.noun." + name)}
		for _, i := range all {
			if nounOf(i) == name {
				n.All = append(n.All, counted{titled{Href: "/figures/ask/" + i.Code, Name: i.Name(string(r.S.Lang()))}, say.How(i), []string{r.S.T("board.owner", "name", i.Owner)}})
			}
		}
		slices.SortFunc(n.All, func(a, b counted) int { return byName(a.Name, b.Name) })
		if len(n.All) > 0 {
			groups = append(groups, n)
		}
	}
	return groups
}

// nounOf is what an indicator counts, by the unit of its measure.
func nounOf(i definitions.Indicator) string {
	m, _ := sources.Find(i.Counts.Measure)
	switch m.Unit {
	case "case":
		return "cases"
	case "service", "unit":
		return "services"
	case "referral":
		return "referrals"
	case "assessment":
		return "questionnaires"
	case "activity", "household", "reached":
		return "activities"
	}
	return "people"
}
