// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/services"
	"fera/internal/words"
)

// Every page of plans, of what is given, of the catalogue and of papers fits a phone and a desk in both languages, and axe-core finds
// nothing wrong with it.
func TestPlansAndServicesToEverybody(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	f := openFile(t, d, clock)
	site := httptest.NewServer(f.pages)
	t.Cleanup(site.Close)
	empty := openFile(t, dbtest.Open(t, dbtest.SQLite(t), clock.Now), clock)
	bare := httptest.NewServer(empty.pages)
	t.Cleanup(bare.Close)
	f.agreed(t)
	var asked services.ID
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		for _, g := range []services.Giving{{Code: "life_skills", Quantity: 3, Remark: "তিন দিন, সকালে"}, {Code: "trafficking_case", Details: map[string]string{"place": "tribunal", "next_day": "2030-03-20", "number": "১২/২০৩০"}},
			{Code: "counselling_individual", Notes: "noted"}, {Code: "cash_emergency", Amount: 1_250_075, Conditions: []string{"returned"}, Papers: []string{"nid"}}} {
			g.Case = f.id
			if asked, err = services.Log(t.Context(), tx, f.users["amina"], g); err != nil {
				return err
			}
		}
		return nil
	})
	for _, lang := range words.Languages() {
		f.speak(t, "amina", lang)
		f.speak(t, "farid", lang)
		empty.speak(t, "amina", lang)
		for _, width := range map[words.Lang][]int{words.Bangla: {360, 1280}, words.English: {360}}[lang] {
			looking := func(r *room, at, login string) *browsertest.Page {
				p := browsertest.Open(t, browsertest.Options{Width: width, Height: 900, Scripts: true, Lang: string(lang)})
				p.Go(at + "/sign-in")
				p.Cookie(p.URL(), "fera-session", r.key(t, login))
				return p
			}
			name := func(what string) string { return fmt.Sprintf("case-%s-%s-%d", what, lang, width) }
			p := looking(f.room, site.URL, "amina")
			for what, path := range map[string]string{"plan": f.at("plan"), "plan-draw": f.at("plan", "draw"), "plan-review": f.at("plan", "review"), "services": f.at("services"), "services-new": f.at("services", "new"),
				"services-undo": f.at("services", string(asked), "undo"), "services-pay": f.at("services", string(asked), "pay"), "print": f.at("print")} {
				p.Go(site.URL + path)
				judge(t, p, name(what))
			}
			inside(t, f, p, look{site.URL, lang, name})
			p = looking(empty.room, bare.URL, "amina")
			for what, path := range map[string]string{"plan-none": empty.at("plan"), "plan-first": empty.at("plan", "draw"), "services-none": empty.at("services")} {
				p.Go(bare.URL + path)
				judge(t, p, name(what))
			}
			p = looking(f.room, site.URL, "farid")
			for what, path := range map[string]string{"catalogue": "/services", "kind": "/services/trafficking_case", "kind-change": "/services/occupational_injury/change"} {
				p.Go(site.URL + path)
				judge(t, p, name(what))
			}
		}
	}
}

// look is where and in which language pages are looked at, and what the pictures are called.
type look struct {
	home string
	lang words.Lang
	name func(string) string
}

// inside opens what only an act shows.
func inside(t *testing.T, f file, p *browsertest.Page, at look) {
	t.Helper()
	send := func(path string, form url.Values, what, see string) {
		t.Helper()
		fields := ""
		for key, values := range form {
			fields += fmt.Sprintf(`i = document.createElement("input"); i.name = %q; i.value = %q; f.append(i);`, key, values[0])
		}
		p.Go(at.home + f.at("plan"))
		p.Eval(fmt.Sprintf(`{ const f = document.createElement("form"); let i; f.method = "post"; f.action = %q; %s document.body.append(f); setTimeout(() => f.submit(), 0); }`, path, fields), nil)
		p.See(see)
		judge(t, p, at.name(what))
	}
	s := words.In(at.lang)
	send(f.at("plan", "look"), url.Values{"number": {"1"}}, "plan-look", s.T("plan.secret_close"))
	send(f.at("plan", "amend"), nil, "plan-amend", s.T("plan.save_hint"))
	send(f.at("services", "look"), nil, "services-look", s.T("service.secret_close"))
	send(f.at("services", "new"), url.Values{"code": {"cash_emergency"}}, "services-money", s.T("service.amount_taka"))
	send(f.at("services", "new"), url.Values{"code": {"occupational_injury"}}, "services-injury", s.T("service.lead_private"))
	for _, lang := range []string{"bn", "en"} {
		send(f.at("print"), url.Values{"what": {"plan_sign"}, "lang": {lang}, "where": {"office"}}, "paper-sign-"+lang, words.In(words.Lang(lang)).T("person.print_now"))
	}
	send(f.at("print"), url.Values{"what": {"summary"}, "lang": {"bn"}, "where": {"office"}}, "paper-summary", words.In(words.Bangla).T("person.print_now"))
	send(f.at("print"), url.Values{"what": {"consent"}, "lang": {"bn"}, "where": {"office"}}, "paper-consent", words.In(words.Bangla).T("person.print_now"))
}

// She signs with a finger: what is drawn becomes the file that is sent.
func TestSheSignsOnTheScreen(t *testing.T) {
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	f := openFile(t, dbtest.Open(t, dbtest.SQLite(t), clock.Now), clock)
	draw := f.at("plan", "draw")
	f.leads(t, f.send(t, "amina", draw, draw, joined(goal(0, "a shop", "economic", "individual"), url.Values{"go": {"save"}})), f.at("plan"))
	site := httptest.NewServer(f.pages)
	t.Cleanup(site.Close)
	p := browsertest.Open(t, browsertest.Options{Width: 360, Height: 800, Scripts: true})
	p.Go(site.URL + "/sign-in")
	p.Cookie(p.URL(), "fera-session", f.key(t, "amina"))
	p.Go(site.URL + f.at("plan", "agree"))
	judge(t, p, "case-agree-en-360")
	p.Eval(`{ const c = document.querySelector("canvas"), b = c.getBoundingClientRect(); c.setPointerCapture = () => {};
		for (const [kind, x, y] of [["pointerdown", 20, 20], ["pointermove", 120, 60], ["pointerup", 120, 60]]) c.dispatchEvent(new PointerEvent(kind, { clientX: b.left + x, clientY: b.top + y, pointerId: 1, bubbles: true })); }`, nil)
	for range 100 {
		var there bool
		if p.Eval(`document.querySelector("input[type=file]").files.length === 1`, &there); there {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	judge(t, p, "case-agree-signed-en-360")
	p.Click("Note that she agreed")
	p.See("Agreed. The plan holds from today.")
}
