// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"regexp"
	"strings"
	"sync"
)

// marks are what workbooks write for looks, each with what is left of it: the styles of Markdown and HTML that ODK documents.
var marks = sync.OnceValue(func() []mark {
	return []mark{
		{regexp.MustCompile(`(?i)<br\s*/?>|</p>`), "\n"},
		{regexp.MustCompile(`(?i)</?(?:span|b|i|u|em|strong|small|big|font|center|p|div|h[1-6])(?:\s[^<>]*)?>`), ""},
		{regexp.MustCompile(`(?m)^#{1,6}[ \t]+`), ""},
		{regexp.MustCompile(`\[([^\[\]\n]+)\]\((https?://[^()\s]+)\)`), "$1 ($2)"},
		{regexp.MustCompile(`\*\*([^*\n]+)\*\*`), "$1"},
		{regexp.MustCompile(`__([^_\n]+)__`), "$1"},
		{regexp.MustCompile(`(^|[\s(])\*([^\s*](?:[^*\n]*[^\s*])?)\*`), "$1$2"},
		{regexp.MustCompile(`(^|[\s(])_([^\s_](?:[^_\n]*[^\s_])?)_(\W|$)`), "$1$2$3"},
		{regexp.MustCompile(`\\([*_#<\\])`), "$1"},
	}
})

type mark struct {
	written *regexp.Regexp
	left    string
}

// Plain takes out of a text what workbooks write for looks, so that it can be shown and read out as it is.
func Plain(s string) string {
	s = strings.ReplaceAll(s, "\r", "")
	if strings.ContainsAny(s, `<#[*_\`) {
		for _, m := range marks() {
			s = m.written.ReplaceAllString(s, m.left)
		}
	}
	return strings.TrimSpace(s)
}
