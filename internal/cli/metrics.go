// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the counts that Prometheus reads. Labels are route patterns and
// status codes, never what was asked for.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	underway prometheus.Gauge
	entries  prometheus.Counter
	messages *prometheus.CounterVec
	answered atomic.Int64 // as many as requests counts, for work that makes way
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fera_http_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "fera_http_request_seconds", Help: "How long requests took, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
		underway: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fera_http_requests_underway", Help: "Requests being answered."}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fera_messages_total", Help: "Messages by what became of them, and what came in by what it was."}, []string{"what"}),
		entries:  prometheus.NewCounter(prometheus.CounterOpts{Name: "fera_trail_sealed_total", Help: "Entries of the trail sealed by this server."}),
	}
	m.registry.MustRegister(m.requests, m.took, m.underway, m.entries, m.messages, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) sealed(n int) { m.entries.Add(float64(n)) }

// messaged counts one message, by what became of it.
func (m *metrics) messaged(what string) { m.messages.WithLabelValues(what).Inc() }

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

// observe counts one answer.
func (m *metrics) observe(route string, status int, took time.Duration) {
	m.answered.Add(1)
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

// watch counts and logs what next answers, and answers for it when it panics.
// The log holds the route, not the path, so no id of a person either.
func (m *metrics) watch(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		answer := &answer{ResponseWriter: w}
		m.underway.Inc()
		defer func() {
			m.underway.Dec()
			if cause := recover(); cause != nil {
				if cause == http.ErrAbortHandler {
					panic(cause)
				}
				log.Error("a page or act broke off", "route", route(r), "cause", cause)
				if answer.status == 0 {
					http.Error(answer, "Something went wrong here. কোথাও সমস্যা হয়েছে।", http.StatusInternalServerError)
				}
			}
			status := max(answer.status, http.StatusOK)
			took := time.Since(began)
			m.observe(route(r), status, took)
			log.Info("request", "route", route(r), "status", status, "ms", took.Milliseconds(), "bytes", answer.bytes)
		}()
		next.ServeHTTP(answer, r)
	})
}

// route is the pattern that answered, which the routers leave in the request.
func route(r *http.Request) string {
	switch {
	case r.Pattern == "":
		return "none"
	case strings.Contains(r.Pattern, " "):
		return r.Pattern
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return r.Method + " " + r.Pattern
	}
	return "other " + r.Pattern
}

// answer notes what was answered.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what lies below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
