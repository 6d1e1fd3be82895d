// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"slices"

	"fera/internal/access"
	"fera/internal/copies"
	"fera/internal/fault"
	"fera/internal/words"
)

// copyOperations make the copy of what is kept about a person, which she asked for.
func copyOperations() []operation {
	both := operation{method: http.MethodPost, need: access.CopyPerson, in: sent[copyWanted](), writes: true, example: `{"language": "bn", "protected": false}`}
	data, paper := both, both
	data.name, data.path, data.out, data.do = "make_copy", "/persons/{id}/copy", holds[copies.Copy](), makeCopy
	paper.name, paper.path, paper.media, paper.do = "make_copy_paper", "/persons/{id}/copy.pdf", "application/pdf", makeCopyPaper
	return []operation{data, paper}
}

// copyWanted is what she asks for.
type copyWanted struct {
	Language  string   `json:"language"`
	Protected bool     `json:"protected,omitzero"`
	Insists   bool     `json:"insists,omitzero"`
	LeaveOut  []string `json:"leave_out,omitempty"`
}

func (b *copyWanted) check() *fault.Error {
	if !slices.Contains(words.Languages(), words.Lang(b.Language)) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("language")
	}
	return nil
}

func (c *call) copied() (copies.Copy, error) {
	id, err := c.person()
	if err != nil {
		return copies.Copy{}, err
	}
	b := c.body.(*copyWanted)
	return copies.Make(c.ctx, c.tx, c.who, copies.Asking{Person: id, Language: words.Lang(b.Language), Protected: b.Protected, Insists: b.Insists, LeaveOut: b.LeaveOut})
}

func makeCopy(c *call) (answer, error) {
	copied, err := c.copied()
	return answer{body: copied}, err
}

func makeCopyPaper(c *call) (answer, error) {
	copied, err := c.copied()
	if err != nil {
		return answer{}, err
	}
	paper, err := copied.Paper()
	return answer{file: paper}, err
}
