// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fera/internal/browsertest"
)

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; connect-src 'self'; require-trusted-types-for 'script'"

const form = `<!doctype html><html lang="bn"><head><title>নিবন্ধন</title><link rel="stylesheet" href="/style.css">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script src="/script.js" defer></script></head><body><main><h1>নিবন্ধন Register</h1>
<form method="post" action="/save">
<p><label for="name">Name নাম</label> <input id="name" name="name" value="old"></p>
<p><label>Born <input type="date" name="born"></label></p>
<p><label for="district">District</label> <select id="district" name="district"><option value="">–</option><option value="56">Manikganj মানিকগঞ্জ</option></select></p>
<fieldset><legend>Sex</legend>
<label><input type="radio" name="sex" value="f"> Female</label> <label><input type="radio" name="sex" value="m"> Male</label></fieldset>
<fieldset><legend>Head of household</legend>
<label><input type="radio" name="head" value="y"> Yes</label> <label><input type="radio" name="head" value="n"> No</label></fieldset>
<p><label><input type="checkbox" name="agree" value="yes"> I agree</label></p>
<button>Save সংরক্ষণ</button></form><p id="scripted" hidden>scripts run</p><p><a href="/wide">A wide page</a></p></main></body></html>`

// server answers with a form, what was sent in it, and pages that are wrong on purpose.
func server(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	page := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, strings.ReplaceAll(body, "{lang}", r.Header.Get("Accept-Language")))
		})
	}
	page("/form", form)
	page("/wide", `<!doctype html><html lang="en"><title>wide</title><main><h1>Wide</h1><pre id="much">`+strings.Repeat("x", 400)+`</pre></main>`)
	page("/bad", `<!doctype html><title>bad</title><img src="/dot.png"><input>`)
	page("/language", `<!doctype html><p>you speak {lang}</p>`)
	page("/foreign", `<!doctype html><p>hello</p><img src="http://192.0.2.1/dot.png"><script>document.title='x'</script>`)
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		http.SetCookie(w, &http.Cookie{Name: "said", Value: "yes", Path: "/"})
		http.Redirect(w, r, "/done?"+r.PostForm.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		q := r.URL.Query()
		fmt.Fprintf(w, `<!doctype html><p>name=%s born=%s district=%s sex=%s head=%s agree=%s cookie=%d</p>`,
			q.Get("name"), q.Get("born"), q.Get("district"), q.Get("sex"), q.Get("head"), q.Get("agree"), len(r.Cookies()))
	})
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, "@font-face{font-family:F;src:url(/font.woff2)}button{font-family:F}"+strings.Repeat("/* pad */", 1000))
	})
	mux.HandleFunc("GET /font.woff2", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "font/woff2")
		w.Write(make([]byte, 20000))
	})
	mux.HandleFunc("GET /script.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, "document.getElementById('scripted').hidden = false")
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func both(t *testing.T, fn func(t *testing.T, o browsertest.Options)) {
	for name, scripts := range map[string]bool{"scripts on": true, "scripts off": false} {
		t.Run(name, func(t *testing.T) { fn(t, browsertest.Options{Width: 360, Scripts: scripts}) })
	}
}

func TestAFormIsFilledByItsWords(t *testing.T) {
	both(t, func(t *testing.T, o browsertest.Options) {
		p := browsertest.Open(t, o)
		p.Go(server(t).URL + "/form")
		p.See("নিবন্ধন")
		p.Fill("Name নাম", "করিমা বেগম")
		p.Fill("Born", "1990-05-01")
		p.Fill("District", "Manikganj মানিকগঞ্জ")
		p.Choose("Sex", "Female")
		p.Choose("Head of household", "No")
		p.Click("I agree")
		if got := p.Value("Name নাম"); got != "করিমা বেগম" {
			t.Errorf("Value = %q", got)
		}
		p.Click("Save সংরক্ষণ")
		p.See("name=করিমা বেগম born=1990-05-01 district=56 sex=f head=n agree=yes cookie=1")
		p.SeeNo("Register")
		p.Back()
		p.See("Register")
	})
}

func TestScriptsRunOnlyWhereAskedFor(t *testing.T) {
	both(t, func(t *testing.T, o browsertest.Options) {
		p := browsertest.Open(t, o)
		p.Go(server(t).URL + "/form")
		if p.Shows("scripts run") != o.Scripts {
			t.Errorf("Scripts: %t, and the page shows:\n%s", o.Scripts, p.Text("body"))
		}
	})
}

func TestTheKeyboardAloneIsEnough(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{})
	p.Go(server(t).URL + "/form")
	p.Press("Tab")
	if got := p.Focused(); got != "Name নাম" {
		t.Errorf("Focused = %q after the first Tab", got)
	}
	p.Press("x")
	p.Press("Enter")
	p.See("name=x ")
}

