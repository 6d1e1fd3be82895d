// SPDX-License-Identifier: Apache-2.0

package content

import (
	"strconv"

	"fera/internal/words"
)

// Spoken says a value in the words and numerals of a language.
func (v Value) Spoken(s *words.Speaker) string {
	n, sign := v.N, ""
	if n < 0 {
		n, sign = -n, "−"
	}
	switch v.Is {
	case Number:
		return sign + s.Number(int(n))
	case Cents:
		text := sign + s.Number(int(n/100))
		if rest := n % 100; rest != 0 {
			text += "." + s.Digits(strconv.FormatInt(100+rest, 10)[1:])
		}
		switch v.Unit {
		case "":
			return text
		case "%":
			return text + "%"
		}
		return text + " " + v.Unit
	case Hidden:
		return s.T("figure.hidden")
	case Refused:
		return s.T("report.value.refused")
	case Said:
		return v.Text.In(string(s.Lang()))
	}
	return "–"
}
