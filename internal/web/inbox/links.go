// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/kit"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

// linkRoutes are the pages behind links. To fetch one changes nothing, since programs fetch what a message names before anybody reads
// it: a button opens, and a button acts. Nobody is told from another there, and the address is told to nobody.
func linkRoutes() (all []site.Route) {
	for path, lang := range map[string]words.Lang{"/r/{secret}": words.Bangla, "/r/{secret}/en": words.English} {
		page := func(r *site.Request, q db.Reader) (templ.Component, error) {
			r.S = words.In(lang)
			return linkPage(r, q)
		}
		all = append(all,
			site.Route{Path: "GET " + path, Open: true, Blind: true, Secret: true, Guessed: true, Page: page},
			site.Route{Path: "POST " + path, Open: true, Blind: true, Secret: true, Guessed: true, Page: page, Act: func(r *site.Request, tx *db.Tx) (string, error) {
				r.S = words.In(lang)
				return "", useLink(r, tx)
			}})
	}
	return all
}

// linkView is a page behind a link.
type linkView struct {
	kit.Frame
	Other kit.NavItem
	Lead  string
	Note  string // what was done just now
	// For a provider.
	From   shared.Sender
	Until  string
	Opens  bool
	Told   *told
	Forms  []linkForm
	Next   string // the address for what comes later
	NextBy string
	// For her.
	Question bool
}

// linkForm is a form of one act among others, or alone when it was not right.
type linkForm struct {
	fields
	Act     course.Act
	Label   string
	Summary string // of the closed form; the label when empty
	About   string
	Kind    kit.Kind
	Version int
	Alone   bool
}

func newLinkView(r *site.Request, secret, title string) linkView {
	v := linkView{Frame: kit.Frame{S: r.S, Title: title, Path: address(r.S, secret), QuickExit: true, Secret: true}}
	other, label := words.English, "English"
	if r.S.Lang() == words.English {
		other, label = words.Bangla, "বাংলা"
	}
	v.Other = kit.NavItem{Href: address(words.In(other), secret), Label: label}
	return v
}

// address is where a link leads in a language.
func address(s *words.Speaker, secret string) string {
	if s.Lang() == words.English {
		return "/r/" + secret + "/en"
	}
	return "/r/" + secret
}

// linkPage shows what a link is for. When a form was not right, that form alone is drawn again.
func linkPage(r *site.Request, q db.Reader) (templ.Component, error) {
	secret := r.PathValue("secret")
	p, err := referrals.FindPass(r.Context(), q, secret)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return unknown(r, secret), nil
	}
	if err != nil {
		return nil, err
	}
	if p.Purpose == referrals.ToConfirm {
		return herQuestion(r, secret, p), nil
	}
	v := newLinkView(r, secret, r.S.T("inbox.link.title"))
	if over(&v, p) {
		v.mends(r, p)
		return providerPage(v), nil
	}
	v.Lead, v.Opens, v.Until = r.S.T("inbox.link.for."+string(p.Purpose)), true, dates.FormatTime(r.S, p.EndsAt)
	if v.From, err = shared.From(r, q, p.Arrival.From, p.Arrival.FromOffice); err != nil {
		return nil, err
	}
	if done := course.Act(r.PostFormValue("act")); len(r.Problems) > 0 && slices.Contains(p.Arrival.Acts, done) {
		v.Opens = false
		f := formOf(r, done, "", p.Arrival.Version)
		f.Alone = true
		v.Forms = []linkForm{f}
	}
	return providerPage(v), nil
}

// unknown says that there is no such link, without saying of what.
func unknown(r *site.Request, secret string) templ.Component {
	v := newLinkView(r, secret, r.S.T("inbox.link.unknown"))
	v.Lead, v.Note = v.Title, r.S.T("inbox.link.unknown_text")
	return site.Coded{Component: herPage(v), Status: http.StatusNotFound}
}

// over says that a link does nothing any more, if so.
func over(v *linkView, p referrals.Pass) bool {
	switch {
	case p.Spent:
		v.Lead = v.S.T("inbox.link.spent")
	case p.Ended:
		v.Lead = v.S.T("inbox.link.over")
	}
	return p.Spent || p.Ended
}

// mends offers to take back a report that was just made by the link.
func (v *linkView) mends(r *site.Request, p referrals.Pass) {
	if p.Mends.IsZero() {
		return
	}
	v.Lead = r.S.T("inbox.link.mend", "when", dates.Clock(r.S, p.Mends))
	f := formOf(r, course.Correct, "", 0)
	f.Kind, f.About, f.Summary, f.Alone = kit.Quiet, "", r.S.T("inbox.link.mistake"), len(r.Problems) > 0
	v.Forms = []linkForm{f}
}

// herQuestion asks her, in words that tell nobody what it is about. One that was answered, or is not asked any more, is as one that
// never was: who finds an old message learns nothing from its address.
func herQuestion(r *site.Request, secret string, p referrals.Pass) templ.Component {
	if p.Spent || p.Ended {
		return unknown(r, secret)
	}
	v := newLinkView(r, secret, r.S.T("inbox.her.title"))
	v.Lead, v.Question = r.S.T("inbox.her.question"), true
	return herPage(v)
}

// herAct is what her yes or no to the question does: whether she got it is asked, whatever the provider reported.
func herAct(state course.State, answer string) (course.Act, error) {
	yes := answer == "yes"
	if !yes && answer != "no" {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("act")
	}
	if yes == (state == course.Served) {
		return course.Confirm, nil
	}
	return course.Deny, nil
}

