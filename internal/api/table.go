// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"slices"

	"fera/internal/access"
	"fera/internal/persons"
)

// operations is the table of everything that the API does.
func operations() []operation {
	return slices.Concat(personOperations(), rowOperations(), importOperations(), linkOperations(), assessmentOperations(), furtherOperations(), listOperations(), caseworkOperations(), copyOperations(), callOperations(), figureOperations(), dashboardOperations(), messageOperations(), networkOperations(),
		centreOperations(), appointmentOperations(), projectOperations(), activityOperations(), hookOperations(), exportOperations())
}

func personOperations() []operation {
	return []operation{
		{name: "register_person", method: http.MethodPost, path: "/persons", need: access.RegisterPerson, keyed: true, in: holds[newPerson](), out: holds[registered](), status: 201,
			writes: true, ready: readyToRegister, do: register, example: `{"values": {"name_bn": "রহিমা খাতুন", "name_latin": "Rahima Khatun", "sex": "female", "birth": "1991-04", "home": "305670"},
 "contacts": [{"kind": "phone", "number": "01712345678", "owner": "own", "safety": "careful", "ways": ["call"]}],
 "consents": [{"purpose": "register", "given": true, "method": "spoken"}]}`},
		{name: "list_persons", method: http.MethodGet, path: "/persons", need: access.ReadPersons, params: []string{"q", "place", "typing", "limit", "cursor"}, out: holds[page[card]](), do: listPersons},
		{name: "find_person", method: http.MethodGet, path: "/persons/{id}", need: access.ReadPersons, out: holds[person](), do: findPerson},
		{name: "change_person", method: http.MethodPatch, path: "/persons/{id}", need: access.ChangePerson, keyed: true, in: holds[personChange](), out: holds[person](),
			writes: true, do: change(amend), example: `{"version": 1, "source": "nid", "values": {"birth": "1990-05-01"}, "reason": "NID card seen"}`},
		{name: "choose_value", method: http.MethodPost, path: "/persons/{id}/choose", need: access.ChangePerson, keyed: true, in: holds[choice](), out: holds[person](),
			writes: true, do: change(choose), example: `{"version": 2, "claim": "01900000-0000-7000-8000-000000000000", "reason": "she said so"}`},
		{name: "read_history", method: http.MethodGet, path: "/persons/{id}/history", need: access.ReadPersons, params: []string{"limit", "cursor"}, out: holds[page[event]](), do: history},
		{name: "read_looks", method: http.MethodGet, path: "/persons/{id}/looks", need: access.ReadLooks, out: holds[page[look]](), do: looks},
		{name: "read_protected", method: http.MethodGet, path: "/persons/{id}/protected", need: access.ReadProtected, out: holds[protected](), writes: true, do: lookAt},
		{name: "reveal_number", method: http.MethodPost, path: "/persons/{id}/reveal", need: access.RevealNumbers, in: holds[reveal](), out: holds[number](), writes: true, do: revealNumber,
			example: `{"row": "contact", "id": "01900000-0000-7000-8000-000000000000"}`},
		{name: "erase_person", method: http.MethodPost, path: "/persons/{id}/erase", need: access.ErasePerson, in: holds[erasure](), out: holds[receipt](), writes: true, do: erase,
			example: `{"reason": "at her own wish, in writing"}`},
	}
}

func rowOperations() []operation {
	all := []operation{
		{name: "add_contact", path: "/contacts", in: holds[newContact](), do: change(addContact), example: `{"kind": "phone", "number": "01812345678", "owner": "husband", "safety": "unsafe"}`},
		{name: "add_identifier", path: "/identifiers", in: holds[newIdentifier](), do: change(addIdentifier), example: `{"kind": "passport", "number": "BX0123456", "expires": "2031-04", "seen": true}`},
		{name: "add_journey", path: "/journeys", in: holds[newJourney](), do: change(addJourney), example: `{"country": "SA", "city": "Riyadh", "occupation": "9111", "departed": "2019-02", "returned": "2024", "reasons": ["contract_ended"]}`},
		{name: "add_relation", path: "/relations", in: holds[newRelation](), do: change(addRelation), example: `{"relation": "daughter", "name": "সুমি", "birth": "2015", "lives_with": true}`},
		{name: "answer_consent", path: "/consents", in: holds[newConsent](), do: change(addConsent), example: `{"purpose": "coordinate", "given": false, "method": "spoken"}`},
		{name: "record_functioning", path: "/functioning", need: access.ChangeProtected, in: holds[functioning](), do: change(addFunctioning), example: `{"vision": 2, "hearing": 1, "mobility": 1, "cognition": 1, "self_care": 1, "communication": 1}`},
		{name: "change_contact", method: http.MethodPut, path: "/contacts/{row}", in: holds[contactChange](), do: change(changeContact), example: `{"version": 1, "owner": "own", "safety": "safe", "ways": ["call", "sms"]}`},
		{name: "change_journey", method: http.MethodPut, path: "/journeys/{row}", in: holds[journeyChange](), do: change(changeJourney), example: `{"version": 1, "country": "SA", "city": "Jeddah", "departed": "2019-02", "returned": "2024"}`},
	}
	for _, row := range []struct {
		row  persons.Row
		path string
	}{{persons.ContactRow, "/contacts"}, {persons.IdentifierRow, "/identifiers"}, {persons.JourneyRow, "/journeys"}, {persons.RelationRow, "/relations"}} {
		all = append(all,
			operation{name: "end_" + string(row.row), path: row.path + "/{row}/end", in: holds[ending](), do: change(end(row.row, persons.End)), example: `{"version": 1, "reason": "typed twice"}`},
			operation{name: "restore_" + string(row.row), path: row.path + "/{row}/restore", in: holds[ending](), do: change(end(row.row, persons.Restore)), example: `{"version": 2}`})
	}
	for i := range all {
		o := &all[i]
		o.path, o.out, o.writes, o.keyed = "/persons/{id}"+o.path, holds[person](), true, true
		if o.method == "" {
			o.method = http.MethodPost
		}
		if o.need == "" {
			o.need = access.ChangePerson
		}
		if len(o.name) > 4 && o.name[:4] == "add_" || o.name == "answer_consent" || o.name == "record_functioning" {
			o.status = http.StatusCreated
		}
	}
	return all
}

// listOperations are open to whoever may do anything at all: they hold no person.
func listOperations() []operation {
	search := []string{"q", "limit"}
	return []operation{
		{name: "search_places", method: http.MethodGet, path: "/places", params: search, out: holds[page[placeView]](), do: searchPlaces},
		{name: "find_place", method: http.MethodGet, path: "/places/{code}", out: holds[placeView](), do: findPlace},
		{name: "search_occupations", method: http.MethodGet, path: "/occupations", params: search, out: holds[page[listed]](), do: searchOccupations},
		{name: "search_countries", method: http.MethodGet, path: "/countries", params: search, out: holds[page[listed]](), do: searchCountries},
		{name: "read_checkpoint", method: http.MethodGet, path: "/trail/checkpoint", need: access.VerifyTrail, text: true, do: checkpoint},
	}
}
