// SPDX-License-Identifier: Apache-2.0

// Package referring is the pages of who refers somebody: finding a provider for what she needs, writing down what it is told, letting her
// agree to that, and following the referral until she herself has said what came of it.
//
// What she needs is sent, never written in an address. A referral that is of class 3, or has something of class 3 in it, is shown
// behind a look that enters the trail; until then its page says only where it stands.
package referring

import (
	"slices"

	"fera/internal/access"
	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/listed"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of who refers.
func Routes(s *site.Site) []site.Route {
	at := "/cases/{id}/referrals"
	one := at + "/{referral}"
	send := access.SendReferral
	return []site.Route{
		{Path: "GET " + at, Perm: access.ReadCases, Page: list},
		{Path: "POST " + at + "/look", Perm: access.ReadCases, Act: look},
		{Path: "GET " + at + "/new", Perm: send, Page: seeking},
		{Path: "POST " + at + "/seek", Perm: send, Step: seek(s), Page: seeking},
		{Path: "POST " + at + "/choose", Perm: send, Act: choose},
		{Path: "POST " + at + "/draft", Perm: send, Act: draft, Page: drafting},
		{Path: "GET " + at + "/stop", Perm: send, Page: stopping},
		{Path: "POST " + at + "/stop", Perm: send, Act: stopAll, Page: stopping},
		{Path: "GET " + one, Perm: access.ReadCases, Page: show},
		{Path: "POST " + one + "/look", Perm: access.ReadCases, Act: lookAt},
		{Path: "POST " + one + "/edit", Perm: send, Act: edit},
		{Path: "POST " + one + "/change", Perm: send, Act: change, Page: changing},
		{Path: "POST " + one + "/send", Perm: send, Step: sendIt(s), Page: show},
		{Path: "POST " + one + "/again", Perm: send, Act: again},
		{Path: "GET " + one + "/end", Perm: send, Page: ending},
		{Path: "POST " + one + "/end", Perm: send, Act: end, Page: ending},
		{Path: "GET " + one + "/hear", Perm: send, Page: hearing},
		{Path: "POST " + one + "/hear", Perm: send, Act: hear, Page: hearing},
		{Path: "POST " + one + "/link", Perm: send, Act: link},
		{Path: "GET " + one + "/letter", Perm: send, Page: writing},
		{Path: "POST " + one + "/letter", Perm: send, Act: letter, Page: writing},
		{Path: "GET /referrals", Perm: send, Page: sent},
		{Path: "GET /referrals/{referral}", Perm: access.ReadCases, Page: whose},
	}
}

func caseID(r *site.Request) cases.ID { return cases.ID(r.PathValue("id")) }

// referralID is the referral of the address.
func referralID(r *site.Request) (referrals.ID, error) {
	id, err := r.ID("referral")
	return referrals.ID(id), err
}

func notFound() error { return fault.New(fault.NotFound, "referral.not_found") }

// path is the address of a page about the referrals of the case.
func (v sheet) path(parts ...string) string {
	return casehead.Path(v.Head.Case.ID, append([]string{"referrals"}, parts...)...)
}

// sheet is what every page about the referrals of a case has.
type sheet struct {
	kit.Frame
	Head     casehead.Head
	Problems kit.Problems
	May      map[cases.Act]bool
	Secret   bool // who reads may see what is of class 3
	Today    dates.Partial
	Say      listed.Speaker

	r *site.Request
}

// open begins a page about the referrals of a case that the reader sees.
func open(r *site.Request, q db.Reader) (v sheet, err error) {
	v = sheet{Frame: r.Frame(r.S.T("referring.title")), Problems: r.Problems, May: map[cases.Act]bool{}, Today: dates.Of(r.Now), r: r}
	v.QuickExit = true
	if _, err := r.ID("id"); err != nil {
		return v, err
	}
	if v.Head, err = casehead.New(r, q, caseID(r), "referrals"); err != nil {
		return v, err
	}
	acts, err := cases.PossibleNow(r.Context(), q, r.Who, v.Head.Case)
	if err != nil {
		return v, err
	}
	for _, a := range acts {
		v.May[a] = true
	}
	if v.Secret, _, err = access.SeesProtected(r.Context(), q, r.Who, string(v.Head.Case.Person)); err != nil {
		return v, err
	}
	calendar, err := calendars.Now(r.Context(), q)
	v.Say = listed.Speaker{S: r.S, Today: v.Today, Calendar: calendar}
	return v, err
}

// refers tells whether the reader may refer on this case at all.
func (v sheet) refers() bool { return v.May[cases.Refer] || v.May[cases.ReferProtected] }

// may tells whether the reader may refer for a need.
func (v sheet) may(need string) bool {
	if sharing.Protected(need) {
		return v.May[cases.ReferProtected]
	}
	return v.May[cases.Refer]
}

// shelf is the needs of one group.
type shelf struct {
	Label   string
	Options []kit.Option
}

// needs are what she may be referred for by the reader, in words that she would use.
func (v sheet) needs() (all []shelf) {
	for _, n := range listing.Needs() {
		if !sharing.Knows(n.Code) || !v.may(n.Code) {
			continue
		}
		label := v.S.T("help.group." + n.Group)
		if len(all) == 0 || all[len(all)-1].Label != label {
			all = append(all, shelf{Label: label})
		}
		last := &all[len(all)-1]
		last.Options = append(last.Options, kit.Option{Value: n.Code, Label: shared.Need(v.S, n.Code)})
	}
	return all
}

// provider is who is asked, as the directory has it.
type provider struct {
	Name     string // of the organisation
	Service  string
	Where    string // empty where that is protected
	Phones   []listing.Phone
	Hours    []string
	Accounts bool // people there sign in here
	Entry    directory.Entry
	Body     directory.Entry // of the organisation
}

// named is its name in one language, or in the other if it has no other.
func (p provider) named(lang words.Lang) string { return p.Body.Name().In(string(lang)) }

// providerOf says whom a referral goes to. Of one that is of class 3 and not opened there is nothing to say.
func providerOf(r *site.Request, q db.Reader, ref referrals.Referral, say listed.Speaker) (p provider, err error) {
	known, err := directory.Several(r.Context(), q, []string{ref.Service, ref.Organisation, ref.Location})
	if err != nil {
		return p, err
	}
	p.Accounts = ref.Partner != ""
	if o := known[ref.Organisation]; o.Organisation != nil {
		p.Name, p.Body = say.Text(o.Name()), o
	}
	m := directory.Match{Organisation: known[ref.Organisation], Service: known[ref.Service], Km: -1}
	if m.Service.Service == nil || m.Organisation.Organisation == nil {
		return p, nil
	}
	p.Service, p.Entry = say.Text(m.Service.Name()), m.Service
	if l := known[ref.Location]; l.Location != nil && !m.Service.Service.Sheltered() {
		m.Location = &l
		if at := slices.IndexFunc(m.Service.Service.At, func(o listing.Offer) bool { return o.Location == ref.Location }); at >= 0 {
			m.Offer = &m.Service.Service.At[at]
		}
		p.Where = say.Where(m)
	}
	p.Phones, p.Hours = m.Phones(), say.Hours(m.Hours())
	return p, nil
}

// Stands says in one sentence where a referral stands, and for whom that is good or bad.
func Stands(s *words.Speaker, ref referrals.Referral, provider string) (string, kit.Tone) {
	if provider == "" {
		provider = s.T("referring.the_provider")
	}
	key := "referring.stands." + string(ref.State)
	args := []any{"provider", provider, "day", "", "count", ref.Tries}
	if !ref.MeetsAt.IsZero() {
		args[3] = dates.FormatTime(s, ref.MeetsAt)
	}
	switch ref.State {
	case course.Unserved:
		key += "." + string(ref.Outcome)
	case course.Closed:
		key += "." + closedAs(ref)
	case course.Withdrawn:
		if !ref.SentAt.IsZero() {
			key += map[bool]string{true: ".seen", false: ".unseen"}[!ref.Acknowledged.IsZero()]
		} else {
			key += ".draft"
		}
	}
	tone := kit.Plain
	switch {
	case ref.Silent && ref.State.Theirs(), ref.State == course.Declined, ref.State == course.Expired, ref.State == course.Reopened:
		tone = kit.Attention
	case ref.State == course.Confirmed, ref.State == course.Closed && ref.Answer == "yes":
		tone = kit.Good
	case ref.State.Theirs():
		tone = kit.Accent
	}
	return s.T(key, args...), tone
}

// closedAs says how a closed referral ended: as she said, as the provider did, or that nobody answered.
func closedAs(ref referrals.Referral) string {
	switch {
	case ref.Answer == "yes" && ref.Outcome == course.Serve:
		return "confirmed"
	case ref.Answer == "yes":
		return "unserved"
	case ref.Outcome != "":
		return "unheard"
	case !ref.DecidedAt.IsZero():
		return "declined"
	}
	return "expired"
}

// Tags are the state of a referral in a word, and that it is late or silent.
func Tags(s *words.Speaker, ref referrals.Referral, today dates.Partial) []kit.Tag {
	_, tone := Stands(s, ref, "")
	tags := []kit.Tag{{Text: s.T("referring.state." + string(ref.State)), Tone: tone}}
	switch {
	case ref.Silent && ref.State.Theirs():
		tags = append(tags, kit.Tag{Text: s.T("referring.silent"), Tone: kit.Attention})
	case ref.Late(today):
		tags = append(tags, kit.Tag{Text: s.T("case.late"), Tone: kit.Attention})
	}
	return tags
}

// Turn says whose turn it is and by when; nothing where nothing is due.
func Turn(s *words.Speaker, ref referrals.Referral, today dates.Partial) string {
	due, err := dates.Parse(ref.DueOn)
	if err != nil || ref.DueOn == cases.Never {
		return ""
	}
	key := "referring.turn.ours"
	if ref.State.Theirs() || ref.State == course.Withdrawn {
		key = "referring.turn.theirs"
	}
	if ref.Late(today) {
		key += "_late"
	}
	return s.T(key, "day", dates.Format(s, due))
}
