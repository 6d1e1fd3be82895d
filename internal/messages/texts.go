// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/numbers"
	"fera/internal/words"
)

// mostParts is how many parts a text may have on the air.
const mostParts = 2

// longestLink is how long an address in a text may be.
const longestLink = 72

//go:embed texts/*.json
var textFiles embed.FS

// textSet is one dated set of texts. Sets are data: changed words are a new file, and older ones stay.
type textSet struct {
	Version string `json:"version"`
	From    string `json:"from"`
	Limits  struct {
		PerDay     int `json:"per_day"`    // messages to a person on one day
		QuietFrom  int `json:"quiet_from"` // hour in Dhaka from which nothing leaves
		QuietTo    int `json:"quiet_to"`
		AnswerDays int `json:"answer_days"` // how long an answer is waited for
	} `json:"limits"`
	Words map[string][]string `json:"words"` // what stands for yes, no, stop and start
	Kinds map[string]kind     `json:"kinds"`
}

// kind is one text with what belongs in it.
type kind struct {
	To     string                `json:"to"` // person or staff
	Asks   bool                  `json:"asks"`
	Link   bool                  `json:"link"`
	Values []string              `json:"values"`
	Texts  map[words.Lang]string `json:"texts"`
	Mail   map[words.Lang]letter `json:"mail"` // to staff, by e-mail
}

// letter is a text as an e-mail has it.
type letter struct {
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

var textSets = sync.OnceValue(func() []textSet {
	files, err := textFiles.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	var all []textSet
	for _, f := range files {
		text, err := textFiles.ReadFile("texts/" + f.Name())
		if err != nil {
			panic(err)
		}
		var set textSet
		if err := json.Unmarshal(text, &set); err != nil {
			panic(err)
		}
		if err := set.check(); err != nil {
			panic(err)
		}
		all = append(all, set)
	}
	slices.SortFunc(all, func(a, b textSet) int { return strings.Compare(a.From, b.From) })
	return all
})

// setAt is the set in force on a day.
func setAt(now time.Time) textSet {
	all, today := textSets(), dates.Of(now).String()
	at := all[0]
	for _, set := range all {
		if set.From <= today {
			at = set
		}
	}
	return at
}

// Kinds returns the kinds of texts to persons that there are, in order.
func Kinds(now time.Time) []string { return setAt(now).kindsTo("person") }

func (set textSet) kindsTo(whom string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(set.Kinds)) {
		if set.Kinds[name].To == whom {
			all = append(all, name)
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// check refuses a set of which a text lacks a language, holds something else than what is declared, or could be too long.
func (set textSet) check() error {
	if set.Limits.PerDay < 1 || set.Limits.AnswerDays < 1 || set.Limits.QuietTo > set.Limits.QuietFrom {
		return fmt.Errorf("texts %s: the limits make no sense", set.Version)
	}
	for name, k := range set.Kinds {
		if k.To != "person" && k.To != "staff" {
			return fmt.Errorf("texts %s: %s is to nobody", set.Version, name)
		}
		for _, lang := range words.Languages() {
			var in []string
			for _, m := range placeholder.FindAllStringSubmatch(k.Texts[lang], -1) {
				in = append(in, m[1])
			}
			slices.Sort(in)
			if want := k.needs(); k.Texts[lang] == "" || !slices.Equal(slices.Compact(in), want) {
				return fmt.Errorf("texts %s: %s in %s has %v, declared are %v", set.Version, name, lang, in, want)
			}
			if f := k.checkMail(lang); f != "" {
				return fmt.Errorf("texts %s: %s in %s: %s", set.Version, name, lang, f)
			}
			if n, _ := Parts(k.longest(lang)); n > mostParts {
				return fmt.Errorf("texts %s: %s in %s could take %d parts", set.Version, name, lang, n)
			}
		}
	}
	return nil
}

// checkMail says what is wrong with the e-mail of a kind. Its subject has no values: who looks over a shoulder reads it.
func (k kind) checkMail(lang words.Lang) string {
	m := k.Mail[lang]
	switch {
	case k.To == "person" && len(k.Mail) > 0:
		return "people are written no e-mail"
	case k.To == "person":
		return ""
	case m.Subject == "" || m.Body == "":
		return "there is no e-mail"
	case placeholder.MatchString(m.Subject) || strings.ContainsAny(m.Subject, "\r\n") || len(placeholder.FindAllString(m.Body, -1)) != len(k.needs()):
		return "the e-mail has other values than the text"
	}
	return ""
}

// mail is what leaves by e-mail, in both languages: nobody knows which of them is read there.
func (k kind) mail(c content) (subject, body string) {
	var subjects, bodies []string
	for _, lang := range []words.Lang{words.Bangla, words.English} {
		m := k.Mail[lang]
		subjects = append(subjects, m.Subject)
		k.Texts = map[words.Lang]string{lang: m.Body}
		bodies = append(bodies, k.text(lang, c, ""))
	}
	return strings.Join(subjects, " · "), strings.Join(bodies, "\n\n") + "\n"
}

// needs are the placeholders of the texts of a kind, in order.
func (k kind) needs() []string {
	all := slices.Clone(k.Values)
	if k.Link {
		all = append(all, "link")
	}
	if k.Asks {
		all = append(all, "code")
	}
	slices.Sort(all)
	return all
}

// longest is the longest text that a kind can come to in a language.
func (k kind) longest(lang words.Lang) string {
	s, date, clock := words.In(lang), "", ""
	for month := range 12 {
		date = longer(date, dates.Format(s, dates.Partial{Year: 2028, Month: month + 1, Day: 28}))
	}
	for hour := range 24 {
		clock = longer(clock, dates.Clock(s, time.Date(2028, 1, 1, hour, 50, 0, 0, dates.Dhaka())))
	}
	return k.fill(lang, map[string]string{"date": date, "time": clock, "number": "+88017123456789", "ticket": "AAA-0000", "link": strings.Repeat("x", longestLink), "code": "00000"})
}

func longer(a, b string) string {
	if len(utf16.Encode([]rune(b))) > len(utf16.Encode([]rune(a))) {
		return b
	}
	return a
}

func (k kind) fill(lang words.Lang, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(k.Texts[lang], func(p string) string { return values[p[1:len(p)-1]] })
}

// content is what a text is made of. It is kept sealed, and a text made of it when the message leaves.
type content struct {
	To       string            `json:"to,omitempty"` // number or address, of staff only
	Language words.Lang        `json:"language,omitempty"`
	With     map[string]string `json:"with,omitempty"`
	Link     string            `json:"link,omitempty"`
}

// text is what leaves, in a language.
func (k kind) text(lang words.Lang, c content, code string) string {
	s, values := words.In(lang), map[string]string{"link": c.Link, "code": code}
	for name, v := range c.With {
		switch name {
		case "date":
			if d, err := dates.Parse(v); err == nil {
				v = dates.Format(s, d)
			}
		case "time":
			if t, err := time.ParseInLocation("15:04", v, dates.Dhaka()); err == nil {
				v = dates.Clock(s, t)
			}
		}
		values[name] = v
	}
	return k.fill(lang, values)
}

// Parts tells how many messages a text takes on the air, and whether it has to go as UCS-2: then a message holds 70 characters,
// or 67 when there are several, else 160 and 153.
func Parts(text string) (n int, unicode bool) {
	septets := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			septets++
		case strings.ContainsRune(gsmMore, r):
			septets += 2
		default:
			unicode = true
		}
	}
	size, one, several := septets, 160, 153
	if unicode {
		size, one, several = len(utf16.Encode([]rune(text))), 70, 67
	}
	if size <= one {
		return 1, unicode
	}
	return (size + several - 1) / several, unicode
}

// The characters of the default alphabet of GSM 03.38, and those that take two places there.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmMore  = "^{}\\[~]|€\f"
)

