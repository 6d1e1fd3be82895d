// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"fera/internal/fault"
	"fera/internal/words"
)

// Frame is what the layout needs around any page. Every page's view embeds one.
type Frame struct {
	S          *words.Speaker // the reader's language
	Title      string         // already in the reader's language and neutral: never a person's name
	User       string         // the account's identifier, empty for a stranger
	UserName   string
	OfficeName string
	Nav        []NavItem // the rooms this reader may enter
	Menu       []NavItem // what the reader finds under their own name, above signing out
	Path       string    // where to come back to after changing the language
	Notice     *Notice   // what the last act did, shown once
	SignedIn   bool
	Notices    int    // unread notices
	QuickExit  bool   // set on pages a survivor may open
	Found      bool   // anybody may read it: search engines may list it, and nobody needs a way out
	Secret     bool   // who holds the address may do what it is for: the browser tells it to nobody
	Practice   bool   // everything on the page is made up
	Simulated  string // that nobody who is counted on the page exists, in words; empty where they do
	GlassUntil string // the time, in words, until which class-3 data stands open; empty when closed
	Version    string
}

// NavItem is one link of the navigation or the user menu.
type NavItem struct {
	Href    string
	Label   string
	Current bool
}

// Tone says how something is meant, beside the word that says it.
type Tone string

// The tones. Danger is kept for what someone must act on.
const (
	Plain     Tone = ""
	Accent    Tone = "accent"
	Good      Tone = "good"
	Attention Tone = "attention"
	Danger    Tone = "danger"
)

// Notice tells the reader what happened.
type Notice struct {
	Tone Tone
	Text string
	Link *NavItem // where to look at what happened, if there is such a place
}

// Problem is one thing wrong with what was typed, in the reader's language.
type Problem struct {
	Field string // the field's name, empty when the form as a whole is at fault
	Text  string
}

// Problems are all that is wrong with one form.
type Problems []Problem

// On returns what is wrong with a field, or an empty text.
func (p Problems) On(field string) string {
	for _, problem := range p {
		if problem.Field == field {
			return problem.Text
		}
	}
	return ""
}

// ProblemsOf says every fault within err in the speaker's language.
// It returns nil when err holds no fault, because that is nothing a reader can mend.
func ProblemsOf(s *words.Speaker, err error) Problems {
	first := fault.Of(err)
	if first == nil {
		return nil
	}
	var found Problems
	for _, one := range first.All() {
		found = append(found, Problem{Field: one.Field, Text: s.Fault(one)})
	}
	return found
}

// exitAddress is where quick exit leads: busy, ordinary and quick to load.
const exitAddress = "https://www.google.com/"

// homeOf is where the wordmark leads.
const homeOf = "/"

// referrerOf is whom the browser may tell the address of a public page.
func referrerOf(f Frame) string {
	if f.Secret {
		return "no-referrer"
	}
	return "same-origin"
}

// fontOf names the two faces a page in this language needs first.
func fontOf(s *words.Speaker) []string {
	if s.Lang() == words.Bangla {
		return []string{"fonts/noto-sans-bengali-400.woff2", "fonts/noto-sans-bengali-700.woff2"}
	}
	return []string{"fonts/noto-sans-400.woff2", "fonts/noto-sans-700.woff2"}
}

// otherOf is the language that s does not speak.
func otherOf(s *words.Speaker) string {
	if s.Lang() == words.Bangla {
		return string(words.English)
	}
	return string(words.Bangla)
}

func titleOf(f Frame) string {
	if f.Title == "" {
		return f.S.T("kit.fera")
	}
	return f.Title + " · " + f.S.T("kit.fera")
}
