// SPDX-License-Identifier: Apache-2.0

package referring

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/web/kit"
	"fera/internal/web/shared"
	"fera/internal/web/site"
	"fera/internal/words"
)

// oneView is the page of one referral, for who sent it.
type oneView struct {
	sheet
	Ref      referrals.Referral
	Provider provider
	Opened   bool // what of it is of class 3 is shown
	Acts     []course.Act
	Now      []shared.Line // what the provider sees at once
	Later    []shared.Line // what it sees once it agreed
	Papers   []kit.Fact
	Events   []kit.Event
	Aloud    []aloud
	Her      string // why she gets no link; empty when she may have one
}

// aloud is the text that is read out to her, in one language.
type aloud struct{ Lang, Text string }

// show is the page of a referral without what of it is of class 3.
func show(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := referralID(r)
	if err != nil {
		return nil, err
	}
	ref, err := referrals.Outline(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	v, err := one(r, q, ref)
	return onePage(v), err
}

// opened is the referral of the address with all that is in it; where something is of class 3, that is a look.
func opened(r *site.Request, tx *db.Tx) (referrals.Referral, error) {
	id, err := referralID(r)
	if err != nil {
		return referrals.Referral{}, err
	}
	ref, err := referrals.LookAt(r.Context(), tx, r.Who, id)
	if err == nil && ref.Case != caseID(r) {
		err = notFound()
	}
	return ref, err
}

func lookAt(r *site.Request, tx *db.Tx) (string, error) {
	ref, err := opened(r, tx)
	if err != nil {
		return "", err
	}
	v, err := one(r, tx, ref)
	v.Opened = true
	r.Answer = onePage(v)
	return "", err
}

// one fills the page of a referral.
func one(r *site.Request, q db.Reader, ref referrals.Referral) (v oneView, err error) {
	if ref.Case != caseID(r) {
		return v, notFound()
	}
	if v.sheet, err = open(r, q); err != nil {
		return v, err
	}
	v.Ref = ref
	may, err := access.Reaches(r.Context(), q, r.Who, access.SendReferral, string(ref.Case))
	if err == nil && may && ref.Protected {
		may, err = access.Reaches(r.Context(), q, r.Who, access.ChangeProtected, string(ref.Person))
	}
	if err != nil {
		return v, err
	}
	if may {
		v.Acts = course.Possible(ref.Standing(), course.Sender)
	}
	if v.covered() {
		return v, nil
	}
	if v.Provider, err = providerOf(r, q, ref, v.Say); err != nil {
		return v, err
	}
	if err := v.share(r, q); err != nil {
		return v, err
	}
	if slices.Contains(ref.Passable(), referrals.ToConfirm) {
		if v.Her, err = herLink(r, q, v.sheet); err != nil {
			return v, err
		}
	}
	events, err := referrals.Events(r.Context(), q, r.Who, ref.ID)
	v.Events = v.tell(events)
	return v, err
}

// covered tells whether the page says only where the referral stands, because what it is for is of class 3.
func (v oneView) covered() bool { return v.Ref.Veiled && v.Ref.Protected }

// can tells whether an act is possible now for the reader.
func (v oneView) can(a course.Act) bool { return slices.Contains(v.Acts, a) }

// share fills in what is shared: of a draft what would be, of what was sent what was. Numbers are masked.
func (v *oneView) share(r *site.Request, q db.Reader) error {
	all := v.Ref.Sheet
	if v.Ref.State == course.Drafted || v.Ref.SentAt.IsZero() {
		var err error
		if all, err = referrals.Preview(r.Context(), q, r.Who, v.Ref); err != nil {
			return err
		}
	} else {
		all = masked(all)
	}
	for _, l := range shared.Fields(r, all) {
		if l.Later {
			v.Later = append(v.Later, l)
		} else {
			v.Now = append(v.Now, l)
		}
	}
	for _, p := range []struct {
		key   string
		codes []string
	}{{"referring.papers_has", v.Ref.Papers}, {"referring.papers_missing", v.Ref.Missing}} {
		if len(p.codes) > 0 {
			v.Papers = append(v.Papers, kit.Fact{Label: r.S.T(p.key), Value: v.paperNames(p.codes)})
		}
	}
	if v.Ref.Anyway != "" {
		v.Papers = append(v.Papers, kit.Fact{Label: r.S.T("referring.anyway"), Value: v.Ref.Anyway})
	}
	if v.can(course.Send) {
		v.readOut(r, all)
	}
	return nil
}

func (v oneView) paperNames(codes []string) string {
	for _, l := range shared.Fields(v.r, sharing.Sheet{"papers": strings.Join(codes, ",")}) {
		return l.Value
	}
	return ""
}

// masked is a sheet in which no number can be read: who sent it sees it in the record, and that is in the trail.
func masked(sheet sharing.Sheet) sharing.Sheet {
	some := sharing.Sheet{}
	for code, value := range sheet {
		number, rest, ok := strings.Cut(value, ";")
		if code == "contact" && ok && !strings.HasPrefix(number, "…") {
			value = "…" + number[max(0, len(number)-3):] + ";" + rest
		}
		some[code] = value
	}
	return some
}

// readOut makes the text that is read out to her: who gets what, for which purpose, in both languages.
func (v *oneView) readOut(r *site.Request, sheet sharing.Sheet) {
	for _, lang := range words.Languages() {
		s := words.In(lang)
		in := &site.Request{Request: r.Request, S: s}
		var now, later []string
		for _, l := range shared.Fields(in, sheet) {
			if l.Later {
				later = append(later, l.Label)
			} else {
				now = append(now, l.Label)
			}
		}
		v.Aloud = append(v.Aloud, aloud{string(lang), s.T("referring.aloud", "provider", v.Provider.named(lang), "need", shared.Need(s, v.Ref.Need), "now", listedIn(s, now), "later", listedIn(s, later))})
	}
}

// listedIn puts several things into a sentence.
func listedIn(s *words.Speaker, all []string) string {
	if len(all) < 2 {
		return joined(all)
	}
	return s.T("referring.and", "first", strings.Join(all[:len(all)-1], ", "), "last", all[len(all)-1])
}

func joined(all []string) string { return strings.Join(all, ", ") }

// tell says what was done with the referral.
func (v oneView) tell(all []referrals.Event) (events []kit.Event) {
	for _, e := range all {
		k := kit.Event{When: dates.FormatTime(v.S, e.At), ISO: e.At.UTC().Format(time.RFC3339), Title: v.S.T("referring.event." + string(e.Act)), Who: v.by(e), Text: Why(v.S, e)}
		switch e.Act {
		case course.Confirm, course.Serve:
			k.Tone = kit.Good
		case course.Deny, course.Decline, course.Expire:
			k.Tone = kit.Attention
		case course.Accept, course.Appoint, course.Enlist, course.Send:
			k.Tone = kit.Accent
		}
		events = append(events, k)
	}
	return events
}

// by says who did something, and by which way.
func (v oneView) by(e referrals.Event) string {
	name := e.ByName
	switch {
	case strings.HasPrefix(name, "link:"):
		name = v.S.T("referring.side." + string(e.Side))
	case e.Side == course.System:
		name = v.S.T("referring.side.system")
	}
	if key := "referring.way." + e.Way; e.Way != "" && v.S.Has(key) {
		return name + ", " + v.S.T(key)
	}
	return name
}

// Why says why something was done with a referral: the reason of a code in words, with what was written beside it; any other text as it
// is.
func Why(s *words.Speaker, e referrals.Event) string {
	code, rest, _ := strings.Cut(e.Why, ":")
	if key := "shared.reason." + code; e.Act == course.Decline && s.Has(key) {
		return strings.Trim(s.T(key)+": "+strings.TrimSpace(rest), ": ")
	}
	return e.Why
}

// herLink says why she may not be given a link; nothing when it is safe by a message or on paper.
func herLink(r *site.Request, q db.Reader, v sheet) (string, error) {
	hours, err := calls.HoursOf(r.Context(), q, r.Who, v.Head.Person.ID)
	if err != nil {
		return "", err
	}
	var first calls.Verdict
	for i, way := range []string{"sms", calls.Paper} {
		_, may := calls.MaySend(v.Head.Person, way, hours, r.Now)
		if may.OK {
			return "", nil
		}
		if i == 0 {
			first = may
		}
	}
	return r.S.Fault(fault.New(fault.Forbidden, first.Why)), nil
}

// sentence says where it stands.
func (v oneView) sentence() string { said, _ := Stands(v.S, v.Ref, v.Provider.Name); return said }
func (v oneView) tone() kit.Tone   { _, tone := Stands(v.S, v.Ref, v.Provider.Name); return tone }

// title names the referral by its number, as the two sides do.
func (v oneView) title() string {
	return v.S.T("referring.number", "number", v.S.Digits(grouped(v.Ref.Number)))
}

// grouped writes eight digits so that they can be read out.
func grouped(number string) string {
	if len(number) != 8 {
		return number
	}
	return number[:4] + " " + number[4:]
}

// stop is one step of the course of a referral.
type stop struct {
	Label string
	Here  bool
	Past  bool
}

// course is the way of a referral, with the place where it stands.
func (v oneView) course() (all []stop) {
	r := v.Ref
	steps := []struct {
		key  string
		past bool
		at   []course.State
	}{
		{"drafted", true, []course.State{course.Drafted}},
		{"sent", !r.SentAt.IsZero(), []course.State{course.Sent}},
		{"received", !r.ReceivedAt.IsZero(), []course.State{course.Received}},
		{"decided", !r.DecidedAt.IsZero(), []course.State{course.Accepted, course.Waiting, course.Declined, course.Expired}},
		{"appointed", !r.MeetsAt.IsZero(), []course.State{course.Appointed}},
		{"told", !r.ToldAt.IsZero(), []course.State{course.Served, course.Unserved}},
		{"answered", !r.AnsweredAt.IsZero(), []course.State{course.Confirmed, course.Reopened}},
		{"closed", !r.EndedAt.IsZero(), []course.State{course.Closed, course.Withdrawn}},
	}
	for _, s := range steps {
		here := slices.Contains(s.at, r.State)
		label := v.S.T("referring.step." + s.key)
		if here && s.key != "sent" && s.key != "received" {
			label = v.S.T("referring.state." + string(r.State))
		}
		all = append(all, stop{Label: label, Here: here, Past: s.past})
	}
	return all
}

// facts are what of the referral is known at a glance.
func (v oneView) facts() (facts []kit.Fact) {
	r := v.Ref
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, kit.Fact{Label: v.S.T(key), Value: value})
		}
	}
	add("referring.need", shared.Need(v.S, r.Need))
	add("referring.provider", v.Provider.Name)
	add("referring.service", v.Provider.Service)
	add("referring.where", v.Provider.Where)
	for _, p := range v.Provider.Phones {
		add("referring.phone", strings.TrimSpace(v.S.Digits(p.Number)+" "+v.Say.Phone(p)))
	}
	add("referring.urgency", v.S.T("referring.urgency."+r.Urgency))
	if !r.SentAt.IsZero() {
		add("referring.sent_on", v.S.T("referring.by_at", "name", r.By, "when", dates.FormatTime(v.S, r.SentAt)))
	}
	switch when := dates.FormatTime(v.S, r.MeetsAt); {
	case r.MeetsAt.IsZero():
	case r.Where == "":
		add("referring.meets", when)
	default:
		add("referring.meets", v.S.T("referring.meets_at", "when", when, "where", r.Where))
	}
	add("referring.turn", Turn(v.S, r, v.Today))
	if c := r.Consent; c.Method != "" && !v.covered() {
		add("referring.consent", v.S.T("referring.agreed_how", "method", v.S.T("person.method."+c.Method), "language", v.S.T("language."+c.Language), "when", dates.FormatTime(v.S, c.At), "name", c.By))
	}
	return facts
}

