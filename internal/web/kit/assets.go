// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"sort"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:embed static
var embedded embed.FS

// assetRoot is where the program serves its static files.
const assetRoot = "/static/"

// asset is one static file with the name its contents give it.
type asset struct {
	address string
	kind    string
	tag     string
	plain   []byte
	brotli  func() []byte
	gzip    func() []byte
}

// shelf holds the static files by their own name and by their address.
type shelf struct {
	named   map[string]*asset
	address map[string]*asset
}

// assets reads the static files once. Style sheets come last, because they name the fonts by their address.
var assets = sync.OnceValue(func() shelf {
	s := shelf{named: map[string]*asset{}, address: map[string]*asset{}}
	names := assetNames()
	sort.SliceStable(names, func(i, j int) bool {
		return path.Ext(names[i]) != ".css" && path.Ext(names[j]) == ".css"
	})
	for _, name := range names {
		content, err := embedded.ReadFile("static/" + name)
		if err != nil {
			panic("kit: " + err.Error())
		}
		s.add(name, content)
	}
	return s
})

// Asset returns the address of a static file, which changes when the file does.
// It panics on a name that is not there, because only a programmer can have written it.
func Asset(name string) string {
	a, ok := assets().named[name]
	if !ok {
		panic("kit: no static file " + name)
	}
	return a.address
}

// Assets serves the static files, compressed, to be kept for ever.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := assets().address[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r)
	})
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	body, encoding := a.plain, ""
	if a.brotli != nil {
		switch encoding = acceptable(r); encoding {
		case "br":
			body = a.brotli()
		case "gzip":
			body = a.gzip()
		}
		w.Header().Set("Vary", "Accept-Encoding")
	}
	if encoding != "" {
		w.Header().Set("Content-Encoding", encoding)
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("ETag", a.tagFor(encoding))
	if matches(r.Header.Get("If-None-Match"), a.tagFor(encoding)) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", itoa(len(body)))
	if r.Method == http.MethodGet {
		w.Write(body)
	}
}

func (a *asset) tagFor(encoding string) string {
	if encoding == "" {
		return `"` + a.tag + `"`
	}
	return `"` + a.tag + "-" + encoding + `"`
}

func matches(asked, tag string) bool {
	for one := range strings.SplitSeq(asked, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}

// fontLink is how the style sheet names a font.
var fontLink = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`url\(fonts/[a-z0-9.-]+\)`) })

func (s shelf) add(name string, content []byte) {
	extension := path.Ext(name)
	if extension == ".css" {
		content = fontLink().ReplaceAllFunc(content, func(link []byte) []byte {
			font := strings.TrimSuffix(strings.TrimPrefix(string(link), "url("), ")")
			return []byte("url(" + s.named[font].address + ")")
		})
	}
	sum := sha256.Sum256(content)
	tag := hex.EncodeToString(sum[:6])
	a := &asset{
		address: assetRoot + strings.TrimSuffix(name, extension) + "." + tag + extension,
		kind:    assetKinds()[extension], tag: tag, plain: content,
	}
	if extension != ".woff2" && extension != ".png" {
		a.brotli = sync.OnceValue(func() []byte { return brotlied(content) })
		a.gzip = sync.OnceValue(func() []byte { return gzipped(content) })
	}
	s.named[name], s.address[a.address] = a, a
}

func assetNames() []string {
	var names []string
	fs.WalkDir(embedded, "static", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(name, "static/"))
		}
		return err
	})
	return names
}

func assetKinds() map[string]string {
	return map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
		".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".png": "image/png",
	}
}

func brotlied(content []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	w.Write(content)
	w.Close()
	return b.Bytes()
}

func gzipped(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	w.Write(content)
	w.Close()
	return b.Bytes()
}
