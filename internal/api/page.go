// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	_ "embed"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"fera/internal/api/op"
	"fera/internal/api/register"
	"fera/internal/memory"
	"fera/internal/words"
)

//go:embed docs.css
var styles []byte

// paper is what is read about the API: the document, and the page in each language.
type paper struct {
	document memory.Sheet
	pages    map[words.Lang]*memory.Sheet
}

func newPaper() *paper {
	p := &paper{pages: map[words.Lang]*memory.Sheet{}}
	for _, lang := range words.Languages() {
		p.pages[lang] = &memory.Sheet{}
	}
	return p
}

// document answers the description of the API for machines.
func (s *server) document(w http.ResponseWriter, r *http.Request) {
	text, err := s.paper.document.Text(func() ([]byte, error) { return printed(describe(s.table)) })
	if err != nil {
		s.Fail(w, r, "page", err)
		return
	}
	serveText(w, "application/json", text)
}

func (s *server) css(w http.ResponseWriter, _ *http.Request) {
	serveText(w, "text/css; charset=utf-8", styles)
}

// page answers the readable page, in the language asked for by ?lang= or by the browser.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	lang, ok := words.ParseLang(r.URL.Query().Get("lang"))
	if !ok {
		lang = words.Match(r.Header.Get("Accept-Language"))
	}
	w.Header().Set("Vary", "Accept-Language")
	w.Header().Set("Content-Language", string(lang))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	text, err := s.paper.pages[lang].Text(func() ([]byte, error) {
		var out bytes.Buffer
		err := manualPage(manual{words.In(lang), s.table, describe(s.table)}).Render(r.Context(), &out)
		return out.Bytes(), err
	})
	if err != nil {
		s.Fail(w, r, "page", err)
		return
	}
	serveText(w, "text/html; charset=utf-8", text)
}

func serveText(w http.ResponseWriter, media string, text []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Write(text)
}

// manual is what the page is drawn from: the table and the document made of it.
type manual struct {
	s     *words.Speaker
	table []op.Operation
	doc   *huma.OpenAPI
}

// member is one property of a schema, as a row of a table.
type member struct {
	name, kind, ref, about string
	needed                 bool
	allowed                []string
}

// schemas lists the schemas by name.
func (m manual) schemas() []string {
	var all []string
	for name := range m.doc.Components.Schemas.Map() {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// members lists the properties of a schema, in the order in which they are written.
func (m manual) members(schema string) []member {
	s := m.doc.Components.Schemas.Map()[schema]
	names := order(m.doc.Components.Schemas.TypeFromRef("#/components/schemas/" + schema))
	return op.Each(names, func(name string) member {
		return m.member(schema, name, s.Properties[name], slices.Contains(s.Required, name))
	})
}

func (m manual) member(schema, name string, p *huma.Schema, needed bool) member {
	one := member{name: name, kind: p.Type, about: fieldSaid(m.s, schema, name), needed: needed}
	inner := p
	switch {
	case p.Items != nil:
		inner, one.kind = p.Items, p.Items.Type+"[]"
	case p.Type == huma.TypeObject:
		if values, ok := p.AdditionalProperties.(*huma.Schema); ok {
			inner = values
		}
	}
	if p.Format != "" {
		one.kind = p.Format
	}
	if _, one.ref, _ = strings.Cut(inner.Ref, "schemas/"); one.ref != "" {
		one.kind = map[bool]string{true: "[]"}[p.Items != nil]
	}
	for _, v := range inner.Enum {
		text, _ := v.(string)
		one.allowed = append(one.allowed, text)
	}
	return one
}

// valueMembers lists the fields that the values of a person may have.
func (m manual) valueMembers() []member {
	s := register.Values{}.Schema(nil)
	var all []member
	for name, p := range s.Properties {
		all = append(all, m.member("values", name, p, false))
	}
	slices.SortFunc(all, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return all
}

// order lists the JSON names of a struct's fields.
func order(t reflect.Type) (names []string) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// nameOf is the name of the schema of a shape.
func (m manual) nameOf(s op.Shape) string {
	if s.None() {
		return ""
	}
	_, name, _ := strings.Cut(m.doc.Components.Schemas.Schema(s.Of, true, "").Ref, "schemas/")
	return name
}

// about says what a parameter is for.
func (m manual) about(p *huma.Param) string {
	return m.s.T("api.param." + strings.ToLower(strings.ReplaceAll(p.Name, "-", "_")))
}

func (m manual) permission(o op.Operation) string {
	if o.Need == "" {
		return m.s.T("api.any_permission")
	}
	return string(o.Need)
}

// statuses lists every error that the API answers.
func statuses() []int {
	return []int{400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 500, 503}
}

// curl is the operation as it is typed in a terminal.
func curl(o op.Operation) string {
	var b strings.Builder
	b.WriteString("curl https://example.org" + op.Prefix + strings.NewReplacer("{code}", "305670").Replace(o.Path))
	if slices.Contains(o.Params, "q") {
		b.WriteString("?q=rahima")
	}
	if o.Method != http.MethodGet {
		b.WriteString(" \\\n  -X " + o.Method)
	}
	b.WriteString(" \\\n  -H 'Authorization: Bearer fera_…'")
	if o.Keyed {
		b.WriteString(" \\\n  -H 'Idempotency-Key: 7c9e6679-7425-40de-944b-e07fc1f90ae7'")
	}
	if o.Example != "" {
		b.WriteString(" \\\n  -H 'Content-Type: application/json' \\\n  -d '" + o.Example + "'")
	}
	return b.String()
}
