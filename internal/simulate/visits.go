// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/plans"
	"fera/internal/services"
)

// carryOut carries the plan out over some visits.
func (l *life) carryOut() error {
	for range l.dice.between(3, 7) {
		if l.dice.chance(share("casework", "paused", "a visit")) {
			if err := l.pause(); err != nil {
				return err
			}
		}
		var money services.ID
		if err := l.after(l.dice.between(6, 26), func(tx *db.Tx) (err error) {
			money, err = l.visit(tx)
			return err
		}); err != nil {
			return why("visit", err)
		}
		if money != "" {
			if err := l.pay(money); err != nil {
				return err
			}
		}
	}
	return nil
}

// visit is what is done and written down on one day. It returns the money that was asked for, if some was.
func (l *life) visit(tx *db.Tx) (money services.ID, err error) {
	if err := l.review(tx); err != nil {
		return "", err
	}
	if l.dice.chance(0.7) {
		n := cases.Note{Text: pick(l.dice, said().Notes)}
		if l.dice.chance(0.5) {
			n.Kind = cases.Visit
		}
		if err := cases.Write(l.ctx, tx, l.worker, l.id, n); err != nil {
			return "", err
		}
	}
	if l.agreed && l.dice.chance(0.12) {
		if err := cases.Write(l.ctx, tx, l.worker, l.id, cases.Note{Text: pick(l.dice, said().PrivateNotes), Protected: true}); err != nil {
			return "", err
		}
	}
	if l.dice.chance(0.6) {
		if err := l.tick(tx); err != nil {
			return "", err
		}
	}
	if l.dice.chance(0.35) {
		if err := l.remember(tx); err != nil {
			return "", err
		}
	}
	if l.dice.chance(0.4) {
		if err := l.step(tx); err != nil {
			return "", err
		}
	}
	if !l.dice.chance(0.7) {
		return "", nil
	}
	return l.serve(tx)
}

// tick does the oldest of what there is to do.
func (l *life) tick(tx *db.Tx) error {
	open, err := cases.TasksOf(l.ctx, tx, l.worker, l.id)
	if err != nil || len(open) == 0 {
		return err
	}
	return cases.Tick(l.ctx, tx, l.worker, open[0].ID)
}

// step ends the first step of the plan that is open.
func (l *life) step(tx *db.Tx) error {
	p, err := plans.Find(l.ctx, tx, l.worker, l.id, 0)
	if err != nil {
		return err
	}
	for _, g := range p.Goals {
		for _, s := range g.Steps {
			if s.State.Outcome == "" {
				return plans.End(l.ctx, tx, l.worker, plans.Ending{Case: l.id, Step: s.ID, Why: pick(l.dice, said().Ended)})
			}
		}
	}
	return nil
}

// review holds the review that is due, or puts it off.
func (l *life) review(tx *db.Tx) error {
	all, err := plans.Reviews(l.ctx, tx, l.worker, l.id)
	today := dates.Of(tx.Now())
	for _, r := range all {
		if !r.DoneAt.IsZero() || today.Add(2).SurelyBefore(r.DueOn) {
			continue
		}
		held := plans.Reviewing{Case: l.id, Review: r.ID, Found: pick(l.dice, said().Found)}
		if l.dice.chance(0.1) {
			held.Found, held.Until = pick(l.dice, said().PutOff), today.Add(14)
		}
		return plans.Hold(l.ctx, tx, l.worker, held)
	}
	return err
}

// pause lets the clock stand still for some time.
func (l *life) pause() error {
	if err := l.after(l.dice.between(1, 5), func(tx *db.Tx) error {
		return cases.Stop(l.ctx, tx, l.worker, cases.Stopping{Case: l.id, Why: pick(l.dice, said().Pauses)})
	}); err != nil {
		return why("pause", err)
	}
	return why("go on", l.after(l.dice.between(7, 21), func(tx *db.Tx) error { return cases.GoOn(l.ctx, tx, l.worker, l.id, 0) }))
}

