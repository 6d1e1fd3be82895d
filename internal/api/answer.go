// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
)

// send writes an answer. What the register holds is kept by nobody on the way.
func (a answer) send(w http.ResponseWriter, op *operation) error {
	media, text := "text/plain; charset=utf-8", []byte(a.text)
	if a.body != nil {
		var err error
		if text, err = json.Marshal(a.body); err != nil {
			return err
		}
		media = "application/json"
	}
	if a.file != nil {
		media, text = op.media, a.file
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.next != "" {
		h.Set("Link", "<"+a.next+`>; rel="next"`)
	}
	if a.replayed {
		h.Set("Idempotent-Replay", "true")
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.stream != nil {
		h.Set("Content-Type", op.media)
		h.Set("Content-Length", strconv.FormatInt(a.stream.size, 10))
		w.WriteHeader(a.status)
		if err := a.stream.write(w); err != nil {
			panic(http.ErrAbortHandler) // the connection ends, so that nobody takes it for whole
		}
		return nil
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Type", media)
		h.Set("Content-Length", strconv.Itoa(len(text)))
	}
	w.WriteHeader(a.status)
	if a.status != http.StatusNoContent {
		w.Write(text)
	}
	return nil
}
