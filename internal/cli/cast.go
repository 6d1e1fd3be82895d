// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/offices"
	"fera/internal/simulate"
	"fera/internal/words"
)

// The offices of the demonstration, by which the cast below names its places.
const (
	atHead    = "head"
	atSadar   = "sadar"
	atSingair = "singair"
	atSaturia = "saturia"
	atDesk    = "desk" // the government's
	atAirport = "airport"
	atCalls   = "calls"
	atMission = "mission"
	atAid     = "aid" // a provider's
)

// player is one user of the demonstration.
type player struct {
	login  string
	name   string
	office string
	role   access.Role
	scope  access.Scope // "o" her office, "g" her organisation, else as it is
	spare  bool         // one more of a role, who is not printed
}

// cast is one user for each role, and clerks enough for each office to have one.
func cast() []player {
	return []player{
		{"dipu", "Dipu Das", atSadar, access.FieldOfficer, "own", false},
		{"amina", "Amina Begum", atSadar, access.Caseworker, "o", false},
		{"chandra", "Chandra Saha", atHead, access.Supervisor, "g", false},
		{"jorina", "Jorina Khatun", atHead, access.ShelterKeeper, "o", false},
		{"pinky", "Pinky Akter", atAid, access.ProviderFocal, "o", false},
		{"rasel", "Rasel Mia", atAirport, access.AirportOfficer, "o", false},
		{"hasna", "Hasna Hena", atCalls, access.HotlineOperator, "g", false},
		{"gita", "Gita Roy", atDesk, access.GrievanceOfficer, "a:3056", false},
		{"liton", "Liton Biswas", atMission, access.LabourAttache, "o", false},
		{"ishrat", "Ishrat Jahan", atDesk, access.RegistryOfficer, "all", false},
		{"mitu", "Mitu Khanam", atHead, access.MonitoringOfficer, "g", false},
		{"parvin", "Parvin Sultana", atHead, access.ProgrammeManager, "g", false},
		{"harun", "Harun Ali", atDesk, access.NationalObserver, "all", false},
		{"farid", "Farid Ahmed", atHead, access.Administrator, "all", false},
		{"esha", "Esha Rahman", atHead, access.DataProtectionOfficer, "all", false},
		{"nasrin", "Nasrin Haque", atDesk, access.MonitoringOfficer, "all", true},
		{"salma", "Salma Khatun", atDesk, access.Supervisor, "g", true},
		{"basil", "Basil Gomes", atDesk, access.Caseworker, "o", true},
		{"sumi", "Sumi Akter", atSingair, access.Caseworker, "o", true},
		{"tania", "Tania Islam", atSaturia, access.Caseworker, "o", true},
	}
}

// settleCast adds the organisations, offices and users of the demonstration, and
// returns those who register people in a district, and those who decide about
// cases. Without credentials nobody can sign in until reset.
func (p *program) settleCast(st *store, equip *accounts.Credentials) (clerks, deciders []access.Actor, err error) {
	err = st.d.Write(p.ctx, func(tx *db.Tx) error {
		clerks, deciders = nil, nil
		places, err := settleOffices(p.ctx, tx)
		if err != nil {
			return err
		}
		for _, one := range cast() {
			a, err := one.join(p.ctx, tx, places[one.office], equip)
			if err != nil {
				return err
			}
			if one.role == access.Caseworker || one.role == access.FieldOfficer || one.role == access.AirportOfficer {
				clerks = append(clerks, a)
			}
			if one.role == access.Supervisor || one.role == access.ProgrammeManager {
				deciders = append(deciders, a)
			}
		}
		return nil
	})
	return clerks, deciders, err
}

