// SPDX-License-Identifier: Apache-2.0

// Package register is the part of the API that is about persons: registering and changing them,
// what is kept of each in rows, lists of people on their way in, and records that may be of one
// person.
package register

import (
	"net/http"
	"slices"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/links"
	"fera/internal/persons"
)

// Operations is the table.
func Operations(finder *links.Finder) []op.Operation {
	return slices.Concat(personOperations(), rowOperations(), importOperations(), linkOperations(finder))
}

// personOperations are those on a person.
func personOperations() []op.Operation {
	return []op.Operation{
		{Name: "register_person", Method: http.MethodPost, Path: "/persons", Need: access.RegisterPerson, Keyed: true, In: op.Holds[newPerson](), Out: op.Holds[op.Registered](), Status: 201, Field: inValues,
			Writes: true, Ready: readyToRegister, Do: register, Example: `{"values": {"name_bn": "রহিমা খাতুন", "name_latin": "Rahima Khatun", "sex": "female", "birth": "1991-04", "home": "305670"},
 "contacts": [{"kind": "phone", "number": "01712345678", "owner": "own", "safety": "careful", "ways": ["call"]}],
 "consents": [{"purpose": "register", "given": true, "method": "spoken"}]}`},
		{Name: "list_persons", Method: http.MethodGet, Path: "/persons", Need: access.ReadPersons, Params: []string{"q", "place", "typing", "limit", "cursor"}, Out: op.Holds[op.Page[card]](), Do: listPersons},
		{Name: "find_person", Method: http.MethodGet, Path: "/persons/{id}", Need: access.ReadPersons, Out: op.Holds[person](), Do: findPerson},
		{Name: "change_person", Method: http.MethodPatch, Path: "/persons/{id}", Need: access.ChangePerson, Keyed: true, In: op.Holds[personChange](), Out: op.Holds[person](),
			Writes: true, Field: inValues, Do: change(amend), Example: `{"version": 1, "source": "nid", "values": {"birth": "1990-05-01"}, "reason": "NID card seen"}`},
		{Name: "choose_value", Method: http.MethodPost, Path: "/persons/{id}/choose", Need: access.ChangePerson, Keyed: true, In: op.Holds[choice](), Out: op.Holds[person](),
			Writes: true, Do: change(choose), Example: `{"version": 2, "claim": "01900000-0000-7000-8000-000000000000", "reason": "she said so"}`},
		{Name: "read_history", Method: http.MethodGet, Path: "/persons/{id}/history", Need: access.ReadPersons, Params: []string{"limit", "cursor"}, Out: op.Holds[op.Page[event]](), Do: history},
		{Name: "read_looks", Method: http.MethodGet, Path: "/persons/{id}/looks", Need: access.ReadLooks, Out: op.Holds[op.Page[look]](), Do: looks},
		{Name: "read_protected", Method: http.MethodGet, Path: "/persons/{id}/protected", Need: access.ReadProtected, Out: op.Holds[protected](), Writes: true, Do: lookAt},
		{Name: "reveal_number", Method: http.MethodPost, Path: "/persons/{id}/reveal", Need: access.RevealNumbers, In: op.Holds[reveal](), Out: op.Holds[number](), Writes: true, Do: revealNumber,
			Example: `{"row": "contact", "id": "01900000-0000-7000-8000-000000000000"}`},
		{Name: "erase_person", Method: http.MethodPost, Path: "/persons/{id}/erase", Need: access.ErasePerson, In: op.Holds[erasure](), Out: op.Holds[receipt](), Writes: true, Do: erase,
			Example: `{"reason": "at her own wish, in writing"}`},
	}
}

// rowOperations are those on what is kept of a person in rows.
func rowOperations() []op.Operation {
	all := []op.Operation{
		{Name: "add_contact", Path: "/contacts", In: op.Holds[newContact](), Do: change(addContact), Example: `{"kind": "phone", "number": "01812345678", "owner": "husband", "safety": "unsafe"}`},
		{Name: "add_identifier", Path: "/identifiers", In: op.Holds[newIdentifier](), Do: change(addIdentifier), Example: `{"kind": "passport", "number": "BX0123456", "expires": "2031-04", "seen": true}`},
		{Name: "add_journey", Path: "/journeys", In: op.Holds[newJourney](), Do: change(addJourney), Example: `{"country": "SA", "city": "Riyadh", "occupation": "9111", "departed": "2019-02", "returned": "2024", "reasons": ["contract_ended"]}`},
		{Name: "add_relation", Path: "/relations", In: op.Holds[newRelation](), Do: change(addRelation), Example: `{"relation": "daughter", "name": "সুমি", "birth": "2015", "lives_with": true}`},
		{Name: "answer_consent", Path: "/consents", In: op.Holds[newConsent](), Do: change(addConsent), Example: `{"purpose": "coordinate", "given": false, "method": "spoken"}`},
		{Name: "record_functioning", Path: "/functioning", Need: access.ChangeProtected, In: op.Holds[functioning](), Do: change(addFunctioning), Example: `{"vision": 2, "hearing": 1, "mobility": 1, "cognition": 1, "self_care": 1, "communication": 1}`},
		{Name: "change_contact", Method: http.MethodPut, Path: "/contacts/{row}", In: op.Holds[contactChange](), Do: change(changeContact), Example: `{"version": 1, "owner": "own", "safety": "safe", "ways": ["call", "sms"]}`},
		{Name: "change_journey", Method: http.MethodPut, Path: "/journeys/{row}", In: op.Holds[journeyChange](), Do: change(changeJourney), Example: `{"version": 1, "country": "SA", "city": "Jeddah", "departed": "2019-02", "returned": "2024"}`},
	}
	for _, row := range []struct {
		row  persons.Row
		path string
	}{{persons.ContactRow, "/contacts"}, {persons.IdentifierRow, "/identifiers"}, {persons.JourneyRow, "/journeys"}, {persons.RelationRow, "/relations"}} {
		all = append(all,
			op.Operation{Name: "end_" + string(row.row), Path: row.path + "/{row}/end", In: op.Holds[ending](), Do: change(end(row.row, persons.End)), Example: `{"version": 1, "reason": "typed twice"}`},
			op.Operation{Name: "restore_" + string(row.row), Path: row.path + "/{row}/restore", In: op.Holds[ending](), Do: change(end(row.row, persons.Restore)), Example: `{"version": 2}`})
	}
	for i := range all {
		o := &all[i]
		o.Path, o.Out, o.Writes, o.Keyed = "/persons/{id}"+o.Path, op.Holds[person](), true, true
		if o.Method == "" {
			o.Method = http.MethodPost
		}
		if o.Need == "" {
			o.Need = access.ChangePerson
		}
		if len(o.Name) > 4 && o.Name[:4] == "add_" || o.Name == "answer_consent" || o.Name == "record_functioning" {
			o.Status = http.StatusCreated
		}
	}
	return all
}

// inValues names a field as it lies in the body: the register names the values of a person without the object around them.
func inValues(field string) string {
	if slices.Contains(persons.Fields(), persons.Field(field)) {
		return "values." + field
	}
	return field
}
