// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"bufio"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// smallest is the size under which compressing an answer costs more than it saves.
const smallest = 1024

// Compress answers pages and JSON in the smallest form the reader's browser takes.
func Compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		encoding := acceptable(r)
		if encoding == "" || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressing{ResponseWriter: w, encoding: encoding}
		defer c.finish()
		next.ServeHTTP(c, r)
	})
}

// acceptable names the best encoding the request allows: "br", "gzip" or none.
func acceptable(r *http.Request) string {
	best := ""
	for offer := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(offer), ";")
		if refused(weight) {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "br":
			return "br"
		case "gzip":
			best = "gzip"
		}
	}
	return best
}

// refused reports whether a weight such as "q=0.0" says never.
func refused(weight string) bool {
	_, q, ok := strings.Cut(strings.TrimSpace(weight), "q=")
	if !ok {
		return false
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
	return err != nil || value <= 0
}

// compressing holds back the head of an answer until it knows whether compressing pays.
type compressing struct {
	http.ResponseWriter
	encoding string
	status   int
	held     []byte
	decided  bool
	out      io.WriteCloser // nil when the answer goes out as it is
}

func (c *compressing) WriteHeader(status int) {
	if c.status == 0 && status >= 200 {
		c.status = status
		return
	}
	if status < 200 {
		c.ResponseWriter.WriteHeader(status)
	}
}

func (c *compressing) Write(b []byte) (int, error) {
	if c.decided {
		return c.pass(b)
	}
	c.held = append(c.held, b...)
	if len(c.held) < smallest {
		return len(b), nil
	}
	return len(b), c.decide(true)
}

// Flush sends what there is, so that an answer that is written over time arrives over time.
func (c *compressing) Flush() {
	if !c.decided {
		c.decide(len(c.held) > 0)
	}
	if f, ok := c.out.(interface{ Flush() error }); ok {
		f.Flush()
	}
	http.NewResponseController(c.ResponseWriter).Flush()
}

// Hijack hands over the connection, for those who speak something else on it.
func (c *compressing) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c.decided = true
	return http.NewResponseController(c.ResponseWriter).Hijack()
}

func (c *compressing) pass(b []byte) (int, error) {
	if c.out != nil {
		return c.out.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

// decide sends the header and what was held back, compressed if that pays and is allowed.
func (c *compressing) decide(big bool) error {
	c.decided = true
	h := c.Header()
	if h.Get("Content-Type") == "" && len(c.held) > 0 {
		h.Set("Content-Type", http.DetectContentType(c.held))
	}
	if c.mayCompress(h) {
		h.Add("Vary", "Accept-Encoding")
		if big {
			h.Del("Content-Length")
			h.Set("Content-Encoding", c.encoding)
			c.out = compressor(c.ResponseWriter, c.encoding)
		}
	}
	if c.status != 0 {
		c.ResponseWriter.WriteHeader(c.status)
	}
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.pass(c.held)
	c.held = nil
	return err
}

func (c *compressing) mayCompress(h http.Header) bool {
	if h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "" {
		return false
	}
	if c.status == http.StatusNoContent || c.status == http.StatusNotModified {
		return false
	}
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	switch kind = strings.TrimSpace(kind); kind {
	case "text/html", "text/plain", "text/csv", "application/json", "application/problem+json":
		return true
	}
	return strings.HasSuffix(kind, "+json")
}

func (c *compressing) finish() {
	if !c.decided {
		c.decide(false)
	}
	if c.out != nil {
		c.out.Close()
	}
}

func compressor(w io.Writer, encoding string) io.WriteCloser {
	if encoding == "br" {
		return brotli.NewWriterLevel(w, 4)
	}
	z, _ := gzip.NewWriterLevel(w, gzip.DefaultCompression)
	return z
}
