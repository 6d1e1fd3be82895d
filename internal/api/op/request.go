// SPDX-License-Identifier: Apache-2.0

package op

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fera/internal/fault"
	keys "fera/internal/operations"
	"fera/internal/words"
)

// mostBytes is how long a body may be.
const mostBytes = 1 << 20

// MostKey is how long an Idempotency-Key may be: as long as the id of an operation.
const MostKey = keys.Longest

// bearerOf returns the key of a request.
func bearerOf(r *http.Request) (string, error) {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	key = strings.TrimSpace(key)
	if !strings.EqualFold(scheme, "Bearer") || key == "" || len(key) > 500 || !visible(key) {
		return "", Refuse(http.StatusUnauthorized, "api.key_needed")
	}
	return key, nil
}

// visible reports whether s is printable ASCII without spaces.
func visible(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// readHead reads what a request says outside its body.
func (c *Call) readHead() error {
	if !accepts(c.R.Header.Get("Accept"), c.Op.MediaType()) {
		return Refuse(http.StatusNotAcceptable, "api.not_acceptable")
	}
	if err := c.readQuery(); err != nil {
		return err
	}
	if !c.Op.Keyed {
		return nil
	}
	keys := c.R.Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		return nil
	}
	if c.Key = keys[0]; len(keys) > 1 || len(c.Key) == 0 || len(c.Key) > MostKey || !visible(c.Key) {
		return fault.New(fault.Invalid, "api.idempotency_key").With("max", MostKey).On("Idempotency-Key")
	}
	return nil
}

// MediaType is what the answer is written in.
func (o *Operation) MediaType() string {
	switch {
	case o.Media != "":
		return o.Media
	case o.Text:
		return "text/plain"
	}
	return "application/json"
}

// accepts reports whether an Accept header takes a media type.
func accepts(header, media string) bool {
	if header == "" || header == "*/*" || header == media {
		return true
	}
	family, _, _ := strings.Cut(media, "/")
	for part := range strings.SplitSeq(header, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || name != media && name != "*/*" && name != family+"/*" {
			continue
		}
		if q, given := params["q"]; given {
			if v, err := strconv.ParseFloat(q, 64); err != nil || v <= 0 {
				continue
			}
		}
		return true
	}
	return false
}

// readQuery takes the parameters that the operation knows, each once.
func (c *Call) readQuery() error {
	if c.R.URL.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(c.R.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Invalid, "api.query_unreadable")
	}
	c.Query = map[string]string{}
	for name, given := range values {
		if !slices.Contains(c.Op.Params, name) {
			return fault.New(fault.Invalid, "api.parameter_unknown")
		}
		if len(given) > 1 {
			return fault.New(fault.Invalid, "api.parameter_twice").On(name)
		}
		c.Query[name] = given[0]
	}
	return nil
}

// readBody reads and decodes the body.
func (c *Call) readBody(w http.ResponseWriter) error {
	if c.Op.In.None() {
		return nil
	}
	if !isJSON(c.R) {
		return Refuse(http.StatusUnsupportedMediaType, "api.json_only")
	}
	most := max(c.Op.Most, mostBytes)
	if c.R.ContentLength > most {
		return tooLarge(most)
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, c.R.Body, most))
	if err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return tooLarge(most)
		}
		return Refuse(http.StatusBadRequest, "api.json_broken")
	}
	if c.Body, err = c.Op.In.decode(text); err != nil {
		return unreadable(err)
	}
	if b, ok := c.Body.(Checked); ok {
		if wrong := b.Check(); wrong != nil {
			return wrong
		}
	}
	return nil
}

func tooLarge(most int64) error {
	r := refused(http.StatusRequestEntityTooLarge, "fault.too_large")
	r.fault = r.fault.With("max", most>>20)
	return r
}

func isJSON(r *http.Request) bool {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return false
	}
	header := r.Header.Get("Content-Type")
	if header == "application/json" {
		return true
	}
	name, params, err := mime.ParseMediaType(header)
	charset, given := params["charset"]
	return err == nil && name == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

// unreadable says what is wrong with a body, and where as far as the place has a
// name of ours. What was sent is not repeated.
func unreadable(err error) error {
	var meaning *json.SemanticError
	if errors.As(err, &meaning) {
		where := place(meaning.JSONPointer)
		if errors.Is(err, json.ErrUnknownName) {
			return fault.New(fault.Invalid, "api.member_unknown").On(where)
		}
		if f := fault.Of(meaning.Err); f != nil {
			return f.On(where)
		}
		return fault.New(fault.Invalid, "api.wrong_type").On(where)
	}
	r := refused(http.StatusBadRequest, "api.json_broken")
	if errors.Is(err, jsontext.ErrDuplicateName) {
		r = refused(http.StatusBadRequest, "api.member_twice")
	}
	var form *jsontext.SyntacticError
	if errors.As(err, &form) {
		r.fault = r.fault.On(place(form.JSONPointer))
	}
	return r
}

// place writes a JSON pointer with dots, up to the first name that is not ours.
func place(p jsontext.Pointer) string {
	var known []string
	for name := range p.Tokens() {
		if _, err := strconv.ParseUint(name, 10, 16); err != nil && !words.In(words.English).Has("api.field."+name) {
			break
		}
		known = append(known, name)
	}
	return strings.Join(known, ".")
}
