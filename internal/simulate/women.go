// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/services"
)

// woman is one who was helped in the published year.
type woman struct {
	id     persons.ID
	worker access.Actor
}

// numberedFrom is where the women of the year begin among all who can be thought up, so that none of them is met elsewhere.
const numberedFrom = 9_000_000

// women thinks up so many women who came home between 2020 and 2023.
func (y *year) women(n int) (all []persons.Registration) {
	w := newWorld(Options{Seed: y.Seed, District: Manikganj, Caseload: WomensCentre, Clerks: y.workers, Today: yearEnds()})
	for i := numberedFrom; len(all) < n; i++ {
		b := w.being(i)
		if !b.female {
			continue
		}
		s := Simulated{Registration: w.basics(w.throw(i, howSheIsMet), b)}
		w.addDetails(w.throw(i, howSheIsMet), b, &s)
		r := s.Registration
		delete(r.Values, persons.DoNotContact)
		for j := range r.Consents {
			if r.Consents[j].Purpose == persons.PurposeProtected {
				r.Consents[j].Given = true
			}
		}
		all = append(all, r)
	}
	return all
}

// help registers the women, opens a case of each, and gives what was published that so many were given.
func (y *year) help() error {
	all := y.women(counselled)
	for i, r := range all {
		codes := []string{"counselling_basic"}
		for _, given := range []struct {
			code string
			from int // so that it is not the same women who had everything
			many int
		}{{"health_care", 10, healthHelped}, {"shelter_night", 30, sheltered}, {"legal_advice", 55, legallyHelped}} {
			if i >= given.from && i < given.from+given.many {
				codes = append(codes, given.code)
			}
		}
		day := y.workday(5 + i*320/counselled)
		if i < metAtAirport {
			codes = append([]string{"meet_and_greet"}, codes...)
			r.Journeys[0].Returned = day
		} else if i%6 == 5 { // the earliest came home in 2020, whenever she was found
			r.Journeys[0].Returned = dates.Partial{Year: 2020, Month: 1, Day: 1}.Add(y.dice.between(0, 364))
		} else if day.SurelyBefore(r.Journeys[0].Returned) {
			r.Journeys[0].Returned = day.Add(-y.dice.between(3, 60))
		}
		mend(&r)
		r.MetAt = day.String()
		if err := y.live(i, day, r, codes); err != nil {
			return fmt.Errorf("woman %d: %w", i, err)
		}
		if y.Progress != nil {
			y.Progress(i+1, len(all))
		}
	}
	return nil
}

// mend lets a stay abroad whose end was moved begin before it.
func mend(r *persons.Registration) {
	for i := range r.Journeys {
		j := &r.Journeys[i]
		if i > 0 && r.Journeys[i-1].Departed.SurelyBefore(j.Returned) {
			j.Returned = r.Journeys[i-1].Departed.Earliest().Add(-30)
		}
		if !j.Departed.IsZero() && !j.Departed.SurelyBefore(j.Returned) {
			j.Departed = j.Returned.Earliest().Add(-200)
		}
	}
}

// live is the story of one woman: met, helped, and her case closed.
func (y *year) live(i int, day dates.Partial, r persons.Registration, codes []string) error {
	l := &life{ctx: y.ctx, d: y.d, o: y.Options, dice: (&world{Options: y.Options}).throw(numberedFrom+i, whatWasPublished), slow: 1, until: hour(yearEnds().Add(90), 12, 0),
		worker: y.workers[i%len(y.workers)], agreed: true}
	l.her.clerk = l.worker
	if err := y.at(day, 10, func(tx *db.Tx) (err error) { l.her.id, err = persons.Register(y.ctx, tx, l.worker, r); return err }); err != nil {
		return err
	}
	l.at = y.Clock.Now()
	if err := y.heard(l, day, i); err != nil {
		return err
	}
	if err := l.after(0, func(tx *db.Tx) (err error) {
		l.id, err = cases.Open(y.ctx, tx, l.worker, cases.Opening{Person: l.her.id, Programme: "reintegration", Origin: "outreach", Why: pick(l.dice, said().Asks)})
		return err
	}); err != nil {
		return err
	}
	if err := l.after(0, func(tx *db.Tx) error { return cases.TakeUp(y.ctx, tx, l.worker, l.id, 0) }); err != nil {
		return err
	}
	for _, code := range codes {
		if err := l.after(l.dice.between(0, 7), func(tx *db.Tx) error { return l.giveOne(tx, code) }); err != nil {
			return fmt.Errorf("%s: %w", code, err)
		}
	}
	if err := l.after(1, func(tx *db.Tx) error {
		return cases.Rate(y.ctx, tx, l.worker, cases.Rating{Case: l.id, Risk: cases.Medium, Why: pick(l.dice, said().Ratings[string(cases.Medium)])})
	}); err != nil {
		return fmt.Errorf("rate: %w", err)
	}
	y.met = append(y.met, woman{l.her.id, l.worker})
	return l.close("support_ended", l.dice.between(5, 20))
}

