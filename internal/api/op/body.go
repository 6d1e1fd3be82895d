// SPDX-License-Identifier: Apache-2.0

package op

import (
	"math"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"fera/internal/fault"
)

// Shape is the type of a body or an answer.
type Shape struct {
	Of     reflect.Type
	decode func(text []byte) (any, error)
}

// None reports whether there is nothing.
func (s Shape) None() bool { return s.Of == nil }

// Holds makes the shape of T.
func Holds[T any]() Shape {
	return Shape{Of: reflect.TypeFor[T](), decode: func(text []byte) (any, error) {
		v := new(T)
		return v, json.Unmarshal(text, v, json.RejectUnknownMembers(true))
	}}
}

// Sent is the shape of a body whose texts go to a room as they are: one that holds what no engine can keep is refused.
func Sent[T any]() Shape {
	whole := Holds[T]()
	return Shape{Of: whole.Of, decode: func(text []byte) (any, error) {
		v, err := whole.decode(text)
		if err != nil {
			return nil, err
		}
		plain, err := json.Marshal(v)
		if err == nil && strings.Contains(string(plain), `\u0000`) {
			return nil, fault.New(fault.Invalid, "fault.bad_characters")
		}
		return v, err
	}}
}

// Based refuses a change that does not say on which version it is based.
func Based(version int) *fault.Error {
	if version < 1 || version > math.MaxInt32 {
		return fault.New(fault.Invalid, "api.version_needed").On("version")
	}
	return nil
}

// Checked is a body that has rules of its own, besides those of the rooms.
type Checked interface{ Check() *fault.Error }

// DateText stands for dates.Partial in the document.
type DateText struct{}

// Schema implements huma.SchemaProvider.
func (DateText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^\d{4}(-\d{2}(-\d{2})?)?$`, Examples: []any{"1990", "1990-05", "1990-05-01"}}
}
