// SPDX-License-Identifier: Apache-2.0

// Package copying is the part of the API that makes the copy of what is kept about a person, which
// she asked for.
package copying

import (
	"net/http"
	"slices"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/copies"
	"fera/internal/fault"
	"fera/internal/words"
)

// Operations make the copy of what is kept about a person, which she asked for.
func Operations() []op.Operation {
	both := op.Operation{Method: http.MethodPost, Need: access.CopyPerson, In: op.Sent[copyWanted](), Writes: true, Example: `{"language": "bn", "protected": false}`}
	data, paper := both, both
	data.Name, data.Path, data.Out, data.Do = "make_copy", "/persons/{id}/copy", op.Holds[copies.Copy](), makeCopy
	paper.Name, paper.Path, paper.Media, paper.Do = "make_copy_paper", "/persons/{id}/copy.pdf", "application/pdf", makeCopyPaper
	return []op.Operation{data, paper}
}

// copyWanted is what she asks for.
type copyWanted struct {
	Language  string   `json:"language"`
	Protected bool     `json:"protected,omitzero"`
	Insists   bool     `json:"insists,omitzero"`
	LeaveOut  []string `json:"leave_out,omitempty"`
}

// Check implements op.Checked.
func (b *copyWanted) Check() *fault.Error {
	if !slices.Contains(words.Languages(), words.Lang(b.Language)) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("language")
	}
	return nil
}

func copyOf(c *op.Call) (copies.Copy, error) {
	id, err := c.Person()
	if err != nil {
		return copies.Copy{}, err
	}
	b := c.Body.(*copyWanted)
	return copies.Make(c.Ctx, c.Tx, c.Who, copies.Asking{Person: id, Language: words.Lang(b.Language), Protected: b.Protected, Insists: b.Insists, LeaveOut: b.LeaveOut})
}

func makeCopy(c *op.Call) (op.Answer, error) {
	copied, err := copyOf(c)
	return op.Answer{Body: copied}, err
}

func makeCopyPaper(c *op.Call) (op.Answer, error) {
	copied, err := copyOf(c)
	if err != nil {
		return op.Answer{}, err
	}
	paper, err := copied.Paper()
	return op.Answer{File: paper}, err
}
