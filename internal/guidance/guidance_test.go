// SPDX-License-Identifier: Apache-2.0

package guidance_test

import (
	"fmt"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/guidance"
	"fera/internal/worldtest"
)

func write(t *testing.T, d *db.DB, who access.Actor, w guidance.Writing) (n int, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) { n, err = guidance.Write(t.Context(), tx, who, w); return err })
	return n, err
}

func find(t *testing.T, d *db.DB, who access.Actor, topic string) (text guidance.Text, ok bool) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		text, ok, err = guidance.For(t.Context(), q, who, topic)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return text, ok
}

// What ships has both languages, says that it is a draft, and reads as Markdown.
func TestWhatShipsIsWhole(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	seen := map[string]bool{}
	for _, topic := range guidance.Topics() {
		text, ok := find(t, d, worldtest.Amina(), topic)
		if !ok || !text.Draft() || seen[topic] {
			t.Errorf("%s: found %t, draft %t, twice %t", topic, ok, text.Draft(), seen[topic])
		}
		seen[topic] = true
		for _, s := range []string{text.TitleBn, text.TitleEn, text.TextBn, text.TextEn} {
			if len(guidance.Read(s)) == 0 {
				t.Errorf("%s: %q says nothing", topic, s)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("%d topics ship", len(seen))
	}
	if _, ok := find(t, d, worldtest.Amina(), "no.such"); ok {
		t.Error("a step that nobody wrote about has a text")
	}
}

// An organisation's own text goes before the draft, for its people only; it is changed by version and taken back.
func TestAnOrganisationWritesItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina, basil, chandra := worldtest.Amina(), worldtest.Basil(), worldtest.Chandra()
		w := guidance.Writing{Topic: "case.close", TitleBn: "শেষ করা", TextBn: "- প্রথম", Material: "Our handbook https://example.org/h", Why: "ours"}
		if _, err := write(t, d, amina, w); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a caseworker writes: %v", err)
		}
		if n, err := write(t, d, chandra, w); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if _, err := write(t, d, chandra, w); fault.KindOf(err) != fault.Conflict {
			t.Errorf("written over a version that was not read: %v", err)
		}
		if text, _ := find(t, d, amina, "case.close"); text.Draft() || text.TitleBn != "শেষ করা" || len(text.Material) != 1 {
			t.Errorf("Amina reads %+v", text)
		}
		if text, _ := find(t, d, basil, "case.close"); !text.Draft() {
			t.Error("Basil reads the text of another organisation")
		}
		w.After, w.TextBn = 1, "- দ্বিতীয়"
		if n, err := write(t, d, chandra, w); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			return guidance.Withdraw(t.Context(), tx, chandra, guidance.Writing{Topic: "case.close", After: 2})
		}); err != nil {
			t.Fatal(err)
		}
		if text, _ := find(t, d, amina, "case.close"); !text.Draft() {
			t.Error("after it was taken back the own text is still read")
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := guidance.History(t.Context(), q, amina, "case.close")
			if len(all) != 3 || !all[0].Withdrawn || all[2].TextBn != "- প্রথম" {
				t.Errorf("history = %+v", all)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWriteRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	good := guidance.Writing{Topic: "call", TitleBn: "x", TextBn: "x"}
	for name, change := range map[string]func(*guidance.Writing){
		"no title":           func(w *guidance.Writing) { w.TitleBn = "" },
		"no text":            func(w *guidance.Writing) { w.TextBn = "" },
		"a script address":   func(w *guidance.Writing) { w.Material = "x javascript:alert(1)" },
		"an address alone":   func(w *guidance.Writing) { w.Material = "https://example.org" },
		"a password in it":   func(w *guidance.Writing) { w.Material = "x https://a:b@example.org" },
		"a text without end": func(w *guidance.Writing) { w.TextBn = strings.Repeat("x", 6000) },
		"an unknown step":    func(w *guidance.Writing) { w.Topic = "no.such" },
	} {
		w := good
		change(&w)
		if _, err := write(t, d, worldtest.Chandra(), w); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// Whatever is typed, what is read are words: no markup, and no address but of the web.
func TestReadReturnsWordsOnly(t *testing.T) {
	blocks := guidance.Read("# Head\n\nOne **two** [three](https://example.org) [four](javascript:alert(1)) <script>x</script>\n\n- a\n  - b\n\n1. c\n\n<div onclick=x>\ny\n</div>\n\n![p](https://example.org/p.png)")
	var kinds []string
	var walk func(all []guidance.Block)
	text := ""
	walk = func(all []guidance.Block) {
		for _, b := range all {
			kinds = append(kinds, string(b.Kind))
			for _, s := range b.Spans {
				text += s.Text
				if s.Href != "" && !strings.HasPrefix(s.Href, "https://example.org") {
					t.Errorf("%q leads to %q", s.Text, s.Href)
				}
			}
			walk(b.Items)
		}
	}
	walk(blocks)
	if got := fmt.Sprint(kinds); got != "[heading paragraph list item item steps item paragraph paragraph]" {
		t.Errorf("kinds = %s", got)
	}
	for _, want := range []string{"Head", "two", "three", "four", "<script>", "a", "b", "c"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is lost from %q", want, text)
		}
	}
}
