// SPDX-License-Identifier: Apache-2.0

package lists

import "fera/internal/fault"

// Trouble is one thing that is wrong with a row, as it is kept: without what the
// cell held.
type Trouble struct {
	Column int            `json:"column"` // from zero; -1 when no one column is at fault
	Key    string         `json:"key"`
	Args   map[string]any `json:"args,omitempty"`
}

// Fault returns the trouble as a fault, for the sentence that belongs to it.
func (t Trouble) Fault() *fault.Error {
	f := fault.New(fault.Invalid, t.Key)
	for name, v := range t.Args {
		if n, ok := v.(float64); ok { // JSON knows no whole numbers
			v = int(n)
		}
		f = f.With(name, v)
	}
	return f
}

// TroubleOf keeps a fault that no one column is to blame for.
func TroubleOf(f *fault.Error) Trouble { return Trouble{Column: -1, Key: f.Key, Args: f.Args} }
