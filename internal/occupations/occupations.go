// SPDX-License-Identifier: Apache-2.0

// Package occupations holds the International Standard Classification of Occupations (ISCO-08): its ten
// major groups and all its unit groups, with the everyday words by which people call their work.
package occupations

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"fera/internal/words"
)

//go:embed data/isco08.tsv
var table string

// Occupation is a unit group of the classification, or one of its major groups.
type Occupation struct {
	Code    string // four digits for a unit group, one for a major group
	TitleEn string
	TitleBn string   // empty where nobody has written one
	Other   []string // what people call it, in either script
}

// classification is read when an occupation is first asked for.
var classification = sync.OnceValue(func() []Occupation {
	lines := strings.Split(strings.TrimRight(table, "\n"), "\n")
	all := make([]Occupation, 0, len(lines)-1)
	for _, line := range lines[1:] {
		columns := strings.Split(line, "\t")
		if len(columns) != 4 {
			panic(fmt.Sprintf("occupations: %d columns in %q", len(columns), line))
		}
		o := Occupation{Code: columns[0], TitleEn: columns[1], TitleBn: columns[2]}
		if columns[3] != "" {
			o.Other = strings.Split(columns[3], ";")
		}
		all = append(all, o)
	}
	return all
})

// Title returns the title in a language, and the English one where there is no Bangla title.
func (o Occupation) Title(lang words.Lang) string {
	if lang == words.English || o.TitleBn == "" {
		return o.TitleEn
	}
	return o.TitleBn
}

// Major returns the code of the major group that the occupation belongs to.
func (o Occupation) Major() string { return o.Code[:min(1, len(o.Code))] }

// Find returns the occupation with a code.
func Find(code string) (Occupation, bool) {
	i := slices.IndexFunc(classification(), func(o Occupation) bool { return o.Code == code })
	if i < 0 {
		return Occupation{}, false
	}
	return classification()[i], true
}

// Name returns the title of an occupation in a language, or nothing for an unknown code.
func Name(lang words.Lang, code string) string {
	o, _ := Find(code)
	return o.Title(lang)
}

// Majors lists the ten major groups.
func Majors() []Occupation {
	return slices.DeleteFunc(slices.Clone(classification()), func(o Occupation) bool { return len(o.Code) != 1 })
}

// Units lists the unit groups of a major group, or all of them for the empty code.
func Units(major string) []Occupation {
	return slices.DeleteFunc(slices.Clone(classification()), func(o Occupation) bool {
		return len(o.Code) != 4 || !strings.HasPrefix(o.Code, major)
	})
}
