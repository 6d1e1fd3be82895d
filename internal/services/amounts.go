// SPDX-License-Identifier: Apache-2.0

package services

import (
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"fera/internal/fault"
)

// Taka is the currency in which amounts are kept.
const Taka = "BDT"

// Foreign is money in another currency than taka, in the smallest unit of that currency.
type Foreign struct {
	Currency string `json:"currency,omitempty"` // as ISO 4217 writes it
	Amount   int64  `json:"amount,omitempty"`
}

// check refuses half of a foreign amount, and taka, which Amount is for.
func (f Foreign) check() *fault.Error {
	if f == (Foreign{}) {
		return nil
	}
	if _, err := Decimals(f.Currency); err != nil || f.Currency == Taka {
		return fault.New(fault.Invalid, "service.currency").On("currency")
	}
	if f.Amount < 1 || f.Amount > mostAmount {
		return fault.New(fault.Invalid, "service.amount").On("foreign")
	}
	return nil
}

// Decimals is how many digits of a currency stand after the point: two of taka, none of yen.
func Decimals(code string) (int, error) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code || code == "XXX" {
		return 0, fault.New(fault.Invalid, "service.currency").On("currency")
	}
	digits, _ := currency.Standard.Rounding(unit)
	return digits, nil
}

// ReadAmount reads an amount as people write it, such as 1,25,000.50 or ১২৫০০০, into the smallest unit of a currency. Nothing is
// rounded: what has more digits after the point than the currency is refused. Nothing stands for 0.
func ReadAmount(text, currency string) (int64, error) {
	bad := fault.New(fault.Invalid, "service.amount_form").On("amount")
	digits, err := Decimals(currency)
	if err != nil {
		return 0, err
	}
	text = strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(western(text)), "৳")), "/-")
	if text == "" {
		return 0, nil
	}
	whole, part, _ := strings.Cut(text, ".")
	if !grouped(whole) || len(part) > digits || strings.HasSuffix(text, ".") {
		return 0, bad
	}
	n, err := strconv.ParseUint(strings.ReplaceAll(whole, ",", "")+part+strings.Repeat("0", digits-len(part)), 10, 62)
	if err != nil {
		return 0, bad
	}
	return int64(n), nil
}

// WriteAmount writes an amount so that ReadAmount reads the same: digits, and those after the point where there are any.
func WriteAmount(n int64, currency string) string {
	digits, err := Decimals(currency)
	text := strconv.FormatInt(n, 10)
	if err != nil || digits == 0 || n < 0 {
		return text
	}
	for len(text) <= digits {
		text = "0" + text
	}
	whole, part := text[:len(text)-digits], text[len(text)-digits:]
	if strings.Trim(part, "0") == "" {
		return whole
	}
	return whole + "." + part
}

// western writes Bangla digits as those that strconv reads.
func western(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '০' && r <= '৯' {
			return '0' + r - '০'
		}
		return r
	}, text)
}

// grouped tells whether digits are written without commas, or with commas between two or three of them: 1,25,000 and 125,000.
func grouped(whole string) bool {
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		first, last := i == 0, i == len(groups)-1
		switch {
		case strings.Trim(g, "0123456789") != "" || g == "":
			return false
		case len(groups) == 1:
		case first && len(g) > 3, last && len(g) != 3, !first && !last && len(g) != 2 && len(g) != 3:
			return false
		}
	}
	return true
}
