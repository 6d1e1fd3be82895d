// SPDX-License-Identifier: Apache-2.0

package access

import (
	"slices"
	"strings"
)

// Permission is one act, named noun.verb.
type Permission string

// The permissions, by the record they are about.
const (
	RegisterPerson  Permission = "person.register"         // enter a person who is not in the register
	ReadCards       Permission = "person.read_card"        // see that a person is registered: name, age and area
	ReadPersons     Permission = "person.read"             // see identity, contact and history (class 2)
	ChangePerson    Permission = "person.change"           // add to and correct class-2 data
	RevealNumbers   Permission = "person.reveal_numbers"   // see a masked number in full, one at a time
	ReadProtected   Permission = "person.read_protected"   // see class-3 data of those on one's caseload
	ChangeProtected Permission = "person.change_protected" // enter class-3 data of those on one's caseload
	BreakGlass      Permission = "person.break_glass"      // open class-3 data outside one's caseload, for a reason
	ReviewGlass     Permission = "person.review_glass"     // judge afterwards whether the glass was rightly broken
	PrintPerson     Permission = "person.print"            // print the summary and the card
	CopyPerson      Permission = "person.copy"             // hand a person the copy of what is kept about her
	AssignPerson    Permission = "person.assign"           // put a person on somebody's caseload
	ErasePerson     Permission = "person.erase"            // destroy a person's key for good
	ReadLooks       Permission = "person.read_looks"       // see who looked at a person, to tell her
	ImportPersons   Permission = "person.import"           // enter a whole file of persons, and take it back
	WithdrawPerson  Permission = "person.withdraw"         // take out a registration that should never have been made
	ReviewMatches   Permission = "person.review_matches"   // judge whether two records are of one person
	MergePersons    Permission = "person.merge"            // make one person of two
	UnmergePersons  Permission = "person.unmerge"          // take apart what was made one

	ReadInstruments   Permission = "instrument.read"       // see which questionnaires there are, and try them
	ManageInstruments Permission = "instrument.manage"     // bring questionnaires in, activate and retire them
	Administer        Permission = "assessment.administer" // ask a person the questions of a questionnaire, and correct answers
	ReadAssessments   Permission = "assessment.read"       // see answers and scores of class 2
	Screen            Permission = "assessment.screen"     // ask the first screening, whatever its class, and see how it sorted
	HeedAlerts        Permission = "assessment.heed"       // be told of answers that need somebody, and say what was done

	OpenCase       Permission = "case.open"       // open a file on a person's return
	ReadCases      Permission = "case.read"       // see cases, their course and their class-2 notes
	NoteCase       Permission = "case.note"       // write notes and do tasks
	WorkCase       Permission = "case.work"       // carry a case from assessment to plan and follow-up, and stop its clock
	AssignCase     Permission = "case.assign"     // give cases to caseworkers, and hand them over
	ApproveCase    Permission = "case.approve"    // decide on plans, money and closures that somebody else asked for
	CloseCase      Permission = "case.close"      // close a case with its duties
	ReopenCase     Permission = "case.reopen"     // take a closed case up again
	ManageCases    Permission = "case.manage"     // say what programmes ask of their cases
	ManageServices Permission = "service.manage"  // say which services there are, and what they ask
	PlaceInShelter Permission = "shelter.place"   // find a bed in a safe shelter for those on one's caseload, and look after the stay
	ManageShelter  Permission = "shelter.manage"  // open shelters, and run those of which one is a keeper
	ManageCalendar Permission = "calendar.manage" // enter holidays

	SendReferral   Permission = "referral.send"   // ask other organisations for something, and hear from her what came of it
	AnswerReferral Permission = "referral.answer" // answer what one's organisation is asked for
	BringReferral  Permission = "referral.bring"  // send, for another network, what organisations here are asked for, and follow it
	ReadFlows      Permission = "referral.flows"  // see how many referrals come how far, without seeing any

	ReadCalls       Permission = "call.read"      // see who called about a person and who was called
	LogCall         Permission = "call.log"       // call, visit and answer calls, and enter them
	OverrideContact Permission = "call.override"  // contact a person against what she said is safe, for a reason
	SeeCodeWord     Permission = "call.code_word" // see and change the word by which she is known on the telephone

	ManageHooks    Permission = "hook.manage"    // say which other systems are told what happened
	ManageMessages Permission = "message.manage" // see how messages to people leave, and send again what failed

	ManageGuidance Permission = "guidance.manage" // write the organisation's own texts on how to do the work well
	Practise       Permission = "practice.enter"  // go to the organisation's training office, where everything is made up
	ManagePractice Permission = "practice.manage" // empty the training office

	ReadDirectory    Permission = "directory.read"    // see who offers what where, and whom one speaks to there
	ConfirmDirectory Permission = "directory.confirm" // keep the entries of one's own organisation, and say that they are right
	ManageDirectory  Permission = "directory.manage"  // keep the whole directory, agreements too, and exchange it

	ManageCentre     Permission = "centre.manage"    // say which counters and hours a one-stop centre has
	ServeQueue       Permission = "centre.serve"     // draw tickets at a centre, and call people to a counter
	ReadAppointments Permission = "appointment.read" // see when who has an appointment with whom
	BookAppointment  Permission = "appointment.book" // make, move and cancel appointments, and say who came

	ReadProjects     Permission = "project.read"       // see what a project is to do, where and with whom, and what counts for it
	ReadProjectMoney Permission = "project.read_money" // see a project's budget and spending
	ManageProjects   Permission = "project.manage"     // say what a project is to do, enter its money, and say what counts for it
	ReadActivities   Permission = "activity.read"      // see what was done among people, and how many were reached
	LogActivity      Permission = "activity.log"       // enter what was done among people, and look after forums
	ManageActivities Permission = "activity.manage"    // correct and undo what others entered
	SetActivityKinds Permission = "activity.set_kinds" // say which kinds of activities there are
	ReadReports      Permission = "report.read"        // read reports that were issued, and what was learnt
	DraftReports     Permission = "report.draft"       // draft reports, write in them, and correct them
	IssueReports     Permission = "report.issue"       // issue a report, which is never changed then
	ReadTrail        Permission = "trail.read"         // read the trail of acts
	VerifyTrail      Permission = "trail.verify"       // check the trail and take its checkpoints away
	ReadFigures      Permission = "figure.read"        // see figures, and the records behind them that one may see
	ManageFigures    Permission = "figure.manage"      // say what is counted, and enter figures from elsewhere
	PublishFigures   Permission = "figure.publish"     // publish tables of the fixed catalogue

	MakeExport    Permission = "export.make"    // take lists away as files, with what others approved
	ApproveExport Permission = "export.approve" // decide whether what says who somebody is may leave in a file

	ReadOffices   Permission = "office.read"
	ManageOffices Permission = "office.manage"
	ReadUsers     Permission = "user.read"
	AddUser       Permission = "user.add"
	ChangeUser    Permission = "user.change" // disable, reset a second factor, end sessions
	GrantRole     Permission = "role.grant"
	ReadRoles     Permission = "role.read" // see the matrix of rights
	ManageTokens  Permission = "token.manage"
	ManageKeys    Permission = "key.manage"
	OwnAccount    Permission = "account.own" // one's own sign-in, sessions, language and notices
)

