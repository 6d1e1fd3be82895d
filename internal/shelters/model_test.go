// SPDX-License-Identifier: Apache-2.0

package shelters_test

import (
	"context"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/shelters"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// model is a shelter as somebody would keep it on paper: for each bed and night, who lies there; for each stay, where it stands.
type model struct {
	nights map[string]map[string]shelters.StayID // bed, night
	state  map[shelters.StayID]shelters.State
	bed    map[shelters.StayID]string
	from   map[shelters.StayID]dates.Partial
	until  map[shelters.StayID]dates.Partial
	moved  map[shelters.StayID]bool
	plan   map[shelters.StayID]bool
}

func (m *model) free(bed string, from, until dates.Partial, but shelters.StayID) bool {
	for d := from; d.SurelyBefore(until); d = d.Add(1) {
		if who := m.nights[bed][d.String()]; who != "" && who != but {
			return false
		}
	}
	return true
}

// over tells whether somebody who should have left is still in a bed.
func (m *model) over(bed string, today dates.Partial, but shelters.StayID) bool {
	for id, b := range m.bed {
		if b == bed && id != but && (m.state[id] == shelters.There || m.state[id] == shelters.Away) && !today.SurelyBefore(m.until[id]) {
			return true
		}
	}
	return false
}

func (m *model) lie(bed string, from, until dates.Partial, who shelters.StayID) {
	for d := from; d.SurelyBefore(until); d = d.Add(1) {
		if m.nights[bed] == nil {
			m.nights[bed] = map[string]shelters.StayID{}
		}
		m.nights[bed][d.String()] = who
	}
}

func (m *model) leave(who shelters.StayID, from string) {
	for _, nights := range m.nights {
		for night, lies := range nights {
			if lies == who && night >= from {
				delete(nights, night)
			}
		}
	}
}

// A year of random acts leaves what a list on paper would hold: nobody lies where another lies, each night is where it should be, and the
// counts of free beds add up. What the list says is possible is what happens.
func TestRandomActsAgreeWithAListOnPaper(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		rng := chance(t, 7)
		amina, jorina := worldtest.Amina(), jorina()
		in := house(t, d, jorina, false, room("A", shelters.Women, 3), room("B", shelters.Women, 1))
		all := beds(t, d, jorina, in)
		var files []cases.ID
		for range 8 {
			_, id := somebody(t, d, amina)
			files = append(files, id)
		}
		m := &model{map[string]map[string]shelters.StayID{}, map[shelters.StayID]shelters.State{}, map[shelters.StayID]string{}, map[shelters.StayID]dates.Partial{}, map[shelters.StayID]dates.Partial{}, map[shelters.StayID]bool{}, map[shelters.StayID]bool{}}
		var stays []shelters.StayID
		live := map[cases.ID]shelters.StayID{}
		var upkeep shelters.Upkeep
		done, not := 0, 0
		const enough = 60 // of each, so that the test shows something; some seeds need more steps
		for n := 0; n < 350 || n < 3000 && (done < enough || not < enough); n++ {
			clock.Move(time.Duration(rng.IntN(20)) * time.Hour)
			if err := upkeep.Work(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			today := dates.Of(d.Now())
			for id, s := range m.state { // who stays on keeps the bed for tonight, unless it is another's
				if (s == shelters.There || s == shelters.Away) && !today.SurelyBefore(m.until[id]) && m.free(m.bed[id], today, today.Add(1), id) {
					m.lie(m.bed[id], today, today.Add(1), id)
				}
			}
			if kind := rng.IntN(12); kind < 2 || len(stays) == 0 {
				file := files[rng.IntN(len(files))]
				a := shelters.Asking{Case: file, Division: "30", From: today.Add(rng.IntN(5)), Nights: 1 + rng.IntN(9), Guests: []shelters.Guest{{}}}
				var made []shelters.StayID
				err := try(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
					made, err = shelters.Ask(ctx, tx, amina, a)
					return err
				})
				if old := live[file]; (err == nil) != (old == "" || m.state[old] == shelters.Left || m.state[old] == shelters.Cancelled) {
					t.Fatalf("step %d: asked for a bed: %v, on paper she is %s", n, err, m.state[old])
				}
				if err == nil {
					stays, live[file] = append(stays, made[0]), made[0]
					m.state[made[0]], m.from[made[0]], m.until[made[0]] = shelters.Asked, a.From, a.From.Add(a.Nights)
				}
				continue
			}
			id, bed, acts := stays[rng.IntN(len(stays))], all[rng.IntN(len(all))], shelters.Acts()
			if rng.IntN(3) > 0 {
				id = stays[len(stays)-1-rng.IntN(min(4, len(stays)))]
			}
			if may := shelters.Possible(shelters.Standing{State: m.state[id], Planned: m.plan[id], Moved: m.moved[id]}, shelters.Rights{Carries: true, Runs: true}); len(may) > 0 && rng.IntN(3) > 0 {
				acts = may
			}
			act := acts[rng.IntN(len(acts))]
			to := m.until[id].Add(rng.IntN(9))
			took, err := step(t, d, amina, jorina, drawn{act, id, bed, to})
			want := m.act(act, id, drawn{act, id, bed, to}, today, took)
			if (err == nil) != want {
				t.Fatalf("step %d, %s on %s: %s of a stay that is %s (%s to %s): %v, on paper it is possible: %t", n, today, bed, act, m.state[id], m.from[id], m.until[id], err, want)
			}
			if err == nil {
				done++
			} else {
				not++
			}
			m.compare(t, d, amina, jorina, in, all)
		}
		if done < enough || not < enough {
			t.Errorf("%d acts were done and %d refused: the test shows nothing", done, not)
		}
	})
}

