// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"fera/internal/web/people"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/links"
	"fera/internal/matching"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/ties"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// linkRoutes are the pages of who may be one person.
func (s *Server) linkRoutes() []route {
	return []route{
		{path: "POST /persons/likely", perm: access.RegisterPerson, step: s.likelyPersons},
		{path: "GET /persons/{id}/merge", perm: access.ReviewMatches, page: s.mergePerson},
		{path: "GET /persons/{id}/apart", perm: access.UnmergePersons, page: s.apartPerson},
		{path: "POST /persons/{id}/apart", perm: access.UnmergePersons, act: s.doApartPerson, page: s.apartPerson},
		{path: "GET /pairs", perm: access.ReviewMatches, page: s.pairList},
		{path: "GET /pairs/{one}/{other}", perm: access.ReviewMatches, page: s.pair},
		{path: "POST /pairs/{one}/{other}", perm: access.ReviewMatches, act: s.doPair, page: s.pair},
	}
}

// linksLikely is somebody who may be the person who is being registered.
type linksLikely struct {
	ID         persons.ID
	Name, Bn   string
	Facts      []string
	Certain    bool
	Why        []string
	MayBeJoint bool // the clerk sees the record, and may add her registration to it
}

// linksLikelyView is the part of the form beside which they stand.
type linksLikelyView struct {
	S     *words.Speaker
	F     *personsForm
	Found []linksLikely
	Known bool // the network knows her, and the clerk may not see her record
}

// reasons puts reasons into words: those for one person first.
func linksReasons(s *words.Speaker, why []matching.Because) (all []string) {
	for _, b := range why {
		all = append(all, s.T(b.Key, b.Args()...))
	}
	return all
}

// likely are those whom a registration resembles, as the form shows them. While
// the register is being read nobody waits for it.
func (s *Server) likely(ctx context.Context, r *request, reg persons.Registration) (found []linksLikely, err error) {
	err = s.DB.Read(ctx, func(q db.Reader) error {
		proposals, err := s.Finder.Likely(ctx, q, r.Who, reg)
		if f := fault.Of(err); f != nil && f.Key == "link.making" {
			return nil
		}
		for _, p := range proposals {
			c := p.Card
			found = append(found, linksLikely{ID: c.ID, Name: c.NameLatin, Bn: c.NameBn, Facts: linksFacts(r.S, c, dates.Of(r.Now)),
				Certain: p.Verdict == matching.Certain, Why: linksReasons(r.S, p.Why), MayBeJoint: len(p.Why) > 0})
		}
		return err
	})
	return found, err
}

func linksFacts(s *words.Speaker, c persons.Card, today dates.Partial) []string {
	return []string{people.Age(s, c.Birth, today), s.T("person.sex." + string(c.Sex)), people.Home(s, c.Place)}
}

// likelyPersons answers the form while it is filled in.
func (s *Server) likelyPersons(r *request) (string, error) {
	f := r.personsForm(nil)
	found, err := s.likely(r.Context(), r, f.registration())
	r.Answer = linksLikelyPart(linksLikelyView{S: r.S, F: f, Found: found, Known: f.yes("network_told")})
	return "", err
}

// registering is a registration with what the clerk said about those whom she
// resembles. It is false when somebody is shown of whom she has not said anything.
func (s *Server) registering(r *request, f *personsForm, reg persons.Registration) (g links.Registering, settled bool, err error) {
	g = links.Registering{Registration: reg, Same: persons.ID(f.Values.Get("same"))}
	if done, err := s.sentBefore(r, reg.Operation); g.Same != "" || done || err != nil {
		return g, true, err
	}
	shown := f.Values["likely"]
	found, err := s.likely(r.Context(), r, reg)
	if err != nil {
		return g, false, err
	}
	if slices.ContainsFunc(found, func(l linksLikely) bool { return !slices.Contains(shown, string(l.ID)) }) || len(found) > 0 && !f.yes("different") {
		r.Answer = s.newPersonPage(r, f, found)
		return g, false, nil
	}
	if len(found) > 0 {
		g.Reason = names.Clean(f.Values.Get("different_reason"))
		for _, l := range found {
			g.Different = append(g.Different, l.ID)
		}
	}
	if len(found) > 0 && g.Reason == "" {
		f.Problems = append(f.Problems, kit.Problem{Field: "different_reason", Text: r.S.T("link.reason_needed")})
		r.Answer = s.newPersonPage(r, f, found)
		return g, false, nil
	}
	known, err := s.inNetwork(r, f, reg)
	if known {
		r.Answer = s.newPersonPage(r, f, found)
	}
	return g, !known, err
}

