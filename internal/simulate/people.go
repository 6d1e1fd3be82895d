// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fera/internal/dates"
	"fera/internal/persons"
)

// being is a simulated human being, as she is, whatever an office writes down of it.
type being struct {
	number  int
	female  bool
	family  family
	name    name
	birth   dates.Partial
	home    string
	upazila string
	village town
	father  name
	mother  name
	spouse  name
	marital string
	school  string
	hill    bool // of a small ethnic group
	kin     []persons.Relation
	stays   []persons.Journey
	owed    int64
	debt    int64
	hurt    []string
	phone   string
	shared  string // the phone of somebody else that she uses; empty for none
	nid     string // thirteen digits
	smart   string // ten digits
	papers  bool   // her passport and her identity card give different birth dates
}

// being returns the n-th human being of the world. She is the same each time.
func (w *world) being(n int) being {
	d := w.throw(n, whoSheIs)
	b := being{number: n, female: d.chance(share("sex", "female", string(w.Caseload)))}
	b.family = newFamily(d)
	b.name, b.father, b.mother = b.family.person(d, b.female), b.family.man(d), b.family.woman(d)
	b.birth = w.birth(d)
	b.home, b.upazila = w.home(d)
	b.village = pick(d, w.villages)
	b.marital = marital(d, b.female)
	if b.marital == "married" {
		b.spouse = b.family.person(d, !b.female)
	}
	b.school = schooling(d)
	b.hill = d.chance(share("ethnicity", "small ethnic group", "outside the hill tracts"))
	if w.Lean {
		b.phone = w.phone(n)
		return b
	}
	b.kin = w.kin(d, b)
	w.travels(d, &b)
	w.carries(d, &b)
	return b
}

func (f family) person(d dice, female bool) name {
	if female {
		return f.woman(d)
	}
	return f.man(d)
}

func (b being) sex() string {
	if b.female {
		return "female"
	}
	return "male"
}

func (w *world) birth(d dice) dates.Partial {
	var bands weighted[[2]int]
	bands.add([2]int{20, 29}, share("age_band", "under 30", "all"))
	bands.add([2]int{31, 40}, share("age_band", "31-40", "all"))
	bands.add([2]int{41, 50}, share("age_band", "41-50", "all"))
	bands.add([2]int{51, 64}, share("age_band", "over 50", "all"))
	band := bands.pick(d)
	born := dates.Partial{Year: w.Today.Year - d.between(band[0], band[1]) - 1, Month: d.between(1, 12), Day: d.between(1, 28)}
	if born.Month*100+born.Day <= w.Today.Month*100+w.Today.Day {
		born.Year++ // has had her birthday this year
	}
	if d.chance(share("identity", "birth date 1 January", "all")) {
		born.Month, born.Day = 1, 1
	}
	return born
}

func marital(d dice, female bool) string {
	sex := "male"
	if female {
		sex = "female"
	}
	if d.chance(share("marital", "married", sex)) {
		return "married"
	}
	if !female {
		return pick(d, []string{"never_married", "never_married", "never_married", "never_married", "divorced", "widowed", "unsaid"})
	}
	return pick(d, []string{"never_married", "never_married", "never_married", "divorced", "divorced", "abandoned", "separated", "widowed"})
}

func schooling(d dice) string {
	if d.chance(share("schooling", "under 10 years", "all")) {
		return pick(d, []string{"none", "primary", "primary", "secondary", "secondary"})
	}
	return pick(d, []string{"ssc", "ssc", "ssc", "hsc", "hsc", "degree", "madrasa", "unsaid"})
}

// kin are the members of the household that a clerk writes down.
func (w *world) kin(d dice, b being) (all []persons.Relation) {
	if b.spouse != nil {
		relation, sex := "wife", persons.Female
		if b.female {
			relation, sex = "husband", persons.Male
		}
		all = append(all, persons.Relation{Relation: relation, Sex: sex, Name: b.spouse.bangla(), LivesWith: d.chance(0.9), Depends: !b.female,
			Birth: dates.Partial{Year: b.birth.Year + d.between(-6, 6)}})
	}
	if b.marital != "never_married" {
		for range d.IntN(4) {
			born := b.birth.Year + d.between(19, 34)
			if born >= w.Today.Year {
				continue
			}
			relation, sex, called := "son", persons.Male, b.family.man(d)
			if d.chance(0.5) {
				relation, sex, called = "daughter", persons.Female, b.family.woman(d)
			}
			all = append(all, persons.Relation{Relation: relation, Sex: sex, Name: called.bangla(), LivesWith: true, Depends: true, Birth: dates.Partial{Year: born}})
		}
	}
	if d.chance(0.3) {
		all = append(all, persons.Relation{Relation: "mother", Sex: persons.Female, Name: b.mother.bangla(), LivesWith: d.chance(0.8), Depends: d.chance(0.7)})
	}
	return all
}
