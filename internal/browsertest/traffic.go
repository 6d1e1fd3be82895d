// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Part is one answer that the page was made of.
type Part struct {
	URL    string
	Kind   string // "Document", "Stylesheet", "Script", "Font", "Image", "Fetch" and so on
	Status int    // as in 200
	Bytes  int    // as they came over the wire: compressed, with headers; 0 if from the cache
}

// Wire is what was sent for one page.
type Wire struct{ Parts []Part }

// Bytes adds up what came over the wire, fonts apart.
func (w Wire) Bytes() int { return w.sum(func(p Part) bool { return p.Kind != "Font" }) }

// Fonts adds up what came over the wire as fonts.
func (w Wire) Fonts() int { return w.sum(func(p Part) bool { return p.Kind == "Font" }) }

func (w Wire) sum(counts func(Part) bool) (total int) {
	for _, p := range w.Parts {
		if counts(p) {
			total += p.Bytes
		}
	}
	return total
}

// traffic listens to what a tab asks for. The browser calls take while the test
// asks the rest, so everything in it is under the lock.
type traffic struct {
	mu         sync.Mutex
	requests   []string
	parts      []*Part // since the last page was left
	open       map[network.RequestID]*Part
	moving     bool // a navigation was asked for and has not ended
	complaints []string
	status     int
}

func newTraffic() *traffic { return &traffic{open: map[network.RequestID]*Part{}} }

// take notes one event of the browser.
func (t *traffic) take(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		t.begin(e)
	case *network.EventResponseReceived:
		t.answered(e)
	case *network.EventLoadingFinished:
		t.end(e.RequestID, int(e.EncodedDataLength))
	case *network.EventLoadingFailed:
		t.end(e.RequestID, 0)
	case *page.EventFrameRequestedNavigation, *page.EventFrameStartedLoading:
		t.moving = true
	case *page.EventFrameStoppedLoading:
		t.moving = false
	case *log.EventEntryAdded:
		// A page that answers "not found" or "invalid" on purpose is no complaint.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			t.complaints = append(t.complaints, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		t.complaints = append(t.complaints, text)
	}
}

func (t *traffic) begin(e *network.EventRequestWillBeSent) {
	if before := t.open[e.RequestID]; before != nil && e.RedirectResponse != nil {
		before.Status = int(e.RedirectResponse.Status)
		before.Bytes = int(e.RedirectResponse.EncodedDataLength)
	}
	if strings.HasPrefix(e.Request.URL, "data:") || strings.HasPrefix(e.Request.URL, "blob:") {
		return
	}
	part := &Part{URL: e.Request.URL, Kind: string(e.Type)}
	t.requests = append(t.requests, part.URL)
	t.parts = append(t.parts, part)
	t.open[e.RequestID] = part
}

func (t *traffic) answered(e *network.EventResponseReceived) {
	if part := t.open[e.RequestID]; part != nil {
		part.Status = int(e.Response.Status)
		part.Kind = string(e.Type)
	}
	if e.Type == network.ResourceTypeDocument {
		t.status = int(e.Response.Status)
	}
}

func (t *traffic) end(id network.RequestID, bytes int) {
	if part := t.open[id]; part != nil {
		part.Bytes = bytes
		delete(t.open, id)
	}
}

// leave forgets the parts of the page that is being left.
func (t *traffic) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.parts = nil
}

// idle reports whether nothing is on its way, streams of events apart.
func (t *traffic) idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, part := range t.open {
		switch network.ResourceType(part.Kind) {
		case network.ResourceTypeEventSource, network.ResourceTypeWebSocket, network.ResourceTypePing:
		default:
			return false
		}
	}
	return !t.moving
}

// Requests lists every address asked for since the tab was opened, redirects too.
func (p *Page) Requests() []string {
	p.traffic.mu.Lock()
	defer p.traffic.mu.Unlock()
	return slices.Clone(p.traffic.requests)
}

// Foreign lists the addresses asked for that do not begin with origin, such as "http://127.0.0.1:8080/".
func (p *Page) Foreign(origin string) []string {
	return slices.DeleteFunc(p.Requests(), func(url string) bool { return strings.HasPrefix(url, origin) })
}

// Wire tells what was sent since the last Go, Click, Press or Back.
func (p *Page) Wire() Wire {
	p.traffic.mu.Lock()
	defer p.traffic.mu.Unlock()
	var w Wire
	for _, part := range p.traffic.parts {
		w.Parts = append(w.Parts, *part)
	}
	return w
}

// Status returns the status of the last page that was loaded, as 200.
func (p *Page) Status() int {
	p.traffic.mu.Lock()
	defer p.traffic.mu.Unlock()
	return p.traffic.status
}

// Complaints lists what the browser objected to since the tab was opened:
// scripts that failed, and what the content security policy refused.
func (p *Page) Complaints() []string {
	p.traffic.mu.Lock()
	defer p.traffic.mu.Unlock()
	return slices.Clone(p.traffic.complaints)
}
