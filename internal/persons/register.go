// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/index"
	"fera/internal/names"
	"fera/internal/operations"
	"fera/internal/seal"
)

// Registration is what one organisation records when it meets a person. Only a
// name and her agreement to be registered are needed; everything else can follow.
type Registration struct {
	Operation string `json:"operation,omitempty"` // id of the act, minted by who asks; see package operations
	MetAt     string `json:"met_at,omitempty"`    // day on which she was met, when that was not today
	Source    Source `json:"source,omitempty"`    // how the values are known; her own word when empty

	Values      map[Field]string `json:"values"`        // see Fields
	Age         string           `json:"age,omitempty"` // instead of a birth date
	Contacts    []Contact        `json:"contacts,omitempty"`
	Identifiers []Identifier     `json:"identifiers,omitempty"`
	Consents    []Consent        `json:"consents,omitempty"`
	Journeys    []Journey        `json:"journeys,omitempty"`
	Relations   []Relation       `json:"relations,omitempty"`
	Functioning *Functioning     `json:"functioning,omitempty"`

	ready bool     // read already, see Ready
	text  []byte   // itself as JSON, once ready
	given []byte   // what it says in the open, once ready
	rest  []byte   // what else it says, to be sealed, once ready
	terms []string // of its names, once ready
}

// Ready checks a registration and does all of the work on it that needs no
// database, so that less is left to do in the transaction. Register does it
// itself for one that is not ready. Today is the day in Dhaka.
func (r *Registration) Ready(today dates.Partial) error {
	if r.ready {
		return nil
	}
	if err := r.read(today); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if r.given, r.rest, err = r.divide(); err != nil {
		return err
	}
	v := r.Values
	r.text, r.terms, r.ready = text, names.Terms(v[NameBn], v[NameLatin], v[CallName]), true
	return nil
}

// Register enters a person. The act may be repeated with the same operation id,
// and then returns the person that it made the first time.
func Register(ctx context.Context, tx *db.Tx, who access.Actor, r Registration) (ID, error) {
	if err := access.Check(tx, who, access.RegisterPerson, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return "", err
	}
	if err := r.Ready(dates.Of(tx.Now())); err != nil {
		return "", err
	}
	if r.protected() && !who.Holds(access.ChangeProtected) {
		return "", fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	id := ID(newID(tx))
	if who.Practises() {
		id = ID(ids.Apart(tx.Now()))
	}
	if earlier, err := operations.Once(ctx, tx, who, r.Operation, string(id), r.text); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return ID(earlier), err
	}
	r.Relations = slices.Clone(r.Relations)
	for i := range r.Relations {
		if err := r.Relations[i].meet(ctx, tx, who, at("relations", i)); err != nil {
			return "", err
		}
	}
	if err := enter(ctx, tx, who, id, r); err != nil {
		return "", fmt.Errorf("register person: %w", err)
	}
	return id, audit.Record(ctx, tx, who, access.RegisterPerson, audit.Entry{Subject: "person:" + string(id), Person: string(id), Named: r.named()})
}

