// SPDX-License-Identifier: Apache-2.0

// Package hsds answers other directories by the read API of Open Referral HSDS 3.0, under /hsds/v3.
//
// The directory is open, so nobody signs in here and nothing is kept of who asked what: no cookie, and neither the path nor the
// query in the log. People at partners, agreements and what was withdrawn are not to be had here.
package hsds

import (
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/hsds"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
)

// Prefix is where the API lies.
const Prefix = "/hsds/v3"

// How many objects a page holds.
const (
	usualPage = 50
	mostPage  = 200
)

type server struct {
	d   *db.DB
	log *slog.Logger
}

// answer is what an address answers: an object, or a page of them.
type answer func(s *server, r *http.Request, q db.Reader) (any, error)

// New returns the API, which answers everything under Prefix.
func New(d *db.DB, log *slog.Logger) http.Handler {
	s, mux := &server{d, log}, http.NewServeMux()
	for path, a := range map[string]answer{
		"/{$}": root, "/services": services, "/services/{id}": one("service"), "/organizations": organizations, "/organizations/{id}": one("organization"),
		"/locations/{id}": one("location"), "/service_at_locations": offers, "/service_at_locations/{id}": offer, "/taxonomies": terms("taxonomy"), "/taxonomies/{id}": term("taxonomy"), "/taxonomy_terms": terms("taxonomy_term"), "/taxonomy_terms/{id}": term("taxonomy_term"),
	} {
		mux.HandleFunc("GET "+Prefix+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, a) })
	}
	mux.HandleFunc("GET "+Prefix, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, Prefix+"/", http.StatusPermanentRedirect)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			problem(w, http.StatusMethodNotAllowed)
			return
		}
		problem(w, http.StatusNotFound)
	})
	return mux
}

func (s *server) serve(w http.ResponseWriter, r *http.Request, a answer) {
	var body any
	err := s.d.Read(r.Context(), func(q db.Reader) (err error) {
		body, err = a(s, r, q)
		return err
	})
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.NotFound:
		problem(w, http.StatusNotFound)
		return
	case kind == fault.Invalid:
		problem(w, http.StatusBadRequest)
		return
	default:
		if r.Context().Err() == nil {
			s.log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("route", r.Pattern), slog.Any("error", err))
		}
		problem(w, http.StatusInternalServerError)
		return
	}
	media, text, err := "application/json", []byte(nil), error(nil)
	if p, is := body.(page); is && r.URL.Query().Get("format") == "ndjson" {
		media = "application/x-ndjson"
		for _, o := range p.Contents {
			line, wrong := json.Marshal(o)
			if text, err = append(append(text, line...), '\n'), wrong; err != nil {
				break
			}
		}
	} else {
		text, err = json.Marshal(body)
	}
	if err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("route", r.Pattern), slog.Any("error", err))
		problem(w, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Write(text)
}

// problem answers what cannot be answered, as problem details. It repeats nothing of what was asked.
func problem(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"status": status, "title": http.StatusText(status)})
}

// page is a page of objects as HSDS has it.
type page struct {
	Total    int              `json:"total_items"`
	Pages    int              `json:"total_pages"`
	Number   int              `json:"page_number"`
	Size     int              `json:"size"`
	First    bool             `json:"first_page"`
	Last     bool             `json:"last_page"`
	Empty    bool             `json:"empty"`
	Contents []map[string]any `json:"contents"`
}

func paged(contents []map[string]any, total, number, size int) page {
	if contents == nil {
		contents = []map[string]any{}
	}
	pages := max((total+size-1)/size, 1)
	return page{total, pages, number, len(contents), number == 1, number >= pages, len(contents) == 0, contents}
}

// asked reads which page is wanted.
func asked(r *http.Request) (number, size int, err error) {
	number, size = 1, usualPage
	for name, at := range map[string]*int{"page": &number, "per_page": &size} {
		if text := r.URL.Query().Get(name); text != "" {
			if *at, err = strconv.Atoi(text); err != nil || *at < 1 {
				return 0, 0, fault.New(fault.Invalid, "fault.bad_number").On(name)
			}
		}
	}
	if size = min(size, mostPage); number > math.MaxInt32/size {
		return 0, 0, fault.New(fault.Invalid, "fault.bad_number").On("page")
	}
	return number, size, nil
}

func yes(r *http.Request, name string) bool {
	return strings.EqualFold(r.URL.Query().Get(name), "true")
}

// reader reads for the public.
func reader() access.Actor { return access.System(access.ReadDirectory) }

func root(_ *server, r *http.Request, _ db.Reader) (any, error) {
	return map[string]string{"version": "3.0", "profile": "https://docs.openreferral.org/en/3.0/", "openapi_url": "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json"}, nil
}

