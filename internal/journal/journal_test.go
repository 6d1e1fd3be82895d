// SPDX-License-Identifier: Apache-2.0

package journal_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fera/internal/journal"
)

// paper is a log that counts how often it is written to.
type paper struct {
	mu    sync.Mutex
	text  bytes.Buffer
	times int
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times++
	return p.text.Write(b)
}

func (p *paper) said() (string, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String(), p.times
}

func TestLogIsWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &paper{}
		j := journal.New(p)
		log := j.Logger(slog.NewTextHandler(j, nil))
		for i := range 10 {
			log.Info("request", "n", i)
		}
		if text, _ := p.said(); text != "" {
			t.Errorf("written before its time: %q", text)
		}
		time.Sleep(journal.Delay + time.Millisecond)
		text, times := p.said()
		if strings.Count(text, "\n") != 10 || times != 1 {
			t.Errorf("%d lines were written in %d pieces, want 10 in one", strings.Count(text, "\n"), times)
		}
	})
}

func TestWarningIsWrittenAtOnceAfterWhatWasBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &paper{}
		j := journal.New(p)
		log := j.Logger(slog.NewTextHandler(j, nil)).With("at", "desk").WithGroup("more")
		log.Info("before")
		log.Warn("now")
		text, _ := p.said()
		if before, now := strings.Index(text, "before"), strings.Index(text, "now"); before < 0 || now < before {
			t.Errorf("written: %q", text)
		}
	})
}

func TestMuchOfTheLogDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &paper{}
		j := journal.New(p)
		for range journal.Most/16 + 1 {
			fmt.Fprintln(j, "fifteen letters")
		}
		if text, _ := p.said(); len(text) < journal.Most {
			t.Errorf("%d bytes were written, want %d", len(text), journal.Most)
		}
		j.Flush()
	})
}