var (
	numberForm = regexp.MustCompile(`^\+?[0-9]{3,14}$`)
	ticketForm = regexp.MustCompile(`^[A-Z]{0,3}-?[0-9]{1,4}$`)
	clockForm  = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
)

// read takes the values of a text, each in the form of its own: no text of any other kind gets in.
func (k kind) read(with map[string]any, link string) (c content, err error) {
	c = content{With: map[string]string{}, Link: link}
	for name, v := range with {
		if !slices.Contains(k.Values, name) {
			return c, fault.New(fault.Invalid, "message.value_unknown").With("name", name).On("with")
		}
		text, ok := value(name, v)
		if !ok {
			return c, fault.New(fault.Invalid, "message.value_form").With("name", name).On("with")
		}
		c.With[name] = text
	}
	for _, name := range k.Values {
		if c.With[name] == "" {
			return c, fault.New(fault.Invalid, "message.value_missing").With("name", name).On("with")
		}
	}
	if k.Link != (link != "") || k.Link && !safeLink(link) {
		return c, fault.New(fault.Invalid, "message.link_form").With("max", longestLink).On("link")
	}
	return c, nil
}

func value(name string, v any) (string, bool) {
	switch v := v.(type) {
	case dates.Partial:
		return v.String(), name == "date" && v.Precision() == dates.Day
	case time.Time:
		if name == "date" {
			return dates.Of(v).String(), true
		}
		return v.In(dates.Dhaka()).Format("15:04"), name == "time"
	case string:
		switch name {
		case "date":
			d, err := dates.Parse(v)
			return d.String(), err == nil && d.Precision() == dates.Day
		case "time":
			return v, clockForm.MatchString(v)
		case "number":
			v = numbers.Digits(v)
			return v, numberForm.MatchString(v)
		case "ticket":
			return v, ticketForm.MatchString(v)
		}
	}
	return "", false
}

// safeLink tells whether an address may stand in a text: short, by TLS or on this machine, without a name or password in it.
func safeLink(link string) bool {
	u, err := url.Parse(link)
	if err != nil || len(link) > longestLink || u.Host == "" || u.User != nil {
		return false
	}
	local := slices.Contains([]string{"localhost", "127.0.0.1"}, u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && local
}
