// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/programmes"
)

// errNotYet ends a story: what comes next has not happened yet.
var errNotYet = errors.New("not yet")

// life is the story of one case.
type life struct {
	ctx    context.Context
	d      *db.DB
	o      Options
	dice   dice
	until  time.Time
	her    meeting
	at     time.Time // of what happened last
	slow   int       // how much longer everything takes
	id     cases.ID
	worker access.Actor
	agreed bool // that what is protected is written down
	shut   bool // before there was a plan
}

// live lets a case be opened and carried on until now.
func (l *life) live() error {
	l.at, l.slow = l.her.at, 1
	if l.dice.chance(share("casework", "left lying", "all")) {
		l.slow = 3
	}
	for _, chapter := range []func() error{l.open, l.give, l.assess, l.endEarly, l.plan, l.start, l.carryOut, l.end, l.afterwards} {
		err := chapter()
		if err != nil && !errors.Is(err, errNotYet) {
			return err
		}
		if err != nil || l.shut {
			return nil
		}
	}
	return nil
}

// after does something so many days later, at an hour at which people work, or ends the story.
func (l *life) after(days int, act func(tx *db.Tx) error) error {
	day := dates.Of(l.at).Add(days * l.slow)
	for day != dates.Of(l.at) && weekend(day) {
		day = day.Add(1)
	}
	at := hour(day, l.dice.between(9, 16), l.dice.between(0, 59))
	if !at.After(l.at) {
		at = l.at.Add(time.Duration(l.dice.between(3, 40)) * time.Minute)
	}
	if at.After(l.until) {
		return errNotYet
	}
	l.at = at
	l.o.Clock.Set(at)
	return l.d.Write(l.ctx, act)
}

func weekend(day dates.Partial) bool {
	on := day.Start().In(dates.Dhaka()).Weekday()
	return on == time.Friday || on == time.Saturday
}

// why says which act did not succeed.
func why(act string, err error) error {
	if err != nil && !errors.Is(err, errNotYet) {
		return fmt.Errorf("%s: %w", act, err)
	}
	return err
}

func (l *life) open() error {
	origin := pick(l.dice, []string{"registration", "screening", "self"})
	if slices.Contains(l.her.clerk.Roles, access.FieldOfficer) {
		origin = "outreach"
	} else if slices.Contains(l.her.clerk.Roles, access.AirportOfficer) {
		origin = "airport"
	}
	return why("open", l.after(l.dice.between(0, 5), func(tx *db.Tx) (err error) {
		l.id, err = cases.Open(l.ctx, tx, l.her.clerk, cases.Opening{Person: l.her.id, Programme: "reintegration", Origin: origin, Why: pick(l.dice, said().Asks)})
		return err
	}))
}

// give puts the case into the hands of a caseworker: of who met her, or of one to whom a supervisor gives it.
func (l *life) give() error {
	own, by := l.her.clerk, l.decider(access.AssignCase)
	if slices.Contains(own.Roles, access.Caseworker) && (by.ID == "" || l.dice.chance(share("casework", "taken by who met her", "all"))) {
		hers := false
		if err := l.d.Read(l.ctx, func(q db.Reader) (err error) {
			hers, err = access.Reaches(l.ctx, q, own, access.ChangeProtected, string(l.her.id))
			return err
		}); err != nil {
			return err
		}
		if hers {
			l.worker = own
			return why("take", l.after(0, func(tx *db.Tx) error { return cases.TakeUp(l.ctx, tx, own, l.id, 0) }))
		}
	}
	l.worker = l.colleague()
	if l.worker.ID == "" || by.ID == "" {
		return errNotYet // nobody is there to have it
	}
	h := cases.HandingOver{Cases: []cases.ID{l.id}, To: l.worker.ID}
	if l.worker.Office != own.Office {
		h.Office = l.worker.Office
	}
	return why("give", l.after(l.dice.between(1, 7), func(tx *db.Tx) error { return cases.HandOver(l.ctx, tx, by, h) }))
}

// colleague is a caseworker of the organisation, of the same office if there is one.
func (l *life) colleague() access.Actor {
	var near, far []access.Actor
	for _, c := range l.o.Clerks {
		switch {
		case !slices.Contains(c.Roles, access.Caseworker) || c.Organisation != l.her.clerk.Organisation:
		case c.Office == l.her.clerk.Office:
			near = append(near, c)
		default:
			far = append(far, c)
		}
	}
	for _, some := range [][]access.Actor{near, far} {
		if len(some) > 0 {
			return pick(l.dice, some)
		}
	}
	return access.Actor{}
}

// decider is somebody else of the organisation who may do an act, and is none of those given.
func (l *life) decider(perm access.Permission, but ...access.Actor) access.Actor {
	for _, d := range l.o.Deciders {
		if d.Organisation == l.her.clerk.Organisation && d.Covers(perm, access.OfOrganisation(d.Organisation)) &&
			!slices.ContainsFunc(but, func(b access.Actor) bool { return b.ID == d.ID }) {
			return d
		}
	}
	return access.Actor{}
}

