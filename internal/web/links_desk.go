// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/links"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/ties"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// linksPair is one line of the review desk.
type linksPair struct {
	Href   string
	Names  [2]string
	Facts  [2][]string
	Weight string
	Doubt  index.Doubt
	Second string // who said already that they are one
}

type linksListView struct {
	kit.Frame
	Pairs    []linksPair
	Pages    kit.Pages
	Verdict  kit.Input
	Verdicts []kit.Option
	Doubt    kit.Input
	Doubts   []kit.Option
	Chosen   bool // not all pairs are asked for
}

// pairsOnPage is how many pairs one page shows.
const pairsOnPage = 20

func (s *Server) pairList(r *request, q db.Reader) (templ.Component, error) {
	desk := linksDesk(r.URL.Query())
	v := linksListView{Frame: r.Frame(r.S.T("link.desk")), Chosen: desk.Verdict != "" || desk.Doubt != ""}
	v.filters(r, desk)
	found, err := links.Waiting(r.Context(), q, r.Who, desk)
	if desk.After != "" {
		v.Pages.Previous = "/pairs" + linksQuery(links.Desk{Verdict: desk.Verdict, Doubt: desk.Doubt})
	}
	if found.Next != "" {
		next := desk
		next.After = found.Next
		v.Pages.Next = "/pairs" + linksQuery(next)
	}
	for _, p := range found.Pairs {
		one := linksPair{Href: linksPath(p.Pair) + linksQuery(desk), Names: [2]string{p.One.Name(), p.Other.Name()}, Weight: linksWeight(r.S, p.Bits), Doubt: p.Doubt}
		one.Facts = [2][]string{linksFacts(r.S, p.One, dates.Of(r.Now)), linksFacts(r.S, p.Other, dates.Of(r.Now))}
		if p.Proposed.User != "" && p.Proposed.User != r.Who.ID {
			one.Second = p.Proposed.UserName
		}
		v.Pairs = append(v.Pairs, one)
	}
	return linksListPage(v), err
}

// linksDesk is which pairs an address asks for. What it cannot mean asks for all.
func linksDesk(asked url.Values) links.Desk {
	d := links.Desk{After: asked.Get("after"), Limit: pairsOnPage}
	if v := matching.Verdict(asked.Get("verdict")); slices.Contains(linksVerdicts(), v) {
		d.Verdict = v
	}
	if doubt := index.Doubt(asked.Get("doubt")); slices.Contains(links.Doubts(), doubt) {
		d.Doubt = doubt
	}
	return d
}

func linksVerdicts() []matching.Verdict { return []matching.Verdict{matching.Certain, matching.Likely} }

// linksQuery is the part of an address that asks for some pairs, with its mark.
func linksQuery(d links.Desk) string {
	q := url.Values{}
	for name, value := range map[string]string{"verdict": string(d.Verdict), "doubt": string(d.Doubt), "after": d.After} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// filters are what can be chosen of the pairs.
func (v *linksListView) filters(r *request, d links.Desk) {
	v.Verdict, v.Doubt = kit.Input{Name: "verdict", Label: r.S.T("link.filter_verdict"), Value: string(d.Verdict)}, kit.Input{Name: "doubt", Label: r.S.T("link.filter_doubt"), Value: string(d.Doubt)}
	v.Verdicts = []kit.Option{{Value: string(matching.Certain), Label: r.S.T("link.certain")}, {Value: string(matching.Likely), Label: r.S.T("link.perhaps")}}
	for _, doubt := range links.Doubts() {
		v.Doubts = append(v.Doubts, kit.Option{Value: string(doubt), Label: r.S.T("link.doubt." + string(doubt))})
	}
}

func linksPath(p ties.Pair) string {
	return "/pairs/" + url.PathEscape(p.One) + "/" + url.PathEscape(p.Other)
}

func (p linksPair) tags(s *words.Speaker) []kit.Tag {
	all := []kit.Tag{{Text: p.Weight, Tone: kit.Accent}}
	if p.Doubt != index.NoDoubt {
		all = append(all, kit.Tag{Text: s.T("match.doubt." + string(p.Doubt)), Tone: kit.Attention})
	}
	if p.Second != "" {
		all = append(all, kit.Tag{Text: s.T("link.second", "who", p.Second), Tone: kit.Danger})
	}
	return all
}