// inNetwork asks once, of somebody whose paper's number was given, whether the
// network knows her. Who has asked too often registers her all the same: the two
// records meet at the review desk.
func (s *Server) inNetwork(r *request, f *personsForm, reg persons.Registration) (known bool, err error) {
	if len(reg.Identifiers) == 0 || f.yes("network_told") {
		return false, nil
	}
	err = s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		known, err = s.Finder.Known(r.Context(), tx, r.Who, reg)
		return err
	})
	if told := fault.Of(err); told != nil && (told.Key == "link.asked_too_often" || told.Key == "link.making") {
		return false, nil
	}
	if known {
		f.Values.Set("network_told", "yes")
	}
	return known, err
}

// sentBefore reports whether the visitor did the act before: she is in the register
// then, and resembles herself.
func (s *Server) sentBefore(r *request, operation string) (done bool, err error) {
	err = s.DB.Read(r.Context(), func(q db.Reader) error {
		return q.QueryRow(r.Context(), `SELECT EXISTS (SELECT 1 FROM operations WHERE actor_id = ? AND id = ?)`, r.Who.ID, operation).Scan(&done)
	})
	return done, err
}

// linksWeight says in words how much speaks for one person.
func linksWeight(s *words.Speaker, bits float64) string {
	switch {
	case bits >= 10:
		return s.T("link.weight_strong")
	case bits >= 3:
		return s.T("link.weight_good")
	}
	return s.T("link.weight_weak")
}

// linksRow is one value of both records.
type linksRow struct {
	Label      string
	One, Other string
	Differs    bool
}

type linksPairView struct {
	kit.Frame
	F       *personsForm
	Pair    ties.Pair
	Back    string // the part of the list's address that asks for some pairs
	C       links.Comparison
	Rows    []linksRow
	Why     []string
	Weight  string
	Answers []kit.Option
	Before  []string
	May     bool // may merge
}

func (r *request) pairOf() (ties.Pair, error) {
	one, other := r.PathValue("one"), r.PathValue("other")
	if !ids.Valid(one) || !ids.Valid(other) || one == other {
		return ties.Pair{}, fault.New(fault.NotFound, "person.not_found")
	}
	return ties.PairOf(one, other), nil
}

func (s *Server) pair(r *request, q db.Reader) (templ.Component, error) {
	pair, err := r.pairOf()
	if err != nil {
		return nil, err
	}
	v := linksPairView{Frame: r.Frame(r.S.T("link.compare")), F: r.personsForm(nil), Pair: pair, Back: linksQuery(linksDesk(r.URL.Query())), May: r.Who.Holds(access.MergePersons)}
	if v.C, err = s.Finder.Compare(r.Context(), q, r.Who, pair); err != nil {
		return nil, err
	}
	v.Why, v.Weight = linksReasons(r.S, v.C.Why), linksWeight(r.S, v.C.Bits)
	v.Rows = linksRows(r.S, v.C.Sides[0].Person, v.C.Sides[1].Person)
	answers := links.Answers()
	if !v.May {
		answers = slices.DeleteFunc(answers, func(a links.Answer) bool { return a == links.Same })
	}
	v.Answers = v.F.options("answer", "link.answer", personsLabels(answers))
	for _, d := range v.C.Before {
		v.Before = append(v.Before, r.S.T("link.said", "who", d.UserName, "answer", r.S.T("link.answer."+string(d.Answer)), "when", dates.Near(r.S, d.At, r.Now)))
	}
	return linksPairPage(v), nil
}

// linksRows puts what both records say side by side.
func linksRows(s *words.Speaker, one, other persons.Person) (rows []linksRow) {
	add := func(label, a, b string) {
		if a != "" || b != "" {
			rows = append(rows, linksRow{label, a, b, a != b && a != "" && b != ""})
		}
	}
	for _, f := range persons.Fields() {
		if !f.Protected() {
			add(s.T("person.field."+string(f)), people.Value(s, f, linksUsed(one, f)), people.Value(s, f, linksUsed(other, f)))
		}
	}
	add(s.T("link.phones"), linksLast(one.Contacts), linksLast(other.Contacts))
	add(s.T("link.papers"), linksPapers(s, one.Identifiers), linksPapers(s, other.Identifiers))
	return rows
}

