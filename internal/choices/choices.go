// SPDX-License-Identifier: Apache-2.0

// Package choices holds the answers that the register's questions offer, in the
// order in which they are shown. Each is a code; the words for it are in the
// catalogues.
package choices

// MaritalStates are the answers to the question whether one is married.
func MaritalStates() []string {
	return []string{"never_married", "married", "separated", "divorced", "widowed", "abandoned", "unsaid"}
}

// SchoolingLevels are the answers to the question how far one went at school.
func SchoolingLevels() []string {
	return []string{"none", "primary", "secondary", "ssc", "hsc", "degree", "madrasa", "unsaid"}
}

// ConsentMethods are the ways to agree.
func ConsentMethods() []string { return []string{"spoken", "signed", "thumbprint", "recorded"} }

// ContactKinds are the kinds of contact.
func ContactKinds() []string { return []string{"phone", "imo", "whatsapp", "email", "neighbour"} }

// ContactOwners say whose phone it is.
func ContactOwners() []string {
	return []string{"own", "husband", "wife", "parent", "child", "sibling", "in_law", "relative", "neighbour", "other"}
}

// Safeties say whether a contact may be used. Until she has said that it is
// safe, it is not.
func Safeties() []string { return []string{"safe", "careful", "unsafe", "unasked"} }

// ContactWays are the ways in which a contact may be safe to use.
func ContactWays() []string { return []string{"call", "sms", "voice_message", "missed_call", "visit"} }

// IdentifierKinds are the kinds of papers.
func IdentifierKinds() []string {
	return []string{"nid", "birth", "passport", "permit", "card"}
}

// WaysOfLeaving are the ways in which people go abroad.
func WaysOfLeaving() []string {
	return []string{"agency", "sub_agent", "government", "relative", "friend", "visit_visa", "sea", "land", "other"}
}

// WaysOfPaying say where the money for the journey came from.
func WaysOfPaying() []string {
	return []string{"savings", "family", "bank_loan", "ngo_loan", "moneylender", "land_sold", "land_mortgaged", "gold", "dowry", "employer", "other"}
}

// Ports are where people come home: the airports, and the land and sea ports.
func Ports() []string {
	return []string{"dac", "cgp", "zyl", "benapole", "burimari", "akhaura", "banglabandha", "teknaf", "sea", "other"}
}

// JourneyPapers are the papers that a person may hold on return.
func JourneyPapers() []string {
	return []string{"passport", "out_pass", "contract", "clearance_card", "pay_slips", "medical", "receipts", "police", "none"}
}

// ReturnReasons say why she came home, in words that shame nobody. What is
// protected is among Happenings instead.
func ReturnReasons() []string {
	return []string{"contract_ended", "job_ended", "visa_ended", "family", "health", "pay", "conditions", "sent_back", "own_wish", "leave", "other", "unsaid"}
}

// Happenings are what may have happened abroad.
func Happenings() []string {
	return []string{"false_promise", "contract_changed", "wages_withheld", "papers_kept", "confined", "overwork", "deductions", "threats", "beaten", "sexual_abuse",
		"detained", "trafficked", "injured", "ill", "pregnant", "child_born"}
}

// Kinships are what a member of the family is to the person.
func Kinships() []string {
	return []string{"husband", "wife", "son", "daughter", "father", "mother", "brother", "sister", "father_in_law", "mother_in_law", "grandchild", "other_kin", "other"}
}
