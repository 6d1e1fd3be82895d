// SPDX-License-Identifier: Apache-2.0

package open

import (
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/release"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// publishing are the pages for those who may publish tables.
func publishing() []site.Route {
	return []site.Route{
		{Path: "GET /figures/publish", Perm: access.PublishFigures, Page: choose},
		{Path: "GET /figures/publish/{code}/{year}", Perm: access.PublishFigures, Page: preview},
		{Path: "POST /figures/publish/{code}/{year}", Perm: access.PublishFigures, Page: preview, Act: publish},
	}
}

// yearsBack is for how many finished years tables are offered.
const yearsBack = 5

type chooseView struct {
	kit.Frame
	Rows []kit.Row
}

func choose(r *site.Request, q db.Reader) (templ.Component, error) {
	if !r.Who.Grants[access.PublishFigures].Everywhere {
		return nil, notFound()
	}
	v := chooseView{Frame: r.Frame(r.S.T("open.publish"))}
	by, err := editions(r, q)
	if err != nil {
		return nil, err
	}
	for _, t := range definitions.Catalogue() {
		_, i, err := indicators.TableOf(r.Context(), q, t.Code)
		if err != nil {
			return nil, err
		}
		last := dates.Of(r.Now).Year - 1
		for year := last; year > last-yearsBack; year-- {
			state := kit.Tag{Text: r.S.T("open.unpublished")}
			for _, e := range by[t.Code] {
				if e.Year == year {
					state = kit.Tag{Text: r.S.T("open.issue_of", "issue", r.S.Number(e.Issue), "day", dates.Format(r.S, dates.Of(e.At))), Tone: kit.Good}
				}
			}
			v.Rows = append(v.Rows, kit.Row{Href: publishPath(t.Code, year), Cells: []templ.Component{kit.Text(i.Name(string(r.S.Lang()))), kit.Text(r.S.Digits(strconv.Itoa(year))), kit.Pill(state)}})
		}
	}
	return choosePage(v), nil
}

func publishPath(code string, year int) string {
	return "/figures/publish/" + code + "/" + strconv.Itoa(year)
}

type previewView struct {
	kit.Frame
	Problems kit.Problems
	Lead     string
	Path     string
	Waits    string
	Drawn    *drawn
	Ask      string
	Public   string // where the latest issue is shown; empty when there is none
}

func asked(r *site.Request) (p indicators.Publishing, err error) {
	p.Code = r.PathValue("code")
	if p.Year, err = strconv.Atoi(r.PathValue("year")); err != nil {
		return p, notFound()
	}
	return p, nil
}

func preview(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := asked(r)
	if err != nil {
		return nil, err
	}
	n, err := release.NamerOf(r.Context(), q, p.Code)
	if err != nil {
		return nil, err
	}
	proof, err := indicators.Preview(r.Context(), q, r.Who, p)
	if err != nil {
		return nil, err
	}
	s, year := r.S, r.S.Digits(strconv.Itoa(p.Year))
	v := previewView{Frame: r.Frame(n.Title(s.Lang()) + ", " + year), Problems: r.Problems, Lead: indicators.How(s, n.Indicator), Path: publishPath(p.Code, p.Year)}
	if proof.Before != nil {
		v.Public = tablePath(s.Lang(), p.Code, p.Year)
	}
	if proof.Waits != nil {
		v.Waits = s.Fault(proof.Waits)
		return previewPage(v), nil
	}
	d := draw(s, n, proof.Answer)
	v.Drawn, v.Ask = &d, s.T("open.publish_issue", "issue", s.Number(proof.Issue.Issue))
	return previewPage(v), nil
}

func publish(r *site.Request, tx *db.Tx) (string, error) {
	p, err := asked(r)
	if err != nil {
		return "", err
	}
	if _, err := indicators.Publish(r.Context(), tx, r.Who, p); err != nil {
		return "", err
	}
	r.Say("figure_published")
	return "/figures/publish", nil
}
