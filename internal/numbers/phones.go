// SPDX-License-Identifier: Apache-2.0

package numbers

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"fera/internal/fault"
)

// home is the country of numbers typed without one.
const home = "BD"

// maxPhone is the most digits a telephone number has, with its country.
const maxPhone = 15

var bangladeshiMobile = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^1[3-9][0-9]{8}$`) })

// Phone reads a telephone number. Without a country in front it belongs to
// defaultCountry, an ISO 3166 code, or to Bangladesh if that is empty. The
// normal form is +8801712345678; short codes such as 999 stay as they are.
// The prefix says nothing about the operator, for numbers move between them.
func Phone(typed, defaultCountry string) (Number, error) {
	n, plain, err := begin(KindPhone, typed)
	if err != nil {
		return Number{}, err
	}
	digits := onlyDigits(plain)
	if digits == "" {
		return Number{}, fault.New(fault.Invalid, "number.needed")
	}
	if len(strings.TrimLeft(digits, "0")) > maxPhone {
		return Number{}, fault.New(fault.Invalid, "number.phone_too_long")
	}
	if strings.ContainsFunc(plain, unicode.IsLetter) {
		n.warn("number.phone_letters")
	}
	if defaultCountry == "" {
		defaultCountry = home
	}

	abroad := strings.HasPrefix(strings.TrimLeft(plain, "( "), "+")
	if !abroad && len(digits) <= 5 {
		n.Country = defaultCountry
		n.warn("number.phone_short_code")
		return n.settled(digits), nil
	}
	if strings.HasPrefix(digits, "00") {
		abroad, digits = true, strings.TrimLeft(digits, "0")
	}
	if !abroad && defaultCountry == home {
		digits, abroad = n.fromHome(digits)
	}
	return n.dialled(digits, abroad, defaultCountry), nil
}

// fromHome puts the country before digits dialled inside Bangladesh and
// reports whether the country now stands in front.
func (n *Number) fromHome(digits string) (string, bool) {
	switch {
	case strings.HasPrefix(digits, "880"):
		return digits, true
	case bangladeshiMobile().MatchString(digits):
		n.warn("number.phone_zero_missing")
		return "880" + digits, true
	case strings.HasPrefix(digits, "0"):
		return "880" + digits[1:], true
	}
	return digits, false
}

// dialled finishes n from its digits.
func (n Number) dialled(digits string, abroad bool, country string) Number {
	full := digits
	if abroad {
		full = "+" + digits
	}
	parsed, err := phonenumbers.Parse(full, country)
	if err != nil {
		n.warn("number.phone_unreadable")
		return n.settled(full)
	}

	n.Country = phonenumbers.GetRegionCodeForCountryCode(int(parsed.GetCountryCode()))
	if region := phonenumbers.GetRegionCodeForNumber(parsed); region != "" {
		n.Country = region
	}
	national := phonenumbers.GetNationalSignificantNumber(parsed)
	if n.Country == home {
		n.inBangladesh(national)
	} else {
		n.elsewhere(parsed)
	}
	return n.settled("+" + strconv.Itoa(int(parsed.GetCountryCode())) + national)
}

// inBangladesh knows mobile numbers by 013 to 019 and eleven digits.
func (n *Number) inBangladesh(national string) {
	switch {
	case bangladeshiMobile().MatchString(national):
		n.Mobile = true
	case strings.HasPrefix(national, "1") && len(national) != 10, len(national) < 6, len(national) > 10:
		n.warn("number.phone_length")
	case strings.HasPrefix(national, "1"):
		n.warn("number.phone_prefix_unknown")
	default:
		n.warn("number.phone_not_mobile")
	}
}

func (n *Number) elsewhere(parsed *phonenumbers.PhoneNumber) {
	if !phonenumbers.IsPossibleNumber(parsed) {
		n.warn("number.phone_length")
		return
	}
	if !phonenumbers.IsValidNumber(parsed) {
		n.warn("number.phone_prefix_unknown")
		return
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		n.Mobile = true
	default:
		n.warn("number.phone_not_mobile")
	}
}

// ShowPhone writes a normal form the way people read it: 01712-345678 for a
// Bangladeshi mobile, +966 50 123 4567 for a number abroad.
func ShowPhone(normal string) string {
	if national, ok := strings.CutPrefix(normal, "+880"); ok && bangladeshiMobile().MatchString(national) {
		return "0" + national[:4] + "-" + national[4:]
	}
	parsed, err := phonenumbers.Parse(normal, "ZZ")
	if err != nil {
		return normal
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}
