// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
)

// nights are those of a hold in a shelter: from its first day, or today when that is over, until what was asked for or what the shelter gives.
func (h Hold) nights(house Shelter, today dates.Partial) (from, until dates.Partial) {
	from, until = h.From, h.Until
	if until.IsZero() || !from.SurelyBefore(until) {
		until = from.Add(house.Days)
	}
	if from.SurelyBefore(today.Add(-earliest)) {
		length := between(from, until)
		from, until = today, today.Add(length)
	}
	return from, until
}

// between counts the days from one until another.
func between(from, until dates.Partial) (n int) {
	for from.SurelyBefore(until) && n < 2*mostDays {
		from = from.Add(1)
		n++
	}
	return n
}

// put writes that a stay has a bed.
func (s *Stay) put(ctx context.Context, tx *db.Tx, bed Bed, house Shelter) error {
	from, until := s.nights(house, dates.Of(tx.Now()))
	if err := s.take(ctx, tx, bed.ID, from, until); err != nil {
		return err
	}
	s.From, s.Until, s.placed = from, until, from
	s.State, s.Shelter, s.Hold.shelter, s.Hold.bed = Placed, house.ID, house.ID, bed.ID
	return nil
}

// FindBed puts somebody, and all who come with her and have no bed yet, into beds that are free and for such people, in one shelter of
// the division that she wanted. Who asks does not choose which. If there is none for all of them, none is taken.
func FindBed(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	s, err := begin(ctx, tx, who, a, Take)
	if err != nil {
		return err
	}
	party, err := s.together(ctx, tx)
	if err != nil {
		return err
	}
	houses, err := serving(ctx, tx, s.division, s.organisation)
	if err != nil {
		return err
	}
	for _, house := range houses {
		beds, err := house.suit(ctx, tx, party)
		if err != nil {
			return err
		}
		if beds == nil {
			continue
		}
		for i := range party {
			one := &party[i]
			if err := one.put(ctx, tx, beds[i], house); err != nil {
				return err
			}
			if err := one.keep(ctx, tx, who, change{act: Take, detail: map[string]string{"shelter": house.Name, "until": one.Until.String()}}); err != nil {
				return err
			}
		}
		return house.tell(ctx, tx, who, "notice.shelter_coming")
	}
	return fault.New(fault.Conflict, "shelter.none_free").On("division")
}

