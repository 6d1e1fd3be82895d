// SPDX-License-Identifier: Apache-2.0

// Package questionnaires holds the definitions that ship with Fera, each as a file in data with its source, licence and
// status. docs/instruments.md says what is confirmed of each and what is not.
package questionnaires

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"fera/internal/fault"
	"fera/internal/instruments"
)

//go:embed data/*.json
var files embed.FS

// all reads the files once. One that cannot be read is a programmer's mistake, found by the first test.
var all = sync.OnceValue(func() []*instruments.Definition {
	paths, err := fs.Glob(files, "data/*.json")
	if err != nil {
		panic(fmt.Sprintf("questionnaires: %v", err))
	}
	definitions := make([]*instruments.Definition, 0, len(paths))
	for _, p := range paths {
		text, err := files.ReadFile(p)
		if err != nil {
			panic(fmt.Sprintf("questionnaires: %v", err))
		}
		d, err := instruments.Decode(text)
		if err != nil || d.Name != strings.TrimSuffix(path.Base(p), ".json") {
			panic(fmt.Sprintf("questionnaires: %s: %v", p, err))
		}
		definitions = append(definitions, d)
	}
	return definitions
})

// List returns all definitions that ship, by name. They are shared and not to be changed.
func List() []*instruments.Definition { return slices.Clone(all()) }

// Find returns the definition of a name.
func Find(name string) (*instruments.Definition, error) {
	for _, d := range all() {
		if d.Name == name {
			return d, nil
		}
	}
	return nil, fault.New(fault.NotFound, "instrument.not_found").With("name", name)
}
