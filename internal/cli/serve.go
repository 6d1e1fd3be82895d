// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/term"

	"fera/internal/db"
	"fera/internal/journal"
	"fera/internal/links"
	"fera/internal/memory"
)

// serveCommand is fera serve.
type serveCommand struct {
	where
	Listen  string `placeholder:"ADDR" help:"Address to serve on (default: 127.0.0.1:8080; port 0 takes a free one)."`
	Metrics string `placeholder:"ADDR" help:"Address on which Prometheus may read /metrics, such as 127.0.0.1:9090 (default: none)."`
	URL     string `name:"url" placeholder:"URL" help:"What browsers call this installation, such as https://fera.example.org (default: http and the address)."`
	Proxies string `placeholder:"LIST" help:"Addresses or networks of reverse proxies whose X-Forwarded-For is believed, with commas."`
	Migrate bool   `help:"Bring an older PostgreSQL database up to date first. SQLite is brought up to date without asking."`
	Log     string `placeholder:"FORM" help:"Form of the log: text, json, or auto for text at a terminal (default: auto)."`
}

// Help implements kong.HelpProvider.
func (serveCommand) Help() string {
	return `Serves until it is stopped (Ctrl-C or SIGTERM); then it answers what is under way, for at most ten seconds, seals the trail and ends.
The first start makes the data directory, the key file and the database. Keep a copy of the key file apart from that of the
database: without it nothing sealed can be read, and with both everything can.

  fera serve --data /var/lib/fera
  fera serve --data /etc/fera --database postgres://fera:secret@db:5432/fera --url https://fera.example.org --proxies 10.0.0.5

Several servers may share one PostgreSQL database; each needs a copy of the key file. /healthz says that the program runs, /readyz that
it can answer.`
}

// Run implements the command.
func (c *serveCommand) Run(p *program) error {
	more := map[string]string{"listen": c.Listen, "metrics": c.Metrics, "url": c.URL, "proxies": c.Proxies, "log": c.Log}
	if c.Migrate {
		more["migrate"] = "true"
	}
	s, err := c.settings(p, more)
	if err != nil {
		return err
	}
	st, err := p.open(s, opening{make: true, migrate: s.Migrate || !db.IsPostgres(s.DatabaseURL())})
	if err != nil {
		return err
	}
	return p.serve(st, func(address string) { fmt.Fprintf(p.out, "Fera serves at %s\nready\n", address) })
}

// How long a client and a stop may take.
const (
	headTime  = 10 * time.Second
	readTime  = 60 * time.Second // documents come over slow lines
	writeTime = 60 * time.Second
	idleTime  = 120 * time.Second
	stopTime  = 10 * time.Second
	headBytes = 64 << 10
)

// serve serves an open store until the program is stopped or the store breaks,
// and closes it. It calls ready once requests are answered.
func (p *program) serve(st *store, ready func(address string)) (err error) {
	memory.Settle(p.ctx)
	defer func() { err = errors.Join(err, st.close()) }()
	log, written := p.logger(st.set.Log)
	defer written()
	s := &service{st: st, log: log, metrics: newMetrics(), finder: links.NewFinder(st.d)}
	again, err := st.settle(p.ctx)
	if err != nil {
		return err
	}
	if again > 0 {
		s.log.Warn("a backup had brought erased people back; they are erased again", "persons", again)
	}
	pages, err := listen(p.ctx, st.set.Listen)
	if err != nil {
		return err
	}
	defer pages.Close()
	handler, err := s.surfaces(address(st, pages))
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	if err := s.openSenders(p.ctx, address(st, pages)); err != nil {
		return err
	}
	if st.set.Metrics != "" {
		counts, err := listen(p.ctx, st.set.Metrics)
		if err != nil {
			return err
		}
		defer counts.Close()
		go func() { failed <- p.server(s.metrics.handler(), s.log).Serve(counts) }()
	}
	crew := startCrew(p.ctx, s)
	defer crew.home()
	server := p.server(handler, s.log)
	go func() { failed <- server.Serve(pages) }()
	ready(address(st, pages))

	select {
	case <-p.ctx.Done():
	case err = <-failed:
	case <-st.d.Broken():
		err = wrong(codeFailed, "The disk failed while the store was being written. Fera stops, so that nothing is promised that is not kept; start it again.")
	}
	s.stop(p.ctx, server)
	return err
}

// stop answers what is under way, and nothing more.
func (s *service) stop(ctx context.Context, server *http.Server) {
	s.stopping.Store(true)
	s.log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if late := server.Shutdown(ctx); late != nil {
		s.log.Warn("some requests were broken off", "error", late)
		server.Close()
	}
}

func (p *program) server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime, MaxHeaderBytes: headBytes,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(p.ctx) }} // a stop lets requests end
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var how net.ListenConfig
	l, err := how.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, wrong(codeAddress, "The address %s is in use, perhaps by another Fera. Choose another with --listen, such as 127.0.0.1:8081, or 127.0.0.1:0 for a free one.", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, wrong(codeAddress, "Nobody but root may serve at %s. Choose a port above 1023 with --listen, and put a reverse proxy before it.", addr)
	case err != nil:
		return nil, wrong(codeUsage, "It cannot be served at %s: %s. An address has the form 127.0.0.1:8080.", addr, last(err))
	}
	return l, nil
}

// address is what browsers call the installation.
func address(st *store, l net.Listener) string {
	if st.set.URL != "" {
		return st.set.URL
	}
	return "http://" + l.Addr().String()
}

// logger writes text for people, at once, and JSON for machines; written writes
// what still waits.
func (p *program) logger(form string) (log *slog.Logger, written func()) {
	if form == "auto" && atTerminal(p.errs) {
		return slog.New(slog.NewTextHandler(p.errs, nil)), func() {}
	}
	j := journal.New(p.errs)
	var lines slog.Handler = slog.NewJSONHandler(j, nil)
	if form == "text" {
		lines = slog.NewTextHandler(j, nil)
	}
	return j.Logger(lines), j.Flush
}

func atTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
