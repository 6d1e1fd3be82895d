// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// Text returns the visible text of the first thing that the CSS selector names.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return p.read(fmt.Sprintf("nothing is at %q", selector), "text", selector)
}

// Value returns what the field with the given label or selector holds: of a
// list the chosen text, of a check box or radio button "true" or "false".
func (p *Page) Value(field string) string {
	p.t.Helper()
	return p.read(fmt.Sprintf("no field is called %q", field), "value", field)
}

func (p *Page) read(complaint, name, what string) string {
	p.t.Helper()
	var got *struct{ Text string }
	p.wait(func() bool { got = nil; return p.call(&got, name, what) == nil && got != nil }, complaint)
	return got.Text
}

// See waits until the page shows text, and fails the test if it never does.
func (p *Page) See(text string) {
	p.t.Helper()
	p.wait(func() bool { return p.Shows(text) }, fmt.Sprintf("want to see %q", text))
}

// SeeNo waits until the page does not show text, and fails the test if it goes on showing it.
func (p *Page) SeeNo(text string) {
	p.t.Helper()
	p.settle()
	p.wait(func() bool {
		var shown bool
		return p.call(&shown, "shows", text) == nil && !shown
	}, fmt.Sprintf("want not to see %q", text))
}

// Shows tells whether the page shows text now, without waiting for it.
func (p *Page) Shows(text string) bool {
	var shown bool
	return p.call(&shown, "shows", text) == nil && shown
}

// Focused returns the name of the thing that the keyboard acts on, or "".
func (p *Page) Focused() string {
	p.t.Helper()
	var name string
	p.must(p.call(&name, "focused"))
	return name
}

// URL returns the address of the page.
func (p *Page) URL() string {
	p.t.Helper()
	var url string
	p.must(p.ask("location.href", &url))
	return url
}

// HTML returns the page as the browser has it.
func (p *Page) HTML() string {
	p.t.Helper()
	var text string
	p.must(p.ask("document.documentElement.outerHTML", &text))
	return text
}

// Overflow describes what is wider than the window and makes the page scroll
// sideways. It is empty if nothing is.
func (p *Page) Overflow() string {
	p.t.Helper()
	var pixels int
	p.must(p.call(&pixels, "overflow"))
	if pixels <= 0 {
		return ""
	}
	var wide []string
	p.must(p.call(&wide, "wide"))
	return fmt.Sprintf("%d pixels too wide: %s", pixels, strings.Join(wide, " "))
}

// Screenshot writes a picture of the whole page, not only of what the window shows, to path as PNG.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 2*p.waits)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	p.must(err)
	p.must(os.MkdirAll(filepath.Dir(path), 0o755))
	p.must(os.WriteFile(path, picture, 0o644))
}
