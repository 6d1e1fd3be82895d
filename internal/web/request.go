// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/imports"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// The largest bodies: a form, and a form with files.
const (
	formLimit   = 1 << 20
	uploadLimit = 12 << 20
)

// request is one visit.
type request struct {
	*http.Request
	server   *Server
	who      access.Actor
	signed   accounts.Signed
	s        *words.Speaker
	now      time.Time
	problems kit.Problems    // why the form is drawn again
	garbled  string          // the field that held what no engine can keep
	said     string          // key of what the last act did
	cookies  []*http.Cookie  // to be set with the answer
	answer   templ.Component // what an act shows itself, because it may be shown only once
}

func (s *Server) request(w http.ResponseWriter, hr *http.Request) *request {
	r := &request{Request: hr, server: s, now: s.DB.Now(), who: access.Actor{Grants: map[access.Permission]access.Reach{}}}
	r.s = words.In(words.Match(hr.Header.Get("Accept-Language")))
	if lang, ok := words.ParseLang(r.cookie(cookieLanguage)); ok {
		r.s = words.In(lang)
	}
	if key := r.cookie(cookieSaid); r.s.Has("said." + key) {
		r.said = key
	}
	limit := int64(formLimit)
	if r.multipart() {
		limit = uploadLimit
		if hr.URL.Path == "/imports" {
			limit = imports.Largest + formLimit
		}
	}
	hr.Body = http.MaxBytesReader(w, hr.Body, limit)
	return r
}

func (r *request) multipart() bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// read parses the address and the form, and refuses what no page can hold.
func (r *request) read() error {
	for part := range strings.SplitSeq(strings.TrimPrefix(r.URL.Path, "/"), "/") {
		if !storable(part) || len(part) > 300 {
			return fault.New(fault.NotFound, "fault.not_found")
		}
	}
	err := r.ParseForm()
	if r.multipart() && err == nil {
		err = r.ParseMultipartForm(imports.Largest + formLimit) // all of it in memory: nothing is left on the disk
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.New(fault.Invalid, "fault.too_large").With("max", int(large.Limit>>20))
	case err != nil && r.Method == http.MethodPost:
		return fault.New(fault.Invalid, "fault.stale_form").Because(err)
	}
	asked, bad := r.URL.Query(), ""
	if clean(asked, &bad); bad != "" {
		r.URL.RawQuery = asked.Encode()
	}
	clean(r.Form, &bad)
	clean(r.PostForm, &r.garbled)
	if r.MultipartForm != nil {
		clean(r.MultipartForm.Value, &r.garbled)
	}
	return nil
}

// storable reports whether both engines can keep a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// clean takes out of a form what no engine can keep, and names the last field that held some.
func clean(form url.Values, bad *string) {
	for name, values := range form {
		for i, v := range values {
			if storable(v) && storable(name) {
				continue
			}
			values[i] = strings.ReplaceAll(strings.ToValidUTF8(v, ""), "\x00", "")
			*bad = name
		}
	}
}

// identify finds out who is asking, and whether the route is hers.
func (r *request) identify(q db.Reader, rt route) error {
	signed, err := accounts.BySession(r.Context(), q, r.cookie(cookieSession))
	if errors.Is(err, accounts.ErrNotSignedIn) && rt.open {
		return nil
	}
	if err != nil {
		return err
	}
	r.signed, r.who, r.s = signed, signed.Actor, words.In(signed.User.Language)
	if seen, ok := r.Context().Value(visitKey{}).(*visit); ok {
		seen.actor = r.who.ID
	}
	if !rt.open && !r.who.Holds(rt.perm) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return nil
}

// in reports whether the visitor is signed in.
func (r *request) in() bool { return r.signed.Session.ID != "" }

// seen keeps the session alive. That it did not work is no reason to fail.
func (r *request) seen() {
	if r.in() {
		r.server.Gate.Seen(context.WithoutCancel(r.Context()), r.signed)
	}
}

// typed returns what the visitor typed into a field of a form that is drawn
// again, and otherwise what it holds now.
func (r *request) typed(name, now string) string {
	if r.Method == http.MethodPost && r.PostForm.Has(name) {
		return r.PostForm.Get(name)
	}
	return now
}

// ticked tells whether a value of a list of checks is chosen, as typed does.
func (r *request) ticked(name, value string, now bool) bool {
	if r.Method == http.MethodPost {
		return slices.Contains(r.PostForm[name], value)
	}
	return now
}

// input describes a control of a form, filled in with typed.
func (r *request) input(name, label, now string) kit.Input {
	return kit.Input{Name: name, Label: label, Value: r.typed(name, now), Error: r.problems.On(name), MaxLength: 500}
}

// version is the version that the visitor's form was read at.
func (r *request) version(now int) int {
	n := 0
	for _, c := range r.typed("version", "") {
		if c < '0' || c > '9' || n > 1<<30 {
			return now
		}
		n = n*10 + int(c-'0')
	}
	if n == 0 {
		return now
	}
	return n
}

// id returns a part of the address that must be an identifier.
func (r *request) id(name string) (string, error) {
	if id := r.PathValue(name); ids.Valid(id) {
		return id, nil
	}
	return "", fault.New(fault.NotFound, "fault.not_found")
}

// say tells the visitor, on the page she is sent to, what was done: the key is
// that of a text said.<key>.
func (r *request) say(key string) { r.keep(cookieSaid, key, 60) }

// visitor is where the request comes from, for the gate.
func (r *request) visitor() accounts.Visitor {
	return accounts.Visitor{Network: r.network(), Agent: r.UserAgent(), Device: r.cookie(cookieDevice)}
}

// network is the /24 or /64 that the request comes from.
func (r *request) network() string {
	var from netip.Addr
	if r.server.Address != nil {
		from = r.server.Address(r.Request)
	} else if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		from = at.Addr()
	}
	from = from.Unmap().WithZone("")
	bits := 64
	if from.Is4() {
		bits = 24
	}
	near, err := from.Prefix(bits)
	if err != nil {
		return "?"
	}
	return near.String()
}

// origin is how the visitor reaches the pages.
func (r *request) origin() string {
	switch {
	case r.server.Origin != "":
		return strings.TrimSuffix(r.server.Origin, "/")
	case r.server.Secure:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// frame is what the layout needs around any page.
func (r *request) frame(title string) kit.Frame {
	f := kit.Frame{S: r.s, Title: title, Path: "/", Version: r.server.Version}
	if r.Method == http.MethodGet {
		f.Path = local(r.URL.RequestURI())
	} else if referrer, err := url.Parse(r.Referer()); err == nil && referrer.Host == r.Host {
		f.Path = local(referrer.RequestURI())
	}
	if r.said != "" {
		f.Notice = &kit.Notice{Tone: kit.Good, Text: r.s.T("said." + r.said)}
	}
	if !r.in() {
		return f
	}
	f.SignedIn, f.User, f.UserName, f.Notices = true, r.who.ID, r.who.Name, r.signed.Unread
	f.Nav, f.Menu = r.rooms(), r.menu()
	return f
}

// local returns an address within these pages, or that of the first page.
func local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// file is an answer that is no page: a picture or a document.
type file struct {
	kind string
	body []byte
}

// Render implements templ.Component.
func (f file) Render(_ context.Context, w io.Writer) error {
	_, err := w.Write(f.body)
	return err
}
