// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"fera/internal/accounts"
	"fera/internal/api"
	"fera/internal/api/hsds"
	"fera/internal/api/sms"
	"fera/internal/links"
	"fera/internal/messages"
	"fera/internal/web"
)

// readyTime is how long the database may take to say that it is there.
const readyTime = 2 * time.Second

// surfaces are all that the program answers.
func (s *service) surfaces(origin string) (http.Handler, error) {
	proxies, err := networks(s.st.set.Proxies)
	if err != nil {
		return nil, err
	}
	address := func(r *http.Request) netip.Addr { return visitor(r, proxies) }
	pages := web.Options{DB: s.st.d, Gate: accounts.NewGate(s.st.d, accounts.Settings{}), Log: s.log, Secure: strings.HasPrefix(origin, "https://"),
		Version: version(), Address: address, Observe: s.metrics.observe, Finder: s.finder, HookPrivate: s.st.set.HookPrivate, Licence: s.st.set.FiguresLicence}
	if s.st.set.URL != "" {
		pages.Origin = strings.TrimSuffix(s.st.set.URL, "/")
	}
	calls := s.metrics.watch(s.log, api.New(api.Options{DB: s.st.d, Actor: accounts.ByToken, Log: s.log, Finder: s.finder, HookPrivate: s.st.set.HookPrivate}))
	open := s.metrics.watch(s.log, hsds.New(s.st.d, s.log))
	gateway := s.metrics.watch(s.log, sms.New(sms.Options{DB: s.st.d, Log: s.log, Secret: s.st.set.SMSSecret, Address: address, Observe: s.metrics.messaged}))
	mux := http.NewServeMux()
	mux.Handle("/", web.New(pages))
	mux.Handle(sms.ReportPath, gateway)
	mux.Handle(sms.ArrivePath, gateway)
	mux.Handle("/api/v1", calls)
	mux.Handle("/api/v1/", calls)
	mux.Handle(hsds.Prefix, open)
	mux.Handle(hsds.Prefix+"/", open)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		switch {
		case s.stopping.Load():
			say(w, http.StatusServiceUnavailable, "stopping")
		case s.st.d.Ping(ctx) != nil:
			say(w, http.StatusServiceUnavailable, "the database does not answer")
		default:
			say(w, http.StatusOK, "ready")
		}
	})
	return mux, nil
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write([]byte(text + "\n"))
}

// networks reads the list of trusted proxies.
func networks(list string) (all []netip.Prefix, err error) {
	for _, one := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(one)
		if err != nil {
			a, wrongAddress := netip.ParseAddr(one)
			if wrongAddress != nil {
				return nil, wrong(codeUsage, "%q in --proxies is neither an address nor a network; write 10.0.0.5 or 10.0.0.0/24.", one)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		all = append(all, p)
	}
	return all, nil
}

// visitor is where a request comes from: the last address before the trusted
// proxies, each of which adds the one before it to the end of the list.
func visitor(r *http.Request, proxies []netip.Prefix) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	addr := at.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(addr, proxies); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = before.Unmap()
	}
	return addr
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// service is what serves one store.
type service struct {
	st       *store
	log      *slog.Logger
	metrics  *metrics
	finder   *links.Finder
	senders  []*messages.Sender
	stopping atomic.Bool
}