type drawn struct {
	act  shelters.Act
	stay shelters.StayID
	bed  string
	to   dates.Partial
}

// step does an act; took is the bed that was found, where the program chose.
func step(t *testing.T, d *db.DB, amina, jorina access.Actor, g drawn) (took string, err error) {
	t.Helper()
	at := shelters.Acting{Stay: g.stay}
	why := shelters.Reasoned{Acting: at, Why: "so it was said at the door", Day: g.to}
	err = try(t, d, func(ctx context.Context, tx *db.Tx) error {
		switch g.act {
		case shelters.Take:
			if err := shelters.FindBed(ctx, tx, amina, at); err != nil {
				return err
			}
			s, _, err := shelters.PossibleNow(ctx, tx, amina, g.stay)
			took = s.In()
			return err
		case shelters.Place:
			return shelters.PutIn(ctx, tx, jorina, shelters.Placing{Acting: at, Bed: g.bed})
		case shelters.Arrive:
			return shelters.Admit(ctx, tx, jorina, at)
		case shelters.Extend:
			return shelters.Prolong(ctx, tx, amina, why)
		case shelters.Move:
			return shelters.Rehouse(ctx, tx, jorina, shelters.Placing{Acting: at, Bed: g.bed})
		case shelters.Leave:
			why.Day = dates.Of(tx.Now()).Add(1)
			return shelters.GoAway(ctx, tx, jorina, why)
		case shelters.Return:
			return shelters.ComeBack(ctx, tx, jorina, at)
		case shelters.Gone:
			return shelters.NoteGone(ctx, tx, jorina, why)
		case shelters.Undo:
			return shelters.TakeOut(ctx, tx, jorina, why)
		case shelters.Cancel:
			return shelters.CallOff(ctx, tx, amina, why)
		}
		return shelters.SeeOff(ctx, tx, amina, shelters.Discharging{Acting: at, Language: words.Bangla, Plan: shelters.Plan{To: "rented", Where: "a room", Safe: "yes", FollowUp: dates.Of(tx.Now()).Add(3)}})
	})
	return took, err
}

