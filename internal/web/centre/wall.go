// SPDX-License-Identifier: Apache-2.0

package centre

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/web/site"
	"fera/internal/words"
)

// refresh is after how many seconds a wall screen looks again.
const refresh = 8

// shown is one line on the wall, in both numerals.
type shown struct {
	CodeBn, CodeEn       string
	CounterBn, CounterEn string
	Fresh                bool
}

// queued is one letter on the wall.
type queued struct {
	Letter         string
	WaitingBn      string
	WaitingEn      string
	WaitBn, WaitEn string
}

type wallView struct {
	NameBn, NameEn string
	TimeBn, TimeEn string
	Bn, En         *words.Speaker
	Seconds        string
	Called         []shown
	Lines          []queued
}

// wall is the screen in the hall: numbers and counters. Who has its address needs no account, and it names nobody.
func wall(r *site.Request, q db.Reader) (templ.Component, error) {
	w, err := centres.OnWall(r.Context(), q, r.PathValue("id"), r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	bn, en := words.In(words.Bangla), words.In(words.English)
	v := wallView{NameBn: w.NameBn, NameEn: w.NameEn, TimeBn: dates.Clock(bn, w.At), TimeEn: dates.Clock(en, w.At), Bn: bn, En: en, Seconds: strconv.Itoa(refresh)}
	if v.NameEn == v.NameBn {
		v.NameEn = ""
	}
	for _, s := range w.Called {
		n := strconv.Itoa(s.Counter)
		v.Called = append(v.Called, shown{bn.Digits(s.Code), s.Code, bn.Digits(n), n, s.Fresh})
	}
	for _, l := range w.Lines {
		v.Lines = append(v.Lines, queued{l.Letter, bn.Number(l.Waiting), en.Number(l.Waiting), wallWait(bn, l.Wait), wallWait(en, l.Wait)})
	}
	return wallPage(v), nil
}

// wallWait says an estimate as short as a wall wants it.
func wallWait(s *words.Speaker, e centres.Estimate) string {
	if !e.Known {
		return s.T("centre.wall_unknown")
	}
	return waitSaid(s, e)
}

// banglaDigits writes a number in Bangla numerals.
func banglaDigits(text string) string { return words.In(words.Bangla).Digits(text) }

// also says the other language's form of something, where it is another one.
func also(first, second string) string {
	if strings.EqualFold(first, second) {
		return ""
	}
	return second
}

func bangla(key string) string { return words.In(words.Bangla).T(key) }

func english(key string) string { return words.In(words.English).T(key) }
