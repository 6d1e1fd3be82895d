// SPDX-License-Identifier: Apache-2.0

package gateways

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"fera/internal/messages"
)

// Files writes each message to a file of its own, for trying the program out, and for whoever carries them on from there. The
// files hold numbers and texts: the directory is to be looked after.
type Files struct{ dir string }

// NewFiles returns the gateway of a directory, which is made when it is not there.
func NewFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the directory for messages cannot be made: %w", err)
	}
	return &Files{dir}, nil
}

// Name implements messages.Gateway.
func (*Files) Name() string { return "files" }

// Ways implements messages.Gateway.
func (*Files) Ways() []string { return []string{messages.SMS, messages.Email} }

// File is a message as it lies in the directory.
type File struct {
	ID      messages.ID `json:"id"`
	Way     string      `json:"way"`
	To      string      `json:"to"`
	Subject string      `json:"subject,omitempty"`
	Text    string      `json:"text"`
	Parts   int         `json:"parts"`
	Report  string      `json:"report,omitempty"`
}

// Carry implements messages.Gateway. A message that is carried again takes the place of its file: it is there once.
func (g *Files) Carry(_ context.Context, o messages.Outgoing) (messages.Outcome, error) {
	text, err := json.MarshalIndent(File{o.ID, o.Way, o.To, o.Subject, o.Text, o.Parts, o.Report}, "", "  ")
	if err != nil {
		return messages.Later, err
	}
	f, err := os.CreateTemp(g.dir, ".message-*")
	if err != nil {
		return messages.Later, errors.New("the directory for messages cannot be written")
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(g.dir, string(o.ID)+".json"))
	}
	if err != nil {
		return messages.Later, errors.New("a message could not be written to the directory")
	}
	return messages.Taken, nil
}
