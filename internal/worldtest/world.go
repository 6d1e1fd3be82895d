// SPDX-License-Identifier: Apache-2.0

// Package worldtest is a small world for tests: two organisations with an office
// each, and a fixed cast of actors. Each may do exactly what the matrix says.
package worldtest

import (
	"fera/internal/access"
	"fera/internal/persons"
)

// The offices and organisations of the world.
const (
	Sylhet   = "00000000-0000-7000-8000-000000000001" // an office of Aparajita
	Barishal = "00000000-0000-7000-8000-000000000002" // an office of Bandhan
	Centre   = "00000000-0000-7000-8000-000000000003" // a second office of Aparajita

	Aparajita = "00000000-0000-7000-8000-00000000000a"
	Bandhan   = "00000000-0000-7000-8000-00000000000b"
)

func actor(name, office, organisation string, role access.Role, scope access.Scope) access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-0000000000" + map[string]string{"Amina": "01", "Basil": "02", "Chandra": "03", "Dipu": "04", "Esha": "05", "Farid": "06", "Gita": "07", "Harun": "08", "Ishrat": "09", "Mitu": "0a", "Parvin": "0b"}[name],
		Name: name, Office: office, Organisation: organisation}
	a.Grant(role, scope)
	return a
}

// Amina is a caseworker in Sylhet.
func Amina() access.Actor {
	return actor("Amina", Sylhet, Aparajita, access.Caseworker, access.AtOffice(Sylhet))
}

// Basil is a caseworker in Barishal, of another organisation.
func Basil() access.Actor {
	return actor("Basil", Barishal, Bandhan, access.Caseworker, access.AtOffice(Barishal))
}

// Chandra supervises all offices of Amina's organisation.
func Chandra() access.Actor {
	return actor("Chandra", Centre, Aparajita, access.Supervisor, access.OfOrganisation(Aparajita))
}

// Dipu is a field officer with a phone, who sees only those on his caseload.
func Dipu() access.Actor { return actor("Dipu", Sylhet, Aparajita, access.FieldOfficer, "own") }

// Esha is the data-protection officer of all.
func Esha() access.Actor {
	return actor("Esha", Centre, Aparajita, access.DataProtectionOfficer, "all")
}

// Farid administers the system and sees no person.
func Farid() access.Actor { return actor("Farid", Centre, Aparajita, access.Administrator, "all") }

// Gita works at a government desk of Manikganj and sees those who live there and agreed to it.
func Gita() access.Actor {
	return actor("Gita", Barishal, Bandhan, access.Caseworker, access.InArea("3056"))
}

// Harun observes the whole country and sees figures only.
func Harun() access.Actor { return actor("Harun", Centre, Aparajita, access.NationalObserver, "all") }

// Ishrat sits at the registry desk: she judges for all whether two records are of one person.
func Ishrat() access.Actor {
	return actor("Ishrat", Centre, Aparajita, access.RegistryOfficer, "all")
}

// Mitu watches over the projects of Amina's organisation and sees nobody who is helped.
func Mitu() access.Actor {
	return actor("Mitu", Centre, Aparajita, access.MonitoringOfficer, access.OfOrganisation(Aparajita))
}

// Parvin manages the programmes of Amina's organisation.
func Parvin() access.Actor {
	return actor("Parvin", Centre, Aparajita, access.ProgrammeManager, access.OfOrganisation(Aparajita))
}

// Cast returns everybody who is named above, in the order of the alphabet.
func Cast() []access.Actor {
	return []access.Actor{Amina(), Basil(), Chandra(), Dipu(), Esha(), Farid(), Gita(), Harun(), Ishrat(), Mitu(), Parvin()}
}

// Rahima is a registration with the little that is asked first, complete and
// plausible, of a woman who does not exist.
func Rahima() persons.Registration {
	return persons.Registration{
		Values: map[persons.Field]string{persons.NameBn: "রহিমা খাতুন", persons.NameLatin: "Rahima Khatun", persons.SexField: "female",
			persons.Birth: "1991-04-12", persons.Home: "305670", persons.HomeText: "পূর্বপাড়া"},
		Contacts: []persons.Contact{{Kind: "phone", Number: "01712345678", Owner: "own", Safety: "careful", Ways: []string{"call"}, Hours: "সকাল ১০টা থেকে ১২টা"}},
		Consents: []persons.Consent{{Purpose: persons.PurposeRegister, Given: true}, {Purpose: persons.PurposeContact, Given: true}},
	}
}