// Permissions returns all permissions, in the order of the matrix.
func Permissions() []Permission {
	return []Permission{
		RegisterPerson, ReadCards, ReadPersons, ChangePerson, RevealNumbers, ReadProtected, ChangeProtected, BreakGlass, ReviewGlass,
		PrintPerson, CopyPerson, AssignPerson, ErasePerson, ReadLooks, ImportPersons, WithdrawPerson, ReviewMatches, MergePersons, UnmergePersons,
		ReadInstruments, ManageInstruments, Administer, ReadAssessments, Screen, HeedAlerts,
		OpenCase, ReadCases, NoteCase, WorkCase, AssignCase, ApproveCase, CloseCase, ReopenCase, ManageCases, ManageServices, PlaceInShelter, ManageShelter, ManageCalendar,
		SendReferral, AnswerReferral, BringReferral, ReadFlows, ReadCalls, LogCall, OverrideContact, SeeCodeWord, ManageMessages, ManageHooks, ManageGuidance, Practise, ManagePractice, ReadDirectory, ConfirmDirectory, ManageDirectory,
		ManageCentre, ServeQueue, ReadAppointments, BookAppointment,
		ReadProjects, ReadProjectMoney, ManageProjects, ReadActivities, LogActivity, ManageActivities, SetActivityKinds, ManageDirectory, ReadFigures, ManageFigures, PublishFigures, ReadReports, DraftReports, IssueReports, MakeExport, ApproveExport, ReadTrail, VerifyTrail,
		ReadOffices, ManageOffices, ReadUsers, AddUser, ChangeUser, GrantRole, ReadRoles, ManageTokens, ManageKeys, OwnAccount,
	}
}

// Role is what a user is at an office, an organisation, an area or everywhere.
type Role string

