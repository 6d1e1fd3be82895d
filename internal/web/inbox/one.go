// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"slices"
	"strings"
	"time"

	"fera/internal/access"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/fault"
	"fera/internal/handovers"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/kit"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

// offered are the acts that a provider is offered, in order; to receive is to open.
func offered() []course.Act {
	return []course.Act{course.Accept, course.Appoint, course.Enlist, course.Decline, course.Serve, course.NoShow, course.Refuse, course.Unable, course.Correct, course.Acknowledge}
}

// atOnce are the acts that need no word and no form.
func atOnce() []course.Act { return []course.Act{course.Accept, course.Acknowledge} }

// button is an act that is offered.
type button struct {
	Act   course.Act
	Label string
	Kind  kit.Kind
	Post  bool
}

func buttons(s *words.Speaker, acts []course.Act) (all []button) {
	for _, act := range offered() {
		if !slices.Contains(acts, act) {
			continue
		}
		b := button{Act: act, Label: s.T("inbox.act." + string(act)), Kind: kit.Quiet, Post: slices.Contains(atOnce(), act)}
		if len(all) == 0 {
			b.Kind = kit.Primary
		}
		if act == course.Decline {
			b.Kind = kit.Perilous
		}
		all = append(all, b)
	}
	return all
}

// told is a referral as its provider is told of it.
type told struct {
	Number, Next string
	Tags         []kit.Tag
	Warnings     []string   // how she may be reached, before anything else
	Asked        []kit.Fact // what lets a provider decide
	Who          []kit.Fact // who she is
	Later        bool       // who she is follows
	Kept         []kit.Fact // of class 3
	Close        bool       // its need is of class 3, so all of it is kept closely
	Events       []kit.Event
	From         shared.Sender
	Buttons      []button
	Seen         int // the version of it
}

// tell says all of a referral that its provider may see now.
func tell(r *site.Request, q db.Reader, a referrals.Arrival) (t told, err error) {
	t = told{Number: r.S.Digits(a.Number), Next: next(r, a), Tags: tags(r, a), Close: a.Protected, Buttons: buttons(r.S, a.Acts), Seen: a.Version,
		Later: a.State == course.Sent || a.State == course.Received}
	if t.From, err = shared.From(r, q, a.From, a.FromOffice); err != nil {
		return t, err
	}
	if t.Asked, err = asks(r, q, a); err != nil {
		return t, err
	}
	for _, l := range shared.Fields(r, a.Sheet) {
		switch {
		case l.Protected:
			t.Kept = append(t.Kept, l.Fact())
		case l.Later:
			t.Who = append(t.Who, l.Fact())
			t.Warnings = append(t.Warnings, l.Warnings...)
		default:
			t.Asked = append(t.Asked, l.Fact())
		}
	}
	t.Events = events(r, a, t.From)
	return t, nil
}

// asks are the facts of what is asked for, beside those of the sheet.
func asks(r *site.Request, q db.Reader, a referrals.Arrival) (facts []kit.Fact, err error) {
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, kit.Fact{Label: r.S.T(key), Value: value})
		}
	}
	if len(a.Sheet) == 0 {
		return nil, nil
	}
	known, err := directory.Several(r.Context(), q, []string{a.Service, a.Location})
	if err != nil {
		return nil, err
	}
	name := func(id string) string {
		if e, ok := known[id]; ok {
			return e.Name().In(string(r.S.Lang()))
		}
		return ""
	}
	add("inbox.need", shared.Need(r.S, a.Need))
	add("inbox.service", name(a.Service))
	add("inbox.location", name(a.Location))
	add("inbox.missing", shared.Papers(r.S, a.Missing))
	if !a.MeetsAt.IsZero() {
		add("inbox.meets", dates.FormatTime(r.S, a.MeetsAt))
	}
	add("inbox.where", a.Where)
	return facts, nil
}

// next says what comes next, and by when.
func next(r *site.Request, a referrals.Arrival) string {
	key := "inbox.next." + string(a.State)
	if a.State == course.Withdrawn && a.Acknowledged {
		key = "inbox.next.acknowledged"
	}
	return r.S.T(key, "date", due(r.S, a))
}

