// SPDX-License-Identifier: Apache-2.0

package numbers

import (
	"strconv"
	"strings"
)

const (
	oldestYear = 1900
	// Cards with the year in front were last printed for people of age in 2016;
	// a later year is that of a birth registration typed in the wrong box.
	latestCardYear = 2002
)

// districts are the codes of the 64 districts in the geocode of the Bangladesh
// Bureau of Statistics, which begin old identity and birth numbers.
const districts = " 01 03 04 06 09 10 12 13 15 18 19 22 26 27 29 30 32 33 35 36 38 39 41 42 44 46 47 48 49 50 51 52 " +
	"54 55 56 57 58 59 61 64 65 67 68 69 70 72 73 75 76 77 78 79 81 82 84 85 86 87 88 89 90 91 93 94 "

// NID reads a national identity number: ten digits on smart cards, thirteen on
// the old ones, or those thirteen after the year of birth. The two old forms
// have one normal form, the thirteen; the ten digits of the same person are
// another number, and only the Election Commission can tell that they belong
// together.
func NID(typed string) (Number, error) {
	n, plain, err := begin(KindNID, typed)
	if err != nil {
		return Number{}, err
	}

	normal := solid(plain)
	if onlyDigits(normal) != normal {
		n.warn("number.not_only_digits")
		return n.settled(normal), nil
	}
	switch len(normal) {
	case 10:
	case 13:
		n.registered(normal)
	case 17:
		n.Year = year(normal)
		if n.Year > latestCardYear {
			n.warn("number.nid_looks_like_birth_number")
			return n.settled(normal), nil
		}
		n.plausible()
		normal = normal[4:]
		n.registered(normal)
	case 16:
		n.warn("number.nid_looks_like_birth_number")
	default:
		n.warn("number.nid_length")
	}
	return n.settled(normal), nil
}

// BirthRegistration reads a birth registration number: seventeen digits of
// which the first four are the year of birth. The sixteen digits of old
// registers get the zero that was later put before the last five.
func BirthRegistration(typed string) (Number, error) {
	n, plain, err := begin(KindBirth, typed)
	if err != nil {
		return Number{}, err
	}

	normal := solid(plain)
	if onlyDigits(normal) != normal {
		n.warn("number.not_only_digits")
		return n.settled(normal), nil
	}
	switch len(normal) {
	case 16:
		normal = normal[:11] + "0" + normal[11:]
		n.warn("number.birth_padded")
		fallthrough
	case 17:
		n.Year = year(normal)
		n.plausible()
		n.registered(normal[4:])
	case 10, 13:
		n.warn("number.birth_looks_like_nid")
	default:
		n.warn("number.birth_length")
	}
	return n.settled(normal), nil
}

// registered warns when thirteen digits do not begin as place codes do: two of
// the district and one of the kind of place.
func (n *Number) registered(thirteen string) {
	if !strings.Contains(districts, " "+thirteen[:2]+" ") {
		n.warn("number.district_unknown")
	}
	if !strings.Contains("123459", thirteen[2:3]) {
		n.warn("number.place_kind_unknown")
	}
}

func (n *Number) plausible() {
	if n.Year < oldestYear || n.Year > 2099 {
		n.warn("number.year_implausible")
	}
}

func year(digits string) int {
	y, _ := strconv.Atoi(digits[:4])
	return y
}

// Passport reads a passport number. Bangladeshi ones are a letter and eight
// digits, or two letters and seven; another form only warns, for people also
// bring foreign papers and copies that are hard to read.
func Passport(typed string) (Number, error) {
	n, plain, err := begin(KindPassport, typed)
	if err != nil {
		return Number{}, err
	}

	normal := solid(plain)
	digits := strings.TrimLeft(normal, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	letters := len(normal) - len(digits)
	if len(normal) != 9 || letters < 1 || letters > 2 || onlyDigits(digits) != digits {
		n.warn("number.passport_form")
	}
	return n.settled(normal), nil
}

// TravelPermit reads the number of an out-pass or travel permit, for which
// missions follow no common form.
func TravelPermit(typed string) (Number, error) { return free(KindPermit, typed) }

// ClearanceCard reads the number of an emigration clearance or its smart card,
// whose form is not published.
func ClearanceCard(typed string) (Number, error) { return free(KindCard, typed) }

// free reads a number of no known form.
func free(kind Kind, typed string) (Number, error) {
	n, plain, err := begin(kind, typed)
	if err != nil {
		return Number{}, err
	}
	return n.settled(solid(plain)), nil
}
