// SPDX-License-Identifier: Apache-2.0

package words

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

//go:embed catalogue
var files embed.FS

// other is the plural form that every text has.
const other = "other"

// text is one message. One without placeholders and plurals is only plain; any other is cut
// into parts beforehand, one list of parts for each plural form.
type text struct {
	plain string
	forms map[string][]part
}

// part is a piece of a message: literal text, or the name of a placeholder.
type part struct{ text, name string }

// load reads every file of a language. A broken or doubled message is a programmer's mistake,
// found by the first test that speaks, so it panics.
func load(lang Lang) map[string]text {
	all := make(map[string]text)
	for _, area := range areas(lang) {
		for key, raw := range read(lang, area) {
			if _, twice := all[key]; twice {
				panic(fmt.Sprintf("words: %s: %q stands in two files", lang, key))
			}
			all[key] = parse(raw)
		}
	}
	return all
}

func areas(lang Lang) []string {
	names, err := fs.Glob(files, path.Join("catalogue", string(lang), "*.json"))
	if err != nil {
		panic(fmt.Sprintf("words: %v", err))
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(path.Base(name), ".json")
	}
	return names
}

// read returns the messages of one file: a text, or a text for each plural form, by key.
func read(lang Lang, area string) map[string]forms {
	name := path.Join("catalogue", string(lang), area+".json")
	data, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("words: %v", err))
	}
	var messages map[string]forms
	if err := json.Unmarshal(data, &messages); err != nil {
		panic(fmt.Sprintf("words: %s: %v", name, err))
	}
	return messages
}

// forms holds a message as written: its text by plural form, all of them "other" if it does not count.
type forms map[string]string

// UnmarshalJSON accepts a text or an object of texts.
func (f *forms) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		return json.Unmarshal(data, (*map[string]string)(f))
	}
	*f = forms{other: ""}
	var one string
	err := json.Unmarshal(data, &one)
	(*f)[other] = one
	return err
}

func parse(f forms) text {
	if len(f) == 1 && len(placeholders(f[other])) == 0 {
		return text{plain: f[other]}
	}
	t := text{forms: make(map[string][]part, len(f))}
	for form, s := range f {
		t.forms[form] = cut(s)
	}
	return t
}

// cut splits a message at its placeholders. A brace that opens no placeholder is literal.
func cut(s string) []part {
	var parts []part
	literal := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '{' {
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 || !isName(s[i+1:i+end]) {
			continue
		}
		if literal < i {
			parts = append(parts, part{text: s[literal:i]})
		}
		parts = append(parts, part{name: s[i+1 : i+end]})
		i += end
		literal = i + 1
	}
	if literal < len(s) {
		parts = append(parts, part{text: s[literal:]})
	}
	return parts
}

func isName(s string) bool {
	for _, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// placeholders lists the names that a text needs, in order, each once.
func placeholders(s string) []string {
	var names []string
	for _, p := range cut(s) {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Message is a text of a catalogue as it was written, for checks and for translators' lists.
type Message struct {
	Key, Area    string
	Forms        map[string]string // by plural form; "other" alone if the text does not count
	Placeholders []string          // of the form "other", in alphabetical order
}

// Messages returns the whole catalogue of a language, in order of keys.
func Messages(lang Lang) []Message {
	var all []Message
	for _, area := range areas(In(lang).lang) {
		for key, f := range read(In(lang).lang, area) {
			all = append(all, Message{key, area, f, placeholders(f[other])})
		}
	}
	slices.SortFunc(all, func(a, b Message) int { return strings.Compare(a.Key, b.Key) })
	return all
}