// events tell how it went before.
func events(r *site.Request, a referrals.Arrival, from shared.Sender) (all []kit.Event) {
	for _, e := range a.Events {
		by := ""
		switch e.Side {
		case course.Sender:
			by = from.Said()
		case course.Receiver:
			if by = e.ByName; strings.HasPrefix(by, "link:") {
				by = r.S.T("inbox.by_link")
			}
		}
		all = append(all, kit.Event{When: dates.Near(r.S, e.At, r.Now), ISO: e.At.UTC().Format(time.RFC3339), Title: r.S.T("inbox.event." + string(e.Act)), Who: by, Text: shared.Reason(r.S, e.Why)})
	}
	slices.Reverse(all)
	return all
}

type coverView struct {
	kit.Frame
	ID      string
	Heading string
	Next    string
	Tags    []kit.Tag
	From    shared.Sender
	Sent    string
	Opens   bool // there is something to open
}

// cover says that a referral came, and not what was shared.
func cover(r *site.Request, q db.Reader) (templ.Component, error) {
	a, err := find(r, q)
	if err != nil {
		return nil, err
	}
	v := coverView{Frame: r.Frame(r.S.T("inbox.one")), ID: string(a.ID), Heading: heading(r.S, a), Next: next(r, a), Tags: tags(r, a), Sent: dates.Near(r.S, a.SentAt, r.Now),
		Opens: len(a.Acts) > 0 || a.State.Agreed()}
	v.QuickExit = a.Protected
	v.From, err = shared.From(r, q, a.From, a.FromOffice)
	return coverPage(v), err
}

// find is the referral that an address names, as the inbox lists it.
func find(r *site.Request, q db.Reader) (referrals.Arrival, error) {
	id, err := r.ID("id")
	if err != nil {
		return referrals.Arrival{}, err
	}
	return referrals.FindArrival(r.Context(), q, r.Who, referrals.ID(id))
}

type oneView struct {
	kit.Frame
	told
	ID     string
	Intake string // where who was sent by another network becomes a person and a case
}

// open shows what was shared.
func open(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	return "", show(r, tx, referrals.ID(id), "")
}

// show answers with a referral as it is now; done is what was done with it just now.
func show(r *site.Request, tx *db.Tx, id referrals.ID, done course.Act) error {
	a, err := referrals.OpenArrival(r.Context(), tx, r.Who, id)
	if err != nil {
		return err
	}
	v := oneView{Frame: r.Frame(r.S.T("inbox.one")), ID: string(id)}
	v.Path = "/inbox/" + string(id)
	v.QuickExit = a.Protected || a.Sheet.Protected()
	if done != "" {
		v.Notice = &kit.Notice{Tone: kit.Good, Text: r.S.T("inbox.done." + string(done))}
	}
	if v.told, err = tell(r, tx, a); err != nil {
		return err
	}
	if handovers.Admissible(a) && r.Who.Holds(access.OpenCase) && r.Who.Holds(access.RegisterPerson) {
		v.Intake = "/intake/" + string(id)
	}
	r.Answer = onePage(v)
	return nil
}

// act is what an address does with a referral.
func act(r *site.Request) (course.Act, error) {
	a := course.Act(r.PathValue("act"))
	if !slices.Contains(offered(), a) {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	return a, nil
}

type formView struct {
	kit.Frame
	fields
	ID      string
	Heading string
	Act     course.Act
	Version int
	Refused string // why it cannot be done now
}

// form asks for what an act needs. It shows nothing of her.
func form(r *site.Request, q db.Reader) (templ.Component, error) {
	done, err := act(r)
	if err != nil {
		return nil, err
	}
	a, err := find(r, q)
	if err != nil {
		return nil, err
	}
	v := formView{Frame: r.Frame(r.S.T("inbox.act." + string(done))), fields: fieldsOf(r, done, ""), ID: string(a.ID), Heading: heading(r.S, a), Act: done, Version: a.Version}
	v.QuickExit = a.Protected
	if !slices.Contains(a.Acts, done) && len(r.Problems) == 0 {
		v.Refused = r.S.T("referral.not_now")
	}
	return formPage(v), nil
}

// answer does what was asked for and shows what came of it.
func answer(r *site.Request, tx *db.Tx) (string, error) {
	id, err := r.ID("id")
	if err != nil {
		return "", err
	}
	done, err := act(r)
	if err != nil {
		return "", err
	}
	reply, err := read(r, done)
	if err != nil {
		return "", err
	}
	reply.ID = referrals.ID(id)
	if err := referrals.Answer(r.Context(), tx, r.Who, reply); err != nil {
		return "", err
	}
	return "", show(r, tx, reply.ID, done)
}
