// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// spot is where on the screen a thing can be pressed.
type spot struct {
	X, Y             float64
	Disabled, Chosen bool
}

// Click presses the link, button, check box or other thing that is called what,
// with a mouse, and waits until what follows has loaded.
func (p *Page) Click(what string) {
	p.t.Helper()
	at := p.locate(fmt.Sprintf("nothing to click is called %q", what), "click", what)
	p.press(at)
}

// Choose ticks the option in the group of radio buttons or check boxes that has
// the given title (its legend). An option that is chosen already stays so.
func (p *Page) Choose(title, option string) {
	p.t.Helper()
	at := p.locate(fmt.Sprintf("no group %q has an option %q", title, option), "choose", title, option)
	if !at.Chosen {
		p.press(at)
	}
}

// locate waits until a thing is there and may be pressed.
func (p *Page) locate(complaint, name string, args ...string) spot {
	p.t.Helper()
	var at *spot
	p.wait(func() bool {
		at = nil
		return p.call(&at, name, args...) == nil && at != nil && !at.Disabled
	}, complaint)
	return *at
}

// press moves the mouse there and presses its left button.
func (p *Page) press(at spot) {
	p.t.Helper()
	p.traffic.leave()
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	p.must(chromedp.Do(ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at.X, at.Y), chromedp.MouseClickXY(at.X, at.Y)))
	p.settle()
}

// Fill writes text into the field with the given label (or placeholder, or
// selector) in place of what it holds. In a list it picks the option of that
// text or value. In a date field the text is as in 1990-05-01.
func (p *Page) Fill(field, text string) {
	p.t.Helper()
	var how *struct{ Done, Type, Empty bool }
	p.wait(func() bool {
		how = nil
		return p.call(&how, "fill", field, text) == nil && how != nil && (how.Done || how.Type)
	}, fmt.Sprintf("no field is called %q, or it does not take %q", field, text))
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	switch {
	case how.Done:
	case text != "":
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		p.must(err)
	case !how.Empty:
		p.must(chromedp.Do(ctx, chromedp.KeyEvent(kb.Delete)))
	}
	p.settle()
}

// Upload gives files to the file field with the given label or selector.
func (p *Page) Upload(field string, paths ...string) {
	p.t.Helper()
	for i, path := range paths {
		full, err := filepath.Abs(path)
		p.must(err)
		paths[i] = full
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	object, err := chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject](expression("field", field)))
	p.must(err)
	if object.ObjectID == "" {
		p.t.Fatalf("no field is called %q\n%s", field, p.scene())
	}
	_, err = chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: paths, ObjectID: object.ObjectID})
	p.must(err)
	p.settle()
}

// Cookie gives the tab a cookie for a site, and returns when the browser has it. What a script of the page sets may come after the next request.
func (p *Page) Cookie(site, name, value string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: site, Path: "/"})
	p.must(err)
}

// Press presses a key: "Enter", "Tab", "Shift+Tab", "Escape", "Space",
// "ArrowDown", "ArrowUp", "Home", "End", "Backspace", or a character.
func (p *Page) Press(key string) {
	p.t.Helper()
	p.traffic.leave()
	keys := map[string]string{"Enter": kb.Enter, "Tab": kb.Tab, "Shift+Tab": kb.Tab, "Escape": kb.Escape, "Space": " ",
		"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
		"Home": kb.Home, "End": kb.End, "Backspace": kb.Backspace, "Delete": kb.Delete}
	code, known := keys[key]
	if !known {
		if len([]rune(key)) != 1 {
			p.t.Fatalf("no key is called %q", key)
		}
		code = key
	}
	var options []chromedp.KeyOption
	if key == "Shift+Tab" {
		options = append(options, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	p.must(chromedp.Do(ctx, chromedp.KeyEvent(code, options...)))
	p.settle()
}

// Back goes back one page, as with the browser's own button.
func (p *Page) Back() {
	p.t.Helper()
	p.traffic.leave()
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	p.must(chromedp.Do(ctx, chromedp.NavigateBack()))
	p.settle()
}
