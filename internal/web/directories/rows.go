// SPDX-License-Identifier: Apache-2.0

package directories

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/numbers"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// mostRows is how many lines of a kind a form asks for. What an exchange brought beyond that stays as it is.
const mostRows = 12

// numbered are the inputs of one line, with its number in their labels.
func (f form) numbered(name, label, now string, n int) kit.Input {
	return f.r.Input(name+"_"+strconv.Itoa(n), f.r.S.T("directory.form."+label, "n", n+1), now)
}

// spoken offers the languages in which somebody is served.
func (f form) spoken(all []listing.Language) {
	var options []kit.Option
	var chosen []string
	for _, code := range listing.Spoken() {
		options = append(options, kit.Option{Value: code, Label: f.r.S.T("directory.language." + code)})
	}
	for _, l := range all {
		chosen = append(chosen, l.Code)
	}
	f.checks("languages", options, chosen)
}

// languageList reads them; those that no form offers stay.
func languageList(r *site.Request, before []listing.Language) []listing.Language {
	all := slices.DeleteFunc(before, func(l listing.Language) bool {
		return slices.Contains(listing.Spoken(), l.Code) && !slices.Contains(r.PostForm["languages"], l.Code)
	})
	for _, code := range r.PostForm["languages"] {
		if slices.Contains(listing.Spoken(), code) && !slices.ContainsFunc(all, func(l listing.Language) bool { return l.Code == code }) {
			all = append(all, listing.Language{Code: code})
		}
	}
	return all
}

// costRows asks what a service costs, price by price.
func (f form) costRows(all []listing.Cost) {
	f.group("costs")
	f.v.Groups[len(f.v.Groups)-1].Hint = f.r.S.T("directory.form.cost_hint")
	for i := range min(len(all)+2, mostRows) {
		c := listing.Cost{}
		if i < len(all) {
			c = all[i]
		}
		lang := string(f.r.S.Lang())
		amount := f.numbered("cost_amount", "cost_amount", amountOf(c.Amount), i)
		amount.Width, amount.InputMode, amount.Error = kit.Short, "decimal", f.r.Problems.On("cost_amount_"+strconv.Itoa(i))
		f.put(asField, f.numbered("cost_for", "cost_for", c.For.In(lang), i))
		f.put(asField, amount)
		f.put(asField, f.numbered("cost_note", "cost_note", c.Note.In(lang), i))
	}
}

// amountOf writes hundredths as they are typed.
func amountOf(n *int64) string {
	if n == nil {
		return ""
	}
	if *n%100 == 0 {
		return strconv.FormatInt(*n/100, 10)
	}
	return fmt.Sprintf("%d.%02d", *n/100, *n%100)
}

// hundredths reads an amount in either numerals.
func hundredths(text string) (*int64, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(numbers.Digits(text)), ",", "")
	if text == "" {
		return nil, true
	}
	whole, part, _ := strings.Cut(text, ".")
	if len(part) > 2 || len(whole) > 12 {
		return nil, false
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 62)
	if err != nil {
		return nil, false
	}
	amount := int64(n)
	return &amount, true
}

// costList reads prices. A line in which nothing stands is none; the currency of a new one is the taka.
func costList(r *site.Request, before []listing.Cost) (all []listing.Cost, err error) {
	for i := range mostRows {
		c, at := listing.Cost{Currency: "BDT"}, strconv.Itoa(i)
		if i < len(before) {
			c = before[i]
		}
		what, note := strings.TrimSpace(r.PostFormValue("cost_for_"+at)), strings.TrimSpace(r.PostFormValue("cost_note_"+at))
		amount, ok := hundredths(r.PostFormValue("cost_amount_" + at))
		if !ok {
			return nil, fault.New(fault.Invalid, "directory.amount").On("cost_amount_" + at)
		}
		if what+note == "" && amount == nil {
			continue
		}
		reword(r, &c.For, what)
		reword(r, &c.Note, note)
		c.Amount = amount
		all = append(all, c)
	}
	return append(all, before[min(mostRows, len(before)):]...), nil
}

// reword sets a text in the language of the form, unless it was shown in the other for want of one and stayed as it was.
func reword(r *site.Request, t *listing.Text, said string) {
	if said != t.In(string(r.S.Lang())) {
		setText(t, said, string(r.S.Lang()))
		if said == "" {
			*t = listing.Text{}
		}
	}
}

// otherPapers asks for papers that are in no list.
func (f form) otherPapers(all []listing.Paper) {
	others := slices.DeleteFunc(slices.Clone(all), func(p listing.Paper) bool { return p.Code != "" })
	for i := range min(len(others)+2, mostRows) {
		p := listing.Paper{}
		if i < len(others) {
			p = others[i]
		}
		f.put(asField, f.numbered("paper_other", "paper_other", p.Text.In(string(f.r.S.Lang())), i))
	}
}

// paperList reads the papers that were ticked and those that were written.
func paperList(r *site.Request, before []listing.Paper) (all []listing.Paper) {
	others := []listing.Paper{}
	for _, p := range before {
		if p.Code == "" {
			others = append(others, p)
		} else if slices.Contains(r.PostForm["papers"], p.Code) {
			all = append(all, p)
		}
	}
	for _, code := range r.PostForm["papers"] {
		if !slices.ContainsFunc(all, func(p listing.Paper) bool { return p.Code == code }) {
			all = append(all, listing.Paper{Code: code})
		}
	}
	for i := range mostRows {
		p := listing.Paper{}
		if i < len(others) {
			p = others[i]
		}
		said := strings.TrimSpace(r.PostFormValue("paper_other_" + strconv.Itoa(i)))
		if said == "" && p.URL == "" {
			continue
		}
		reword(r, &p.Text, said)
		all = append(all, p)
	}
	return append(all, others[min(mostRows, len(others)):]...)
}

// accessRows asks how people with a disability get in and are served.
func (f form) accessRows(all []listing.Access) {
	f.group("access")
	for i := range min(len(all)+2, mostRows) {
		a := listing.Access{}
		if i < len(all) {
			a = all[i]
		}
		for _, lang := range []string{"bn", "en"} {
			in := f.numbered("access", "access_n", map[string]string{"bn": a.About.Bn, "en": a.About.En}[lang], i)
			in.Name += "_" + lang
			in.Value = f.r.Typed(in.Name, map[string]string{"bn": a.About.Bn, "en": a.About.En}[lang])
			in.Label += " (" + f.r.S.T("directory.in."+lang) + ")"
			in.Lang, in.MaxLength = lang, listing.LongestText
			f.put(asField, in)
		}
	}
}

func accessList(r *site.Request, before []listing.Access) (all []listing.Access) {
	for i := range mostRows {
		a := listing.Access{}
		if i < len(before) {
			a = before[i]
		}
		if a.About = text(r, "access_"+strconv.Itoa(i)); !a.About.Empty() {
			all = append(all, a)
		}
	}
	return append(all, before[min(mostRows, len(before)):]...)
}
