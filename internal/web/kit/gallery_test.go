// SPDX-License-Identifier: Apache-2.0

package kit_test

import (
	"flag"
	"net/http"
	"path"
	"strings"
	"testing"

	"fera/internal/web/kit"
	"fera/internal/words"

	"github.com/a-h/templ"
)

// gallery is where to serve all components for looking at, such as localhost:8123.
var gallery = flag.String("gallery", "", "serve every component at this address until stopped")

// policy is the content policy that the pages must live with.
const policy = "default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func TestGallery(t *testing.T) {
	for _, lang := range words.Languages() {
		for name, page := range galleryPages(words.In(lang)) {
			if text := rendered(t, page); strings.Contains(text, "⟦") || len(dangers(t, text)) > 0 {
				t.Errorf("the %s page in %s lacks a text or holds a danger", name, lang)
			}
		}
	}
	if *gallery == "" {
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/static/", kit.Assets())
	for _, lang := range words.Languages() {
		mux.Handle("/"+string(lang)+"/", galleryOf(words.In(lang)))
	}
	mux.HandleFunc("/persons", func(w http.ResponseWriter, r *http.Request) {
		s := words.In(words.English)
		with(kit.Results("found", s.T("kit.found", "count", len(r.FormValue("q")))), kit.Text(r.FormValue("q"))).Render(r.Context(), w)
	})
	mux.HandleFunc("/places.html", func(w http.ResponseWriter, r *http.Request) {
		kit.Suggestions(words.In(words.English), places(r.FormValue("q"))).Render(r.Context(), w)
	})
	t.Fatal(http.ListenAndServe(*gallery, kit.Compress(mux)))
}

// galleryOf serves the pages of one language under the content policy.
func galleryOf(s *words.Speaker) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := galleryPages(s)[path.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		page.Render(r.Context(), w)
	})
}

func places(q string) []kit.Suggestion {
	var found []kit.Suggestion
	for _, p := range []kit.Suggestion{{Code: "305670", Label: "Saturia", Detail: "Upazila in Manikganj, Dhaka"}, {Code: "4087", Label: "Satkhira", Detail: "District in Khulna"}} {
		if strings.HasPrefix(strings.ToLower(p.Label), strings.ToLower(q)) {
			found = append(found, p)
		}
	}
	return found
}

// either chooses the text in the speaker's language.
func either(s *words.Speaker, bn, en string) string {
	if s.Lang() == words.Bangla {
		return bn
	}
	return en
}

func galleryPages(s *words.Speaker) map[string]templ.Component {
	say := func(bn, en string) string { return either(s, bn, en) }
	f := kit.Frame{
		S: s, Title: say("নমুনা", "Samples"), User: "u", UserName: say("আমিনা বেগম", "Amina Begum"),
		OfficeName: say("সিলেট কেন্দ্র", "Sylhet centre"), Path: "/", SignedIn: true, Notices: 3, Version: "0.1.0",
		Nav: []kit.NavItem{
			{Href: "/", Label: say("আজকের কাজ", "My day")}, {Href: "/persons", Label: say("মানুষ", "People"), Current: true},
			{Href: "/cases", Label: say("কেস", "Cases")}, {Href: "/referrals", Label: say("রেফারেল", "Referrals")},
			{Href: "/figures", Label: say("হিসাব", "Figures")},
		},
		Menu: []kit.NavItem{{Href: "/notices", Label: say("বার্তা", "Notices")}, {Href: "/account", Label: say("আমার অ্যাকাউন্ট", "My account")}},
	}
	open, stranger := f, kit.Frame{S: s, Title: say("প্রবেশ", "Sign in"), Path: "/", Version: "0.1.0"}
	open.QuickExit, open.GlassUntil = true, say("দুপুর ২:৩০", "2:30 pm")
	open.Notice = &kit.Notice{Tone: kit.Good, Text: say("সংরক্ষণ করা হয়েছে।", "Saved."), Link: &kit.NavItem{Href: "/", Label: say("দেখুন", "See it")}}
	return map[string]templ.Component{
		"record": with(kit.Layout(open), galleryRecord(s)),
		"form":   with(kit.Layout(f), galleryForm(s)),
		"list":   with(kit.Layout(f), galleryList(s)),
		"enter":  with(kit.Layout(stranger), galleryEnter(s)),
		"ask": with(kit.Layout(f), with(kit.Confirm(s, kit.Confirmation{
			Question: say("এই রেফারেল ফিরিয়ে নেবেন?", "Withdraw this referral?"), Danger: true, Action: "/x", NoHref: "/",
			Text: say("গ্রহীতা সংস্থাকে জানানো হবে।", "The receiving organisation will be told."), Yes: say("ফিরিয়ে নিন", "Withdraw it"),
		}), kit.Area(s, kit.Input{Name: "reason", Label: say("কারণ", "Reason")}))),
	}
}

