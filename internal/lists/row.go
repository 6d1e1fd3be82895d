// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/occupations"
	"fera/internal/persons"
	"fera/internal/sheets"
)

// Maker makes registrations of the rows of one list.
type Maker struct {
	Operation string // the beginning of the operation ids
	Source    string // who kept the list and asked for consent
	Plan      Plan
	Today     dates.Partial
}

// making is one row on its way to a registration.
type making struct {
	Maker
	row      sheets.Row
	reg      persons.Registration
	journey  persons.Journey
	from     map[string]int // which column a field of the registration came from
	troubles []Trouble
}

// Make makes a registration of a row. With troubles it is not to be entered.
func (m Maker) Make(row sheets.Row) (persons.Registration, []Trouble) {
	r := &making{Maker: m, row: row, from: map[string]int{}}
	r.reg = persons.Registration{Operation: m.Operation + strconv.Itoa(row.Number), Source: m.Plan.Known, Values: map[persons.Field]string{}}
	if row.Fault != nil {
		return r.reg, []Trouble{TroubleOf(row.Fault)}
	}
	if len(row.Cells) > len(m.Plan.Columns) {
		r.trouble(-1, fault.New(fault.Invalid, "import.more_cells").With("cells", len(row.Cells)).With("columns", len(m.Plan.Columns)))
	}
	r.doubts()
	r.who()
	r.numbers()
	r.home()
	r.stay()
	r.consents()
	if len(r.troubles) > 0 {
		return r.reg, r.troubles
	}
	if err := r.reg.Ready(m.Today); err != nil {
		f := fault.Of(err)
		if f == nil {
			f = fault.New(fault.Internal, "fault.internal")
		}
		for _, one := range f.All() {
			r.trouble(r.columnOf(one.Field), one)
		}
	}
	return r.reg, r.troubles
}

// trouble notes one thing that is wrong, once for a column.
func (r *making) trouble(column int, f *fault.Error) {
	t := TroubleOf(f)
	t.Column = column
	if !slices.ContainsFunc(r.troubles, func(have Trouble) bool { return have.Column == column && have.Key == t.Key }) {
		r.troubles = append(r.troubles, t)
	}
}

// columnOf finds the column that a field of a registration came from.
func (r *making) columnOf(field string) int {
	if column, ok := r.from[field]; ok {
		return column
	}
	for known, column := range r.from {
		if strings.HasSuffix(known, ".") && strings.HasPrefix(field, known) {
			return column
		}
	}
	return -1
}

// doubts turns what the file cannot be trusted to say into troubles.
func (r *making) doubts() {
	for _, n := range r.row.Notes {
		if n.Column >= len(r.Plan.Columns) {
			continue
		}
		c := r.Plan.Columns[n.Column]
		switch {
		case c.Target == "" || n.Doubt == sheets.Formula:
		case n.Doubt == sheets.BijoyFont && c.Bijoy:
		case n.Doubt == sheets.BijoyFont:
			r.trouble(n.Column, bad("import.bijoy_unconfirmed"))
		default:
			r.trouble(n.Column, bad("sheet.doubt."+string(n.Doubt)))
		}
	}
}

// of returns what the first column about a target holds.
func (r *making) of(t Target) (value string, column int) {
	for _, i := range r.Plan.about(t) {
		return r.cell(i), i
	}
	return "", -1
}

// all returns what the columns about a target hold, those that hold nothing apart.
func (r *making) all(t Target) (values []string, at []int) {
	for _, i := range r.Plan.about(t) {
		if v := r.cell(i); v != "" {
			values, at = append(values, v), append(at, i)
		}
	}
	return values, at
}

// cell returns what a column holds, in Unicode. Signs that only say that nothing
// is known are nothing.
func (r *making) cell(i int) string {
	v := r.row.Cell(i)
	if r.Plan.Columns[i].Bijoy && names.Looks(v) != names.Bangla {
		v = names.FromBijoy(v)
	}
	v = strings.TrimSpace(v)
	switch strings.ToLower(v) {
	case "-", "--", "n/a", "na", "nil", "none", "null", "x", ".", "#n/a", "নাই", "নেই", "প্রযোজ্য নয়":
		return ""
	}
	return v
}

func (r *making) put(f persons.Field, t Target) {
	if v, column := r.of(t); v != "" {
		r.reg.Values[f] = v
		r.from[string(f)] = column
	}
}

