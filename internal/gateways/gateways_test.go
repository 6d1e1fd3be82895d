// SPDX-License-Identifier: Apache-2.0

package gateways_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fera/internal/gateways"
	"fera/internal/messages"
)

const (
	number   = "+8801712345678"
	password = "zq-open-sesame"
	text     = "আপনার সময়: ৩ মে ২০৩০"
)

func kannel(t *testing.T, answer http.HandlerFunc) *gateways.Kannel {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	k, err := gateways.NewKannel(gateways.Account{URL: server.URL + "/cgi-bin/sendsms", From: "16135", User: "fera", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func outgoing() messages.Outgoing {
	return messages.Outgoing{ID: "m1", Way: messages.SMS, To: number, Text: text, Unicode: true, Parts: 1, Report: "https://fera.example.org/messages/dlr?id=m1&sign=AB"}
}

// What Kannel is asked for is what its manual says.
func TestKannelIsAsked(t *testing.T) {
	k := kannel(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		for name, want := range map[string]string{"username": "fera", "password": password, "to": number, "from": "16135", "text": text, "charset": "UTF-8", "coding": "2", "dlr-mask": "27",
			"dlr-url": "https://fera.example.org/messages/dlr?id=m1&sign=AB&type=%d"} {
			if q.Get(name) != want {
				t.Errorf("%s = %q, want %q", name, q.Get(name), want)
			}
		}
		w.WriteHeader(http.StatusAccepted)
		w.Write([]byte("0: Accepted for delivery"))
	})
	if outcome, err := k.Carry(t.Context(), outgoing()); outcome != messages.Taken || err != nil {
		t.Errorf("%s, %v", outcome, err)
	}
}

// Each answer means one thing, and no error tells a number, a text or the password.
func TestKannelAnswers(t *testing.T) {
	for status, want := range map[int]messages.Outcome{200: messages.Taken, 202: messages.Taken, 302: messages.Later, 400: messages.Refused, 401: messages.Later, 403: messages.Later, 404: messages.Later,
		429: messages.Later, 503: messages.Later} {
		k := kannel(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "elsewhere") {
				t.Error("a redirect was followed")
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		outcome, err := k.Carry(t.Context(), outgoing())
		if outcome != want {
			t.Errorf("status %d: %s, want %s", status, outcome, want)
		}
		silent(t, err)
	}
}

func silent(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range []string{"1712345678", password, "zq", "%E0", "আপনার"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells: %v", err)
		}
	}
}

// Who was not reached is asked later; who was told and said nothing leaves a doubt.
func TestKannelIsSilent(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	k, err := gateways.NewKannel(gateways.Account{URL: gone.URL, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	outcome, err := k.Carry(t.Context(), outgoing())
	if outcome != messages.Later || err == nil {
		t.Errorf("not reached: %s, %v", outcome, err)
	}
	silent(t, err)

	release := make(chan struct{})
	slow := kannel(t, func(http.ResponseWriter, *http.Request) { <-release })
	ctx, done := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer done()
	outcome, err = slow.Carry(ctx, outgoing())
	close(release)
	if outcome != messages.Unsure || err == nil {
		t.Errorf("told, and no answer: %s, %v", outcome, err)
	}
	silent(t, err)

	cut := kannel(t, func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			c.Close()
		}
	})
	if outcome, err = cut.Carry(t.Context(), outgoing()); outcome != messages.Unsure {
		t.Errorf("cut off after it was told: %s, %v", outcome, err)
	}
	silent(t, err)
}

func TestNewKannelRefuses(t *testing.T) {
	for _, at := range []string{"", "127.0.0.1:13013", "ftp://a.org/x", "http://user:pass@a.org/x", "http://a.org/x?password=1"} {
		if _, err := gateways.NewKannel(gateways.Account{URL: at}); err == nil {
			t.Errorf("%q was taken", at)
		}
	}
}

// A file per message; the same message twice is one file, readable by its owner alone.
func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	g, err := gateways.NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if outcome, err := g.Carry(t.Context(), outgoing()); outcome != messages.Taken || err != nil {
			t.Fatalf("%s, %v", outcome, err)
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	path := filepath.Join(dir, all[0].Name())
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f gateways.File
	if err := json.Unmarshal(content, &f); err != nil || f.Text != text || f.To != number {
		t.Errorf("%+v, %v", f, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	os.RemoveAll(dir)
	if outcome, err := g.Carry(t.Context(), outgoing()); outcome != messages.Later || err == nil {
		t.Errorf("without its directory: %s, %v", outcome, err)
	}
}