func galleryRecord(s *words.Speaker) templ.Component {
	say := func(bn, en string) string { return either(s, bn, en) }
	head := kit.RecordHeader(s, kit.Header{
		NameBn: "মোছাম্মৎ ফাতেমা খাতুন", NameEn: "Mst. Fatema Khatun",
		Facts: []string{say("নারী", "Woman"), say("৩৪ বছর", "34 years"), say("সাটুরিয়া, মানিকগঞ্জ", "Saturia, Manikganj"), say("সৌদি আরব থেকে ফিরেছেন", "Back from Saudi Arabia")},
		Pills: []kit.Tag{{Text: say("কেস চলছে", "Case open"), Tone: kit.Accent}, {Text: say("সম্মতি আছে", "Consent given"), Tone: kit.Good}, {Text: say("ফলো-আপ ৩ দিন পিছিয়ে", "Follow-up 3 days late"), Tone: kit.Attention}},
		Safe:  say("শুধু বিকেল ৪টার পর, বোনের ফোনে। স্বামীর নম্বরে নয়।", "Only after 4 pm, on her sister's phone. Not on her husband's number."),
		Main:  &kit.Action{Href: "/x", Label: say("সাক্ষাৎ লিখুন", "Record a visit"), Kind: kit.Primary},
		More:  []kit.Action{{Href: "/x", Label: say("তথ্য বদলান", "Change details")}, {Href: "/x", Label: say("ছাপান", "Print a summary")}, {Href: "/x", Label: say("কেস বন্ধ করুন", "Close the case"), Kind: kit.Perilous}},
	})
	tabs := kit.Tabs(kit.Strip{Label: "Parts", Tabs: []kit.NavItem{{Href: "#", Label: say("সব একসঙ্গে", "Everything"), Current: true}, {Href: "#", Label: say("যাত্রা", "Journeys")}, {Href: "#", Label: say("পরিবার", "Family")}, {Href: "#", Label: say("কাগজপত্র", "Papers")}, {Href: "#", Label: say("ইতিহাস", "History")}}})
	time := kit.Timeline([]kit.Event{
		{When: say("গতকাল, মঙ্গলবার", "Yesterday, Tuesday"), Who: say("বাসিল রোজারিও", "Basil Rozario"), Title: say("ফোনে কথা হয়েছে", "Talked by phone"), Text: say("ঋণদাতা আবার বাড়িতে এসেছিলেন। আইনি সহায়তার কথা জানতে চান।", "The lender came to the house again. She wants to know about legal aid."), Href: "#", Tone: kit.Accent},
		{When: say("৩ মার্চ", "3 March"), Who: say("আমিনা বেগম", "Amina Begum"), Title: say("ব্র্যাকে রেফারেল পাঠানো হয়েছে", "Referral sent to BRAC"), Tone: kit.Attention, Body: kit.Pill(kit.Tag{Text: say("উত্তরের অপেক্ষা", "Waiting for an answer"), Tone: kit.Attention})},
		{When: say("১৯ ফেব্রুয়ারি", "19 February"), Title: say("বিমানবন্দরে নিবন্ধন", "Registered at the airport"), Text: say("জরুরি সহায়তা ও যাতায়াত ভাড়া দেওয়া হয়েছে।", "Given emergency help and the fare home.")},
	})
	side := templ.Join(with(kit.Section(say("যা জানা আছে", "What is known")), kit.Facts(s, []kit.Fact{
		{Label: say("জন্মতারিখ", "Date of birth"), Value: say("১ মে ১৯৯০", "1 May 1990"), Note: say("জন্মনিবন্ধন থেকে; পাসপোর্টে ১৯৮৮", "From the birth certificate; the passport says 1988"), Change: "#"},
		{Label: say("জাতীয় পরিচয়পত্র", "National ID"), Body: kit.Masked(s, "4567", "#")},
		{Label: say("দেশে ফেরার তারিখ", "Came back on"), Value: say("১৯ ফেব্রুয়ারি ২০২৬", "19 February 2026")},
	})), with(kit.Section(say("সংবেদনশীল", "Sensitive")), with(kit.Protected(), kit.Text(say("স্বাস্থ্য ও ঘটনার বিবরণ এখানে থাকে।", "Health and what happened stand here.")))))
	return templ.Join(head, tabs, with(kit.Split(side), with(kit.Section(say("যা যা হয়েছে", "What happened")), time), with(kit.Paper(), kit.Text(say("ছাপার কাগজ", "A paper"))), with(kit.Section(say("যাত্রা", "Journey")), kit.Facts(s, []kit.Fact{
		{Label: say("দেশ ও শহর", "Country and city"), Value: say("সৌদি আরব, রিয়াদ", "Saudi Arabia, Riyadh"), Change: "#"},
		{Label: say("কাজ", "Occupation"), Value: say("গৃহকর্মী", "Domestic worker")},
		{Label: say("খরচ", "Cost"), Value: say("৩,৫০,০০০ টাকা, ধার করে", "3,50,000 taka, borrowed")},
	}))))
}

