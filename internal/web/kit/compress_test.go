// SPDX-License-Identifier: Apache-2.0

package kit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fera/internal/web/kit"

	"pgregory.net/rapid"
)

// answering writes a body in pieces after setting headers, given as name and value in turn.
func answering(status int, body string, piece int, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		for len(body) > 0 {
			n := min(piece, len(body))
			io.WriteString(w, body[:n])
			body = body[n:]
		}
	})
}

func TestCompressChoosesWhatPays(t *testing.T) {
	long := strings.Repeat("ফেরা ", 1000)
	page := "text/html; charset=utf-8"
	for name, test := range map[string]struct {
		status int
		body   string
		header []string
		accept string
		want   string
	}{
		"a long page":                      {200, long, []string{"Content-Type", page}, "gzip, br", "br"},
		"a long page for an older browser": {200, long, []string{"Content-Type", page}, "gzip", "gzip"},
		"a long page for a plain client":   {200, long, []string{"Content-Type", page}, "", ""},
		"a short page":                     {200, "short", []string{"Content-Type", page}, "br", ""},
		"a long mistake":                   {422, long, []string{"Content-Type", page}, "br", "br"},
		"JSON":                             {200, long, []string{"Content-Type", "application/problem+json"}, "br", "br"},
		"a picture":                        {200, long, []string{"Content-Type", "image/png"}, "br", ""},
		"compressed already":               {200, long, []string{"Content-Type", page, "Content-Encoding", "zstd"}, "br", "zstd"},
	} {
		w := asked(kit.Compress(answering(test.status, test.body, 300, test.header...)), "GET", "/", "Accept-Encoding", test.accept)
		if got := w.Header().Get("Content-Encoding"); got != test.want || w.Code != test.status {
			t.Errorf("%s: %d in %q, want %d in %q", name, w.Code, got, test.status, test.want)
		}
		if got := string(opened(t, w)); got != test.body {
			t.Errorf("%s: %d bytes came out, want the %d that went in", name, len(got), len(test.body))
		}
	}
}

func TestCompressKeepsEveryByte(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		body := strings.Repeat(rapid.String().Draw(r, "body"), rapid.IntRange(1, 400).Draw(r, "times"))
		accept := rapid.SampledFrom([]string{"br", "gzip", "", "br;q=0"}).Draw(r, "accept")
		h := answering(200, body, rapid.IntRange(1, 5000).Draw(r, "piece"), "Content-Type", "text/html")
		if got := string(opened(t, asked(kit.Compress(h), "GET", "/", "Accept-Encoding", accept))); got != body {
			r.Fatalf("%d bytes came out, want %d", len(got), len(body))
		}
	})
}

func TestCompressLeavesEmptyAnswersEmpty(t *testing.T) {
	for _, status := range []int{204, 303, 304} {
		w := asked(kit.Compress(answering(status, "", 1)), "GET", "/", "Accept-Encoding", "br")
		if w.Code != status || w.Body.Len() != 0 || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%d became %d with %d bytes in %q", status, w.Code, w.Body.Len(), w.Header().Get("Content-Encoding"))
		}
	}
}

// An answer written over time arrives over time: the first part is read before the second is written.
func TestCompressFlushes(t *testing.T) {
	read := make(chan struct{})
	server := httptest.NewServer(kit.Compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "first")
		http.NewResponseController(w).Flush()
		<-read
		io.WriteString(w, "second")
	})))
	defer server.Close()
	answer, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(answer.Body, first); err != nil {
		t.Fatal(err)
	}
	close(read)
	rest, err := io.ReadAll(answer.Body)
	if err != nil || string(first)+string(rest) != "firstsecond" {
		t.Errorf("read %q and %q, %v", first, rest, err)
	}
}
