// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"fera/internal/fault"
)

// errInside says that an address is not one of the open network.
var errInside = errors.New("the address lies inside the network")

// longestAddress is how long the address of an endpoint may be.
const longestAddress = 500

// address refuses what can be no endpoint. Whether a name leads inside is asked when it is dialled, for names change.
func (r Rules) address(text string) *fault.Error {
	u, err := url.Parse(text)
	if err != nil || len(text) > longestAddress || u.Hostname() == "" || u.Opaque != "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(text, " \t\r\n") {
		return fault.New(fault.Invalid, "hook.url_form").With("max", longestAddress)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !r.Private) {
		return fault.New(fault.Invalid, "hook.url_tls")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !r.mayDial(addr) || !r.Private && strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), "localhost") {
		return fault.New(fault.Invalid, "hook.url_inside")
	}
	return nil
}

// closed are the networks that are not of the open one, beside those that netip knows: shared and special ones, those of tests
// and documentation, and those in which another address is wrapped.
func closed() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10"} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// mayDial tells whether an address may be dialled: only those of the open network, unless the rules allow others.
func (r Rules) mayDial(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || addr.IsInterfaceLocalMulticast() {
		return false
	}
	if r.Private && (addr.IsLoopback() || addr.IsPrivate()) {
		return true
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !addr.IsLoopback() && !addr.IsLinkLocalUnicast() &&
		!slices.ContainsFunc(closed(), func(p netip.Prefix) bool { return p.Contains(addr) })
}

// control is asked for each address that is about to be dialled, after names were resolved.
func (r Rules) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !r.mayDial(to.Addr()) {
		return errInside
	}
	return nil
}

// tellTime is how long an endpoint may take. It is less than a stop may.
const tellTime = 8 * time.Second

// client is what endpoints are told by: no proxy, no redirects, no cookies, nothing kept open for long.
func (r Rules) client() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: r.control}
	return &http.Client{Timeout: tellTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: tellTime, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second,
			MaxResponseHeaderBytes: 16 << 10, DisableCompression: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}}
}