// methods are the ways to agree.
func (v oneView) methods() (all []kit.Option) {
	for _, m := range choices.ConsentMethods() {
		all = append(all, kit.Option{Value: m, Label: v.S.T("person.method." + m)})
	}
	return all
}

func (v oneView) spoken() (all []kit.Option) {
	for _, lang := range words.Languages() {
		all = append(all, kit.Option{Value: string(lang), Label: v.S.T("language." + string(lang))})
	}
	return all
}

// in is a control of the form with which it is sent.
func (v oneView) in(name, now string) kit.Input {
	return v.r.Input(name, v.S.T("referring."+name), now)
}

// anew tells whether another provider may be looked for.
func (v oneView) anew() bool {
	if !v.refers() || v.covered() {
		return false
	}
	s := v.Ref.State
	return s == course.Declined || s == course.Expired || s == course.Withdrawn || s == course.Unserved || s == course.Closed && closedAs(v.Ref) != "confirmed"
}

// purposes are the links that the reader may make for the provider now.
func (v oneView) purposes() (all []referrals.Purpose) {
	if len(v.Acts) == 0 && v.Ref.State != course.Withdrawn {
		return nil
	}
	return v.Ref.Passable()
}

// previewKey heads what is shared: what would be, or what was.
func (v oneView) previewKey() string {
	if v.Ref.SentAt.IsZero() {
		return "referring.preview"
	}
	return "referring.was_shared"
}
