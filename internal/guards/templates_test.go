// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// trusted lists the files that may put text into a page as it is, and why it is safe there.
func trusted() map[string]string {
	return map[string]string{}
}

var (
	// raw finds what switches off the escaping of templ.
	raw = regexp.MustCompile(`templ\.(?:Raw|SafeURL|SafeCSS|SafeCSSProperty|SafeScript|SafeScriptInline|JSUnsafeFuncCall|ComponentScript|FromGoHTML)\b`)
	// inline finds what the content security policy of the pages would refuse.
	inline = regexp.MustCompile(`(?i)<script(?:\s+(?:type|nonce)="[^"]*")*\s*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["{]|javascript:`)
)

// unsafeText complains of a template, or of Go code beside templates, that writes unescaped or inline.
func unsafeText(path, text string) (complaints []string) {
	if trusted()[path] != "" {
		return nil
	}
	for n, line := range strings.Split(text, "\n") {
		if m := raw.FindString(line); m != "" {
			complaints = append(complaints, fmt.Sprintf("%s:%d: %s switches escaping off; if it must be, list the file in internal/guards/templates_test.go with the reason", path, n+1, m))
		}
		if strings.HasSuffix(path, ".templ") {
			if m := inline.FindString(line); m != "" {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %q: the content security policy allows nothing inline", path, n+1, strings.TrimSpace(m)))
			}
		}
	}
	return complaints
}

func TestTemplatesEscapeEverything(t *testing.T) {
	top, paths := tracked(t)
	for _, path := range paths {
		if strings.HasSuffix(path, "_templ.go") || strings.HasPrefix(path, "internal/guards/") || filepath.Ext(path) != ".templ" && filepath.Ext(path) != ".go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(top, path))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		report(t, unsafeText(path, string(text)))
	}
}

func TestUnescapedTextIsCaught(t *testing.T) {
	caught(t, unsafeText("internal/web/x.templ", "<p>\n@templ.Raw(name)\n</p>"), "templ.Raw")
	caught(t, unsafeText("internal/web/x.go", "return templ.SafeURL(next)"), "templ.SafeURL")
	caught(t, unsafeText("internal/web/x.templ", `<a onclick="go()">x</a>`), "onclick")
	caught(t, unsafeText("internal/web/x.templ", `<p style={ "a" }>x</p>`), "style")
	caught(t, unsafeText("internal/web/x.templ", `<script>go()</script>`), "script")
	caught(t, unsafeText("internal/web/x.templ", `<script src={ kit.Asset("htmx.js") } defer></script><link rel="stylesheet" href="/x"><p class="on">{ name }</p>`))
}