// who reads the names and what else is said of who she is.
func (r *making) who() {
	for _, f := range []persons.Field{persons.NameBn, persons.NameLatin, persons.CallName, persons.Birth, persons.FatherName, persons.MotherName, persons.SpouseName,
		persons.Ethnicity, persons.MotherTongue} {
		r.put(f, Target(f))
	}
	given, at := r.all("given_name")
	surname, more := r.all("surname")
	r.named(append(given, surname...), append(at, more...))
	r.named(r.all("name"))
	if v := r.reg.Values[persons.Birth]; v != "" {
		if d, err := readDate(v); err == nil {
			r.reg.Values[persons.Birth] = d.String()
		}
	}
	if v, column := r.of("age"); v != "" {
		r.reg.Age, r.from["age"] = strings.TrimSpace(strings.TrimRight(strings.ToLower(v), "yearsবছর. ")), column
	}
	if v, column := r.of("sex"); v != "" {
		sex, ok := readSex(v)
		if !ok {
			r.trouble(column, bad("import.sex_unknown"))
		}
		r.reg.Values[persons.SexField] = sex
	}
	for f, t := range map[persons.Field]Target{persons.Marital: "marital", persons.Schooling: "schooling"} {
		if v, column := r.of(t); v != "" {
			r.reg.Values[f] = r.answer(t, v, column)
		}
	}
	if v, column := r.of("do_not_contact"); v != "" {
		yes, ok := readYes(v)
		if !ok {
			r.trouble(column, bad("import.yes_or_no"))
		} else if yes {
			r.reg.Values[persons.DoNotContact] = "yes"
		}
	}
	if v, column := r.of("met"); v != "" {
		d, err := readDate(v)
		if err != nil || d.String() > r.Today.String() {
			r.trouble(column, bad("date.unreadable"))
		}
		r.reg.MetAt = d.String()
	}
}

// named puts a name that may be in either script where it belongs.
func (r *making) named(parts []string, at []int) {
	if len(parts) == 0 {
		return
	}
	name, f := strings.Join(parts, " "), persons.NameLatin
	if s := names.Looks(name); s == names.Bangla || s == names.Mixed {
		f = persons.NameBn
	}
	if r.reg.Values[f] == "" {
		r.reg.Values[f], r.from[string(f)] = name, at[0]
	}
}

func (r *making) answer(t Target, text string, column int) string {
	code, ok := readAnswer(t, text)
	if !ok {
		r.trouble(column, bad("import.answer_unknown"))
	}
	return code
}

// numbers reads telephones and papers.
func (r *making) numbers() {
	contact := func(t Target, kind, owner string) {
		values, at := r.all(t)
		for i, v := range values {
			several := []string{v}
			if kind != "email" {
				several = phones(v)
			}
			for _, number := range several {
				r.from["contacts."+strconv.Itoa(len(r.reg.Contacts))+"."] = at[i]
				r.reg.Contacts = append(r.reg.Contacts, persons.Contact{Kind: kind, Number: number, Owner: owner})
			}
		}
	}
	contact("phone", "phone", "own")
	contact("phone_family", "phone", "relative")
	contact("imo", "imo", "own")
	contact("whatsapp", "whatsapp", "own")
	contact("email", "email", "own")
	for _, paper := range []struct {
		target Target
		kind   string
	}{{"nid", "nid"}, {"birth_number", "birth"}, {"passport", "passport"}, {"permit", "permit"}, {"card", "card"}} {
		values, at := r.all(paper.target)
		for i, v := range values {
			r.from["identifiers."+strconv.Itoa(len(r.reg.Identifiers))+"."] = at[i]
			r.reg.Identifiers = append(r.reg.Identifiers, persons.Identifier{Kind: paper.kind, Number: v})
		}
	}
}

// home finds the place; what cannot be found stays in words.
func (r *making) home() {
	var p places
	for t, part := range map[Target]*string{"division": &p.division, "district": &p.district, "upazila": &p.upazila, "union": &p.union} {
		*part, _ = r.of(t)
	}
	code, rest := p.find()
	if v, column := r.of("home"); v != "" {
		code, r.from[string(persons.Home)] = v, column
	}
	text, at := r.all("home_text")
	text = append(text, rest...)
	if code != "" {
		r.reg.Values[persons.Home] = code
	}
	if len(text) > 0 {
		r.reg.Values[persons.HomeText] = strings.Join(text, ", ")
	}
	if len(at) > 0 {
		r.from[string(persons.HomeText)] = at[0]
	}
}

