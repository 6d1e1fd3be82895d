// SPDX-License-Identifier: Apache-2.0

package names

import (
	"strings"
	"unicode"
)

// maxTokens bounds the tokens of one name; what follows is not looked at.
const maxTokens = 8

// Keys gives one phonetic key per meaningful token of name, in order. A key is
// the consonants as they are heard, all vowels at the start being A, and it is
// the same for a name in Bangla and in its usual romanisations: ফাতেমা, Fatema
// and Fatima are FTM.
//
// Titles (Md, মোছাঃ, Late, Haji), initials and the article in Al Amin are
// dropped unless nothing else remains. Abdul, Abdur and Abdus are all ABD, and
// Nasiruddin is keyed as Nasir Uddin.
func Keys(name string) []string {
	tokens, _ := tokensOf(name, false)
	keys := make([]string, 0, len(tokens))
	for _, t := range tokens {
		if k := tokenKey(t); k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// tokensOf folds name and gives its meaningful tokens. While the last token is
// being typed it is kept whatever it is so far, for "mo" may become Mondal and
// "b" Begum; tail tells whether the last token given is that one.
func tokensOf(name string, typing bool) (tokens []string, tail bool) {
	all := split(Fold(name))
	if len(all) > maxTokens {
		all, typing = all[:maxTokens], false
	}
	all = bind(all)

	kept := make([]string, 0, len(all)+1)
	for i, t := range all {
		tail = typing && i == len(all)-1
		if tail && i > 0 || !title(t) && !single(t) && !article(t) {
			kept = append(kept, withoutUddin(t)...)
		}
	}
	if len(kept) == 0 {
		return onlyTitles(all, tail), tail
	}
	return kept, tail
}

// onlyTitles gives the tokens of a name in which nothing tells people apart,
// every title in its full form unless it is still being typed.
func onlyTitles(all []string, typing bool) []string {
	kept := make([]string, 0, len(all))
	for i, t := range all {
		if article(t) && len(all) > 1 && (!typing || i < len(all)-1) {
			continue
		}
		if full, ok := titles()[t]; ok && (!typing || i < len(all)-1) {
			t = full
		}
		kept = append(kept, t)
	}
	return kept
}

var apostrophes = strings.NewReplacer("'", "", "’", "", "‘", "", "`", "", "ʼ", "")

// split cuts a folded name into runs of letters. ঃ and the full stop end an
// abbreviation and so part tokens; an apostrophe is inside one.
func split(folded string) []string {
	folded = apostrophes.Replace(folded)
	return strings.FieldsFunc(folded, func(r rune) bool {
		return r == 'ঃ' || !unicode.IsLetter(r) && !unicode.IsMark(r)
	})
}

// bind puts the Arabic joints where Bangla writes them: Zia ur Rahman as
// Ziaur Rahman, Ud Din as Uddin.
func bind(tokens []string) []string {
	out := tokens[:0:0]
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		joint := jointWord(t)
		switch {
		case (t == "ud" || t == "উদ") && i+1 < len(tokens):
			out = append(out, t+tokens[i+1])
			i++
		case joint && len(out) > 0 && i+1 < len(tokens) && !title(out[len(out)-1]):
			out[len(out)-1] += t
		case joint && i+1 < len(tokens):
		default:
			out = append(out, t)
		}
	}
	return out
}

func jointWord(t string) bool {
	switch t {
	case "ur", "ul", "us", "un", "ar", "উর", "উল", "উস", "উন", "আর":
		return true
	}
	return false
}

// article reports the word before a name that is often left out or grown
// together with it.
func article(t string) bool { return t == "al" || t == "el" || t == "আল" }

// title reports words that stand before most names and tell nobody apart.
func title(t string) bool {
	_, ok := titles()[t]
	return ok
}

// single reports an initial: one letter by itself. আঃ is no initial but Abdul.
func single(t string) bool {
	if t == "আ" {
		return false
	}
	letters := 0
	for _, r := range t {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters < 2 && (ascii(t) || !strings.ContainsFunc(t, unicode.IsMark))
}

// tokenKey gives the key of one folded token.
func tokenKey(t string) string {
	if full, ok := short(t); ok {
		t = full
	}
	if servant(t) {
		return "ABD"
	}
	return sound(t)
}

// sound gives the key of one folded token by its letters alone.
func sound(t string) string {
	switch Looks(t) {
	case Bangla:
		return banglaKey(t)
	case Latin:
		return latinKey(t)
	case None:
		return ""
	}
	return mixedKey(t)
}

// mixedKey keys the runs of either script one after the other. Letters of
// other scripts are kept as they are, so that such names still find
// themselves.
func mixedKey(t string) string {
	var b strings.Builder
	run := []rune{}
	script := None
	flush := func() {
		switch script {
		case Bangla:
			b.WriteString(banglaKey(string(run)))
		case Latin:
			b.WriteString(latinKey(string(run)))
		default:
			b.WriteString(string(run))
		}
		run = run[:0]
	}
	for _, r := range t {
		s := Other
		if unicode.Is(unicode.Bengali, r) {
			s = Bangla
		} else if unicode.Is(unicode.Latin, r) {
			s = Latin
		}
		if s != script {
			flush()
			script = s
		}
		run = append(run, r)
	}
	flush()
	return cut(b.String(), maxKey)
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// short gives the full form of a few written abbreviations and endings that
// the rules of sound cannot bring together.
func short(t string) (string, bool) {
	switch t {
	case "sk":
		return "sheikh", true
	case "chy", "chow":
		return "chowdhury", true
	case "mian":
		return "mia", true
	case "bhuiyan", "bhuyan", "bhuyian", "bhuian", "buiyan", "vuiyan", "bhuyain", "bhuiyain", "ভূঁইয়ান", "ভূইয়ান":
		return "bhuiya", true
	case "ইসহাক", "ইছহাক", "এসহাক":
		return "ishaque", true
	case "alamin", "আলামিন", "আলামীন":
		return "amin", true
	}
	return "", false
}

// servant reports the forms of Abdul, whose last letter follows the name
// after it: Abdur Rahman, Abdus Salam, আঃ করিম.
func servant(t string) bool {
	switch t {
	case "ab", "abd", "আ", "আব", "আবদ":
		return true
	}
	for _, stem := range []string{"abdo", "abdu", "abdoo", "abdou", "আব্দু", "আবদু", "আব্দূ", "আবদো", "আব্দো"} {
		if rest, ok := strings.CutPrefix(t, stem); ok && len([]rune(rest)) == 1 && !strings.ContainsFunc(rest, unicode.IsMark) {
			return rest != "o" && rest != "u" && rest != "h"
		}
	}
	return false
}

// withoutUddin parts Nasiruddin into nasir and uddin.
func withoutUddin(t string) []string {
	if stem, ok := stemBefore(t, "uddin", "uddeen", "oddin", "udden", "udin", "uddn"); ok {
		return []string{stem, "uddin"}
	}
	if stem, ok := stemBefore(t, "উদ্দিন", "উদ্দীন", "ুদ্দিন", "ুদ্দীন", "োদ্দিন", "উদদিন"); ok {
		return []string{stem, "উদ্দিন"}
	}
	return []string{t}
}

func stemBefore(t string, ends ...string) (string, bool) {
	for _, end := range ends {
		if stem, ok := strings.CutSuffix(t, end); ok && len([]rune(stem)) >= 2 {
			return stem, true
		}
	}
	return "", false
}