func galleryForm(s *words.Speaker) templ.Component {
	say := func(bn, en string) string { return either(s, bn, en) }
	problems := kit.Problems{{Field: "born", Text: say("জন্মতারিখ আজকের পরে হতে পারে না।", "The date of birth cannot be after today.")}, {Field: "sex", Text: say("নারী, পুরুষ বা অন্য — একটি বেছে নিন।", "Choose woman, man or other.")}}
	first := with(kit.Group(say("পরিচয়", "Who she or he is"), say("যে নামে ডাকলে চেনা যায়, সেটিই লিখুন।", "Write the name the person is known by.")),
		kit.Field(s, kit.Input{Name: "name_bn", Label: say("নাম, বাংলায়", "Name in Bangla"), Value: "মোছাম্মৎ ফাতেমা খাতুন", Lang: "bn"}),
		kit.Field(s, kit.Input{Name: "name_en", Label: say("নাম, ইংরেজিতে", "Name in English"), Hint: say("পাসপোর্টে যেমন লেখা", "As written in the passport"), Optional: true, Lang: "en"}),
		kit.Choice(s, kit.Input{Name: "sex", Label: say("লিঙ্গ", "Sex"), Error: problems.On("sex")}, []kit.Option{{Value: "f", Label: say("নারী", "Woman")}, {Value: "m", Label: say("পুরুষ", "Man")}, {Value: "x", Label: say("অন্য", "Other")}}),
		kit.DateField(s, kit.Input{Name: "born", Label: say("জন্মতারিখ বা সাল", "Date or year of birth"), Value: "১/১/২০৩০", Error: problems.On("born")}),
		kit.PlaceField(s, kit.Input{Name: "home", Label: say("বাড়ি কোথায়", "Home"), Hint: say("গ্রাম নয়, ইউনিয়ন বা উপজেলার নাম", "The union or upazila, not the village"), Value: "Sat"}))
	second := with(kit.Group(say("যোগাযোগ", "Contact"), ""),
		kit.Field(s, kit.Input{Name: "phone", Label: say("ফোন নম্বর", "Phone number"), Type: "tel", Width: kit.Medium}),
		kit.Choice(s, kit.Input{Name: "when", Label: say("কখন ফোন করা নিরাপদ", "When is it safe to call"), Value: "pm"}, []kit.Option{{Value: "any", Label: say("যেকোনো সময়", "Any time")}, {Value: "am", Label: say("সকালে", "Mornings")}, {Value: "pm", Label: say("বিকেলে", "Afternoons")}, {Value: "no", Label: say("ফোন করা যাবে না", "Do not call")}}),
		kit.Checks(s, kit.Input{Name: "papers", Label: say("সঙ্গে কোন কাগজ আছে", "Papers at hand"), Optional: true}, []kit.Option{{Value: "p", Label: say("পাসপোর্ট", "Passport"), Chosen: true}, {Value: "n", Label: say("জাতীয় পরিচয়পত্র", "National ID card"), Hint: say("১০, ১৩ বা ১৭ সংখ্যার", "With 10, 13 or 17 digits")}, {Value: "o", Label: say("আউটপাস", "Out-pass")}}),
		kit.Select(s, kit.Input{Name: "port", Label: say("কোন বন্দর দিয়ে ফিরেছেন", "Where the person came in")}, []kit.Option{{Value: "dac", Label: say("হযরত শাহজালাল আন্তর্জাতিক বিমানবন্দর, ঢাকা", "Hazrat Shahjalal International Airport, Dhaka")}}),
		kit.PlaceField(s, kit.Input{Name: "stay", Label: say("এখন কোথায় থাকেন", "Where the person stays now"), Value: "Kaliganj", Was: "Kaliganj", Choices: []kit.Suggestion{{Code: "1", Label: "Kaliganj", Detail: say("গাজীপুর", "Gazipur")}, {Code: "2", Label: "Kaliganj", Detail: say("সাতক্ষীরা", "Satkhira")}}}),
		kit.Signature(s, kit.Input{Name: "file", Label: say("তাঁর সই", "Her signature"), Hint: say("আঙুল দিয়ে, বা ছবি তুলে", "With a finger, or as a picture")}),
		kit.Area(s, kit.Input{Name: "note", Label: say("আর কিছু", "Anything else"), Optional: true}),
		kit.Check(s, kit.Input{Name: "consent", Label: say("সম্মতির কথাগুলো পড়ে শুনিয়েছি", "I read the words of consent out loud"), Value: "yes"}))
	return templ.Join(kit.PageHead(say("নতুন নিবন্ধন", "Register a person"), say("আগে অল্প কিছু জানলেই চলে। বাকিটা পরে যোগ করা যাবে।", "A little is enough at first. The rest can be added later.")), kit.ErrorSummary(s, problems),
		with(kit.Form("/persons", 2), kit.Progress(s, say("ধাপ", "Step"), 1, 3), first, second, with(kit.Actions(), kit.Button(kit.Primary, say("নিবন্ধন করুন", "Register"), nil), kit.LinkButton(kit.Quiet, say("পরে করব", "Later"), "/"))))
}

