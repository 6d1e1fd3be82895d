// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"strings"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/drafts"
	"fera/internal/fault"
	"fera/internal/ids"
)

func (s *Server) draftRoutes() []route {
	return []route{
		{path: "POST /drafts", perm: access.OwnAccount, act: s.keepDraft},
		{path: "POST /drafts/discard", perm: access.OwnAccount, act: s.discardDraft},
	}
}

// personDraft is what the draft of a registration is called.
func personDraft(operation string) string { return "person " + operation }

// draftAddress is where a draft goes on.
func draftAddress(name string) string {
	kind, id, _ := strings.Cut(name, " ")
	if kind != "person" || !ids.Valid(id) {
		return ""
	}
	return "/persons/new?draft=" + id
}

// keepDraft keeps a form as it is. A script asks for that while one types; the
// button for those without scripts leads home, where the draft is found.
func (s *Server) keepDraft(r *request, tx *db.Tx) (string, error) {
	name := r.PostForm.Get("draft")
	if draftAddress(name) == "" {
		return "", fault.New(fault.Invalid, "draft.unknown")
	}
	fields := url.Values{}
	for field, values := range r.PostForm {
		if field != "draft" {
			fields[field] = values
		}
	}
	err := drafts.Save(r.Context(), tx, r.Who, drafts.Draft{Name: name, Body: []byte(fields.Encode())})
	if r.Header.Get("Fera-Fragment") != "" {
		r.Answer = draftKept(r.S.T("draft.kept_at", "when", dates.Near(r.S, tx.Now(), tx.Now())))
		return "", err
	}
	r.Say("draft_kept")
	return "/", err
}

func (s *Server) discardDraft(r *request, tx *db.Tx) (string, error) {
	r.Say("draft_discarded")
	return "/", drafts.Drop(r.Context(), tx, r.Who, r.PostForm.Get("draft"))
}

// draft fills a form with what was kept of it. Without a draft it is as it was.
func (r *request) draft(q db.Reader, fields url.Values) (url.Values, error) {
	id := r.URL.Query().Get("draft")
	if id == "" {
		return fields, nil
	}
	d, err := drafts.Find(r.Context(), q, r.Who, personDraft(id))
	if err != nil {
		return nil, err
	}
	return url.ParseQuery(string(d.Body))
}

// unfinished is a form begun, as the first page lists it: not whom it is about.
type unfinished struct{ Name, Text, When, Href string }

func (r *request) unfinished(q db.Reader) (all []unfinished, err error) {
	kept, err := drafts.List(r.Context(), q, r.Who)
	for _, d := range kept {
		if to := draftAddress(d.Name); to != "" {
			all = append(all, unfinished{d.Name, r.S.T("draft.person"), dates.Near(r.S, d.SavedAt, r.Now), to})
		}
	}
	return all, err
}
