// SPDX-License-Identifier: Apache-2.0

package kit_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"fera/internal/web/kit"

	"github.com/andybalholm/brotli"
)

func asked(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// opened undoes the encoding an answer says it has.
func opened(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	var from io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "br":
		from = brotli.NewReader(w.Body)
	case "gzip":
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatalf("gzip.NewReader = %v", err)
		}
		from = z
	}
	content, err := io.ReadAll(from)
	if err != nil {
		t.Fatalf("ReadAll = %v", err)
	}
	return content
}

func TestAssetsAreServedInEveryEncoding(t *testing.T) {
	script, err := os.ReadFile("static/kit.js")
	if err != nil {
		t.Fatal(err)
	}
	for accept, want := range map[string]string{"": "", "gzip": "gzip", "gzip, br": "br", "br;q=0, gzip": "gzip", "identity": ""} {
		w := asked(kit.Assets(), "GET", kit.Asset("kit.js"), "Accept-Encoding", accept)
		if w.Code != 200 || w.Header().Get("Content-Encoding") != want {
			t.Errorf("GET with %q = %d %q, want 200 %q", accept, w.Code, w.Header().Get("Content-Encoding"), want)
		}
		if got := opened(t, w); !bytes.Equal(got, script) {
			t.Errorf("GET with %q gives %d other bytes, want the script", accept, len(got))
		}
		for name, want := range map[string]string{"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "text/javascript; charset=utf-8", "Vary": "Accept-Encoding"} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("GET with %q: %s = %q, want %q", accept, name, got, want)
			}
		}
	}
}

func TestAssetsAreNotSentTwice(t *testing.T) {
	h, path := kit.Assets(), kit.Asset("kit.css")
	tag := asked(h, "GET", path, "Accept-Encoding", "br").Header().Get("ETag")
	if w := asked(h, "GET", path, "Accept-Encoding", "br", "If-None-Match", `"x", W/`+tag); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("GET with its ETag = %d, %d bytes, want 304 and none", w.Code, w.Body.Len())
	}
	if other := asked(h, "GET", path).Header().Get("ETag"); other == tag {
		t.Errorf("both encodings have the ETag %s", tag)
	}
	if w := asked(h, "HEAD", path); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD = %d, %d bytes, want 200 and none", w.Code, w.Body.Len())
	}
}

func TestAssetsRefuse(t *testing.T) {
	for _, path := range []string{"/static/", "/static/kit.css", "/static/kit.000000000000.css", "/static/../assets.go", "/static/fonts/", "/"} {
		if w := asked(kit.Assets(), "GET", path); w.Code != 404 {
			t.Errorf("GET %s = %d, want 404", path, w.Code)
		}
	}
	if w := asked(kit.Assets(), "POST", kit.Asset("kit.css")); w.Code != 405 {
		t.Errorf("POST = %d, want 405", w.Code)
	}
}

func TestStyleSheetNamesItsFonts(t *testing.T) {
	w := asked(kit.Assets(), "GET", kit.Asset("kit.css"))
	links := regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(w.Body.String(), -1)
	if len(links) != 4 {
		t.Fatalf("kit.css names %d files, want the 4 fonts", len(links))
	}
	for _, link := range links {
		f := asked(kit.Assets(), "GET", link[1])
		if f.Code != 200 || f.Header().Get("Content-Type") != "font/woff2" || !strings.HasPrefix(f.Body.String(), "wOF2") {
			t.Errorf("GET %s = %d %s, want a font", link[1], f.Code, f.Header().Get("Content-Type"))
		}
	}
}

func TestStyleAndScriptStaySmall(t *testing.T) {
	onWire := 0
	for name, limit := range map[string]int{"kit.css": 40 << 10, "kit.js": 13 << 10} {
		if raw := asked(kit.Assets(), "GET", kit.Asset(name)).Body.Len(); raw > limit {
			t.Errorf("%s has %d bytes, want at most %d", name, raw, limit)
		}
		onWire += asked(kit.Assets(), "GET", kit.Asset(name), "Accept-Encoding", "br").Body.Len()
	}
	if onWire > 12<<10 {
		t.Errorf("style and script have %d bytes on the wire, want at most %d", onWire, 12<<10)
	}
}

func TestStyleSheetLoadsNothingFromElsewhere(t *testing.T) {
	for _, name := range []string{"kit.css", "kit.js"} {
		if body := asked(kit.Assets(), "GET", kit.Asset(name)).Body.String(); regexp.MustCompile(`(?i)https?:|@import|//[a-z]+\.`).MatchString(body) {
			t.Errorf("%s names an address elsewhere", name)
		}
	}
}
