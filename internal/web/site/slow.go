// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"fera/internal/accounts"
	"fera/internal/fault"
	"fera/internal/web/kit"
)

// slowed counts a visit to an address at which there is nothing, of a route whose address lets in whoever knows it, and answers it when
// there were too many from the same network. That it could not be counted is no reason not to answer.
func (s *Site) slowed(w http.ResponseWriter, r *Request) bool {
	if !r.guessed {
		return false
	}
	waits, err := accounts.Missed(context.WithoutCancel(r.Context()), s.DB, r.network())
	if err != nil {
		s.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelWarn, "what is guessed was not counted", slog.String("route", r.Pattern), slog.Any("error", err))
	}
	if waits == 0 {
		return false
	}
	s.slow(w, r, waits)
	return true
}

// slow says for how long nothing is answered.
func (s *Site) slow(w http.ResponseWriter, r *Request, waits time.Duration) {
	var body bytes.Buffer
	if err := Slow(r, waits).Component.Render(r.Context(), &body); err != nil {
		body.Reset()
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(waits.Seconds()))))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusTooManyRequests)
	body.WriteTo(w)
}

// Slow is the page that says for how long nothing is answered, in the language of the visitor, and nothing of what was asked for.
func Slow(r *Request, waits time.Duration) Coded {
	told := fault.New(fault.Invalid, "account.too_often").With("count", int((waits+time.Minute-1)/time.Minute))
	v := failView{Frame: kit.Frame{S: r.S, Title: r.S.T("web.slow"), Path: "/", QuickExit: true}, Text: r.S.Fault(told)}
	return Coded{Component: slowPage(v), Status: http.StatusTooManyRequests}
}