// heard says of every second woman at which activity of her office she heard of help.
func (y *year) heard(l *life, day dates.Partial, i int) error {
	var at activities.ID
	for _, h := range y.held {
		if h.office == l.worker.Office && h.on.SurelyBefore(day) {
			at = h.id
		}
	}
	if i%2 > 0 || at == "" {
		return nil
	}
	return l.after(0, func(tx *db.Tx) error { return activities.Hear(y.ctx, tx, l.worker, l.her.id, at) })
}

// giveOne gives one service of a kind, a session, a visit, or some nights.
func (l *life) giveOne(tx *db.Tx, code string) error {
	k, err := services.FindKind(l.ctx, tx, code, dates.Of(tx.Now()))
	if err != nil {
		return err
	}
	g := services.Giving{Case: l.id, Code: k.Code, Quantity: 1, Remark: pick(l.dice, said().Remarks), Details: map[string]string{}}
	if k.Unit == "night" {
		g.Quantity = l.dice.between(1, 14)
	}
	if k.Notes {
		g.Notes = pick(l.dice, said().Sessions)
	}
	for _, f := range k.Fields {
		g.Details[f.Key] = l.answer(f)
	}
	_, err = services.Log(l.ctx, tx, l.worker, g)
	return err
}

// of are the women whom somebody helped.
func (y *year) of(worker access.Actor) (all []persons.ID) {
	for _, w := range y.met {
		if w.worker.ID == worker.ID {
			all = append(all, w.id)
		}
	}
	return all
}

// train holds two trainings at each office, for the women of it. How many came was not published.
func (y *year) train() error {
	for n, worker := range y.workers {
		for m, kind := range []string{"training_life_skills", "training_entrepreneurship"} {
			begin := y.workday(360 + 6*n + 3*m)
			c := activities.Content{Kind: kind, Way: activities.Event, From: begin, Until: begin.Add(2), Place: unions()[n*9].Code, Named: true, Topic: pick(y.dice, []string{"আত্মবিশ্বাস ও কথা বলা", "ছোট ব্যবসা শুরু", "হিসাব রাখা"}), Team: worker.Name}
			if err := y.log(worker, c); err != nil {
				return err
			}
			if err := y.list(worker, y.held[len(y.held)-1].id, y.of(worker), 8); err != nil {
				return err
			}
		}
	}
	return nil
}

// list enters some of the women as having been there.
func (y *year) list(worker access.Actor, id activities.ID, women []persons.ID, some int) error {
	women = slices.Clone(women)
	y.dice.Shuffle(len(women), func(i, j int) { women[i], women[j] = women[j], women[i] })
	n := activities.Naming{Activity: id}
	for _, w := range women[:min(some, len(women))] {
		n.People = append(n.People, activities.Attendee{Person: w})
	}
	return y.d.Write(y.ctx, func(tx *db.Tx) error { return activities.AddNames(y.ctx, tx, worker, n) })
}

// meetAsForum forms a forum of women of one office, which meets three times.
func (y *year) meetAsForum() error {
	worker := y.workers[0]
	women := y.of(worker)
	women = women[:min(len(women), 12)]
	var forum activities.ForumID
	formed := y.workday(330)
	if err := y.at(formed, 11, func(tx *db.Tx) (err error) {
		forum, err = activities.FormForum(y.ctx, tx, worker, activities.Forum{NameBn: "ফিরে আসা নারী ফোরাম, মানিকগঞ্জ (নমুনা)", NameEn: "Returnee women's forum, Manikganj (simulated)", Place: "305646", Formed: formed})
		if err != nil {
			return err
		}
		for i, w := range women {
			duty := activities.Member
			if i < 3 {
				duty = []activities.Duty{activities.Chair, activities.Secretary, activities.Treasurer}[i]
			}
			if err := activities.Join(y.ctx, tx, worker, forum, activities.Membership{Person: w, Duty: duty}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for i := range 3 {
		if err := y.log(worker, activities.Content{Kind: "forum_meeting", Way: activities.Event, From: y.workday(340 + 20*i), Place: "305646", Forum: forum, Named: true, Topic: "পরস্পরের কথা শোনা"}); err != nil {
			return err
		}
		if err := y.list(worker, y.held[len(y.held)-1].id, women, 9); err != nil {
			return err
		}
	}
	return nil
}