// The roles, one for each line of "who uses it" in the mission that signs in.
const (
	FieldOfficer          Role = "field_officer"
	Caseworker            Role = "caseworker"
	Supervisor            Role = "supervisor"
	ShelterKeeper         Role = "shelter_keeper"
	ProviderFocal         Role = "provider_focal"
	AirportOfficer        Role = "airport_officer"
	HotlineOperator       Role = "hotline_operator"
	GrievanceOfficer      Role = "grievance_officer"
	LabourAttache         Role = "labour_attache"
	RegistryOfficer       Role = "registry_officer"
	MonitoringOfficer     Role = "monitoring_officer"
	ProgrammeManager      Role = "programme_manager"
	NationalObserver      Role = "national_observer"
	Administrator         Role = "administrator"
	DataProtectionOfficer Role = "data_protection_officer"
)

// Roles returns all roles, in the order of the matrix.
func Roles() []Role {
	return []Role{FieldOfficer, Caseworker, Supervisor, ShelterKeeper, ProviderFocal, AirportOfficer, HotlineOperator, GrievanceOfficer,
		LabourAttache, RegistryOfficer, MonitoringOfficer, ProgrammeManager, NationalObserver, Administrator, DataProtectionOfficer}
}

// Allows returns what a role may do. The whole matrix is a golden file that a
// programme manager can read and sign. Administrators run the system and see no
// person; those who see persons cannot give themselves rights.
func (r Role) Allows() []Permission {
	own := []Permission{OwnAccount, ReadOffices, ReadDirectory}
	with := func(more ...Permission) []Permission { return append(own, more...) }
	asks := func(more ...Permission) []Permission {
		return with(append(more, ReadInstruments, Administer, ReadAssessments)...)
	}
	switch r {
	case FieldOfficer:
		return asks(RegisterPerson, ReadCards, ReadPersons, ChangePerson, ReadProtected, ChangeProtected, PrintPerson, Screen,
			OpenCase, ReadCases, NoteCase, SendReferral, ReadCalls, LogCall, SeeCodeWord, ServeQueue, ReadAppointments, BookAppointment, Practise, ReadProjects, ReadActivities, LogActivity)
	case Caseworker:
		return asks(RegisterPerson, ReadCards, ReadPersons, ChangePerson, RevealNumbers, ReadProtected, ChangeProtected, BreakGlass, PrintPerson, CopyPerson, ReadLooks,
			OpenCase, ReadCases, NoteCase, WorkCase, CloseCase, ReopenCase, PlaceInShelter, SendReferral, AnswerReferral, ReadCalls, LogCall, SeeCodeWord,
			ServeQueue, ReadAppointments, BookAppointment, Practise,
			ReadProjects, ReadActivities, LogActivity)
	case Supervisor:
		return asks(RegisterPerson, ReadCards, ReadPersons, ChangePerson, RevealNumbers, ReadProtected, ChangeProtected, BreakGlass, PrintPerson, CopyPerson,
			ReadLooks, AssignPerson, ReviewGlass, ImportPersons, WithdrawPerson, ReviewMatches, MergePersons, UnmergePersons, HeedAlerts, ReadUsers, ReadRoles,
			OpenCase, ReadCases, NoteCase, WorkCase, AssignCase, ApproveCase, CloseCase, ReopenCase, PlaceInShelter, ManageShelter,
			SendReferral, AnswerReferral, ReadFlows, ReadCalls, LogCall, OverrideContact, SeeCodeWord, ManageMessages,
			ManageCentre, ServeQueue, ReadAppointments, BookAppointment, ManageGuidance, Practise, ManagePractice,
			ReadProjects, ReadProjectMoney, ReadActivities, LogActivity, ManageActivities, ReadFigures, ReadReports, MakeExport, ApproveExport)
	case ShelterKeeper:
		return with(ManageShelter)
	case AirportOfficer:
		return asks(RegisterPerson, ReadCards, ReadPersons, ChangePerson, RevealNumbers, PrintPerson, Screen, OpenCase, ReadCalls, LogCall, ServeQueue, Practise)
	case HotlineOperator:
		return with(RegisterPerson, ReadCards, ReadPersons, RevealNumbers, ReadCalls, LogCall, SeeCodeWord, Practise)
	case GrievanceOfficer:
		return asks(RegisterPerson, ReadCards, ReadPersons, ChangePerson, RevealNumbers, PrintPerson, ReadCalls, LogCall, Practise)
	case LabourAttache:
		return asks(RegisterPerson, ReadCards, ReadPersons, ChangePerson, RevealNumbers, ReadProtected, ChangeProtected, ReadCalls, LogCall, Practise)
	case RegistryOfficer:
		return with(ReadCards, ReadPersons, RevealNumbers, ReviewMatches, MergePersons, UnmergePersons)
	case ProgrammeManager:
		return with(ReadCards, ReadPersons, ReadInstruments, ReadUsers, ReadRoles, ReadCases, ApproveCase, ManageGuidance, ConfirmDirectory, ManageDirectory, ReadFlows,
			ReadProjects, ReadProjectMoney, ManageProjects, ReadActivities, LogActivity, ManageActivities, ReadFigures, PublishFigures, ReadReports, DraftReports, IssueReports, MakeExport, ApproveExport)
	case Administrator:
		return with(ReadInstruments, ManageInstruments, ManageCases, ManageServices, SetActivityKinds, ManageCalendar, ManageMessages, ManageHooks, ConfirmDirectory, ManageDirectory, ManageCentre, ManageOffices, ReadUsers, AddUser, ChangeUser, GrantRole, ReadRoles, ManageTokens, ManageKeys, VerifyTrail)
	case DataProtectionOfficer:
		return with(ReadTrail, VerifyTrail, ReviewGlass, ReadLooks, ReadCards, ReadPersons, ErasePerson, ApproveExport, ReadUsers, ReadRoles)
	case ProviderFocal:
		return with(ConfirmDirectory, AnswerReferral, BringReferral, ServeQueue)
	case MonitoringOfficer:
		return with(ReadFlows, ReadProjects, ReadProjectMoney, ManageProjects, ReadActivities, ReadFigures, ManageFigures, PublishFigures, ReadReports, DraftReports, MakeExport)
	case NationalObserver:
		return with(ReadFlows, ReadProjects, ReadActivities, ReadFigures, ReadReports)
	}
	return nil
}

