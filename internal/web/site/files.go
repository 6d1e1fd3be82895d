// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/a-h/templ"
)

// File is an answer that is no page: a picture or a document.
type File struct {
	Kind string // its media type
	Body []byte
}

// Render implements templ.Component.
func (f File) Render(_ context.Context, w io.Writer) error {
	_, err := w.Write(f.Body)
	return err
}

// Coded is a page that is answered with a status of its own: that there is nothing, said in the room's own words.
type Coded struct {
	templ.Component
	Status int
}

// Stream is a file that is written piece by piece, because it is too large to be
// held. Write begins its own reads.
type Stream struct {
	Kind, Name string
	Size       int64
	Write      func(ctx context.Context, to io.Writer) error
}

// Render implements templ.Component.
func (s Stream) Render(ctx context.Context, to io.Writer) error { return s.Write(ctx, to) }

// Download is a file that the browser saves instead of showing, under a name that
// says nothing of whom it is about.
type Download struct {
	File
	Name string
}

// SentFile reads the file of a form, nil when none was sent.
func (r *Request) SentFile() ([]byte, error) {
	sent, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer sent.Close()
	return io.ReadAll(sent)
}