// useLink opens what is behind a link, or does what it is for.
func useLink(r *site.Request, tx *db.Tx) error {
	secret := r.PathValue("secret")
	p, err := referrals.FindPass(r.Context(), tx, secret)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		r.Answer = unknown(r, secret)
		return nil
	}
	if err != nil {
		return err
	}
	done := r.PostFormValue("act")
	if !p.Spent && !p.Ended || !p.Mends.IsZero() && done == string(course.Correct) {
		if waits, err := accounts.Pressed(r.Context(), tx, secret); err != nil || waits > 0 {
			r.Answer = site.Slow(r, waits)
			return err
		}
	}
	switch {
	case p.Purpose == referrals.ToConfirm:
		return hear(r, tx, secret, p, done)
	case done == "open":
		return openLink(r, tx, secret)
	}
	return reply(r, tx, secret, p, course.Act(done))
}

// hear does what she says.
func hear(r *site.Request, tx *db.Tx, secret string, p referrals.Pass, said string) error {
	if p.Spent || p.Ended {
		r.Answer = unknown(r, secret)
		return nil
	}
	done, err := herAct(p.Arrival.State, said)
	if err != nil {
		return err
	}
	if _, err := referrals.Use(r.Context(), tx, secret, referrals.Reply{Act: done}); err != nil {
		return err
	}
	v := newLinkView(r, secret, r.S.T("inbox.her.title"))
	v.Lead = r.S.T("inbox.her.thanks")
	r.Answer = herPage(v)
	return nil
}

// openLink shows what was shared, with a form for each act.
func openLink(r *site.Request, tx *db.Tx, secret string) error {
	p, err := referrals.OpenPass(r.Context(), tx, secret)
	if err != nil {
		return err
	}
	v := newLinkView(r, secret, r.S.T("inbox.link.title"))
	if over(&v, p) {
		v.mends(r, p)
	} else if err := v.shows(r, tx, p); err != nil {
		return err
	}
	r.Answer = providerPage(v)
	return nil
}

// shows puts into a page what an opened link shows.
func (v *linkView) shows(r *site.Request, q db.Reader, p referrals.Pass) error {
	t, err := tell(r, q, p.Arrival)
	if err != nil {
		return err
	}
	v.Told, v.From, v.Lead, v.Until = &t, t.From, t.Next, dates.FormatTime(r.S, p.EndsAt)
	for _, b := range t.Buttons {
		f := formOf(r, b.Act, "-"+string(b.Act), p.Arrival.Version)
		f.Kind = b.Kind
		v.Forms = append(v.Forms, f)
	}
	return nil
}

func formOf(r *site.Request, act course.Act, suffix string, version int) linkForm {
	return linkForm{fields: fieldsOf(r, act, suffix), Act: act, Label: r.S.T("inbox.act." + string(act)), About: r.S.T("inbox.about." + string(act)), Kind: kit.Primary, Version: version}
}

// reply does what a provider does by a link. Where it has something to do later, it is shown the next link, which it has to keep, and
// who she is.
func reply(r *site.Request, tx *db.Tx, secret string, p referrals.Pass, done course.Act) error {
	v := newLinkView(r, secret, r.S.T("inbox.link.title"))
	if done == course.Correct && !p.Mends.IsZero() {
		return mend(r, tx, secret)
	}
	if over(&v, p) {
		v.mends(r, p)
		r.Answer = providerPage(v)
		return nil
	}
	if !slices.Contains(p.Arrival.Acts, done) {
		return fault.New(fault.Conflict, "referral.not_now")
	}
	answered, err := read(r, done)
	if err != nil {
		return err
	}
	next, err := referrals.Use(r.Context(), tx, secret, answered)
	if err != nil {
		return err
	}
	v.Note, v.Lead = r.S.T("inbox.done."+string(done)), r.S.T("inbox.link.done")
	if spent, err := referrals.FindPass(r.Context(), tx, secret); err != nil {
		return err
	} else if next == "" {
		v.mends(r, spent)
	}
	if next != "" {
		after, err := referrals.OpenPass(r.Context(), tx, next)
		if err != nil {
			return err
		}
		if err := v.shows(r, tx, after); err != nil {
			return err
		}
		v.Next, v.NextBy = r.Origin()+address(r.S, next), v.Until
		v.Path, v.Forms = address(r.S, next), nil
		v.Other.Href = address(words.In(otherOf(r.S)), next)
	}
	r.Answer = providerPage(v)
	return nil
}

// mend takes back a report by the link that made it, and shows the forms to report anew.
func mend(r *site.Request, tx *db.Tx, secret string) error {
	reply, err := read(r, course.Correct)
	if err != nil {
		return err
	}
	if _, err := referrals.Use(r.Context(), tx, secret, reply); err != nil {
		return err
	}
	p, err := referrals.OpenPass(r.Context(), tx, secret)
	if err != nil {
		return err
	}
	v := newLinkView(r, secret, r.S.T("inbox.link.title"))
	if err := v.shows(r, tx, p); err != nil {
		return err
	}
	v.Note = r.S.T("inbox.done.correct")
	r.Answer = providerPage(v)
	return nil
}

func otherOf(s *words.Speaker) words.Lang {
	if s.Lang() == words.English {
		return words.Bangla
	}
	return words.English
}

func itoa(n int) string { return strconv.Itoa(n) }
