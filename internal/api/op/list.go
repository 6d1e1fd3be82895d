// SPDX-License-Identifier: Apache-2.0

package op

import (
	"encoding/base64"
	"net/url"
	"strconv"

	"fera/internal/fault"
	"fera/internal/ids"
)

// Each makes one thing of each.
func Each[A, B any](all []A, one func(A) B) []B {
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = one(a)
	}
	return out
}

// Page is a part of a list, with the address of the next part.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Following is the address of the next part.
func (p Page[T]) Following() string { return p.Next }

// Limit reads how many a page may hold.
func (c *Call) Limit(usual, most int) (int, error) {
	text, given := c.Query["limit"]
	if !given {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.New(fault.Invalid, "fault.out_of_range").With("min", 1).With("max", most).On("limit")
	}
	return n, nil
}

// Cursor returns the id after which the page begins.
func (c *Call) Cursor() (string, error) {
	text, given := c.Query["cursor"]
	if !given {
		return "", nil
	}
	id, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !ids.Valid(string(id)) {
		return "", fault.New(fault.Invalid, "api.cursor").On("cursor")
	}
	return string(id), nil
}

// Next is the address of the page that begins after id, or nothing.
func (c *Call) Next(id string) string {
	if id == "" {
		return ""
	}
	q := url.Values{}
	for name, value := range c.Query {
		q.Set(name, value)
	}
	q.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(id)))
	return c.R.URL.Path + "?" + q.Encode()
}