// read checks a registration and puts its values into the form kept.
func (r *Registration) read(today dates.Partial) error {
	var faults []*fault.Error
	// What the caller holds is left as it was: the act may run again.
	r.Contacts, r.Identifiers, r.Consents = slices.Clone(r.Contacts), slices.Clone(r.Identifiers), slices.Clone(r.Consents)
	r.Journeys, r.Relations = slices.Clone(r.Journeys), slices.Clone(r.Relations)
	r.Source = Source(orElse(string(r.Source), string(OwnWord)))
	if !slices.Contains(Sources(), r.Source) {
		faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On("source"))
	}
	faults = append(faults, r.readValues(today)...)
	for i := range r.Contacts {
		faults = append(faults, r.Contacts[i].read(at("contacts", i)))
	}
	for i := range r.Identifiers {
		faults = append(faults, r.Identifiers[i].read(at("identifiers", i)))
	}
	for i := range r.Consents {
		faults = append(faults, r.Consents[i].read(at("consents", i)))
	}
	for i := range r.Journeys {
		faults = append(faults, r.Journeys[i].read(at("journeys", i), today))
	}
	for i := range r.Relations {
		faults = append(faults, r.Relations[i].read(at("relations", i), today))
	}
	if r.Functioning != nil {
		faults = append(faults, r.Functioning.read("functioning"))
	}
	if n := max(len(r.Contacts), len(r.Identifiers), len(r.Consents), len(r.Journeys), len(r.Relations)); n > mostRows {
		faults = append(faults, fault.New(fault.Invalid, "fault.too_many").With("max", mostRows))
	}
	if !agreed(r.Consents, PurposeRegister) {
		faults = append(faults, fault.New(fault.Invalid, "person.consent_needed").On("consents"))
	}
	if r.protected() && !agreed(r.Consents, PurposeProtected) {
		faults = append(faults, fault.New(fault.Invalid, "person.protected_consent_needed").On("consents.protected"))
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

// mostRows bounds each list of a registration.
const mostRows = 20

func at(list string, i int) string { return list + "." + strconv.Itoa(i) + "." }

func (r *Registration) readValues(today dates.Partial) (faults []*fault.Error) {
	values := map[Field]string{}
	for f, v := range r.Values {
		if !slices.Contains(Fields(), f) {
			faults = append(faults, fault.New(fault.Invalid, "person.field_unknown").On(string(f)))
			continue
		}
		clean, wrong := readValue(f, v, today)
		if wrong != nil {
			faults = append(faults, wrong)
		} else if clean != "" {
			values[f] = clean
		}
	}
	if values[Birth] == "" && r.Age != "" {
		birth, wrong := readAge(r.Age, today)
		if wrong != nil {
			faults = append(faults, wrong)
		} else {
			values[Birth] = birth
		}
	}
	if r.Values[NameBn] == "" && r.Values[NameLatin] == "" {
		faults = append(faults, fault.New(fault.Invalid, "person.name_needed").On(string(NameBn)))
	} else if values[NameBn] == "" && values[NameLatin] == "" && len(faults) == 0 {
		faults = append(faults, fault.New(fault.Invalid, "person.name_needed").On(string(NameBn)))
	}
	if values[SexField] == "" {
		values[SexField] = string(Unsaid)
	}
	r.Values, r.Age = values, ""
	return faults
}

func (r *Registration) protected() bool {
	return r.Values[Ethnicity] != "" || r.Values[MotherTongue] != "" || r.Functioning != nil ||
		slices.ContainsFunc(r.Journeys, func(j Journey) bool { return j.Circumstances.any() })
}

// named lists what the registration gives, for the trail.
func (r *Registration) named() (given []string) {
	for f := range r.Values {
		given = append(given, string(f))
	}
	for list, n := range map[string]int{"contacts": len(r.Contacts), "identifiers": len(r.Identifiers), "consents": len(r.Consents),
		"journeys": len(r.Journeys), "relations": len(r.Relations)} {
		if n > 0 {
			given = append(given, list)
		}
	}
	if r.Functioning != nil {
		given = append(given, "functioning")
	}
	return given
}

// link is the registration through which rows are attached to a person.
type link struct {
	person       ID
	registration string
	lists        list // known not to be empty
}

// enter writes a registration that is ready.
func enter(ctx context.Context, tx *db.Tx, who access.Actor, id ID, r Registration) error {
	if err := seal.NewKey(ctx, tx, who.Organisation, string(id)); err != nil {
		return err
	}
	if err := r.blind(ctx, tx); err != nil {
		return err
	}
	v := r.Values
	terms := append(numberTerms(r.Contacts, r.Identifiers), r.terms...)
	_, err := tx.Exec(ctx, `INSERT INTO persons (id, office_id, name_bn, name_latin, call_name, sex, birth, place_code, terms, photo_id, chosen, lists, do_not_contact, registered_at, changed_at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, ?, ?, 1)`,
		string(id), who.Office, v[NameBn], v[NameLatin], v[CallName], v[SexField], v[Birth], v[Home], strings.Join(terms, " "), int(r.lists()), v[DoNotContact] == "yes", tx.Now(), tx.Now())
	if err != nil {
		return err
	}
	if err := enterRows(ctx, tx, who, link{id, newID(tx), r.lists()}, r); err != nil {
		return err
	}
	if err := access.Add(ctx, tx, string(id), scopesAt(who, v[Home], agreed(r.Consents, PurposeCoordinate))...); err != nil {
		return err
	}
	return index.Later(ctx, tx, index.Place{Subject: string(id), Office: who.Office, Home: v[Home]}, terms)
}

// blind makes the hashes by which the numbers of a registration are found.
func (r *Registration) blind(ctx context.Context, q db.Reader) (err error) {
	for i := range r.Contacts {
		if err = r.Contacts[i].hash(ctx, q); err != nil {
			return err
		}
	}
	for i := range r.Identifiers {
		if err = r.Identifiers[i].hash(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// enterRows writes what a registration gives.
func enterRows(ctx context.Context, tx *db.Tx, who access.Actor, to link, r Registration) error {
	if err := insertRegistration(ctx, tx, who, to, r); err != nil {
		return err
	}
	var claims []Claim
	for _, f := range Fields() {
		if f.Protected() && r.Values[f] != "" {
			claims = append(claims, Claim{Field: f, Value: r.Values[f], Source: r.Source})
		}
	}
	if err := insertClaims(ctx, tx, who, to, claims); err != nil {
		return err
	}
	for i := range r.Contacts {
		if err := insertContact(ctx, tx, to, &r.Contacts[i]); err != nil {
			return err
		}
	}
	for i := range r.Identifiers {
		if err := insertIdentifier(ctx, tx, to, &r.Identifiers[i]); err != nil {
			return err
		}
	}
	for i := range r.Journeys {
		if err := insertJourney(ctx, tx, to, &r.Journeys[i]); err != nil {
			return err
		}
	}
	for i := range r.Relations {
		if err := insertRelation(ctx, tx, to, &r.Relations[i]); err != nil {
			return err
		}
	}
	if r.Functioning != nil {
		return insertFunctioning(ctx, tx, who, to, *r.Functioning)
	}
	return nil
}

// scopesAt says from where a person may be seen who was registered by who: from
// the office, the organisation and the clerk's own caseload; and from the desks
// of her home area only if she agreed to that.
func scopesAt(who access.Actor, home string, shared bool) []access.Scope {
	scopes := []access.Scope{access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)}
	if shared {
		scopes = append(scopes, areas(home)...)
	}
	return scopes
}

// areas are the scopes of the division, district and upazila in which a place lies.
func areas(place string) (scopes []access.Scope) {
	for _, n := range []int{2, 4, 6} {
		if len(place) >= n {
			scopes = append(scopes, access.InArea(place[:n]))
		}
	}
	return scopes
}

func readAge(text string, today dates.Partial) (string, *fault.Error) {
	n, err := strconv.Atoi(digits(text))
	if err != nil || n < 0 || n > 120 {
		return "", fault.New(fault.Invalid, "person.age_implausible").On("age")
	}
	return dates.ByAge(n, today).String(), nil
}
