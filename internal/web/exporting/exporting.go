// SPDX-License-Identifier: Apache-2.0

// Package exporting is the pages of lists that are taken away as files: asking, deciding as a second person, and fetching.
package exporting

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/exports"
	"fera/internal/exports/columns"
	"fera/internal/fault"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of exports. Those who approve and those who ask share them; who does neither finds nothing.
func Routes(s *site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /exports", Perm: access.OwnAccount, Page: list},
		{Path: "GET /exports/new", Perm: access.MakeExport, Page: form},
		{Path: "POST /exports/new", Perm: access.MakeExport, Page: form, Act: ask},
		{Path: "GET /exports/{id}", Perm: access.OwnAccount, Page: show},
		{Path: "POST /exports/{id}/decide", Perm: access.ApproveExport, Page: show, Act: decide},
		{Path: "POST /exports/{id}/cancel", Perm: access.MakeExport, Page: show, Act: cancel},
		{Path: "POST /exports/{id}/file", Perm: access.MakeExport, Page: show, Step: func(r *site.Request) (string, error) { return "", fetch(r, s.DB) }},
	}
}

// Link leads from a list to taking it away with the filter that is set; nothing for who may not.
func Link(r *site.Request, set string, filter map[string]string) string {
	if !r.Who.Holds(access.MakeExport) {
		return ""
	}
	q := url.Values{"set": {set}}
	for part, value := range filter {
		if value != "" {
			q.Set(part, value)
		}
	}
	return "/exports/new?" + q.Encode()
}

func path(id exports.ID, rest string) string { return "/exports/" + string(id) + rest }

func notFound() error { return fault.New(fault.NotFound, "fault.not_found") }

type listView struct {
	kit.Frame
	MayAsk bool
	Decide []kit.Row
	Live   []kit.Row
	Past   []kit.Row
}

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("export.title")), MayAsk: r.Who.Holds(access.MakeExport)}
	if !v.MayAsk && !r.Who.Holds(access.ApproveExport) {
		return nil, notFound()
	}
	asked, err := exports.ToDecide(r.Context(), q, r.Who)
	if err != nil {
		return nil, err
	}
	for _, e := range asked {
		v.Decide = append(v.Decide, kit.Row{Href: path(e.ID, ""), Cells: []templ.Component{kit.Text(set(r.S, e)), kit.Text(e.UserName), kit.Text(e.Purpose), kit.Text(dates.Near(r.S, e.AskedAt, r.Now))}})
	}
	mine, err := exports.List(r.Context(), q, r.Who)
	for _, e := range mine {
		row := kit.Row{Href: path(e.ID, ""), Cells: []templ.Component{kit.Text(set(r.S, e)), kit.Pill(state(r.S, e)), kit.Text(rows(r.S, e)), kit.Text(dates.Near(r.S, e.AskedAt, r.Now))}}
		if e.State == exports.Ready || e.State == exports.Asked || e.State.Working() {
			v.Live = append(v.Live, row)
		} else {
			v.Past = append(v.Past, row)
		}
	}
	return listPage(v), err
}

// set says which list a file holds, and as what.
func set(s *words.Speaker, e exports.Export) string {
	return s.T("export.set."+e.Order.Set) + " · " + s.T("export.format."+string(e.Order.Format))
}

func state(s *words.Speaker, e exports.Export) kit.Tag {
	tag := kit.Tag{Text: s.T("export.state." + string(e.State))}
	switch e.State {
	case exports.Ready:
		tag.Tone = kit.Good
	case exports.Asked, exports.Waiting, exports.Making:
		tag.Tone = kit.Accent
	case exports.Refused, exports.Failed:
		tag.Tone = kit.Attention
	}
	return tag
}

func rows(s *words.Speaker, e exports.Export) string {
	if e.Done == 0 && e.State != exports.Ready {
		return ""
	}
	return s.T("export.rows", "count", e.Done)
}

type showView struct {
	kit.Frame
	Problems kit.Problems
	Export   exports.Export
	State    kit.Tag
	Facts    []kit.Fact
	Named    []string // columns of class 2
	Others   []string // the others
	Failure  string
	Mine     bool
	Decides  bool
	MayFetch bool
	MayStop  bool
	Progress string
	Remark   kit.Input
}

func found(r *site.Request, q db.Reader) (exports.Export, error) {
	id, err := r.ID("id")
	if err != nil {
		return exports.Export{}, err
	}
	return exports.Find(r.Context(), q, r.Who, exports.ID(id))
}

