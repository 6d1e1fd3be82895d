// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/db/dbtest"
	"fera/internal/web"
)

// As Amina, in a real browser, on a phone and on a desk, with scripts and
// without: sign in with the second factor, register a woman in Bangla, find her
// by a romanised spelling, change her, see that in her history, sign out.
func TestStoryOfAmina(t *testing.T) {
	for _, width := range []int{360, 1280} {
		for _, scripts := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d px, scripts %t", width, scripts), func(t *testing.T) {
				t.Parallel()
				clock := &dbtest.Clock{}
				clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
				s := newSite(t, dbtest.Open(t, dbtest.SQLite(t), clock.Now), clock, web.Options{})
				s.add(t, "amina", "caseworker o:"+s.office)
				server := httptest.NewServer(s.handler)
				t.Cleanup(server.Close)
				p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: scripts})
				amina{t, s, p, server.URL}.play()
			})
		}
	}
}

// amina is the caseworker at her browser.
type amina struct {
	t    *testing.T
	s    *site
	p    *browsertest.Page
	home string
}

func (a amina) play() {
	a.signIn()
	a.register()
	a.find()
	a.change()
	a.signOut()
}

func (a amina) signIn() {
	a.t.Helper()
	a.p.Go(a.home + "/sign-in")
	a.p.Click("বাংলা")
	a.p.Fill("[name=login]", "amina")
	a.p.Fill("[name=password]", rightPassword)
	a.p.Click("main form button.button.primary")
	a.p.See("কোড")
	a.p.Fill("[name=code]", code(a.t, seed, a.s.clock.Now()))
	a.p.Click("main form button.button.primary")
	a.p.See("Good to see you")
	a.p.Click("বাংলা") // from now on, wherever she signs in
}

func (a amina) register() {
	a.t.Helper()
	a.p.Go(a.home + "/persons/new")
	a.p.Fill("[name=name_bn]", "ফাতেমা বেগম")
	a.p.Click("[name=sex][value=female]")
	a.p.Fill("[name=birth]", "১২/৪/১৯৯১")
	a.p.Fill("[name='contacts.0.number']", "০১৭১২৩৪৫৬৭৮")
	a.p.Click("[name=consent_register][value=yes]")
	a.p.Click("নিবন্ধন করুন")
	a.p.See("ফাতেমা বেগম")
	if wide := a.p.Overflow(); wide != "" {
		a.t.Errorf("her page is too wide: %s", wide)
	}
}

func (a amina) find() {
	a.t.Helper()
	a.p.Go(a.home + "/persons?q=fatima+begom")
	a.p.See("ফাতেমা বেগম")
	a.p.Click("ফাতেমা বেগম")
	a.p.See("৩৮ বছর") // on the fifth of March 2030
}

func (a amina) change() {
	a.t.Helper()
	a.p.Click("বদলান")
	a.p.Fill("[name=father_name]", "আব্দুল করিম")
	a.p.Click("main form button.button.primary")
	a.p.See("আব্দুল করিম")
	a.p.Click("পুরো ইতিহাস")
	a.p.See("আব্দুল করিম")
	a.p.See("amina")
}

func (a amina) signOut() {
	a.t.Helper()
	a.p.Click("details summary")
	a.p.Click("বেরিয়ে যান")
	a.p.Go(a.home + "/persons")
	a.p.SeeNo("ফাতেমা বেগম")
}