func (l *life) assess() error {
	var risks weighted[cases.Risk]
	for _, r := range []cases.Risk{cases.Low, cases.Medium, cases.High, cases.Critical} {
		risks.add(r, share("risk", string(r), "all"))
	}
	return why("assess", l.after(l.dice.between(1, 9), func(tx *db.Tx) error {
		her, err := persons.Find(l.ctx, tx, l.worker, l.her.id)
		if err != nil {
			return err
		}
		l.agreed = her.Agreed(persons.PurposeProtected)
		if err := cases.Write(l.ctx, tx, l.worker, l.id, cases.Note{Text: pick(l.dice, said().Notes)}); err != nil {
			return err
		}
		if err := l.remember(tx); err != nil {
			return err
		}
		r := cases.Rating{Case: l.id, Risk: risks.pick(l.dice)}
		if l.agreed {
			r.Why = pick(l.dice, said().Ratings[string(r.Risk)])
		}
		return cases.Rate(l.ctx, tx, l.worker, r)
	}))
}

func (l *life) remember(tx *db.Tx) error {
	_, err := cases.Remember(l.ctx, tx, l.worker, cases.Task{Case: l.id, What: pick(l.dice, said().Tasks), DueOn: dates.Of(tx.Now()).Add(l.dice.between(2, 21))})
	return err
}

// endEarly closes a case of which nothing came.
func (l *life) endEarly() error {
	if !l.dice.chance(share("casework", "ended early", "all")) {
		return nil
	}
	l.shut = true
	return l.close(pick(l.dice, []string{"no_longer_wants", "not_eligible", "moved_away"}), l.dice.between(3, 20))
}

// plan draws a plan with her, which she signs.
func (l *life) plan() error {
	signed, err := signature(l.dice)
	if err != nil {
		return err
	}
	return why("plan", l.after(l.dice.between(2, 14), func(tx *db.Tx) error {
		file, err := persons.AddFile(l.ctx, tx, l.worker, files.Upload{Person: string(l.her.id), Kind: files.Document, Title: "স্বাক্ষর করা পরিকল্পনা (নমুনা)", Content: signed})
		if err != nil {
			return err
		}
		if _, err := plans.Draw(l.ctx, tx, l.worker, plans.Drawing{Case: l.id, Goals: l.goals(tx.Now())}); err != nil {
			return err
		}
		return plans.Agree(l.ctx, tx, l.worker, plans.Agreement{Case: l.id, Version: 1, How: pick(l.dice, []string{"paper", "screen"}), File: file})
	}))
}

// goals are some of those that people have, each kind once; those of class 3 of who agreed to that.
func (l *life) goals(now time.Time) (all []plans.Goal) {
	some := slices.Clone(said().Goals)
	l.dice.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	want := l.dice.between(1, 3)
	for _, g := range some {
		if g.Dimension == string(plans.Psychosocial) && !l.agreed || len(all) == want {
			continue
		}
		p := plans.Goal{Dimension: plans.Dimension(g.Dimension), Level: plans.Level(g.Level), Words: g.Words}
		for _, s := range g.Steps {
			p.Steps = append(p.Steps, plans.Step{What: s.What, Who: s.Who, By: dates.Of(now).Add(s.Days), Service: s.Service})
		}
		all = append(all, p)
	}
	return all
}

// signature is a scribble, which nobody can take for somebody's hand.
func signature(d dice) (files.Content, error) {
	picture := image.NewGray(image.Rect(0, 0, 160, 60))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	x, y := 10, 30
	for range 140 {
		x, y = x+1, max(5, min(55, y+d.between(-4, 4)))
		picture.SetGray(x, y, color.Gray{})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return files.Content{}, err
	}
	return files.Read(files.Document, b.Bytes())
}

func (l *life) start() error {
	return why("start", l.after(l.dice.between(1, 8), func(tx *db.Tx) error { return cases.Begun(l.ctx, tx, l.worker, l.id, 0) }))
}

// end closes the case, if it comes to that.
func (l *life) end() error {
	if !l.dice.chance(share("casework", "ended", "of those who came to the end")) {
		return l.carryOut()
	}
	var reasons weighted[string]
	for _, code := range []string{"goals_reached", "support_ended", "no_longer_wants", "remigrated", "moved_away", "lost_contact", "transferred"} {
		reasons.add(code, share("closure", code, "all"))
	}
	return l.close(reasons.pick(l.dice), l.dice.between(5, 25))
}

// close closes the case for a reason; where another has to allow that, when she does.
func (l *life) close(code string, days int) error {
	reasons := programmes.Closures()
	reason := reasons[slices.IndexFunc(reasons, func(c programmes.Closure) bool { return c.Code == code })]
	closed := false
	if err := l.after(days, func(tx *db.Tx) (err error) {
		closed, err = cases.Shut(l.ctx, tx, l.worker, cases.Closing{Case: l.id, Code: code, Duties: reason.Duties, Why: pick(l.dice, said().Closings)})
		return err
	}); err != nil {
		return why("close", err)
	}
	if !closed {
		if err := l.decide("", true); err != nil {
			return err
		}
	}
	return nil
}

// afterwards looks after some for a while, and reopens the cases of others.
func (l *life) afterwards() error {
	if l.standing() != cases.Closed {
		return nil
	}
	switch {
	case l.dice.chance(share("casework", "after-care", "closed")):
		return why("look after", l.after(l.dice.between(2, 10), func(tx *db.Tx) error { return cases.LookAfter(l.ctx, tx, l.worker, l.id, 0) }))
	case l.dice.chance(share("casework", "reopened", "closed")):
		if err := l.after(l.dice.between(5, 20), func(tx *db.Tx) error {
			return cases.TakeUpAgain(l.ctx, tx, l.worker, cases.Reopening{Case: l.id, Why: pick(l.dice, said().Reopenings)})
		}); err != nil {
			return why("reopen", err)
		}
		return l.assess()
	}
	return nil
}
