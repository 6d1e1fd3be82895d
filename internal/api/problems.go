// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"fera/internal/accounts"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/words"
)

// problem is the body of every answer that is an error (RFC 9457).
type problem struct {
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	Detail    string    `json:"detail"`
	Code      string    `json:"code"`
	Errors    []mistake `json:"errors,omitempty"`
	Reference string    `json:"reference,omitempty"`
}

// mistake is one thing wrong in what was sent.
type mistake struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// refusal is an error that has a status of its own: the request, not the act, is wrong.
type refusal struct {
	status int
	fault  *fault.Error
}

// Error implements error.
func (r *refusal) Error() string { return r.fault.Error() }

func refuse(status int, key string) *refusal { return &refusal{status, fault.New(fault.Invalid, key)} }

func noSuchPath() error { return refuse(http.StatusNotFound, "api.no_such_path") }

func forbidden() error { return fault.New(fault.Forbidden, "access.not_allowed") }

// stranger is the refusal of a key that opens nothing. Other errors stay what they are.
func stranger(err error) error {
	if errors.Is(err, accounts.ErrNotSignedIn) || fault.KindOf(err) != fault.Internal {
		return refuse(http.StatusUnauthorized, "api.key_unknown")
	}
	return err
}

// fail answers an error. It is the one place where kinds become statuses.
func (s *server) fail(w http.ResponseWriter, r *http.Request, operation string, err error) {
	speaker := words.In(words.Match(r.Header.Get("Accept-Language")))
	status, f := statusOf(err)
	p := problem{Status: status}
	switch status {
	case http.StatusInternalServerError:
		p.Reference = rand.Text()[:10]
		f = fault.New(fault.Internal, "fault.internal").With("reference", p.Reference)
		s.Log.ErrorContext(r.Context(), "request failed", "reference", p.Reference, "operation", operation, "error", redact(err.Error()), "sqlstate", sqlState(err))
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", challenge(f.Key))
	}
	p.Type = prefix + "/#problem-" + strconv.Itoa(status)
	p.Title = speaker.T("api.title." + strconv.Itoa(status))
	p.Code, p.Detail = f.Key, speaker.Fault(f)
	for _, one := range f.All() {
		if one.Field != "" {
			p.Errors = append(p.Errors, mistake{fieldOf(operation, one.Field), one.Key, speaker.Fault(one)})
		}
	}
	p.send(w, speaker.Lang())
}

func challenge(key string) string {
	if key == "api.key_needed" {
		return `Bearer realm="fera"`
	}
	return `Bearer realm="fera", error="invalid_token"`
}

func (p problem) send(w http.ResponseWriter, lang words.Lang) {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers alone
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", string(lang))
	h.Set("Vary", "Accept-Language")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(p.Status)
	w.Write(text)
}

// statusOf says what status an error has, and what may be told of it.
func statusOf(err error) (int, *fault.Error) {
	var r *refusal
	if errors.As(err, &r) {
		return r.status, r.fault
	}
	if passing(err) {
		return http.StatusServiceUnavailable, fault.New(fault.Internal, "fault.unavailable")
	}
	f := fault.Of(err)
	if f == nil {
		f = fault.New(fault.Internal, "fault.internal")
	}
	switch f.Kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity, f
	case fault.NotFound:
		return http.StatusNotFound, f
	case fault.Forbidden:
		return http.StatusForbidden, f
	case fault.Conflict:
		return http.StatusConflict, f
	}
	return http.StatusInternalServerError, f
}

// passing reports whether the same request may well succeed a little later: the
// store is busy, is being restarted, or did not answer in time.
func passing(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	if state := sqlState(err); state != "" {
		return slices.Contains([]string{"08", "40", "53", "57"}, state[:min(2, len(state))])
	}
	var sqlite interface{ Code() int }
	const busy, locked = 5, 6
	return errors.As(err, &sqlite) && (sqlite.Code()&0xff == busy || sqlite.Code()&0xff == locked)
}

// sqlState is what PostgreSQL calls an error, empty for others.
func sqlState(err error) string {
	var postgres interface{ SQLState() string }
	if errors.As(err, &postgres) {
		return postgres.SQLState()
	}
	return ""
}

// fieldOf names a field as it lies in the body: the register names the values of a
// person without the object around them.
func fieldOf(operation, field string) string {
	if (operation == "register_person" || operation == "change_person") && slices.Contains(persons.Fields(), persons.Field(field)) {
		return "values." + field
	}
	if operation == "draw_plan" {
		if step, ok := strings.CutSuffix(field, ".by"); ok {
			return step + ".due_on"
		}
	}
	if operation == "log_service" && field == "amount" {
		return "amount_poisha"
	}
	return field
}

// recover answers what panicked. The value is not logged, unless the runtime
// made it: it may hold anything.
func (s *server) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	what := fmt.Sprintf("panic of type %T", v)
	if e, ok := v.(runtime.Error); ok {
		what = e.Error()
	}
	s.Log.ErrorContext(r.Context(), "panic", "what", redact(what), "stack", string(debug.Stack()))
	s.fail(w, r, "", errors.New("panic, see the line before"))
}

// redact keeps of an error what an operator needs and drops what may be about a
// person: anything in quotes or brackets, long numbers, and all that is not ASCII.
func redact(text string) string {
	var b strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "\"'`([{")
		if i < 0 {
			b.WriteString(plainly(text))
			break
		}
		b.WriteString(plainly(text[:i]))
		closing := map[byte]string{'"': `"`, '\'': "'", '`': "`", '(': ")", '[': "]", '{': "}"}[text[i]]
		b.WriteString(text[i:i+1] + "…")
		if end := strings.LastIndex(text[i+1:], closing); end >= 0 {
			b.WriteString(closing)
			text = text[i+1+end+1:]
		} else {
			text = ""
		}
	}
	return b.String()
}

func plainly(text string) string {
	parts := strings.Fields(text)
	for i, part := range parts {
		digits := 0
		for _, r := range part {
			if r > '~' {
				digits = 99
			} else if r >= '0' && r <= '9' {
				digits++
			}
		}
		if digits > 5 {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, " ") + " "
}