func linksUsed(p persons.Person, f persons.Field) string {
	for _, c := range p.Claims {
		if c.Field == f && c.InUse {
			return c.Value
		}
	}
	return ""
}

func linksLast(all []persons.Contact) string {
	var ends []string
	for _, c := range all {
		ends = append(ends, "…"+c.Last)
	}
	slices.Sort(ends)
	return strings.Join(slices.Compact(ends), " ")
}

func linksPapers(s *words.Speaker, all []persons.Identifier) string {
	var papers []string
	for _, i := range all {
		papers = append(papers, s.T("person.paper_kind."+i.Kind)+" …"+i.Last)
	}
	slices.Sort(papers)
	return strings.Join(slices.Compact(papers), ", ")
}

func (s *Server) doPair(r *request, tx *db.Tx) (string, error) {
	pair, err := r.pairOf()
	if err != nil {
		return "", err
	}
	state, err := s.Finder.Decide(r.Context(), tx, r.Who, links.Judgement{One: persons.ID(pair.One), Other: persons.ID(pair.Other),
		Answer: links.Answer(r.PostForm.Get("answer")), Reason: r.PostForm.Get("reason")})
	r.Say("pair_" + string(state))
	return "/pairs" + linksQuery(linksDesk(r.URL.Query())), err
}

type linksMergeView struct {
	kit.Frame
	F     *personsForm
	ID    persons.ID
	Name  string
	Found []linksPair
	Tied  []linksPair
}

// mergePerson looks for another record of the same person, and shows which are tied.
func (s *Server) mergePerson(r *request, q db.Reader) (templ.Component, error) {
	p, err := r.findPerson(q)
	if err != nil {
		return nil, err
	}
	v := linksMergeView{Frame: r.Frame(r.S.T("link.merge")), F: r.personsForm(r.URL.Query()), ID: p.ID, Name: p.Name()}
	pairs, err := persons.Tied(r.Context(), q, r.Who, p.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range pairs {
		v.Tied = append(v.Tied, linksPair{Href: personsPath(p.ID, "apart") + "?" + url.Values{"one": {t.One}, "other": {t.Other}}.Encode()})
	}
	if typed := v.F.Values.Get("q"); names.Clean(typed) != "" {
		page, err := persons.List(r.Context(), q, r.Who, persons.Filter{Query: typed, Limit: 10})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Cards {
			if c.ID != p.ID {
				v.Found = append(v.Found, linksPair{Href: linksPath(ties.PairOf(string(p.ID), string(c.ID))), Names: [2]string{c.Name()}, Facts: [2][]string{linksFacts(r.S, c, dates.Of(r.Now))}})
			}
		}
	}
	return linksMergePage(v), nil
}

type linksApartView struct {
	kit.Frame
	F          *personsForm
	ID         persons.ID
	One, Other string
}

func (s *Server) apartPerson(r *request, q db.Reader) (templ.Component, error) {
	p, err := r.findPerson(q)
	if err != nil {
		return nil, err
	}
	f := r.personsForm(r.URL.Query())
	v := linksApartView{Frame: r.Frame(r.S.T("link.apart")), F: f, ID: p.ID, One: f.Values.Get("one"), Other: f.Values.Get("other")}
	return linksApartPage(v), nil
}

func (s *Server) doApartPerson(r *request, tx *db.Tx) (string, error) {
	f := r.personsForm(nil)
	one := persons.ID(f.Values.Get("one"))
	j := links.Judgement{One: one, Other: persons.ID(f.Values.Get("other")), Answer: links.Different, Reason: f.Values.Get("reason")}
	if f.yes("household") {
		j.Answer = links.Household
	}
	r.Say("person_apart")
	return personsPath(one), s.Finder.TakeApart(r.Context(), tx, r.Who, j)
}

func (l linksLikely) said() string {
	if l.Bn != "" {
		return l.Bn
	}
	return l.Name
}

func (l linksLikely) tags(s *words.Speaker) []kit.Tag {
	if l.Certain {
		return []kit.Tag{{Text: s.T("link.certain"), Tone: kit.Danger}}
	}
	return []kit.Tag{{Text: s.T("link.perhaps"), Tone: kit.Accent}}
}
