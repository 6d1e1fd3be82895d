// SPDX-License-Identifier: Apache-2.0

// Package sms is where a gateway tells what became of a message, and hands over what came in: /messages/dlr and /messages/in.
//
// Neither is for people. A report is known by the signature in its address, what comes in by a secret that the gateway shares.
// Whatever arrives, the answer is empty, for a gateway may send on what it is answered.
package sms

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/messages"
)

// Where gateways call.
const (
	ReportPath = "/messages/dlr"
	ArrivePath = "/messages/in"
)

// Options are what it is made with.
type Options struct {
	DB      *db.DB
	Log     *slog.Logger
	Secret  string                         // what the gateway shares; empty: nothing comes in
	Address func(*http.Request) netip.Addr // where a call comes from; its remote address when nil
	Observe func(string)                   // is told what came of each; may be nil

	guard *guard
}

// mostBytes is the longest form that is read.
const mostBytes = 16 << 10

// New returns what answers both paths.
func New(o Options) http.Handler {
	if o.Observe == nil {
		o.Observe = func(string) {}
	}
	o.guard = newGuard(o.DB)
	mux := http.NewServeMux()
	for _, method := range []string{"GET ", "POST "} {
		mux.HandleFunc(method+ReportPath, o.take(o.report))
		mux.HandleFunc(method+ArrivePath, o.take(o.arrive))
	}
	return mux
}

// take reads the form, and answers with nothing but a status.
func (o Options) take(do func(context.Context, http.Header, url.Values) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, mostBytes)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := r.ParseForm(); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		network := o.network(r)
		if waits := o.guard.shut(network); waits > 0 {
			tooOften(w, waits)
			return
		}
		err := do(r.Context(), r.Header, r.Form)
		if waits := o.guard.heard(r.Context(), network, err); waits > 0 {
			tooOften(w, waits)
			return
		}
		switch kind := fault.KindOf(err); {
		case err == nil:
			w.WriteHeader(http.StatusOK)
		case kind == fault.NotFound:
			w.WriteHeader(http.StatusNotFound)
		case kind == fault.Invalid:
			w.WriteHeader(http.StatusBadRequest)
		default:
			o.Log.ErrorContext(r.Context(), "a gateway's call failed", "route", r.Pattern, "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

// report keeps what a gateway tells of a message; type is Kannel's: 1 delivered, 2 not delivered, 4 waiting, 8 taken by the
// centre, 16 refused by it.
func (o Options) report(ctx context.Context, _ http.Header, form url.Values) error {
	kind := form.Get("type")
	r := messages.Report{ID: messages.ID(form.Get("id")), Signature: form.Get("sign"), Arrived: kind == "1", Lost: kind == "2" || kind == "16"}
	var state messages.State
	err := o.DB.Maintain(ctx, func(tx *db.Tx) (err error) {
		state, err = messages.Told(ctx, tx, r)
		return err
	})
	if err == nil && (r.Arrived || r.Lost) {
		o.Observe("report_" + string(state))
	}
	return err
}

// arrive takes a message in that the gateway got.
func (o Options) arrive(ctx context.Context, head http.Header, form url.Values) error {
	given := form.Get("secret")
	if bearer, ok := strings.CutPrefix(head.Get("Authorization"), "Bearer "); ok {
		given = bearer
	}
	if o.Secret == "" || !same(given, o.Secret) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	what := ""
	err := o.DB.Maintain(ctx, func(tx *db.Tx) (err error) {
		what, err = messages.Arrive(ctx, tx, messages.Arriving{ID: form.Get("id"), From: form.Get("from"), Text: form.Get("text")})
		return err
	})
	if err == nil {
		o.Observe(what)
	}
	return err
}

func same(a, b string) bool {
	one, two := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(one[:], two[:]) == 1
}
