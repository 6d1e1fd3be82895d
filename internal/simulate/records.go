// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"strconv"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/persons"
)

// registration is the i-th record: mostly of somebody new, now and then of one
// whom another office has met before.
func (w *world) registration(i int) Simulated {
	d := w.throw(i, howSheIsMet)
	who, clerk := i, d.IntN(len(w.Clerks))
	again := share("identity", "same person met by two or more agencies", "all")
	if twice := again / (1 + again); !w.Lean && i > 0 && d.chance(twice) {
		who = max(0, i-d.between(1, 2000))
		clerk = w.elsewhere(d, who)
	}
	b := w.being(who)
	s := Simulated{Clerk: clerk, Registration: w.basics(d, b)}
	if w.Lean {
		return s
	}
	w.addDetails(d, b, &s)
	return s
}

// elsewhere is a clerk of another office than the one who met her first.
func (w *world) elsewhere(d dice, first int) int {
	met := w.throw(first, howSheIsMet).IntN(len(w.Clerks))
	at := d.IntN(len(w.Clerks))
	for range w.Clerks {
		if w.Clerks[at].Office != w.Clerks[met].Office {
			break
		}
		at = (at + 1) % len(w.Clerks)
	}
	return at
}

// basics are what is asked first.
func (w *world) basics(d dice, b being) persons.Registration {
	r := persons.Registration{Source: persons.OwnWord, Values: map[persons.Field]string{persons.SexField: b.sex(), persons.Birth: b.birth.String(), persons.Home: b.home},
		Contacts: w.contacts(d, b), Consents: []persons.Consent{{Purpose: persons.PurposeRegister, Given: true}}}
	bangla, latin := share("script", "Bangla alone", "all"), share("script", "Latin alone", "all")
	script := d.Float64()
	if script >= latin {
		r.Values[persons.NameBn] = b.name.bangla()
	}
	if script < 1-bangla {
		r.Values[persons.NameLatin] = b.name.latin(d)
	}
	if d.chance(share("birth", "year alone", "all")) {
		r.Values[persons.Birth] = strconv.Itoa(b.birth.Year)
	}
	return r
}

// addDetails adds what follows in the conversation.
func (w *world) addDetails(d dice, b being, s *Simulated) {
	r := &s.Registration
	r.MetAt = before(w.Today, d.between(0, 200)).String()
	if home := b.stays[0].Returned.String(); r.MetAt < home {
		r.MetAt = home
	}
	r.Source = pick(d, []persons.Source{persons.OwnWord, persons.OwnWord, persons.OwnWord, persons.FromNID, persons.FromNID, persons.FromPassport, persons.Relative})
	r.Values[persons.FatherName], r.Values[persons.MotherName] = b.father.bangla(), b.mother.bangla()
	if b.spouse != nil {
		r.Values[persons.SpouseName] = b.spouse.bangla()
	}
	r.Values[persons.HomeText], r.Values[persons.Marital], r.Values[persons.Schooling] = b.village.bn, b.marital, b.school
	if d.chance(0.01) {
		r.Values[persons.DoNotContact] = "yes"
	}
	r.Identifiers = w.identifiers(d, b)
	r.Relations = b.kin
	r.Journeys = append([]persons.Journey(nil), b.stays...)
	protected := w.consents(d, r) && w.Clerks[s.Clerk].Holds(access.ChangeProtected)
	if protected {
		w.addProtected(d, b, r)
	}
	if b.papers {
		s.Later = contradiction(d, b, r)
	}
}

// consents asks for the further purposes, and tells whether she agreed to what
// is protected being written down.
func (w *world) consents(d dice, r *persons.Registration) (protected bool) {
	method := pick(d, []string{"spoken", "spoken", "spoken", "signed", "signed", "thumbprint"})
	r.Consents[0].Method = method
	for _, p := range persons.Purposes()[1:] {
		given := d.chance(share("consent", string(p), "all"))
		r.Consents = append(r.Consents, persons.Consent{Purpose: p, Given: given, Method: method})
		protected = protected || (given && p == persons.PurposeProtected)
	}
	return protected
}

func (w *world) addProtected(d dice, b being, r *persons.Registration) {
	r.Journeys[0].Circumstances = &persons.Circumstances{Happened: b.hurt, Owed: b.owed, Debt: b.debt}
	if d.chance(share("functioning", "asked", "all")) {
		r.Functioning = functioning(d)
	}
	if b.hill {
		group := pick(d, []town{{"সাঁওতাল", "সাঁওতালি"}, {"গারো", "আচিক"}, {"চাকমা", "চাকমা"}, {"মারমা", "মারমা"}, {"ত্রিপুরা", "ককবরক"}, {"ওরাঁও", "কুড়ুখ"}})
		r.Values[persons.Ethnicity], r.Values[persons.MotherTongue] = group.bn, group.latin
	}
}

func functioning(d dice) *persons.Functioning {
	var f persons.Functioning
	domains := []*int{&f.Vision, &f.Hearing, &f.Mobility, &f.Cognition, &f.SelfCare, &f.Communication}
	for _, domain := range domains {
		*domain = 1
		if d.chance(0.08) {
			*domain = 2
		}
	}
	if d.chance(share("functioning", "a lot of difficulty", "all")) {
		*pick(d, domains) = d.between(3, 4)
	}
	return &f
}

// contradiction makes two papers disagree, as they do: the registration stands
// on the passport, and the identity card that she brings later says otherwise.
func contradiction(d dice, b being, r *persons.Registration) []persons.Amendment {
	r.Source = persons.FromPassport
	r.Values[persons.Birth] = b.birth.String()
	other := dates.Partial{Year: b.birth.Year + pick(d, []int{-3, -2, -1, 1, 2, 3}), Month: d.between(1, 12), Day: d.between(1, 28)}
	values := map[persons.Field]string{persons.Birth: other.String()}
	if r.Values[persons.NameLatin] != "" && d.chance(0.5) {
		values[persons.NameLatin] = b.name.latin(d)
	}
	return []persons.Amendment{{Source: persons.FromNID, Values: values, Reason: "জাতীয় পরিচয়পত্র পরে দেখানো হয়েছে"}}
}
