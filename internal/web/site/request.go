// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"errors"
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
	"fera/internal/web/kit"
	"fera/internal/words"
)

// The largest bodies: a form, and a form with files.
const (
	formLimit   = 1 << 20
	uploadLimit = 12 << 20
)

// Request is one visit.
type Request struct {
	*http.Request
	Who      access.Actor
	Signed   accounts.Signed
	S        *words.Speaker
	Now      time.Time
	Problems kit.Problems    // why the form is drawn again
	Answer   templ.Component // what an act shows itself, because it may be shown only once
	site     *Site
	garbled  string         // the field that held what no engine can keep
	shared   bool           // see Route.Shared
	guessed  bool           // see Route.Guessed
	largest  int64          // bytes that the body may have
	said     string         // key of what the last act did
	cookies  []*http.Cookie // to be set with the answer
}

func (s *Site) request(w http.ResponseWriter, hr *http.Request, rt Route) *Request {
	r := &Request{Request: hr, site: s, shared: rt.Shared, guessed: rt.Guessed, Now: s.DB.Now(), Who: access.Actor{Grants: map[access.Permission]access.Reach{}}}
	r.S = words.In(words.Match(hr.Header.Get("Accept-Language")))
	if lang, ok := words.ParseLang(r.Kept(CookieLanguage)); ok && !rt.Blind {
		r.S = words.In(lang)
	}
	if key := r.Kept(CookieSaid); r.S.Has("said."+key) && !rt.Blind {
		r.said = key
	}
	limit := int64(formLimit)
	if r.multipart() {
		limit = max(uploadLimit, rt.Upload)
	}
	r.largest = limit
	hr.Body = http.MaxBytesReader(w, hr.Body, limit)
	return r
}

func (r *Request) multipart() bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// read parses the address and the form, and refuses what no page can hold.
func (r *Request) read() error {
	for part := range strings.SplitSeq(strings.TrimPrefix(r.URL.Path, "/"), "/") {
		if !storable(part) || len(part) > 300 {
			return fault.New(fault.NotFound, "fault.not_found")
		}
	}
	err := r.ParseForm()
	if r.multipart() && err == nil {
		err = r.ParseMultipartForm(r.largest) // all of it in memory: nothing is left on the disk
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

// Identify finds out who is asking, and whether the route is hers.
func (r *Request) Identify(q db.Reader, rt Route) error {
	if rt.Blind {
		return nil
	}
	signed, err := accounts.BySession(r.Context(), q, r.Kept(CookieSession))
	if errors.Is(err, accounts.ErrNotSignedIn) && rt.Open {
		return nil
	}
	if err != nil {
		return err
	}
	r.Signed, r.Who, r.S = signed, signed.Actor, words.In(signed.User.Language)
	if seen, ok := r.Context().Value(visitKey{}).(*visit); ok {
		seen.actor = r.Who.ID
	}
	if !rt.Open && !r.Who.Holds(rt.Perm) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return nil
}

// In reports whether the visitor is signed in.
func (r *Request) In() bool { return r.Signed.Session.ID != "" }

// seen keeps the session alive. That it did not work is no reason to fail.
func (r *Request) seen() {
	if r.In() {
		r.site.Gate.Seen(context.WithoutCancel(r.Context()), r.Signed)
	}
}

// Typed returns what the visitor typed into a field of a form that is drawn
// again, and otherwise what it holds now.
func (r *Request) Typed(name, now string) string {
	if r.Method == http.MethodPost && r.PostForm.Has(name) {
		return r.PostForm.Get(name)
	}
	return now
}

// Ticked tells whether a value of a list of checks is chosen, as Typed does.
func (r *Request) Ticked(name, value string, now bool) bool {
	if r.Method == http.MethodPost {
		return slices.Contains(r.PostForm[name], value)
	}
	return now
}

// Input describes a control of a form, filled in with Typed.
func (r *Request) Input(name, label, now string) kit.Input {
	return kit.Input{Name: name, Label: label, Value: r.Typed(name, now), Error: r.Problems.On(name), MaxLength: 500}
}

// Version is the version that the visitor's form was read at.
func (r *Request) Version(now int) int {
	n := 0
	for _, c := range r.Typed("version", "") {
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

// ID returns a part of the address that must be an identifier.
func (r *Request) ID(name string) (string, error) {
	if id := r.PathValue(name); ids.Valid(id) {
		return id, nil
	}
	return "", fault.New(fault.NotFound, "fault.not_found")
}

// Say tells the visitor, on the page she is sent to, what was done: the key is
// that of a text said.<key>.
func (r *Request) Say(key string) { r.Keep(CookieSaid, key, 60) }

// Visitor is where the request comes from, for the gate.
func (r *Request) Visitor() accounts.Visitor {
	return accounts.Visitor{Network: r.network(), Agent: r.UserAgent(), Device: r.Kept(CookieDevice)}
}

// network is the /24 or /64 that the request comes from.
func (r *Request) network() string {
	if r.site.Address != nil {
		return accounts.NetworkOf(r.site.Address(r.Request))
	}
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	return accounts.NetworkOf(at.Addr())
}

// Origin is how the visitor reaches the pages.
func (r *Request) Origin() string {
	switch {
	case r.site.Origin != "":
		return strings.TrimSuffix(r.site.Origin, "/")
	case r.site.Secure:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// Frame is what the layout needs around any page.
func (r *Request) Frame(title string) kit.Frame {
	f := kit.Frame{S: r.S, Title: title, Path: "/", Version: r.site.Version}
	if r.Method == http.MethodGet {
		f.Path = Local(r.URL.RequestURI())
	} else if referrer, err := url.Parse(r.Referer()); err == nil && referrer.Host == r.Host {
		f.Path = Local(referrer.RequestURI())
	}
	if r.said != "" {
		f.Notice = &kit.Notice{Tone: kit.Good, Text: r.S.T("said." + r.said)}
	}
	if !r.In() {
		return f
	}
	f.SignedIn, f.User, f.UserName, f.Notices = true, r.Who.ID, r.Who.Name, r.Signed.Unread
	f.Nav, f.Menu, f.Practice = r.rooms(), r.menu(), r.Who.Practises()
	return f
}

// Local returns an address within these pages, or that of the first page.
func Local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// Said tells whether the page is shown after an act that said this key.
func (r *Request) Said(key string) bool { return r.said == key }

// Refuse forgets the cookies that were to be set with the answer.
func (r *Request) Refuse() { r.cookies = nil }