func show(r *site.Request, q db.Reader) (templ.Component, error) {
	e, err := found(r, q)
	if err != nil {
		return nil, err
	}
	s, mine := r.S, e.Mine(r.Who)
	v := showView{Frame: r.Frame(s.T("export.title")), Problems: r.Problems, Export: e, State: state(s, e), Mine: mine, Decides: e.MayDecide(r.Who),
		MayFetch: mine && e.State == exports.Ready && e.EndsAt.After(r.Now) && (e.Class < 2 || e.Fetched < exports.MostFetched),
		MayStop:  mine && (e.State == exports.Asked || e.State.Working() || e.State == exports.Ready), Remark: r.Input("remark", s.T("export.remark"), "")}
	v.Remark.Hint = s.T("export.remark_hint")
	v.Progress = s.T("export.rows_so_far", "count", e.Done)
	if e.Failure != nil {
		v.Failure = s.Fault(e.Failure)
	}
	list, _ := columns.Find(e.Order.Set)
	for _, c := range list.Chosen(e.Order.Columns) {
		if c.Class >= 2 {
			v.Named = append(v.Named, c.Name(string(s.Lang())))
		} else {
			v.Others = append(v.Others, c.Name(string(s.Lang())))
		}
	}
	v.Facts, err = facts(r, q, e)
	return showPage(v), err
}

// facts are what was asked for, and what became of it.
func facts(r *site.Request, q db.Reader, e exports.Export) ([]kit.Fact, error) {
	s := r.S
	all := []kit.Fact{{Label: s.T("export.asked_by"), Value: e.UserName, Note: dates.FormatTime(s, e.AskedAt)}}
	add := func(key, value string) {
		if value != "" {
			all = append(all, kit.Fact{Label: s.T(key), Value: value})
		}
	}
	add("export.purpose", e.Purpose)
	add("export.recipient", e.Recipient)
	chosen, err := filterSaid(r, q, e.Order.Filter)
	if err != nil {
		return nil, err
	}
	add("export.only", chosen)
	add("export.rows_label", rows(s, e))
	if !e.DecidedAt.IsZero() {
		key := "export.approved_by"
		if e.State == exports.Refused {
			key = "export.refused_by"
		}
		all = append(all, kit.Fact{Label: s.T(key), Value: e.DecidedName, Note: strings.TrimPrefix(dates.FormatTime(s, e.DecidedAt)+" · "+e.Remark, " · ")})
	}
	if e.State == exports.Ready {
		add("export.ends", dates.FormatTime(s, e.EndsAt))
	}
	if e.Fetched > 0 {
		add("export.fetched_label", s.T("export.times", "count", e.Fetched))
	}
	return all, nil
}

// filterSaid says which rows were chosen.
func filterSaid(r *site.Request, q db.Reader, f columns.Filter) (string, error) {
	known, err := places.New(r, q)
	if err != nil {
		return "", err
	}
	parts := f.Parts()
	var said []string
	for _, name := range columns.PartNames() {
		if value := *parts[name]; value != "" {
			said = append(said, r.S.T("export.part."+name)+": "+partSaid(r.S, known, name, value))
		}
	}
	return strings.Join(said, " · "), nil
}

func decide(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	approve := r.PostFormValue("decision") == "approve"
	r.Say(map[bool]string{true: "export_approved", false: "export_refused"}[approve])
	return "/exports", exports.Decide(r.Context(), tx, r.Who, exports.ID(id), exports.Decision{Approve: approve, Remark: r.PostFormValue("remark"), Version: r.Version(0)})
}

func cancel(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	r.Say("export_cancelled")
	return "/exports", exports.Cancel(r.Context(), tx, r.Who, exports.ID(id))
}

// fetch enters in the trail that the file is fetched, and sends it piece by piece.
func fetch(r *site.Request, d *db.DB) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	var e exports.Export
	err = d.Write(r.Context(), func(tx *db.Tx) (err error) {
		e, err = exports.Fetch(r.Context(), tx, r.Who, exports.ID(id))
		return err
	})
	if err != nil {
		return err
	}
	who := r.Who
	r.Answer = site.Stream{Kind: e.Order.Format.Media(), Name: e.Name(), Size: e.Size, Write: func(ctx context.Context, to io.Writer) error { return exports.Send(ctx, d.Read, who, e, to) }}
	return nil
}

// sets are the lists that who may take away.
func sets(who access.Actor) (all []columns.Set) {
	return slices.DeleteFunc(columns.Sets(), func(s columns.Set) bool { return !who.Holds(s.Need) })
}
