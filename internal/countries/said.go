// SPDX-License-Identifier: Apache-2.0

package countries

// saidHere gives the English and Bangla names of countries that CLDR names otherwise than people do.
func saidHere() map[string][2]string {
	return map[string][2]string{
		"HK": {"Hong Kong", "হংকং"},
		"MO": {"Macao", "ম্যাকাও"},
		"PS": {"Palestine", "ফিলিস্তিন"},
		"MM": {"Myanmar", "মিয়ানমার"},
		"TR": {"Türkiye", "তুরস্ক"},
		"LA": {"Laos", "লাওস"},
		"BN": {"Brunei", "ব্রুনাই"},
		"PT": {"Portugal", "পর্তুগাল"},
		"HR": {"Croatia", "ক্রোয়েশিয়া"},
		"CZ": {"Czechia", "চেক প্রজাতন্ত্র"},
		"GR": {"Greece", "গ্রিস"},
	}
}

// alsoSaid gives other names that people use for a country: short forms, spellings, and the city
// that stands for the country when someone says where they worked.
func alsoSaid() map[string]string {
	return map[string]string{
		"SA": "KSA; Saudi; Soudi; Riyadh; Jeddah; Mecca; Medina; Dammam; সৌদি; সউদি আরব; রিয়াদ; জেদ্দা; মক্কা; মদিনা; দাম্মাম",
		"AE": "UAE; Emirates; Dubai; Abu Dhabi; Sharjah; Ajman; আমিরাত; ইউএই; দুবাই; আবুধাবি; শারজাহ; আজমান",
		"OM": "Muscat; Salalah; মাস্কাট; সালালাহ",
		"MY": "Kuala Lumpur; Malaysia; Penang; Johor; মালেশিয়া; মালয়শিয়া; কুয়ালালামপুর",
		"QA": "Doha; Katar; দোহা; কাতার",
		"KW": "Koyet; কুয়েত",
		"BH": "Manama; মানামা; বাহরাইন",
		"JO": "Amman; Jordon; আম্মান; জর্দান; জর্ডান",
		"LB": "Beirut; Lebnon; বৈরুত; লেবানন",
		"MV": "Male; Maldive; মালে; মালদ্বীপ",
		"SG": "Singapur; সিঙ্গাপুর; সিংগাপুর",
		"IT": "Rome; Milan; Itali; রোম; মিলান; ইটালি; ইতালি",
		"GR": "Athens; এথেন্স; গ্রীস",
		"GB": "UK; England; Britain; London; Scotland; Wales; ইংল্যান্ড; ব্রিটেন; বিলেত; লন্ডন",
		"US": "USA; America; New York; আমেরিকা; নিউ ইয়র্ক",
		"KR": "Korea; Seoul; কোরিয়া; সিউল",
		"JP": "Tokyo; টোকিও",
		"IQ": "Baghdad; Irak; বাগদাদ; ইরাক",
		"LY": "Tripoli; Benghazi; Libia; ত্রিপোলি; বেনগাজি; লিবিয়া",
		"ZA": "Africa; Johannesburg; সাউথ আফ্রিকা; জোহানেসবার্গ",
		"EG": "Cairo; Misr; কায়রো; মিসর",
		"TR": "Turkey; Istanbul; তুর্কি; ইস্তাম্বুল",
		"IN": "Bharat; Kolkata; Delhi; ইন্ডিয়া; কলকাতা; দিল্লি",
		"AU": "Sydney; সিডনি",
		"MM": "Burma; বার্মা",
		"FR": "Paris; প্যারিস",
		"ES": "Madrid; Barcelona; মাদ্রিদ; বার্সেলোনা",
		"PT": "Lisbon; লিসবন; পর্তুগাল",
		"RO": "Rumania; Bucharest; রুমানিয়া",
		"MU": "Mauritious; মরিশাস",
		"CY": "Syprus; সাইপ্রাস",
		"BD": "বাংলাদেশ",
	}
}