// services answers a page of services. Words are looked for at the beginning of words in names.
func services(_ *server, r *http.Request, q db.Reader) (any, error) {
	f, none, err := chosen(r)
	if err != nil {
		return nil, err
	}
	return list(r, q, f, "service", none)
}

// chosen reads which services are asked for; none when they can be none.
func chosen(r *http.Request) (f directory.Filter, none bool, err error) {
	v := r.URL.Query()
	f = directory.Filter{Kind: listing.OfService, Words: v.Get("search"), Organisation: v.Get("organization_id")}
	if id := v.Get("taxonomy_term_id"); id != "" {
		f.Need = hsds.NeedOfTerm(strings.ToLower(id))
		none = f.Need == ""
	}
	if id := v.Get("taxonomy_id"); id != "" && strings.ToLower(id) != hsds.NeedsID() {
		none = true
	}
	if text := v.Get("modified_after"); text != "" {
		if f.ChangedAfter, err = moment(text); err != nil {
			return f, false, err
		}
	}
	return f, none || f.Organisation != "" && !ids.Valid(f.Organisation), nil
}

func moment(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() > 0 && at.Year() < 10000 {
			return at.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "fault.bad_date").On("modified_after")
}

func organizations(_ *server, r *http.Request, q db.Reader) (any, error) {
	return list(r, q, directory.Filter{Kind: listing.OfOrganisation, Words: r.URL.Query().Get("search")}, "organization", false)
}

func list(r *http.Request, q db.Reader, f directory.Filter, object string, none bool) (any, error) {
	number, size, err := asked(r)
	if err != nil {
		return nil, err
	}
	if none || f.Organisation != "" && !ids.Valid(f.Organisation) {
		return paged(nil, 0, number, size), nil
	}
	f.Limit, f.Skip, f.Entered, f.Exact = size, (number-1)*size, true, true
	entries, total, err := directory.Page(r.Context(), q, reader(), f)
	if err != nil {
		return nil, err
	}
	out, err := directory.Leave(r.Context(), q, entries)
	if err != nil {
		return nil, err
	}
	tree := hsds.NewTree(hsds.Give(out))
	var contents []map[string]any
	for _, e := range entries {
		o := tree.Flat(object, e.ID)
		switch {
		case o == nil: // its organisation was withdrawn
			continue
		case yes(r, "full"):
			o = tree.Full(object, e.ID)
		case yes(r, "minimal"):
			o = map[string]any{"id": o["id"], "name": o["name"], "status": o["status"], "last_modified": o["last_modified"]}
		}
		contents = append(contents, o)
	}
	return paged(contents, total, number, size), nil
}

// one answers an entry with all that belongs to it.
func one(object string) answer {
	return func(_ *server, r *http.Request, q db.Reader) (any, error) {
		id := strings.ToLower(r.PathValue("id"))
		if !ids.Valid(id) {
			return nil, fault.New(fault.NotFound, "directory.not_found")
		}
		e, err := directory.Find(r.Context(), q, reader(), id)
		if err != nil {
			return nil, err
		}
		out, err := directory.Leave(r.Context(), q, []directory.Entry{e})
		if err != nil {
			return nil, err
		}
		if o := hsds.NewTree(hsds.Give(out)).Full(object, id); o != nil {
			return o, nil
		}
		return nil, fault.New(fault.NotFound, "directory.not_found")
	}
}

// terms answers the taxonomies, or their terms. They are ours, and few.
func terms(object string) answer {
	return func(_ *server, r *http.Request, _ db.Reader) (any, error) {
		number, size, err := asked(r)
		if err != nil {
			return nil, err
		}
		tree, search := hsds.NewTree(hsds.Give(listing.Arrival{})), strings.ToLower(r.URL.Query().Get("search"))
		var all []map[string]any
		for _, id := range tree.IDs(object) {
			o := tree.Flat(object, id)
			name, _ := o["name"].(string)
			of, given := r.URL.Query().Get("taxonomy_id"), r.URL.Query().Has("taxonomy_id")
			if strings.Contains(strings.ToLower(name), search) && (!given || object == "taxonomy" || o["taxonomy_id"] == of) && !r.URL.Query().Has("parent_id") {
				all = append(all, o)
			}
		}
		from := min((number-1)*size, len(all))
		return paged(all[from:min(from+size, len(all))], len(all), number, size), nil
	}
}

func term(object string) answer {
	return func(_ *server, r *http.Request, _ db.Reader) (any, error) {
		if o := hsds.NewTree(hsds.Give(listing.Arrival{})).Flat(object, strings.ToLower(r.PathValue("id"))); o != nil {
			return o, nil
		}
		return nil, fault.New(fault.NotFound, "directory.not_found")
	}
}
