// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"maps"
	"strings"
	"testing"

	"fera/internal/words"
)

// A set of texts is refused that could be too long, lacks a language, or holds what it does not declare.
func TestTextsAreRefused(t *testing.T) {
	good := textSets()[0]
	for name, one := range map[string]struct {
		k    kind
		says string
	}{
		"long":        {kind{To: "person", Texts: map[words.Lang]string{"bn": strings.Repeat("ক", 135), "en": "x"}}, "3 parts"},
		"long filled": {kind{To: "person", Link: true, Texts: map[words.Lang]string{"bn": strings.Repeat("ক", 80) + "{link}", "en": "{link}"}}, "3 parts"},
		"no English":  {kind{To: "person", Texts: map[words.Lang]string{"bn": "ক"}}, "in en"},
		"undeclared":  {kind{To: "person", Texts: map[words.Lang]string{"bn": "{name}", "en": "{name}"}}, "name"},
		"no e-mail":   {kind{To: "staff", Texts: map[words.Lang]string{"bn": "ক", "en": "x"}}, "no e-mail"},
		"a subject with a value": {kind{To: "staff", Link: true, Texts: map[words.Lang]string{"bn": "{link}", "en": "{link}"},
			Mail: map[words.Lang]letter{"bn": {"ক {link}", "{link}"}, "en": {"x", "{link}"}}}, "other values"},
		"an e-mail without its link": {kind{To: "staff", Link: true, Texts: map[words.Lang]string{"bn": "{link}", "en": "{link}"},
			Mail: map[words.Lang]letter{"bn": {"ক", "ক"}, "en": {"x", "{link}"}}}, "other values"},
		"an e-mail to a person": {kind{To: "person", Texts: map[words.Lang]string{"bn": "ক", "en": "x"}, Mail: map[words.Lang]letter{"bn": {"ক", "ক"}}}, "no e-mail"},
		"to nobody":             {kind{Texts: map[words.Lang]string{"bn": "ক", "en": "x"}}, "nobody"},
	} {
		set := good
		set.Kinds = maps.Clone(good.Kinds)
		set.Kinds["bad"] = one.k
		if err := set.check(); err == nil || !strings.Contains(err.Error(), one.says) {
			t.Errorf("%s: %v, want %q", name, err, one.says)
		}
	}
	if err := good.check(); err != nil {
		t.Error(err)
	}
}
