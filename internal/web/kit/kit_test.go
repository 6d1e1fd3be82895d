// SPDX-License-Identifier: Apache-2.0

package kit_test

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"fera/internal/fault"
	"fera/internal/web/kit"
	"fera/internal/words"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// hostile are texts that do harm, or break the page, where they are not escaped.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`,
		`"><img src=x onerror=alert(1)>`,
		`' onfocus='alert(1)' autofocus='`,
		`javascript:alert(1)`,
		`</textarea></title></style><b>`,
		"{{.}} ${7*7} <!-- ]]> &lt;",
		"‮text\x00\x07 নাম\u200d",
		strings.Repeat("ফাতেমা খাতুন ", 2000),
	}
}

// runs matches the attributes that tell a browser to run or restyle something.
var runs = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(on.*|style|srcdoc|formaction)$`) })

// elements walks the elements of a page or a fragment.
func elements(t *testing.T, text string, visit func(n *html.Node)) {
	t.Helper()
	top, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatalf("html.Parse = %v", err)
	}
	for n := range top.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// dangers lists what in a page could run or restyle outside the static files.
func dangers(t *testing.T, text string) []string {
	var found []string
	elements(t, text, func(n *html.Node) {
		source, _ := attribute(n, "src")
		switch {
		case n.Data == "style", n.Data == "script" && !strings.HasPrefix(source, "/static/"), n.Data == "iframe", n.Data == "img" && source == "x":
			found = append(found, "<"+n.Data+">")
		}
		for _, a := range n.Attr {
			if runs().MatchString(a.Key) {
				found = append(found, n.Data+" "+a.Key)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				found = append(found, n.Data+" "+a.Key+"=javascript:")
			}
		}
	})
	return found
}

func TestNoInlineStyleOrScript(t *testing.T) {
	for _, lang := range words.Languages() {
		for _, p := range parts() {
			for _, text := range append(hostile(), "", "plain") {
				if found := dangers(t, rendered(t, p.draw(words.In(lang), text))); len(found) > 0 {
					t.Errorf("%s in %s with %.40q holds %q", p.name, lang, text, found)
				}
			}
		}
	}
}

// The search for inline styles and scripts finds each kind.
func TestNoInlineStyleOrScriptCatches(t *testing.T) {
	for _, page := range []string{
		`<p style="color:red">`, `<style>p{}</style>`, `<script>1</script>`, `<script src="https://elsewhere/x.js"></script>`,
		`<a onclick="x()">`, `<a href=" JavaScript:x()">`, `<iframe src="/x"></iframe>`,
	} {
		if len(dangers(t, page)) == 0 {
			t.Errorf("dangers(%s) found nothing", page)
		}
	}
}

func TestTextsArriveWhole(t *testing.T) {
	s := words.In(words.Bangla)
	for _, p := range parts() {
		if p.name == "QuickExit" {
			continue // takes no text
		}
		for _, text := range hostile() {
			if strings.ContainsAny(text, "\x00") {
				continue // HTML cannot carry it
			}
			if got := everyText(t, rendered(t, p.draw(s, text))); !strings.Contains(got, strings.TrimSpace(text)) && !strings.Contains(got, s.Digits(text)) {
				t.Errorf("%s does not show %.60q whole: %.200q", p.name, text, got)
			}
		}
	}
}

// everyText joins what a reader sees and what the fields hold.
func everyText(t *testing.T, page string) string {
	var b strings.Builder
	elements(t, page, func(n *html.Node) {
		for c := range n.ChildNodes() {
			if c.Type == html.TextNode {
				b.WriteString(c.Data)
			}
		}
		value, _ := attribute(n, "value")
		b.WriteString("\n" + value + "\n")
	})
	return b.String()
}

func TestEveryPartSpeaksBothLanguages(t *testing.T) {
	for _, lang := range words.Languages() {
		for _, p := range parts() {
			if page := rendered(t, p.draw(words.In(lang), "")); strings.Contains(page, "⟦") {
				t.Errorf("%s in %s has a text that is missing: %s", p.name, lang, page)
			}
		}
	}
}

func TestNothingShownForNothing(t *testing.T) {
	s := words.In(words.English)
	for name, c := range map[string]templ.Component{
		"ErrorSummary": kit.ErrorSummary(s, nil), "Facts": kit.Facts(s, nil), "Timeline": kit.Timeline(nil), "Pills": kit.Pills(nil),
		"MoreMenu": kit.MoreMenu(s, nil), "Paging": kit.Paging(s, kit.Pages{}), "Tabs": kit.Tabs(kit.Strip{}),
	} {
		if got := rendered(t, c); got != "" {
			t.Errorf("%s of nothing = %q, want nothing", name, got)
		}
	}
	got := rendered(t, kit.RecordHeader(s, kit.Header{NameEn: "A"}))
	for _, trace := range []string{"<img", "safe", "actions", "<ul", "menu"} {
		if strings.Contains(got, trace) {
			t.Errorf("RecordHeader of a name alone leaves a trace of %q: %s", trace, got)
		}
	}
}

func TestFieldsAreTiedToTheirWords(t *testing.T) {
	for _, p := range formParts() {
		page := rendered(t, p.draw(words.In(words.English), "text"))
		ids, wanted := map[string]int{}, map[string]string{}
		elements(t, page, func(n *html.Node) {
			if id, ok := attribute(n, "id"); ok {
				ids[id]++
			}
			for _, key := range []string{"for", "aria-describedby"} {
				list, _ := attribute(n, key)
				for _, id := range strings.Fields(list) {
					wanted[id] = key
				}
			}
		})
		for id, key := range wanted {
			if ids[id] != 1 {
				t.Errorf("%s: %s=%s leads to %d elements, want 1", p.name, key, id, ids[id])
			}
		}
	}
}

func TestWrongFieldSaysSo(t *testing.T) {
	s := words.In(words.English)
	page := rendered(t, kit.Field(s, kit.Input{Name: "phone", Label: "Phone", Hint: "With code", Error: "Too short", Value: "01"}))
	for _, want := range []string{`aria-invalid="true"`, `aria-describedby="phone-hint phone-error"`, `value="01"`, `for="phone"`} {
		if !strings.Contains(page, want) {
			t.Errorf("Field lacks %s: %s", want, page)
		}
	}
	if page = rendered(t, kit.Field(s, kit.Input{Name: "phone", Label: "Phone"})); strings.Contains(page, "aria-") {
		t.Errorf("Field without hint and error carries aria attributes: %s", page)
	}
}

// HTML drops the first line break of a text box, so one is always given away.
func TestAreaKeepsItsLines(t *testing.T) {
	for _, text := range []string{"", "one", "\n\nafter two empty lines", "  indented\n\tlines\n"} {
		got := "no text box"
		elements(t, rendered(t, kit.Area(words.In(words.English), kit.Input{Name: "note", Value: text})), func(n *html.Node) {
			if n.Data == "textarea" {
				got = ""
				if n.FirstChild != nil {
					got = n.FirstChild.Data
				}
			}
		})
		if got != text {
			t.Errorf("Area of %q holds %q", text, got)
		}
	}
}

func TestPasswordIsNeverSentBack(t *testing.T) {
	page := rendered(t, kit.Field(words.In(words.English), kit.Input{Name: "password", Type: "password", Value: "secret-thing"}))
	if strings.Contains(page, "secret-thing") {
		t.Errorf("Field of type password shows its value: %s", page)
	}
}

func TestReadTypeahead(t *testing.T) {
	for name, test := range map[string]struct {
		form    string
		want    kit.Typed
		settled bool
	}{
		"nothing typed":                    {"home=&home_text=&home_was=", kit.Typed{}, true},
		"chosen":                           {"home=3026&home_text=Manikganj&home_was=Manikganj", kit.Typed{Code: "3026", Text: "Manikganj"}, true},
		"typed without a script":           {"home=&home_text=Manik&home_was=", kit.Typed{Text: "Manik"}, false},
		"changed after it had been chosen": {"home=3026&home_text=Dhaka&home_was=Manikganj", kit.Typed{Text: "Dhaka"}, false},
		"emptied after it had been chosen": {"home=3026&home_text=&home_was=Manikganj", kit.Typed{}, true},
		"not in the form":                  {"", kit.Typed{}, true},
	} {
		form, err := url.ParseQuery(test.form)
		if err != nil {
			t.Fatal(err)
		}
		got := kit.ReadTypeahead(form, "home")
		if got != test.want || got.Settled() != test.settled {
			t.Errorf("%s: ReadTypeahead = %+v settled %t, want %+v settled %t", name, got, got.Settled(), test.want, test.settled)
		}
	}
}

// What the type-ahead draws, sent back untouched, reads as the same choice, with and without offered choices.
func TestTypeaheadComesBack(t *testing.T) {
	s := words.In(words.English)
	in := kit.Input{Name: "home", Value: "Saturia", Code: "305670"}
	offered := kit.Input{Name: "home", Value: "Sat", Was: "Sat", Choices: []kit.Suggestion{{Code: "305670", Label: "Saturia"}, {Code: "12", Label: "Satkhira"}}}
	for name, test := range map[string]struct {
		in   kit.Input
		want kit.Typed
	}{
		"chosen":  {in, kit.Typed{Code: "305670", Text: "Saturia"}},
		"offered": {offered, kit.Typed{Text: "Sat"}},
	} {
		form := url.Values{}
		elements(t, rendered(t, kit.PlaceField(s, test.in)), func(n *html.Node) {
			kind, _ := attribute(n, "type")
			if field, ok := attribute(n, "name"); ok && n.Data == "input" && kind != "radio" {
				value, _ := attribute(n, "value")
				form.Add(field, value)
			}
		})
		if got := kit.ReadTypeahead(form, "home"); got != test.want {
			t.Errorf("%s: ReadTypeahead = %+v, want %+v", name, got, test.want)
		}
	}
}

func TestProblemsOf(t *testing.T) {
	s := words.In(words.English)
	err := fault.Join(fault.New(fault.Invalid, "kit.optional").On("name"), fault.New(fault.Invalid, "kit.glass_until").With("time", "14:30"))
	want := kit.Problems{{Field: "name", Text: "optional"}, {Text: s.T("kit.glass_until", "time", "14:30")}}
	got := kit.ProblemsOf(s, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ProblemsOf (-want +got):\n%s", diff)
	}
	if on := got.On("name"); on != "optional" {
		t.Errorf("On(name) = %q, want optional", on)
	}
	if got := kit.ProblemsOf(s, errors.New("disk full")); got != nil {
		t.Errorf("ProblemsOf an error that is no fault = %v, want nil", got)
	}
}

func TestTitleAndLanguageAreTheReaders(t *testing.T) {
	for lang, want := range map[words.Lang]string{words.Bangla: "<title>মানুষ · ফেরা</title>", words.English: "<title>মানুষ · Fera</title>"} {
		page := rendered(t, kit.Layout(kit.Frame{S: words.In(lang), Title: "মানুষ"}))
		if !strings.Contains(page, want) || !strings.Contains(page, `<html lang="`+string(lang)+`">`) {
			t.Errorf("Layout in %s: want %s and its lang in %.600s", lang, want, page)
		}
	}
}

func TestStrangerSeesNoRooms(t *testing.T) {
	page := rendered(t, kit.Layout(kit.Frame{S: words.In(words.English), Title: "Sign in"}))
	for _, trace := range []string{"/sign-out", "/persons", "<nav", "data-exit"} {
		if strings.Contains(page, trace) {
			t.Errorf("Layout for a stranger shows %s", trace)
		}
	}
}