func galleryList(s *words.Speaker) templ.Component {
	say := func(bn, en string) string { return either(s, bn, en) }
	row := func(name, place, state string, tone kit.Tone, cost int) kit.Row {
		return kit.Row{Href: "/persons/1", Cells: []templ.Component{kit.Text(name), kit.Text(place), kit.Pill(kit.Tag{Text: state, Tone: tone}), kit.Text(s.Number(cost))}}
	}
	table := kit.Table(say("মানুষ", "People"), []kit.Column{{Label: say("নাম", "Name")}, {Label: say("বাড়ি", "Home")}, {Label: say("অবস্থা", "State")}, {Label: say("ঋণ, টাকা", "Debt, taka"), Number: true}}, []kit.Row{
		row(say("ফাতেমা খাতুন", "Fatema Khatun"), say("সাটুরিয়া, মানিকগঞ্জ", "Saturia, Manikganj"), say("কেস চলছে", "Case open"), kit.Accent, 350000),
		row(say("মোহাম্মদ আব্দুল্লাহ আল মামুন চৌধুরী", "Mohammad Abdullah Al Mamun Chowdhury"), say("ব্রাহ্মণবাড়িয়া সদর, ব্রাহ্মণবাড়িয়া", "Brahmanbaria Sadar, Brahmanbaria"), say("জবাবের অপেক্ষা", "Waiting"), kit.Attention, 12500),
		row(say("জরিনা বেগম", "Zorina Begum"), say("কলাপাড়া, পটুয়াখালী", "Kalapara, Patuakhali"), say("বন্ধ", "Closed"), kit.Plain, 0),
	})
	return templ.Join(with(kit.PageHead(say("মানুষ", "People"), ""), kit.LinkButton(kit.Primary, say("নতুন নিবন্ধন", "Register a person"), "/persons/new")),
		kit.SearchForm(s, "/persons", "found", kit.Input{Name: "q", Label: say("কাকে খুঁজছেন?", "Whom are you looking for?"), Hint: say("বাংলা বা ইংরেজি নাম, ফোন, নম্বর বা এলাকা", "A name in either script, a phone, a number or a place")}),
		with(kit.Results("found", say("৩ জন", "3 people")), table), kit.Paging(s, kit.Pages{Previous: "#", Next: "#", Said: say("১,২৩৪ জনের মধ্যে ৩ জন", "3 of 1,234 people")}),
		with(kit.Section(say("আজকের সাক্ষাৎ", "Visits today")), with(kit.Empty(say("আজ কোনো সাক্ষাৎ নেই", "No visits today"), say("কেস খুলে “সাক্ষাৎ লিখুন” চাপলে এখানে দেখা যাবে।", "Open a case and choose “Record a visit”; it will stand here.")), kit.LinkButton(kit.Quiet, say("কেস দেখুন", "See the cases"), "/cases"))))
}

func galleryEnter(s *words.Speaker) templ.Component {
	say := func(bn, en string) string { return either(s, bn, en) }
	return with(kit.Narrow(), kit.PageHead(say("প্রবেশ করুন", "Sign in"), ""), with(kit.Form("/sign-in", 0),
		kit.Field(s, kit.Input{Name: "name", Label: say("ব্যবহারকারীর নাম", "User name"), Autocomplete: "username"}),
		kit.Field(s, kit.Input{Name: "password", Label: say("পাসওয়ার্ড", "Password"), Type: "password", Autocomplete: "current-password"}),
		with(kit.Actions(), kit.Button(kit.Primary, say("প্রবেশ করুন", "Sign in"), nil))))
}
