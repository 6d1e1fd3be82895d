// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"slices"
	"strconv"
	"time"

	"fera/internal/dates"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/kit"
	"fera/internal/web/shared"
	"fera/internal/web/site"
)

// fields are those that an act asks for; those without a name are not asked for.
type fields struct {
	Problems kit.Problems
	Code     kit.Input // why the provider declines
	Codes    []kit.Option
	Words    kit.Input
	Day      kit.Input
	Time     kit.Input
	Place    kit.Input
}

// fieldsOf are the fields of an act. With a suffix several forms can stand on one page.
func fieldsOf(r *site.Request, act course.Act, suffix string) (f fields) {
	f.Problems = r.Problems
	input := func(name, key string) kit.Input {
		in := r.Input(name, r.S.T(key), "")
		if in.Name += suffix; suffix != "" {
			in.Value, in.Error = "", ""
		}
		return in
	}
	switch act {
	case course.Accept, course.Acknowledge:
		return f
	case course.Appoint:
		f.Day, f.Time, f.Place = input("at", "inbox.field.day"), input("time", "inbox.field.time"), input("where", "inbox.field.where")
		f.Day.Hint, f.Time.Type, f.Time.Width, f.Place.Optional, f.Place.MaxLength = r.S.T("inbox.field.day_hint"), "time", kit.Short, true, 300
		return f
	case course.Decline:
		f.Code = input("code", "inbox.field.code")
		for _, code := range referrals.Reasons() {
			f.Codes = append(f.Codes, kit.Option{Value: code, Label: r.S.T("shared.reason." + code)})
		}
	}
	f.Words = input("reason", "inbox.field.words."+string(act))
	f.Words.Optional = !slices.Contains([]course.Act{course.Unable, course.Correct}, act)
	f.Words.MaxLength, f.Words.Rows = 450, 3
	return f
}

// read takes from a form what an act needs. Suffixes are of forms that share a page.
func read(r *site.Request, act course.Act) (reply referrals.Reply, err error) {
	value := func(name string) string {
		if v := r.PostFormValue(name); v != "" {
			return v
		}
		return r.PostFormValue(name + "-" + string(act))
	}
	reply = referrals.Reply{Act: act}
	reply.Version, _ = strconv.Atoi(value("version"))
	switch act {
	case course.Accept, course.Acknowledge:
	case course.Appoint:
		reply.Where = value("where")
		reply.At, err = moment(value("at"), value("time"))
	case course.Decline:
		code, words := value("code"), value("reason")
		switch {
		case !slices.Contains(referrals.Reasons(), code):
			return reply, fault.New(fault.Invalid, "inbox.code_needed").On("code")
		case code == "other" && len([]rune(words)) < 3:
			return reply, fault.New(fault.Invalid, "inbox.words_needed").On("reason")
		}
		reply.Reason = shared.WithWords(code, words)
	default:
		reply.Reason = value("reason")
	}
	return reply, err
}

// moment is a day and a time of day in Dhaka.
func moment(day, clock string) (time.Time, error) {
	d, err := dates.Parse(day)
	var faults []*fault.Error
	switch {
	case day == "":
		faults = append(faults, fault.New(fault.Invalid, "fault.needed").On("at"))
	case err != nil || d.Precision() != dates.Day:
		faults = append(faults, fault.New(fault.Invalid, "inbox.whole_day").On("at"))
	}
	t, err := listing.ClockTime(plainDigits(clock))
	if err != nil {
		faults = append(faults, fault.New(fault.Invalid, "inbox.clock").On("time"))
	}
	if f := fault.Join(faults...); f != nil {
		return time.Time{}, f
	}
	hour, _ := strconv.Atoi(t[:2])
	minute, _ := strconv.Atoi(t[3:])
	return d.Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute), nil
}

// plainDigits writes the numerals of Bangla as those of a clock.
func plainDigits(s string) string {
	all := []rune(s)
	for i, c := range all {
		if c >= '০' && c <= '৯' {
			all[i] = '0' + c - '০'
		}
	}
	return string(all)
}
