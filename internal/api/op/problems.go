// SPDX-License-Identifier: Apache-2.0

package op

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
	"fera/internal/words"
)

// Problem is the body of every answer that is an error (RFC 9457).
type Problem struct {
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

// Refuse is the error of a request that is itself wrong, with the status that says how.
func Refuse(status int, key string) error { return refused(status, key) }

func refused(status int, key string) *refusal { return &refusal{status, fault.New(fault.Invalid, key)} }

// Forbidden is the error of who may not do it at all.
func Forbidden() error { return fault.New(fault.Forbidden, "access.not_allowed") }

// stranger is the refusal of a key that opens nothing. Other errors stay what they are.
func stranger(err error) error {
	if errors.Is(err, accounts.ErrNotSignedIn) || fault.KindOf(err) != fault.Internal {
		return Refuse(http.StatusUnauthorized, "api.key_unknown")
	}
	return err
}

// Fail answers an error of what is no operation but a page or a path of the API.
func (s *Server) Fail(w http.ResponseWriter, r *http.Request, page string, err error) {
	s.fail(w, r, &Operation{Name: page}, err)
}

// fail answers an error. It is the one place where kinds become statuses.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, op *Operation, err error) {
	speaker := words.In(words.Match(r.Header.Get("Accept-Language")))
	status, f := statusOf(err)
	p := Problem{Status: status}
	switch status {
	case http.StatusInternalServerError:
		p.Reference = rand.Text()[:10]
		f = fault.New(fault.Internal, "fault.internal").With("reference", p.Reference)
		s.Log.ErrorContext(r.Context(), "request failed", "reference", p.Reference, "operation", op.Name, "error", redact(err.Error()), "sqlstate", sqlState(err))
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", challenge(f.Key))
	}
	p.Type = Prefix + "/#problem-" + strconv.Itoa(status)
	p.Title = speaker.T("api.title." + strconv.Itoa(status))
	p.Code, p.Detail = f.Key, speaker.Fault(f)
	for _, one := range f.All() {
		if one.Field != "" {
			p.Errors = append(p.Errors, mistake{op.fieldOf(one.Field), one.Key, speaker.Fault(one)})
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

func (p Problem) send(w http.ResponseWriter, lang words.Lang) {
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

// fieldOf names a field as it lies in the body.
func (o *Operation) fieldOf(field string) string {
	if o.Field == nil {
		return field
	}
	return o.Field(field)
}

// Recover answers what panicked. The value is not logged, unless the runtime
// made it: it may hold anything.
func (s *Server) Recover(w http.ResponseWriter, r *http.Request) {
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
	s.fail(w, r, &Operation{}, errors.New("panic, see the line before"))
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
