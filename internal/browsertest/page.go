// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const (
	patience = 30 * time.Second
	pause    = 20 * time.Millisecond // between two looks at the page
)

//go:embed find.js
var findJS string

// Options say who is looking, and with what.
type Options struct {
	Width, Height int           // of the window in CSS pixels; 1280 by 900 where zero
	Scripts       bool          // whether scripts of the page run
	Lang          string        // what the browser asks for, as "bn"; "en" where empty
	Patience      time.Duration // how long a call waits for what it needs; 30 seconds where zero
}

// Page is one tab, with cookies and a cache of its own.
type Page struct {
	t       testing.TB
	ctx     context.Context
	traffic *traffic
	scripts bool
	waits   time.Duration
}

// Open opens an empty tab, which closes when the test ends.
func Open(t testing.TB, o Options) *Page {
	t.Helper()
	root := running(t)
	traffic := newTraffic()
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, traffic: traffic, scripts: o.Scripts, waits: cmp.Or(o.Patience, patience)}
	p.must(chromedp.Do(ctx))
	p.must(chromedp.Listen(ctx, traffic.take))
	p.must(p.dress(o))
	return p
}

// dress gives the tab its size, its language and its scripts.
func (p *Page) dress(o Options) error {
	if o.Width == 0 {
		o.Width, o.Height = 1280, 900
	}
	if o.Height == 0 {
		o.Height = 740
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
	version, err := chromedp.CallBrowser(p.ctx, browser.GetVersion, struct{}{})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(p.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: strings.Replace(version.UserAgent, "Headless", "", 1), AcceptLanguage: o.Lang})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(o.Width), Height: int64(o.Height), DeviceScaleFactor: 1, Mobile: o.Width < 600})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !o.Scripts})
	if err != nil {
		return err
	}
	if _, err = chromedp.Call(p.ctx, log.Enable, struct{}{}); err != nil {
		return err
	}
	_, err = chromedp.Call(p.ctx, network.Enable, network.EnableParams{})
	return err
}

// Go opens url and waits until everything on it has loaded.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.traffic.leave()
	ctx, cancel := context.WithTimeout(p.ctx, 2*p.waits)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		p.t.Fatalf("go to %s: %v", url, err)
	}
	p.settle()
}

// settle waits until nothing is on its way. A page that never rests, because it
// is sent events or asks again and again, is left alone after a while.
func (p *Page) settle() {
	deadline := time.Now().Add(patience / 6)
	for quiet := 0; quiet < 3 && time.Now().Before(deadline); time.Sleep(pause) {
		var loaded bool
		err := p.ask(`document.readyState === 'complete'`, &loaded)
		if err == nil && loaded && p.traffic.idle() {
			quiet++
		} else {
			quiet = 0
		}
	}
}

// ask evaluates an expression and decodes what it gives, and reports whether it gave anything.
func (p *Page) ask(expression string, into any) error {
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression))
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// call calls a function of find.js.
func (p *Page) call(into any, name string, args ...string) error {
	return p.ask(expression(name, args...), into)
}

func expression(name string, args ...string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		text, err := json.Marshal(a)
		if err != nil {
			panic(err) // a string always can
		}
		quoted[i] = string(text)
	}
	return strings.TrimSuffix(strings.TrimSpace(findJS), ";") + "." + name + "(" + strings.Join(quoted, ",") + ")"
}

// wait repeats look until it is content, and fails the test with complaint if it never is.
func (p *Page) wait(look func() bool, complaint string) {
	p.t.Helper()
	for deadline := time.Now().Add(p.waits); !look(); time.Sleep(pause) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s\n%s", complaint, p.scene())
		}
	}
}

// scene tells where the page is and what it shows, for a test that fails.
func (p *Page) scene() string {
	var now struct{ URL, Text string }
	err := p.ask(`({URL: location.href, Text: (document.body ? document.body.innerText : '').slice(0, 3000)})`, &now)
	if err != nil {
		return "the page cannot be read: " + err.Error()
	}
	return "at " + now.URL + " the page shows:\n" + now.Text
}

func (p *Page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// Eval evaluates a JavaScript expression in the page and decodes its value into
// what into points to. It works with the page's own scripts off, too.
func (p *Page) Eval(expression string, into any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.waits)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression, func(e *runtime.EvaluateParams) { yes := true; e.AwaitPromise = &yes }))
	p.must(err)
	if into != nil {
		p.must(json.Unmarshal(raw, into))
	}
}