// together are those of a party who have no bed yet, the grown up first.
func (s Stay) together(ctx context.Context, q db.Reader) ([]Stay, error) {
	all, err := ofCase(ctx, q, s.Case)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(o Stay) bool { return o.Party != s.Party || o.State != Asked })
	slices.SortStableFunc(all, func(a, b Stay) int {
		return cmp.Or(slices.Index(Ages(), a.Age)-slices.Index(Ages(), b.Age), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// suit finds a bed for each of a party, or none at all: beds that nobody lies in and for which no reason has to be said.
func (s Shelter) suit(ctx context.Context, q db.Reader, party []Stay) ([]Bed, error) {
	today := dates.Of(q.Now())
	from, until := party[0].nights(s, today)
	beds, err := s.beds(ctx, q)
	if err != nil {
		return nil, err
	}
	lain, err := occupied(ctx, q, s.ID, from, until)
	if err != nil {
		return nil, err
	}
	still, err := overdue(ctx, q, s.ID, today)
	if err != nil {
		return nil, err
	}
	accompanied, err := s.accompanies(ctx, q, party[0].Hold)
	if err != nil {
		return nil, err
	}
	var chosen []Bed
	for _, one := range party {
		best, most := Bed{}, -1
		for _, b := range beds {
			if len(lain[b.ID]) > 0 || still[b.ID] && !today.SurelyBefore(from) {
				continue
			}
			others := roommates(beds, lain, b, one.Ref)
			if no, but := fits(b, one.Hold, others, accompanied); no != nil || but != nil {
				continue
			}
			if n := liking(b, one.Hold, others, len(party)); n > most {
				best, most = b, n
			}
		}
		if most < 0 {
			return nil, nil
		}
		chosen = append(chosen, best)
		lain[best.ID] = []Hold{one.Hold}
		accompanied = accompanied || one.Age == Grown
	}
	return chosen, nil
}

// liking is how well a bed suits among those that do: with one's own people, in a room of one's kind, and not one that somebody else needs more.
func liking(b Bed, h Hold, others []Hold, together int) (n int) {
	if slices.ContainsFunc(others, func(o Hold) bool { return o.party == h.party }) {
		n += 8
	}
	if (b.serves == Families) == (together > 1) {
		n += 4
	}
	if b.Accessible == h.Accessible {
		n += 2
	}
	return n
}

// roommates are those who lie in the room of a bed, but one.
func roommates(beds []Bed, lain map[string][]Hold, in Bed, but string) (all []Hold) {
	for _, b := range beds {
		if b.room != in.room {
			continue
		}
		for _, h := range lain[b.ID] {
			if h.Ref != but {
				all = append(all, h)
			}
		}
	}
	return all
}

// accompanies tells whether somebody grown up of a party is in the shelter or expected there.
func (s Shelter) accompanies(ctx context.Context, q db.Reader, h Hold) (bool, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM shelter_holds WHERE shelter_id = ? AND party = ? AND age = 'grown' AND state IN ('placed', 'there', 'away') AND id <> ?`,
		string(s.ID), h.party, h.Ref).Scan(&n)
	return n > 0, err
}

// Placing puts somebody into a bed that a keeper chose.
type Placing struct {
	Acting
	Bed string
	Why string // needed where the rules of rooms ask for a reason
}

// PutIn puts somebody into a bed of a shelter that who runs.
func PutIn(ctx context.Context, tx *db.Tx, who access.Actor, p Placing) error {
	s, err := begin(ctx, tx, who, p.Acting, Place)
	if err != nil {
		return err
	}
	bed, house, err := p.bed(ctx, tx, who)
	if err != nil {
		return err
	}
	if !house.serves(s.Hold) {
		return fault.New(fault.Invalid, "shelter.not_for_her").On("bed")
	}
	from, until := s.nights(house, dates.Of(tx.Now()))
	if err := p.room(ctx, tx, s.Hold, lying{bed, house, from, until}); err != nil {
		return err
	}
	if err := s.put(ctx, tx, bed, house); err != nil {
		return err
	}
	if err := s.tellWorker(ctx, tx, who, "notice.case_stay"); err != nil {
		return err
	}
	return s.keep(ctx, tx, who, change{Place, p.Why, map[string]string{"shelter": house.Name, "until": s.Until.String()}})
}

// bed finds the bed of a shelter that who runs.
func (p *Placing) bed(ctx context.Context, tx *db.Tx, who access.Actor) (Bed, Shelter, error) {
	if f := text(&p.Why, 0, 500, "why"); f != nil {
		return Bed{}, Shelter{}, f
	}
	if p.Bed == "" {
		return Bed{}, Shelter{}, fault.New(fault.Invalid, "fault.needed").On("bed")
	}
	b, err := findBed(ctx, tx, p.Bed)
	if err == nil {
		var house Shelter
		if house, err = running(ctx, tx, who, b.shelter); err == nil {
			return b, house, nil
		}
	}
	if fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Forbidden {
		err = fault.New(fault.Invalid, "fault.bad_choice").On("bed")
	}
	return Bed{}, Shelter{}, err
}

// lying is a bed for some nights.
type lying struct {
	Bed
	house       Shelter
	from, until dates.Partial
}

// room holds a placing to the rules of the room, and refuses a bed in which somebody still is.
func (p Placing) room(ctx context.Context, q db.Reader, h Hold, at lying) error {
	lain, err := occupied(ctx, q, at.house.ID, at.from, at.until)
	if err != nil {
		return err
	}
	today := dates.Of(q.Now())
	still, err := overdue(ctx, q, at.house.ID, today)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(lain[at.ID], func(o Hold) bool { return o.Ref != h.Ref }) || still[at.ID] && h.bed != at.ID && !today.SurelyBefore(at.from) {
		return fault.New(fault.Conflict, "shelter.bed_taken").On("bed")
	}
	accompanied, err := at.house.accompanies(ctx, q, h)
	if err != nil {
		return err
	}
	beds, err := at.house.beds(ctx, q)
	if err != nil {
		return err
	}
	no, but := fits(at.Bed, h, roommates(beds, lain, at.Bed, h.Ref), accompanied)
	switch {
	case no != nil:
		return no
	case but != nil && len([]rune(p.Why)) < 3:
		return but
	}
	return nil
}

// Rehouse moves somebody to another bed, of the same shelter or of another that who runs. Where she slept so far stays written.
func Rehouse(ctx context.Context, tx *db.Tx, who access.Actor, p Placing) error {
	s, err := begin(ctx, tx, who, p.Acting, Move)
	if err != nil {
		return err
	}
	bed, house, err := p.bed(ctx, tx, who)
	if err != nil {
		return err
	}
	if bed.ID == s.Hold.bed {
		return fault.New(fault.Conflict, "shelter.has_this_bed").On("bed")
	}
	from, until := s.From, s.Until
	if today := dates.Of(tx.Now()); s.State != Placed {
		from = today
		if !today.SurelyBefore(until) {
			until = today.Add(1) // she should have left, and sleeps here tonight
		}
	}
	if err := p.room(ctx, tx, s.Hold, lying{bed, house, from, until}); err != nil {
		return err
	}
	if err := s.free(ctx, tx, from); err != nil {
		return err
	}
	if err := s.take(ctx, tx, bed.ID, from, until); err != nil {
		return err
	}
	left := s.Shelter
	detail := map[string]string{"was": s.House, "was_bed": s.Bed, "shelter": house.Name}
	s.Shelter, s.Hold.shelter, s.Hold.bed, s.placed = house.ID, house.ID, bed.ID, from
	if err := s.keep(ctx, tx, who, change{Move, p.Why, detail}); err != nil {
		return err
	}
	if left == house.ID {
		return nil
	}
	if err := s.tellWorker(ctx, tx, who, "notice.case_stay"); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: "shelter:" + string(left), Named: []string{"stay", string(Move)}})
}

// Reasoned is an act on a stay for a reason.
type Reasoned struct {
	Acting
	Why string
	Day dates.Partial // until when, where the act has a day
}

func (r *Reasoned) check(least int) *fault.Error { return text(&r.Why, least, 500, "why") }

// TakeOut takes back that somebody was put into a bed, or that she came, because it was wrong. She waits for a bed again.
func TakeOut(ctx context.Context, tx *db.Tx, who access.Actor, r Reasoned) error {
	s, err := begin(ctx, tx, who, r.Acting, Undo)
	if err != nil {
		return err
	}
	if f := r.check(3); f != nil {
		return f
	}
	if err := s.free(ctx, tx, dates.Partial{}); err != nil {
		return err
	}
	detail := map[string]string{"was": s.House, "was_bed": s.Bed}
	s.State, s.Hold.shelter, s.Hold.bed, s.placed = Asked, "", "", dates.Partial{}
	if err := s.tellWorker(ctx, tx, who, "notice.case_stay"); err != nil {
		return err
	}
	if err := s.tellKeepers(ctx, tx, who); err != nil {
		return err
	}
	return s.keep(ctx, tx, who, change{Undo, r.Why, detail})
}

// tellKeepers leaves a notice for those who keep the shelter of a stay.
func (s Stay) tellKeepers(ctx context.Context, tx *db.Tx, who access.Actor) error {
	house, err := byID(ctx, tx, s.Shelter)
	if err != nil {
		return fmt.Errorf("tell keepers: %w", err)
	}
	return house.tell(ctx, tx, who, "notice.shelter_changed")
}

// CallOff says that somebody will not come.
func CallOff(ctx context.Context, tx *db.Tx, who access.Actor, r Reasoned) error {
	s, err := begin(ctx, tx, who, r.Acting, Cancel)
	if err != nil {
		return err
	}
	if f := r.check(3); f != nil {
		return f
	}
	if err := s.free(ctx, tx, dates.Partial{}); err != nil {
		return err
	}
	if s.State == Placed {
		if err := s.tellKeepers(ctx, tx, who); err != nil {
			return err
		}
	}
	if err := s.tellWorker(ctx, tx, who, "notice.case_stay"); err != nil {
		return err
	}
	s.State = Cancelled
	return s.keep(ctx, tx, who, change{act: Cancel, why: r.Why})
}
