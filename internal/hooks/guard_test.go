// SPDX-License-Identifier: Apache-2.0

package hooks_test

import (
	"testing"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/hooks"
	"fera/internal/worldtest"
)

// An address that leads inside is refused when it is entered, if it says so itself.
func TestAddressesAreLookedAt(t *testing.T) {
	each(t, func(w *world) {
		add := func(rules hooks.Rules, at string) error {
			return w.d.Write(t.Context(), func(tx *db.Tx) error {
				_, _, err := hooks.Add(t.Context(), tx, worldtest.Farid(), rules, hooks.Endpoint{Organisation: worldtest.Aparajita, URL: at, Kinds: []string{"referral.sent"}})
				return err
			})
		}
		for at, want := range map[string]string{
			"https://example.com/hook": "", "https://example.com:8443/hook?x=1": "", "https://93.184.215.14/": "", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/": "",
			"http://example.com/hook": "hook.url_tls", "ftp://example.com/": "hook.url_tls", "": "hook.url_form", "example.com": "hook.url_form", "https://": "hook.url_form",
			"https://a:b@example.com/": "hook.url_form", "https://example.com/#x": "hook.url_form", "https://example.com/ x": "hook.url_form",
			"https://127.0.0.1/": "hook.url_inside", "https://localhost/": "hook.url_inside", "https://LOCALHOST./": "hook.url_inside", "https://[::1]/": "hook.url_inside",
			"https://10.1.2.3/": "hook.url_inside", "https://172.16.0.1/": "hook.url_inside", "https://192.168.1.1/": "hook.url_inside", "https://169.254.169.254/latest": "hook.url_inside",
			"https://[fe80::1]/": "hook.url_inside", "https://[fd00::1]/": "hook.url_inside", "https://[::ffff:10.0.0.1]/": "hook.url_inside", "https://[64:ff9b::a00:1]/": "hook.url_inside",
			"https://0.0.0.0/": "hook.url_inside", "https://100.64.0.1/": "hook.url_inside", "https://224.0.0.1/": "hook.url_inside", "https://[2002:a00:1::]/": "hook.url_inside",
			"https://255.255.255.255/": "hook.url_inside",
		} {
			err := add(hooks.Rules{}, at)
			if key := ""; err != nil {
				if key = fault.Of(err).Key; key != want {
					t.Errorf("%s: %s, want %q", at, key, want)
				}
			} else if want != "" {
				t.Errorf("%s was taken", at)
			}
		}
		for at, want := range map[string]bool{"http://127.0.0.1:9/": true, "http://localhost/": true, "https://10.0.0.1/": true, "https://169.254.169.254/": false, "https://[fe80::1]/": false, "https://0.0.0.0/": false} {
			if err := add(hooks.Rules{Private: true}, at); (err == nil) != want {
				t.Errorf("where private addresses are allowed, %s: %v", at, err)
			}
		}
	})
}

// A name that leads inside is found out when it is dialled, whatever it led to before; nothing arrives there.
func TestNamesThatLeadInsideAreNotDialled(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		id, _ := w.add(r.URL) // entered while it was allowed
		named, _ := w.add("http://localhost:" + r.URL[len("http://127.0.0.1:"):])
		w.publish(hooks.Event{})
		w.sender = w.sends("strict", hooks.Rules{})
		w.work()
		for _, one := range []hooks.ID{id, named} {
			if d := w.deliveries(one)[0]; d.State != "waiting" || d.Why != "hook.failed.inside" {
				t.Errorf("%+v", d)
			}
		}
		if r.got() != 0 {
			t.Error("it was told")
		}
	})
}

// A certificate that nobody vouches for is not taken.
func TestCertificatesAreChecked(t *testing.T) {
	each(t, func(w *world) {
		r := receiveTLS(t)
		id, _ := w.add(r)
		w.publish(hooks.Event{})
		w.work()
		if d := w.deliveries(id)[0]; d.State != "waiting" || d.Why != "hook.failed.unreached" {
			t.Errorf("%+v", d)
		}
	})
}
