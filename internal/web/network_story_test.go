// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/words"
)

// net is the room of the story of referrals: Amina's organisation; Bandhan, for which Lima answers by her account; and a shop of help that
// has none and answers by links. Keya sees the flow.
type net struct {
	*tale
	papers, work, trade string // services: two of Bandhan's, one of the third
}

// A referral is declined, put on a waiting list, left lying until it ends, stopped because she takes back her consent, and denied by her
// before she confirms it: by three organisations, in a browser, in Bangla on a phone over one engine and in English on a desk over the other.
func TestReferralsOfThreeOrganisationsInABrowser(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		n := openNet(t, d, clock)
		n.isDeclined()
		n.isNotWhatSheSays()
		n.isSilent()
		n.isStopped()
		n.linksEnd()
		n.flows()
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			trail, err := audit.Verify(t.Context(), q)
			if err == nil && !trail.Holds() {
				t.Errorf("the trail does not hold: %+v", trail)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func openNet(t *testing.T, d *db.DB, clock *dbtest.Clock) *net {
	t.Helper()
	n := &net{tale: openTale(t, d, clock)}
	n.join(t, "lima", "basil", access.ProviderFocal)
	n.join(t, "keya", "amina", access.ProgrammeManager)
	for _, login := range []string{"lima", "keya"} {
		n.speak(t, login, n.lang)
	}
	enter := func(b listing.Body) (id string) {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			e, err := directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: b})
			id = e.ID
			return err
		})
		return id
	}
	serve := func(of, need string) string {
		return enter(listing.Body{Service: &listing.Service{Organisation: of, Name: listing.Text{En: "Help: " + need, Bn: "সহায়তা: " + need}, State: listing.Active, Needs: []string{need}, Areas: []string{listing.Country}}})
	}
	bandhan := enter(listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Bandhan Aid", Bn: "বন্ধন সহায়তা"}, Partner: n.users["basil"].Organisation}})
	third := enter(listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Green Market", Bn: "সবুজ বাজার"}}})
	n.papers, n.work, n.trade = serve(bandhan, "documents"), serve(bandhan, "job"), serve(third, "business")
	n.returns()
	n.do(deed{path: n.at, action: n.at + "/take", button: "casework.act.take", see: "said.case_taken"})
	return n
}

func (n *net) refs(parts ...string) string {
	return n.at + "/referrals" + strings.Join(append([]string{""}, parts...), "/")
}

// sends refers her: she is asked what she needs, chooses among who offers it, and agrees to what is read out.
func (n *net) sends(need, service string) string {
	n.t.Helper()
	p := n.opened(n.refs("new"), "", "")
	p.Eval(fmt.Sprintf(`document.querySelector('main [name=need]').value = %q`, need), nil)
	p.Click(`main form[action$="/seek"] button.primary`)
	p.Click(fmt.Sprintf(`main form[action$="/choose"]:has([name=service][value="%s"]) button`, service))
	p.See(n.s.T("referring.draft"))
	n.do(deed{action: n.refs("draft"), button: "referring.draft_keep", fields: []string{"ask=Zpask for " + need, "urgency=days"}})
	at, _, _ := strings.Cut(strings.TrimPrefix(p.URL(), n.site), "?")
	p.See("Zpask")
	n.do(deed{action: at + "/send", button: "referring.send", fields: []string{"agreed=yes", "method=thumbprint"}, see: "referring.course_title"})
	return at
}

// inbox opens what came to Lima, who sees who it is about only when she may.
func (n *net) inbox(at string, named bool) *browsertest.Page {
	n.t.Helper()
	p := n.as("lima")
	p.Go(n.site + "/inbox")
	n.silent("the inbox", p.HTML(), herName, herLatin, "Zp", "Zq", "01712345678")
	path := "/inbox/" + at[strings.LastIndex(at, "/")+1:]
	p.Go(n.site + path)
	n.silent("the cover", p.HTML(), herName, herLatin, "Zp", "01712345678")
	p.Click(fmt.Sprintf(`main form[action="%s/open"] button`, path))
	if shows := strings.Contains(p.HTML(), herLatin); shows != named {
		n.t.Errorf("Lima sees who it is: %t, want %t", shows, named)
	}
	return p
}

func (n *net) state(at string, want course.State) {
	n.t.Helper()
	dbtest.Write(n.t, n.d, func(tx *db.Tx) error {
		r, err := referrals.LookAt(n.t.Context(), tx, n.users["amina"], idOf(at))
		if err == nil && r.State != want {
			n.t.Errorf("the referral is %s, want %s", r.State, want)
		}
		return err
	})
}

// isDeclined is how Bandhan declines, sees nothing any more, and Amina finds another.
func (n *net) isDeclined() {
	n.t.Helper()
	at := n.sends("documents", n.papers)
	p := n.inbox(at, false)
	p.See("Zpask")
	path := "/inbox/" + string(idOf(at)) + "/decline"
	p.Go(n.site + path)
	p.Click(`main form [name=code][value=full]`)
	p.Click(fmt.Sprintf(`main form[action="%s"] button.primary`, path))
	n.state(at, course.Declined)
	n.silent("what Lima sees after she declined", p.HTML(), herName, herLatin, "Zpask")
	p = n.opened(at, "", n.s.T("referring.again"))
	p.Click(n.s.T("referring.again"))
	if p.Status() != http.StatusOK || !strings.Contains(p.HTML(), n.refs("choose")) && !strings.Contains(p.HTML(), n.refs("seek")) {
		n.t.Errorf("another provider cannot be looked for: %s", p.Text("main"))
	}
}

// opens is somebody without an account, in a browser of her own, at a link.
func (n *net) opens(link string) *browsertest.Page {
	n.t.Helper()
	p := browsertest.Open(n.t, browsertest.Options{Width: 360, Height: 740, Lang: string(n.lang)}) // scripts are off
	p.Go(n.site + link)
	return p
}

var linkOnPage = regexp.MustCompile(`(/r/[a-z0-9]{32}(?:/en)?)`)

// linked is the link that Amina is shown for somebody, this once.
func (n *net) linked(at, purpose string) string {
	n.t.Helper()
	p := n.opened(at, "", "")
	p.Click(fmt.Sprintf(`main form[action="%s/link"]:has([name=purpose][value=%s]) button`, at, purpose))
	found := linkOnPage.FindString(p.HTML())
	if found == "" {
		n.t.Fatalf("no link is shown: %s", p.Text("main"))
	}
	if n.lang == words.English {
		found += "/en"
	}
	return found
}

// act does something behind a link, and returns where the next link leads, if there is one.
func (n *net) act(p *browsertest.Page, act string) string {
	n.t.Helper()
	form := fmt.Sprintf(`main form:has([name=act][value=%s])`, act)
	var hidden bool
	p.Eval(fmt.Sprintf("!!document.querySelector(`details:not([open]) %s`)", strings.TrimPrefix(form, "main ")), &hidden)
	if hidden {
		p.Click(fmt.Sprintf(`main details:has([name=act][value=%s]) summary`, act))
	}
	p.Click(form + " button")
	if wide := p.Overflow(); wide != "" {
		n.t.Errorf("behind the link it is too wide: %s", wide)
	}
	var next string
	p.Eval(`document.querySelector('main a.address')?.innerText ?? ''`, &next)
	return linkOnPage.FindString(next)
}

// isNotWhatSheSays is how the third puts her on a list by its link, reports, and she says that she never got it; then it is so.
func (n *net) isNotWhatSheSays() {
	n.t.Helper()
	at := n.sends("business", n.trade)
	first := n.linked(at, "answer")
	p := n.opens(first)
	n.silent("a link before it is opened", p.HTML(), herName, herLatin, "Zp")
	n.state(at, course.Sent)
	n.act(p, "open")
	p.See("Zpask")
	n.silent("a link before they agreed", p.HTML(), herName, herLatin, "01712345678")
	report := n.act(p, "enlist")
	n.state(at, course.Waiting)
	p.See(herLatin)
	again := n.opens(first)
	again.See(n.s.T("inbox.link.spent"))
	n.silent("a link that was used", again.HTML(), herName, herLatin, "Zp")
	p = n.opens(report)
	n.act(p, "open")
	n.act(p, "serve")
	n.state(at, course.Served)
	n.hears(at, "deny")
	n.state(at, course.Reopened)
	p = n.opens(n.linked(at, "report"))
	n.act(p, "open")
	n.act(p, "serve")
	n.hears(at, "confirm")
	n.state(at, course.Confirmed)
	n.do(deed{path: at + "/end?act=close", action: at + "/end", button: "referring.act.close", press: ":last-of-type"})
	n.state(at, course.Closed)
}

// hears is how Amina writes down what she said on the telephone.
func (n *net) hears(at, answer string) {
	n.t.Helper()
	n.do(deed{path: at + "/hear", action: at + "/hear", button: "referring.hear_keep", fields: []string{"answer=" + answer, "way=call", "words=Zpshe said"}})
}

// isSilent is how Bandhan does not answer until it is over.
func (n *net) isSilent() {
	n.t.Helper()
	at := n.sends("job", n.work)
	silent := false
	for range 30 {
		n.clock.Move(24 * time.Hour)
		if _, err := referrals.Work(n.t.Context(), n.d); err != nil {
			n.t.Fatal(err)
		}
		var quiet bool
		dbtest.Write(n.t, n.d, func(tx *db.Tx) error {
			r, err := referrals.LookAt(n.t.Context(), tx, n.users["amina"], idOf(at))
			quiet = r.Silent
			return err
		})
		if quiet && !silent {
			n.pass(time.Second)
			silent = true
			n.opened("/referrals", "", n.s.T("referring.silent"))
		}
	}
	n.pass(time.Second)
	if !silent {
		n.t.Error("Bandhan was never silent")
	}
	n.state(at, course.Expired)
	p := n.as("lima")
	p.Go(n.site + "/inbox/" + string(idOf(at)) + "/accept")
	n.silent("what is over", p.HTML(), herName, herLatin, "Zpask")
	p = n.as("amina")
	p.Go(n.site + "/notices")
	p.See(n.s.T("notice.referral_expired"))
}

// isStopped is how she takes back her consent when Bandhan knows who she is.
func (n *net) isStopped() {
	n.t.Helper()
	at := n.sends("documents", n.papers)
	p := n.inbox(at, false)
	p.Click(fmt.Sprintf(`main form[action="/inbox/%s/accept"] button`, idOf(at)))
	p.See(herLatin)
	n.barred("basil", n.refs("stop"), n.refs("stop"), nil)
	n.opened(n.refs("stop"), fmt.Sprintf(`main form[action="%s"] button`, n.refs("stop")), n.s.T("referring.stop_unseen"))
	n.state(at, course.Withdrawn)
	p.Go(n.site + "/inbox/" + string(idOf(at)))
	n.silent("what was withdrawn", p.HTML(), herName, herLatin, "Zpask")
	p.Click(fmt.Sprintf(`main form[action="/inbox/%s/open"] button`, idOf(at)))
	n.silent("what was withdrawn, opened,", p.HTML(), herName, herLatin, "Zpask")
	p.Click(fmt.Sprintf(`main form[action="/inbox/%s/acknowledge"] button`, idOf(at)))
	n.opened(n.refs("stop"), "", n.s.T("referring.stop_acknowledged"))
}

// linksEnd is that a link ends by itself.
func (n *net) linksEnd() {
	n.t.Helper()
	link := n.linked(n.sends("business", n.trade), "answer")
	n.pass(15 * 24 * time.Hour)
	p := n.opens(link)
	p.See(n.s.T("inbox.link.over"))
	n.silent("a link that is over", p.HTML(), herName, herLatin, "Zpask")
}

// flows is what Keya sees, who sees nobody.
func (n *net) flows() {
	n.t.Helper()
	p := n.as("keya")
	p.Go(n.site + "/referrals/flow")
	if p.Status() != http.StatusOK {
		n.t.Fatalf("the flow: %d", p.Status())
	}
	n.silent("the flow", p.HTML(), herName, herLatin, "Zp", "Zq")
	if found := p.Axe(); found != "" {
		n.t.Errorf("the flow: %s", found)
	}
}