func TestAFieldCanBeEmptied(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Scripts: true})
	p.Go(server(t).URL + "/form")
	p.Fill("Name নাম", "")
	if got := p.Value("#name"); got != "" {
		t.Errorf("Value = %q, want nothing", got)
	}
}

func TestCookiesBelongToOnePage(t *testing.T) {
	s := server(t)
	first := browsertest.Open(t, browsertest.Options{})
	first.Go(s.URL + "/form")
	first.Click("Save সংরক্ষণ")
	first.See("cookie=1")
	second := browsertest.Open(t, browsertest.Options{})
	second.Go(s.URL + "/done")
	second.See("cookie=0")
	second.Cookie(s.URL, "kept", "1")
	second.Go(s.URL + "/done")
	second.See("cookie=1")
}

func TestTheBrowserAsksForItsLanguage(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Lang: "bn"})
	p.Go(server(t).URL + "/language")
	p.See("you speak bn")
}

func TestAxePassesAGoodPageUnderAStrictPolicy(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Scripts: true})
	p.Go(server(t).URL + "/form")
	if found := p.Axe(); found != "" {
		t.Error(found)
	}
}

func TestAxeFindsWhatIsWrong(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Scripts: true})
	p.Go(server(t).URL + "/bad")
	found := p.Axe()
	for _, rule := range []string{"image-alt", "html-has-lang", "label"} {
		if !strings.Contains(found, rule+" (") {
			t.Errorf("axe did not find %s in:\n%s", rule, found)
		}
	}
}

func TestAPageTooWideIsFound(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Width: 360})
	s := server(t)
	p.Go(s.URL + "/form")
	if wide := p.Overflow(); wide != "" {
		t.Errorf("the form: %s", wide)
	}
	p.Click("A wide page")
	if wide := p.Overflow(); !strings.Contains(wide, "much") {
		t.Errorf("Overflow = %q, want it to name the wide element", wide)
	}
}

func TestEveryRequestIsSeenAndWeighed(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Scripts: true})
	s := server(t)
	p.Go(s.URL + "/form")
	if foreign := p.Foreign(s.URL + "/"); len(foreign) != 0 || len(p.Requests()) != 4 {
		t.Errorf("foreign = %q of %q", foreign, p.Requests())
	}
	if w := p.Wire(); w.Fonts() < 20000 || w.Bytes() < 10000 || w.Bytes() > 15000 || p.Status() != http.StatusOK {
		t.Errorf("fonts %d, other %d bytes, status %d: %+v", w.Fonts(), w.Bytes(), p.Status(), w.Parts)
	}
	p.Go(s.URL + "/nowhere")
	if w := p.Wire(); len(w.Parts) > 2 || p.Status() != http.StatusNotFound {
		t.Errorf("status %d after %+v", p.Status(), w.Parts)
	}
}

func TestWhatThePolicyRefusesIsAComplaint(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Scripts: true})
	s := server(t)
	p.Go(s.URL + "/form")
	if got := p.Complaints(); len(got) != 0 && !strings.Contains(strings.Join(got, ""), "font") {
		t.Errorf("the form: %q", got)
	}
	p.Go(s.URL + "/foreign")
	got := strings.Join(p.Complaints(), "\n")
	if !strings.Contains(got, "script") || !strings.Contains(got, "192.0.2.1") {
		t.Errorf("want the script and the image refused, got:\n%s", got)
	}
}

func TestAPictureIsTaken(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{Width: 360})
	p.Go(server(t).URL + "/form")
	path := filepath.Join(t.TempDir(), "shots", "form.png")
	p.Screenshot(path)
	picture, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		t.Errorf("no PNG: %v", err)
	}
}

// failing stands in for a test, to show that the calls above can fail.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Helper() {}
func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	panic(f)
}

func TestATestFailsWithWhatThePageShows(t *testing.T) {
	f := &failing{TB: t}
	p := browsertest.Open(f, browsertest.Options{Patience: time.Second})
	p.Go(server(t).URL + "/form")
	defer func() {
		if recover() != f || !strings.Contains(f.said, `want to see "Rahima"`) || !strings.Contains(f.said, "Register") {
			t.Errorf("said %q", f.said)
		}
	}()
	p.See("Rahima")
	t.Error("See passed though the text is not there")
}
