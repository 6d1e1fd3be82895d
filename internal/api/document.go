// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"fera/internal/api/network"
	"fera/internal/api/op"
	"fera/internal/api/register"
	"fera/internal/dates"
	"fera/internal/words"
)

func enum(allowed []string) []any { return op.Each(allowed, func(s string) any { return s }) }

// offered are the properties that take one of a few values, or a list of them.
func offered() map[string][]string {
	all := register.Offered()
	maps.Copy(all, network.Offered())
	return all
}

// schemaName names a shape; those that projects, activities and reports share with nobody have their room before them.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "fera/internal/projects":
		return "Project" + name
	case "fera/internal/activities":
		return "Activity" + name
	case "fera/internal/reports/content":
		return "Report" + name
	case "fera/internal/api/reporting":
		return "Report" + strings.TrimPrefix(name, "Report")
	}
	return name
}

// describe makes the OpenAPI document of a table of operations.
func describe(table []op.Operation) *huma.OpenAPI {
	en := words.In(words.English)
	types := huma.NewMapRegistry("#/components/schemas/", schemaName)
	types.RegisterTypeAlias(reflect.TypeFor[dates.Partial](), reflect.TypeFor[op.DateText]())
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "Fera", Version: "1", Description: en.T("api.lead"), License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
		Servers: []*huma.Server{{URL: op.Prefix}},
		Components: &huma.Components{Schemas: types, SecuritySchemes: map[string]*huma.SecurityScheme{
			"key": {Type: "http", Scheme: "bearer", Description: en.T("api.about_keys")}}},
	}
	wrong := types.Schema(reflect.TypeFor[op.Problem](), true, "")
	for i := range table {
		doc.AddOperation(describeOne(&table[i], types, wrong))
	}
	sent := map[string]bool{}
	for _, o := range table {
		if !o.In.None() {
			within(types, types.Schema(o.In.Of, true, ""), sent)
		}
	}
	allowed := offered()
	for name, s := range types.Map() {
		finish(name, s, allowed)
		if !sent[name] {
			s.AdditionalProperties = nil // answers may come to hold more
		}
	}
	return doc
}

// within collects the names of the schemas that one is made of.
func within(types huma.Registry, s *huma.Schema, into map[string]bool) {
	if s == nil {
		return
	}
	if _, name, ok := strings.Cut(s.Ref, "schemas/"); ok && !into[name] {
		into[name] = true
		within(types, types.SchemaFromRef(s.Ref), into)
	}
	within(types, s.Items, into)
	for _, p := range s.Properties {
		within(types, p, into)
	}
}

// fieldSaid says what a member of a schema is: in words of its own, or as members of that name are said everywhere.
func fieldSaid(s *words.Speaker, schema, name string) string {
	if key := "api.field." + strings.ToLower(schema) + "." + name; s.Has(key) {
		return s.T(key)
	}
	return s.T("api.field." + name)
}

// finish gives the properties of a schema their descriptions and choices.
func finish(schema string, s *huma.Schema, offered map[string][]string) {
	en := words.In(words.English)
	for name, p := range s.Properties {
		p.Nullable = false // a list that is empty is [], and null is never sent
		if p.Ref == "" && p.Description == "" {
			p.Description = fieldSaid(en, schema, name)
		}
		allowed := enum(offered[schema+"."+name])
		if p.Type == huma.TypeArray {
			p.Items.Enum = allowed
		} else if len(allowed) > 0 {
			p.Enum = allowed
		}
	}
}

// describeOne writes one operation for the document.
func describeOne(o *op.Operation, types huma.Registry, wrong *huma.Schema) *huma.Operation {
	en := words.In(words.English)
	permission := string(o.Need)
	if permission == "" {
		permission = "any"
	}
	d := &huma.Operation{Method: o.Method, Path: o.Path, OperationID: o.Name, Summary: en.T("api.op." + o.Name), Security: []map[string][]string{{"key": {}}},
		Extensions: map[string]any{"x-permission": permission}, Responses: map[string]*huma.Response{}, Parameters: parameters(o)}
	if !o.In.None() {
		body := &huma.MediaType{Schema: types.Schema(o.In.Of, true, ""), Example: json.RawMessage(o.Example)}
		d.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": body}}
	}
	good := &huma.Response{Description: en.T("api.title." + strconv.Itoa(o.Answers())), Content: map[string]*huma.MediaType{}}
	switch {
	case o.Media != "":
		good.Content[o.MediaType()] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	case o.Text:
		good.Content[o.MediaType()] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	default:
		good.Content[o.MediaType()] = &huma.MediaType{Schema: types.Schema(o.Out.Of, true, "")}
	}
	d.Responses[strconv.Itoa(o.Answers())] = good
	for _, status := range problems(o) {
		d.Responses[strconv.Itoa(status)] = &huma.Response{Description: en.T("api.title." + strconv.Itoa(status)),
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: wrong}}}
	}
	return d
}

// problems lists the errors that an operation may answer.
func problems(o *op.Operation) []int {
	all := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotAcceptable, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if strings.Contains(o.Path, "{") || o.Text {
		all = append(all, http.StatusNotFound)
	}
	if !o.In.None() {
		all = append(all, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if o.Writes && o.Method != http.MethodGet {
		all = append(all, http.StatusConflict)
	}
	slices.Sort(all)
	return all
}

// parameters lists what an operation takes in its path, query and head.
func parameters(o *op.Operation) []*huma.Param {
	en := words.In(words.English)
	var all []*huma.Param
	add := func(name, in string, schema *huma.Schema) {
		key := "api.param." + strings.ToLower(strings.ReplaceAll(name, "-", "_"))
		all = append(all, &huma.Param{Name: name, In: in, Required: in == "path", Description: en.T(key), Schema: schema})
	}
	for part := range strings.SplitSeq(o.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			add(strings.TrimSuffix(name, "}"), "path", &huma.Schema{Type: huma.TypeString})
		}
	}
	for _, name := range o.Params {
		schema := &huma.Schema{Type: huma.TypeString}
		switch name {
		case "limit":
			least := 1.0
			schema = &huma.Schema{Type: huma.TypeInteger, Minimum: &least}
		case "typing":
			schema = &huma.Schema{Type: huma.TypeBoolean}
		}
		add(name, "query", schema)
	}
	if o.Keyed {
		longest := op.MostKey
		add("Idempotency-Key", "header", &huma.Schema{Type: huma.TypeString, MaxLength: &longest})
	}
	return all
}

// printed is the document as it is served, the same at every start.
func printed(doc *huma.OpenAPI) ([]byte, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, text, "", "  ")
	return append(out.Bytes(), '\n'), err
}
