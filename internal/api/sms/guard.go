// SPDX-License-Identifier: Apache-2.0

package sms

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
)

// guard keeps secrets from being guessed: from where many calls came that were nobody's, nothing is looked at for a while. A network
// from which a right call came is heard all the same, so that nobody beside the gateway can cut it off.
type guard struct {
	d     *db.DB
	mutex sync.Mutex
	known map[string]bool
	until map[string]time.Time
}

// mostKept is how many networks are kept in mind; beyond that they are forgotten, and counted in the database alone.
const mostKept = 10_000

func newGuard(d *db.DB) *guard {
	return &guard{d: d, known: map[string]bool{}, until: map[string]time.Time{}}
}

// shut tells for how long nothing from a network is looked at.
func (g *guard) shut(network string) time.Duration {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.known[network] {
		return 0
	}
	return max(g.until[network].Sub(g.d.Now()), 0)
}

// heard keeps what came of a call, and tells for how long a network is to wait that guessed too often.
func (g *guard) heard(ctx context.Context, network string, err error) time.Duration {
	if fault.KindOf(err) != fault.NotFound || err == nil {
		if err == nil {
			g.mutex.Lock()
			defer g.mutex.Unlock()
			if len(g.known) < mostKept {
				g.known[network] = true
			}
		}
		return 0
	}
	waits, err := accounts.Missed(ctx, g.d, network)
	if err != nil || waits == 0 {
		return 0
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if len(g.until) >= mostKept {
		clear(g.until)
	}
	g.until[network] = g.d.Now().Add(waits)
	return waits
}

// network is where a call comes from.
func (o Options) network(r *http.Request) string {
	if o.Address != nil {
		return accounts.NetworkOf(o.Address(r))
	}
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	return accounts.NetworkOf(at.Addr())
}

func tooOften(w http.ResponseWriter, waits time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(waits.Seconds()))))
	w.WriteHeader(http.StatusTooManyRequests)
}
