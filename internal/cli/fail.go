// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/words"
)

// The exit codes; description lists them for users.
const (
	codeDone     = 0
	codeFailed   = 1
	codeUsage    = 2
	codeTrail    = 3
	codeNewer    = 4
	codeDatabase = 5
	codeAddress  = 6
	codeKey      = 7
	codeForm     = 8
	codeLeftOut  = 9
)

// failure is a sentence for whoever sits at the terminal, with the exit code.
type failure struct {
	code int
	text string
}

// Error implements error.
func (f *failure) Error() string { return f.text }

func wrong(code int, format string, args ...any) error {
	return &failure{code, fmt.Sprintf(format, args...)}
}

// fail says what went wrong, if anything did, and returns the exit code.
func (p *program) fail(err error) int {
	if err == nil {
		return codeDone
	}
	code, text := explain(err)
	if p.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		text = "Stopped before it was done."
	}
	fmt.Fprintln(p.errs, "fera: "+text)
	return code
}

func explain(err error) (code int, text string) {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f.code, f.text
	case errors.Is(err, db.ErrNewer):
		return codeNewer, newer
	}
	if refused := fault.Of(err); refused != nil && refused.Kind != fault.Internal {
		var texts []string
		for _, one := range refused.All() {
			text := words.In(words.English).Fault(one)
			if one.Field != "" {
				text = one.Field + ": " + text
			}
			texts = append(texts, text)
		}
		return codeFailed, strings.Join(texts, "\n      ")
	}
	return codeFailed, "It failed: " + err.Error() + "."
}

const newer = "The database was written by a newer version of Fera. Use that version or a later one; this one would damage it."
