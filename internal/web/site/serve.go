// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/web/kit"
)

// serve turns a route into a handler.
func (s *Site) serve(rt Route) http.HandlerFunc {
	return func(w http.ResponseWriter, hr *http.Request) {
		r := s.request(w, hr, rt)
		if rt.Secret {
			w.Header().Set("Referrer-Policy", "no-referrer")
		}
		if err := r.read(); err != nil {
			s.fail(w, r, err)
			return
		}
		switch {
		case rt.Act == nil && rt.Step == nil:
			s.show(w, r, rt, http.StatusOK)
		case rt.Open || s.enter(w, r, rt):
			s.perform(w, r, rt)
		}
	}
}

// enter lets in who is signed in and has the route's permission, and answers
// everyone else: a stranger is led to the sign-in, the others find nothing here.
func (s *Site) enter(w http.ResponseWriter, r *Request, rt Route) bool {
	err := s.DB.Read(r.Context(), func(q db.Reader) error { return r.Identify(q, rt) })
	if err != nil {
		s.fail(w, r, err)
	}
	return err == nil
}

// show draws a page.
func (s *Site) show(w http.ResponseWriter, r *Request, rt Route, status int) {
	var drawn templ.Component
	err := s.DB.Read(r.Context(), func(q db.Reader) (err error) {
		if err := r.Identify(q, rt); err != nil {
			return err
		}
		drawn, err = rt.Page(r, q)
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.send(w, r, status, drawn)
}

// send renders a whole answer, and only then sends it.
func (s *Site) send(w http.ResponseWriter, r *Request, status int, drawn templ.Component) {
	var body bytes.Buffer
	if c, ok := drawn.(Coded); ok {
		status, drawn = c.Status, c.Component
	}
	if status == http.StatusNotFound && s.slowed(w, r) {
		return
	}
	if st, ok := drawn.(Stream); ok {
		s.stream(w, r, st)
		return
	}
	if err := drawn.Render(r.Context(), &body); err != nil {
		s.fail(w, r, fmt.Errorf("render: %w", err))
		return
	}
	kind := "text/html; charset=utf-8"
	if d, ok := drawn.(Download); ok {
		kind = d.Kind
		w.Header().Set("Content-Disposition", `attachment; filename="`+d.Name+`"`)
	} else if f, ok := drawn.(File); ok {
		kind = f.Kind
		w.Header().Set("Content-Disposition", "inline")
	} else if r.said != "" {
		r.Keep(CookieSaid, "", -1)
	}
	if r.shared && status == http.StatusOK {
		share(w.Header())
	}
	r.sendCookies(w)
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	body.WriteTo(w)
	r.seen()
}

// stream sends a file that is too large to be held. What goes wrong in the middle
// cannot be said any more: the connection ends, so that nobody takes it for whole.
func (s *Site) stream(w http.ResponseWriter, r *Request, f Stream) {
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.Name+`"`)
	w.Header().Set("Content-Type", f.Kind)
	if f.Size > 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(f.Size, 10))
	}
	r.sendCookies(w)
	r.seen()
	if err := f.Write(r.Context(), w); err != nil {
		if r.Context().Err() == nil {
			s.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelError, "a file was cut off", slog.String("route", r.Pattern), slog.Any("error", err))
		}
		panic(http.ErrAbortHandler)
	}
}

// perform does an act and sends the visitor on.
func (s *Site) perform(w http.ResponseWriter, r *Request, rt Route) {
	var next string
	var err error
	switch {
	case r.garbled != "":
		err = fault.New(fault.Invalid, "fault.bad_characters").On(r.garbled)
	case rt.Step != nil:
		next, err = rt.Step(r)
	default:
		err = s.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
			r.cookies, r.Answer = nil, nil // this may be another try
			next, err = rt.Act(r, tx)
			return err
		})
	}
	switch {
	case err != nil && rt.Page != nil && r.mendable(err):
		r.cookies, r.Answer = nil, nil
		r.Problems = append(r.Problems, kit.ProblemsOf(r.S, err)...)
		s.show(w, r, rt, statusOf(err))
	case err != nil:
		s.fail(w, r, err)
	case r.Answer != nil:
		s.send(w, r, http.StatusOK, r.Answer)
	default:
		r.sendCookies(w)
		r.seen()
		http.Redirect(w, r.Request, next, http.StatusSeeOther)
	}
}

// mendable reports whether the form should be drawn again, for the visitor to
// mend what is wrong.
func (r *Request) mendable(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		return true
	case fault.Forbidden:
		return fault.Of(err).Field != ""
	}
	return false
}

func statusOf(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Conflict:
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// fail answers an error. It is the only place that turns a kind into a status,
// and the only place that logs one.
func (s *Site) fail(w http.ResponseWriter, r *Request, err error) {
	var where Elsewhere
	switch {
	case errors.Is(err, accounts.ErrNotSignedIn):
		s.turnAway(w, r)
		return
	case errors.As(err, &where):
		r.sendCookies(w)
		http.Redirect(w, r.Request, string(where), http.StatusSeeOther)
		return
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return // the visitor has left
	case statusOf(err) == http.StatusNotFound && s.slowed(w, r):
		return
	}
	status, told := statusOf(err), fault.Of(err)
	if told == nil || told.Kind == fault.Internal {
		reference := strings.ToLower(rand.Text()[:8])
		told = fault.New(fault.Internal, "fault.internal").With("reference", reference)
		s.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelError, "request failed", slog.String("reference", reference),
			slog.String("route", r.Pattern), slog.String("actor", r.Who.ID), slog.Any("error", err))
	} else if told.Err != nil {
		s.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelWarn, "request refused", slog.String("key", told.Key),
			slog.String("route", r.Pattern), slog.String("actor", r.Who.ID), slog.Any("error", told.Err))
	}
	var body bytes.Buffer
	view := failView{Frame: r.Frame(r.S.T("web.fail.title")), Text: r.S.Fault(told)}
	if err := failPage(view).Render(r.Context(), &body); err != nil {
		body.Reset()
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	body.WriteTo(w)
}

// turnAway leads a stranger to the sign-in. Where she wanted to go is kept, but
// for what she asked there, which may hold a name.
func (s *Site) turnAway(w http.ResponseWriter, r *Request) {
	if r.Method == http.MethodGet && r.Header.Get("Fera-Fragment") == "" && r.URL.Path != "/" {
		r.Keep(CookieNext, r.URL.Path, 600)
	}
	r.sendCookies(w)
	http.Redirect(w, r.Request, "/sign-in", http.StatusSeeOther)
}

// recovered answers a panic as what it is, our mistake.
func (s *Site) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.fail(w, s.request(w, hr, Route{}), fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, hr)
	})
}

// nothing answers an address at which there is nothing.
func (s *Site) nothing(*Request, db.Reader) (templ.Component, error) {
	return nil, fault.New(fault.NotFound, "fault.not_found")
}