// stay reads the stay abroad.
func (r *making) stay() {
	j := &r.journey
	for t, text := range map[Target]*string{"journey.city": &j.City, "journey.work": &j.Work, "journey.employer": &j.Employer, "journey.recruiter": &j.Recruiter} {
		value, column := r.of(t)
		*text, r.from["journeys.0."+string(t)[len("journey."):]] = value, column
	}
	if o, ok := occupations.Find(j.Work); ok {
		j.Occupation, j.Work = o.Code, ""
	}
	if v, column := r.of("journey.country"); v != "" {
		c, ok := countries.Said(v)
		if !ok {
			r.trouble(column, bad("person.country_unknown"))
		}
		j.Country = c.Code
	}
	for t, d := range map[Target]*dates.Partial{"journey.departed": &j.Departed, "journey.returned": &j.Returned} {
		if v, column := r.of(t); v != "" {
			var err error
			if *d, err = readDate(v); err != nil {
				r.trouble(column, orBad(err, "date.unreadable"))
			}
			r.from["journeys.0."+string(t)[len("journey."):]] = column
		}
	}
	if v, column := r.of("journey.left_by"); v != "" {
		j.LeftBy = r.answer("journey.left_by", v, column)
	}
	if v, column := r.of("journey.port"); v != "" {
		j.Port = r.answer("journey.port", v, column)
	}
	if v, column := r.of("journey.reasons"); v != "" {
		r.reasons(v, column)
	}
	j.Cost = r.amount("journey.cost")
	c := persons.Circumstances{Owed: r.amount("journey.owed"), Debt: r.amount("journey.debt")}
	c.Account, r.from["journeys.0.account"] = r.of("journey.account")
	if c.Account != "" || c.Owed != 0 || c.Debt != 0 {
		j.Circumstances = &c
	}
	if j.Country == "" && j.Circumstances == nil && j.Departed.IsZero() && j.Returned.IsZero() && j.City+j.Work+j.Occupation+j.Employer+j.Recruiter+j.LeftBy+j.Port == "" && j.Cost == 0 && len(j.Reasons) == 0 {
		return // nothing is said of a stay
	}
	if _, column := r.of("journey.country"); j.Country == "" {
		r.trouble(column, bad("import.country_needed"))
	}
	r.reg.Journeys = []persons.Journey{*j}
}

// reasons takes the whole for one reason, else each of its parts.
func (r *making) reasons(text string, column int) {
	if code, ok := readAnswer("journey.reasons", text); ok {
		r.journey.Reasons = []string{code}
		return
	}
	for _, one := range divided(text) {
		r.journey.Reasons = append(r.journey.Reasons, r.answer("journey.reasons", one, column))
	}
}

func (r *making) amount(t Target) int64 {
	v, column := r.of(t)
	if v == "" {
		return 0
	}
	n, ok := readAmount(v)
	if !ok {
		r.trouble(column, bad("import.amount_unreadable"))
	}
	r.from["journeys.0."+string(t)[len("journey."):]] = column
	return n
}

func orBad(err error, key string) *fault.Error {
	if f := fault.Of(err); f != nil {
		return f
	}
	return bad(key)
}

// consents says to what she agreed, when she was asked and by whom: as her row
// has it, else as it is stated of everybody. A row that is silent where there is
// a column means that she was not asked.
func (r *making) consents() {
	basis := r.Plan.Basis
	day := basis.On
	if v, column := r.of("consent.on"); v != "" {
		d, err := readDate(v)
		if err != nil || d.Precision() != dates.Day || d.String() > r.Today.String() {
			r.trouble(column, bad("import.consent_day_needed"))
			return
		}
		day = d.String()
	}
	method := basis.Method
	if v, column := r.of("consent.method"); v != "" {
		method = r.answer("consent.method", v, column)
	}
	at, err := time.ParseInLocation(time.DateOnly, day, dates.Dhaka())
	for _, purpose := range persons.Purposes() {
		given, asked := slices.Contains(basis.Purposes, purpose), slices.Contains(basis.Purposes, purpose)
		if columns := r.Plan.about(Target("consent." + string(purpose))); len(columns) > 0 {
			v, column := r.of(Target("consent." + string(purpose)))
			var ok bool
			if given, ok = readYes(v); !ok && v != "" {
				r.trouble(column, bad("import.yes_or_no"))
			}
			asked = ok
			r.from["consents"] = column
		}
		if !asked {
			continue
		}
		if err != nil || method == "" {
			r.trouble(-1, bad("import.consent_day_needed"))
			return
		}
		r.reg.Consents = append(r.reg.Consents, persons.Consent{Purpose: purpose, Given: given, Method: method, TextVersion: persons.Elsewhere,
			AskedName: r.Source, At: at.UTC()})
	}
}
