// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/numbers"
	"fera/internal/words"
)

// readSex reads what lists say of sex, in either language.
func readSex(text string) (string, bool) {
	switch strings.TrimRight(names.Fold(text), ". ") {
	case "f", "female", "woman", "women", "girl", "fem", "নারী", "মহিলা", "স্ত্রী", "মেয়ে":
		return "female", true
	case "m", "male", "man", "men", "boy", "পুরুষ", "পুং", "ছেলে":
		return "male", true
	case "o", "other", "others", "third gender", "hijra", "transgender", "হিজড়া", "অন্যান্য", "তৃতীয় লিঙ্গ":
		return "other", true
	case "unsaid", "unknown", "not said", "not known", "n/a", "na":
		return "unsaid", true
	}
	return "", false
}

// readYes reads yes or no.
func readYes(text string) (yes, ok bool) {
	switch strings.TrimRight(names.Fold(text), ". ") {
	case "y", "yes", "true", "1", "agreed", "given", "agree", "ok", "✓", "✔", "হ্যাঁ", "হ্যা", "হাঁ", "হা", "জি", "সম্মত", "১":
		return true, true
	case "n", "no", "false", "0", "refused", "not given", "না", "অসম্মত", "০":
		return false, true
	}
	return false, false
}

// said are the answers to one question by the words for them in both languages.
type said map[string]string

// answers are the questions of the register by the words for their answers.
var answers = sync.OnceValue(func() map[Target]said {
	all := map[Target]said{}
	for target, question := range map[Target]struct {
		keys  string
		codes []string
	}{
		"marital":         {"person.marital.", choices.MaritalStates()},
		"schooling":       {"person.schooling.", choices.SchoolingLevels()},
		"journey.left_by": {"person.left_by.", choices.WaysOfLeaving()},
		"journey.port":    {"person.port.", choices.Ports()},
		"journey.reasons": {"person.reason.", choices.ReturnReasons()},
		"consent.method":  {"person.method.", choices.ConsentMethods()},
	} {
		all[target] = said{}
		for _, code := range question.codes {
			all[target][names.Fold(code)] = code
			all[target][names.Fold(strings.ReplaceAll(code, "_", " "))] = code
			for _, lang := range words.Languages() {
				all[target][names.Fold(words.In(lang).T(question.keys+code))] = code
			}
		}
	}
	for word, code := range map[string]string{"single": "never_married", "unmarried": "never_married", "অবিবাহিত": "never_married", "বিবাহিত": "married",
		"divorcee": "divorced", "তালাকপ্রাপ্ত": "divorced", "তালাকপ্রাপ্তা": "divorced", "widow": "widowed", "widower": "widowed", "বিধবা": "widowed", "বিপত্নীক": "widowed"} {
		all["marital"][names.Fold(word)] = code
	}
	for word, code := range map[string]string{"dhaka": "dac", "shahjalal": "dac", "hsia": "dac", "ঢাকা": "dac", "chittagong": "cgp", "chattogram": "cgp", "চট্টগ্রাম": "cgp", "sylhet": "zyl", "সিলেট": "zyl"} {
		all["journey.port"][names.Fold(word)] = code
	}
	return all
})

// readAnswer reads an answer by its code or by the words for it.
func readAnswer(t Target, text string) (string, bool) {
	code, ok := answers()[t][names.Fold(names.Clean(text))]
	return code, ok
}

// ofDay is a date as a sheet writes it, with the time of day.
var ofDay = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[ T]\d`)

func readDate(text string) (dates.Partial, error) {
	if m := ofDay.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	return dates.Parse(text)
}

// readAmount reads an amount of taka, with whatever is written around it.
func readAmount(text string) (int64, bool) {
	digits := strings.ToLower(numbers.Digits(text))
	for _, around := range []string{"bdt", "taka", "tk.", "tk", "৳", "টাকা", "/-", ",", " "} {
		digits = strings.ReplaceAll(digits, around, "")
	}
	digits, _, _ = strings.Cut(digits, ".")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// divided divides a cell that holds several values.
func divided(text string) (all []string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(";,/\n।|", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// phones divides a cell with several telephones, but not one that is written
// with a sign in it, as 01711/345678.
func phones(text string) []string {
	all := divided(text)
	for _, one := range all {
		if len(strings.Map(onlyDigit, numbers.Digits(one))) < 8 {
			return []string{text}
		}
	}
	return all
}

func onlyDigit(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// bad is a fault of one cell.
func bad(key string) *fault.Error { return fault.New(fault.Invalid, key) }