// act does on paper what was done, and tells whether it is possible.
func (m *model) act(act shelters.Act, id shelters.StayID, g drawn, today dates.Partial, took string) bool {
	if !in(act, shelters.Possible(shelters.Standing{State: m.state[id], Planned: m.plan[id], Moved: m.moved[id]}, shelters.Rights{Carries: true, Runs: true})) {
		return false
	}
	switch act {
	case shelters.Take, shelters.Place:
		return m.place(act, id, g, today, took)
	case shelters.Arrive:
		if !today.SurelyBefore(m.until[id]) || m.over(m.bed[id], today, id) || !m.free(m.bed[id], today, m.from[id], id) {
			return false
		}
		if today.SurelyBefore(m.from[id]) {
			m.lie(m.bed[id], today, m.from[id], id)
			m.from[id] = today
		}
		m.state[id] = shelters.There
	case shelters.Extend:
		base := m.until[id]
		if base.SurelyBefore(today) {
			base = today
		}
		if !base.SurelyBefore(g.to) || base.Add(7).SurelyBefore(g.to) || !m.free(m.bed[id], m.until[id], g.to, id) {
			return false
		}
		m.leave(id, m.until[id].String())
		m.lie(m.bed[id], m.until[id], g.to, id)
		m.until[id] = g.to
	case shelters.Move:
		from, until := m.from[id], m.until[id]
		if m.state[id] != shelters.Placed {
			if from = today; !today.SurelyBefore(until) {
				until = today.Add(1)
			}
		}
		if g.bed == m.bed[id] || !m.free(g.bed, from, until, id) || !today.SurelyBefore(from) && m.over(g.bed, today, id) {
			return false
		}
		m.leave(id, from.String())
		m.lie(g.bed, from, until, id)
		m.bed[id], m.moved[id] = g.bed, from != m.from[id]
	case shelters.Leave:
		m.state[id] = shelters.Away
	case shelters.Return:
		m.state[id] = shelters.There
	case shelters.Gone, shelters.Discharge:
		if m.state[id] != shelters.Left {
			m.leave(id, today.String())
			m.state[id], m.until[id] = shelters.Left, today
		}
		m.plan[id] = m.plan[id] || act == shelters.Discharge
	case shelters.Undo:
		m.leave(id, "")
		m.state[id], m.bed[id], m.moved[id] = shelters.Asked, "", false
	case shelters.Cancel:
		m.leave(id, "")
		m.state[id] = shelters.Cancelled
	}
	return true
}

func (m *model) place(act shelters.Act, id shelters.StayID, g drawn, today dates.Partial, took string) bool {
	from, until := m.from[id], m.until[id]
	if from.SurelyBefore(today.Add(-7)) {
		length := 0
		for d := from; d.SurelyBefore(until); d = d.Add(1) {
			length++
		}
		from, until = today, today.Add(length)
	}
	bed, can := g.bed, func(bed string) bool {
		return m.free(bed, from, until, id) && (today.SurelyBefore(from) || !m.over(bed, today, id))
	}
	if act == shelters.Take {
		bed = took
	}
	if act == shelters.Take && took == "" || !can(bed) {
		return false
	}
	m.lie(bed, from, until, id)
	m.state[id], m.bed[id], m.from[id], m.until[id], m.moved[id] = shelters.Placed, bed, from, until, false
	return true
}

func in(act shelters.Act, some []shelters.Act) bool {
	for _, a := range some {
		if a == act {
			return true
		}
	}
	return false
}

// compare holds the tables against the list on paper.
func (m *model) compare(t *testing.T, d *db.DB, amina, jorina access.Actor, shelter shelters.ID, all []string) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		today := dates.Of(q.Now())
		board, err := shelters.ReadBoard(ctx, q, jorina, shelters.Viewing{Shelter: shelter, Days: 20})
		if err != nil {
			return err
		}
		empty := 0
		for _, l := range board.Lines {
			for i, h := range l.Nights {
				if lies := m.nights[l.Bed.ID][board.Days[i].String()]; (h != nil) != (lies != "") {
					t.Fatalf("bed %s on %s: on the board %v, on paper %q", l.Bed.ID, board.Days[i], h, lies)
				}
			}
			if m.free(l.Bed.ID, today, today.Add(1), "") && !m.over(l.Bed.ID, today, "") {
				empty++
			}
		}
		vacant, err := shelters.Free(ctx, q, amina, today, 1)
		n := 0
		for _, v := range vacant {
			n += v.Free
		}
		if n != empty {
			t.Fatalf("%d beds are counted as free, on paper there are %d", n, empty)
		}
		return err
	})
}