// serve gives something, as often as others of its kind; what is protected to who agreed that it is written down.
func (l *life) serve(tx *db.Tx) (money services.ID, err error) {
	var kinds weighted[string]
	for _, code := range []string{"counselling_basic", "health_care", "shelter_night", "onward_transport", "legal_advice", "information", "life_skills", "entrepreneurship", "financial_literacy",
		"business_mentoring", "social_protection", "cash_emergency", "business_grant"} {
		kinds.add(code, share("service", code, "all"))
	}
	k, err := services.FindKind(l.ctx, tx, kinds.pick(l.dice), dates.Of(tx.Now()))
	if err != nil || k.Class == 3 && !l.agreed {
		return "", err
	}
	g := services.Giving{Case: l.id, Code: k.Code, Quantity: 1, Remark: pick(l.dice, said().Remarks), Details: map[string]string{}}
	if k.Unit == "night" || k.Unit == "day" {
		g.Quantity = l.dice.between(1, 5)
	}
	if k.Notes {
		g.Notes = pick(l.dice, said().Sessions)
	}
	for _, c := range k.Conditions {
		g.Conditions = append(g.Conditions, c.Key)
	}
	for _, c := range k.Papers {
		g.Papers = append(g.Papers, c.Key)
	}
	for _, f := range k.Fields {
		g.Details[f.Key] = l.answer(f)
	}
	if !k.Money {
		_, err := services.Log(l.ctx, tx, l.worker, g)
		return "", err
	}
	return l.askFor(tx, g)
}

// answer is an answer to a further question about a service.
func (l *life) answer(f services.Field) string {
	switch {
	case f.Kind == "choice":
		return pick(l.dice, f.Options).Key
	case f.Kind == "number":
		return fmt.Sprint(l.dice.between(0, 60))
	case f.Kind == "date":
		return dates.Of(l.at).Add(l.dice.between(7, 28)).String()
	}
	return pick(l.dice, said().Details)
}

// askFor asks for money, unless the same was given before or nobody is there to decide.
func (l *life) askFor(tx *db.Tx, g services.Giving) (services.ID, error) {
	before, err := services.Same(l.ctx, tx, l.worker, l.id, g.Code)
	first := l.decider(access.ApproveCase, l.worker)
	if err != nil || len(before) > 0 || first.ID == "" {
		return "", err
	}
	g.Amount, g.Remark = int64(l.dice.between(30, 80))*10_000, pick(l.dice, said().Money)
	if g.Code == "business_grant" {
		g.Amount = int64(l.dice.between(10, 20)) * 100_000
		if l.decider(access.ApproveCase, l.worker, first).ID != "" {
			g.Amount *= int64(l.dice.between(1, 3))
		}
	}
	return services.Log(l.ctx, tx, l.worker, g)
}

// pay has money decided on, and pays it when it was allowed.
func (l *life) pay(money services.ID) error {
	if l.dice.chance(share("casework", "money left waiting", "asked")) {
		return nil
	}
	yes := !l.dice.chance(share("casework", "money refused", "asked"))
	if err := l.decide("service:"+string(money), yes); err != nil || !yes {
		return err
	}
	return why("pay", l.after(l.dice.between(0, 3), func(tx *db.Tx) error {
		return services.Pay(l.ctx, tx, l.worker, services.Paying{Service: money, Receipt: fmt.Sprintf("SIM-%05d", l.dice.between(1, 99999))})
	}))
}

// decide has others say yes or no to what waits, as many as are needed: about a subject, or to let the case be closed.
func (l *life) decide(subject string, yes bool) error {
	var said []access.Actor
	for {
		who := l.decider(access.ApproveCase, append(said, l.worker)...)
		if who.ID == "" {
			return errNotYet
		}
		waits := true
		err := l.after(l.dice.between(1, 5), func(tx *db.Tx) error {
			all, err := cases.Approvals(l.ctx, tx, who, l.id)
			for _, a := range all {
				if a.Decision == cases.Waiting && a.Subject == subject {
					a, err := l.sayTo(tx, who, a, yes)
					waits = a.Decision == cases.Waiting
					return err
				}
			}
			waits = false
			return err
		})
		if err != nil || !waits {
			return why("decide", err)
		}
		said = append(said, who)
	}
}

func (l *life) sayTo(tx *db.Tx, who access.Actor, a cases.Approval, yes bool) (cases.Approval, error) {
	d := cases.Deciding{Approval: a.ID, Yes: yes}
	if !yes {
		d.Why = pick(l.dice, said().Refusals)
	}
	return cases.Say(l.ctx, tx, who, d)
}

// standing is where the case stands.
func (l *life) standing() (s cases.Status) {
	if err := l.d.Read(l.ctx, func(q db.Reader) error {
		c, err := cases.Find(l.ctx, q, l.worker, l.id)
		s = c.Status
		return err
	}); err != nil {
		return ""
	}
	return s
}