// Known reports whether r is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Grant gives the actor what role r allows at a scope: an office, an
// organisation, an area, "own" for the actor's caseload, or "all" for everywhere.
//
// Class-3 data are for the caseload, whatever the reach of the role. An area
// widens whose cards are seen, since that is what people agree to; what may be
// done with a person stays with the office where the actor works.
func (a *Actor) Grant(r Role, scope Scope) { a.GrantOf(r, scope, nil) }

// GrantOf is Grant for those of the role's permissions alone that are listed; nil
// stands for all of them. Who asks with a key needs few.
func (a *Actor) GrantOf(r Role, scope Scope, listed []Permission) {
	if a.Grants == nil {
		a.Grants = map[Permission]Reach{}
	}
	if !slices.Contains(a.Roles, r) {
		a.Roles = append(slices.Clone(a.Roles), r)
	}
	for _, p := range r.Allows() {
		if listed != nil && !slices.Contains(listed, p) {
			continue
		}
		if p == OwnAccount || scope == "all" && !onCaseloadOnly(p) {
			a.Grants[p] = Reach{Everywhere: true}
			continue
		}
		for _, s := range a.scopesFor(p, scope) {
			a.Grants[p] = a.Grants[p].with(s)
		}
	}
}

// scopesFor returns where a permission holds that a role gives at a scope.
func (a *Actor) scopesFor(p Permission, scope Scope) []Scope {
	noun, _, _ := strings.Cut(string(p), ".")
	person := slices.Contains([]string{"person", "assessment", "case", "plan", "service", "call", "practice", "referral", "appointment", "centre", "export"}, noun)
	switch {
	case onCaseloadOnly(p):
		return []Scope{OnCaseload(a.ID)}
	case p == ReadProjects && IsArea(scope):
		return []Scope{scope, OfOrganisation(a.Organisation)}
	case p == ReadProjects || p == ReadReports:
		return []Scope{OfOrganisation(a.Organisation)} // a project is the organisation's, wherever in it one works
	case scope == "own" && (p == RegisterPerson || p == ServeQueue):
		return []Scope{OnCaseload(a.ID), AtOffice(a.Office)} // where one works, also for who sees only her own caseload
	case (p == AnswerReferral || p == BringReferral) && (scope == "own" || IsArea(scope)):
		return []Scope{AtOffice(a.Office)}
	case scope == "own":
		return []Scope{OnCaseload(a.ID)}
	case IsArea(scope) && p == ReadCards:
		return []Scope{scope, AtOffice(a.Office)}
	case IsArea(scope) && p == ManageShelter:
		return []Scope{AtOffice(a.Office), OnCaseload(a.ID)}
	case p == ManageShelter:
		return []Scope{scope, OnCaseload(a.ID)} // where one is a keeper, wherever that is
	case IsArea(scope) && (person || p == LogActivity || p == ManageActivities || p == ManageProjects || p == ReadProjectMoney || p == DraftReports || p == IssueReports):
		return []Scope{AtOffice(a.Office)}
	}
	return []Scope{scope}
}

// onCaseloadOnly tells of a permission that it is for those on one's caseload, whatever the reach of the role: what is
// done with it is of class 3.
func onCaseloadOnly(p Permission) bool {
	return p == ReadProtected || p == ChangeProtected || p == PlaceInShelter
}

func (r Reach) with(s Scope) Reach {
	if !r.Everywhere && !slices.Contains(r.Scopes, s) {
		r.Scopes = append(slices.Clone(r.Scopes), s)
	}
	return r
}