// settleOffices adds three organisations with their offices.
func settleOffices(ctx context.Context, tx *db.Tx) (map[string]offices.Office, error) {
	who := terminal()
	shetu, err := offices.AddOrganisation(ctx, tx, who, offices.Organisation{NameEn: "Shetu Foundation (simulated)", NameBn: "সেতু ফাউন্ডেশন (নমুনা)", Kind: offices.CivilSociety})
	if err != nil {
		return nil, err
	}
	demo, err := offices.AddOrganisation(ctx, tx, who, offices.Organisation{NameEn: "Employment and Manpower Office (simulated)", NameBn: "কর্মসংস্থান ও জনশক্তি অফিস (নমুনা)", Kind: offices.Government})
	if err != nil {
		return nil, err
	}
	aid, err := offices.AddOrganisation(ctx, tx, who, offices.Organisation{NameEn: "Alo Aid (simulated)", NameBn: "আলো সহায়তা সংস্থা (নমুনা)", Kind: offices.CivilSociety})
	if err != nil {
		return nil, err
	}
	places := map[string]offices.Office{}
	for _, place := range []struct {
		key string
		offices.Opening
	}{
		{atHead, offices.Opening{Organisation: shetu.ID, NameEn: "Head office, Dhaka", NameBn: "প্রধান কার্যালয়, ঢাকা", Kind: offices.HeadOffice, Place: "3026"}},
		{atSadar, offices.Opening{Organisation: shetu.ID, NameEn: "Centre, Manikganj Sadar", NameBn: "সেবাকেন্দ্র, মানিকগঞ্জ সদর", Kind: offices.ServiceCentre, Place: "305646"}},
		{atSingair, offices.Opening{Organisation: shetu.ID, NameEn: "Centre, Singair", NameBn: "সেবাকেন্দ্র, সিংগাইর", Kind: offices.ServiceCentre, Place: "305682"}},
		{atSaturia, offices.Opening{Organisation: shetu.ID, NameEn: "Centre, Saturia", NameBn: "সেবাকেন্দ্র, সাটুরিয়া", Kind: offices.ServiceCentre, Place: "305670"}},
		{atDesk, offices.Opening{Organisation: demo.ID, NameEn: "District office, Manikganj", NameBn: "জেলা অফিস, মানিকগঞ্জ", Kind: offices.LocalOffice, Place: "3056"}},
		{atAirport, offices.Opening{Organisation: demo.ID, NameEn: "Welfare desk, Dhaka airport", NameBn: "কল্যাণ ডেস্ক, ঢাকা বিমানবন্দর", Kind: offices.AirportDesk, Place: "3026"}},
		{atCalls, offices.Opening{Organisation: demo.ID, NameEn: "Call centre", NameBn: "কল সেন্টার", Kind: offices.CallCentre, Place: "3026"}},
		{atAid, offices.Opening{Organisation: aid.ID, NameEn: "Alo Aid, Manikganj", NameBn: "আলো, মানিকগঞ্জ", Kind: offices.ServiceCentre, Place: "305646"}},
		{atMission, offices.Opening{Organisation: demo.ID, NameEn: "Labour wing, Riyadh", NameBn: "শ্রম কল্যাণ উইং, রিয়াদ", Kind: offices.Mission}},
	} {
		if places[place.key], err = offices.Add(ctx, tx, who, place.Opening); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// join adds the player as a user.
func (one player) join(ctx context.Context, tx *db.Tx, office offices.Office, equip *accounts.Credentials) (access.Actor, error) {
	u, _, err := accounts.AddUser(ctx, tx, terminal(), accounts.Addition{Login: one.login, Name: one.name, Office: office.ID, Language: words.Bangla})
	if err != nil {
		return access.Actor{}, err
	}
	scope := one.scope
	switch scope {
	case "o":
		scope = access.AtOffice(office.ID)
	case "g":
		scope = access.OfOrganisation(office.Organisation)
	}
	if err := accounts.GrantRole(ctx, tx, terminal(), accounts.Held{User: u.ID, Role: one.role, Scope: scope}); err != nil {
		return access.Actor{}, err
	}
	if equip != nil {
		if err := accounts.Equip(ctx, tx, terminal(), u.ID, *equip); err != nil {
			return access.Actor{}, err
		}
	}
	a := access.Actor{ID: u.ID, Name: u.Name, Office: office.ID, Organisation: office.Organisation}
	a.Grant(one.role, scope)
	return a, nil
}

// appointmentsAtMost is how many appointments are simulated.
const appointmentsAtMost = 24

// referralsAtMost is how many referrals are simulated.
const referralsAtMost = 300

// refer simulates referrals to two made-up providers, of which one has accounts.
func (p *program) refer(st *store, o simulate.Options, n int) error {
	focal, err := p.actor(st, "pinky")
	if err != nil {
		return err
	}
	return simulate.Refer(p.ctx, st.d, o, simulate.Network{Focal: focal, Keeper: terminal()}, n)
}

// actor finds a player of the cast.
func (p *program) actor(st *store, login string) (a access.Actor, err error) {
	at := slices.IndexFunc(cast(), func(one player) bool { return one.login == login })
	one := cast()[at]
	return a, st.d.Read(p.ctx, func(q db.Reader) error {
		all, err := accounts.ListUsers(p.ctx, q, terminal(), accounts.UserFilter{Limit: 200})
		for _, u := range all {
			if u.Login == login {
				a = access.Actor{ID: u.ID, Name: u.Name, Office: u.Office, Organisation: u.Organisation}
				a.Grant(one.role, access.AtOffice(u.Office))
			}
		}
		return err
	})
}
