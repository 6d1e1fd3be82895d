// SPDX-License-Identifier: Apache-2.0

package op

import (
	"io"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
)

// Answer is what an operation answers.
type Answer struct {
	Status   int
	Body     any
	Text     string // instead of a body
	File     []byte // instead of either
	Stream   *Stream
	Location string
	Next     string // address of the next page
	Replayed bool   // the act had been done before
}

// Stream is an answer that is too large to be held.
type Stream struct {
	Size  int64
	Write func(io.Writer) error
}

// Registered is the answer to a registration. The same act gets the same answer.
type Registered struct {
	ID   string `json:"id"`
	Href string `json:"href"`
}

// Handled names what an act was done to.
type Handled struct {
	ID string `json:"id"`
}

// send writes an answer. What the register holds is kept by nobody on the way.
func (a Answer) send(w http.ResponseWriter, op *Operation) error {
	media, text := "text/plain; charset=utf-8", []byte(a.Text)
	if a.Body != nil {
		var err error
		if text, err = json.Marshal(a.Body); err != nil {
			return err
		}
		media = "application/json"
	}
	if a.File != nil {
		media, text = op.Media, a.File
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if a.Location != "" {
		h.Set("Location", a.Location)
	}
	if a.Next != "" {
		h.Set("Link", "<"+a.Next+`>; rel="next"`)
	}
	if a.Replayed {
		h.Set("Idempotent-Replay", "true")
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if a.Stream != nil {
		h.Set("Content-Type", op.Media)
		h.Set("Content-Length", strconv.FormatInt(a.Stream.Size, 10))
		w.WriteHeader(a.Status)
		if err := a.Stream.Write(w); err != nil {
			panic(http.ErrAbortHandler) // the connection ends, so that nobody takes it for whole
		}
		return nil
	}
	if a.Status != http.StatusNoContent {
		h.Set("Content-Type", media)
		h.Set("Content-Length", strconv.Itoa(len(text)))
	}
	w.WriteHeader(a.Status)
	if a.Status != http.StatusNoContent {
		w.Write(text)
	}
	return nil
}
