// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/links"
	"fera/internal/persons"
	"fera/internal/simulate"
)

// plantedEach is one person in how many that is registered a second time.
const plantedEach = 33

// questions is how many times each kind of question is asked.
const questions = 1_500

// linking measures how people are found while they are typed, and how the whole
// register is compared with itself: simulated persons, 3% of whom another
// organisation wrote down again, in the other script or with the year of birth only.
func linking(ctx context.Context, o options, t *table) error {
	a, err := registered(ctx, o, t)
	if err != nil {
		return err
	}
	to, drop, err := o.database(ctx)
	if err != nil {
		return err
	}
	defer drop()
	if to != "" { // before anything is found, so that both engines have as much to do
		if err := move(ctx, o, t, to); err != nil {
			return err
		}
	}
	d, err := openStore(ctx, o.dir)
	if err != nil {
		return err
	}
	if err := errors.Join(matched(ctx, d, t, a), d.Close()); err != nil || to == "" {
		t.print()
		return err
	}
	if d, err = openPostgres(ctx, o.dir, to); err != nil {
		return err
	}
	err = errors.Join(matched(ctx, d, t, a), d.Close())
	t.print()
	return err
}

// asked is who asks, and for whom.
type asked struct {
	who     access.Actor
	planted []persons.Registration
}

// registered makes the register, or takes the one that is there.
func registered(ctx context.Context, o options, t *table) (a asked, err error) {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return a, err
	}
	d, err := openStore(ctx, o.dir)
	if err != nil {
		return a, err
	}
	defer d.Close()
	draw := simulate.Options{Persons: o.persons, Seed: 1, District: simulate.Everywhere, Lean: true, Today: dates.Of(d.Now())}
	note := filepath.Join(o.dir, "link.json")
	s := store{}
	if text, err := os.ReadFile(note); err == nil {
		if err := json.Unmarshal(text, &s); err != nil || s.Persons != o.persons {
			return a, errors.Join(fmt.Errorf("%s holds another register; remove it", o.dir), err)
		}
		t.say("taking the register that is there")
		if err := d.Read(ctx, func(q db.Reader) (err error) { a.who, err = accounts.ByToken(ctx, q, s.Bearer); return err }); err != nil {
			return a, err
		}
		for i := range officesInStore { // so many, at as many offices, or others would be drawn
			clerk := a.who
			clerk.Office = strconv.Itoa(i)
			draw.Clerks = append(draw.Clerks, clerk)
		}
		a.planted, err = plant(draw, nil)
		return a.everywhere(), err
	}
	if draw.Clerks, err = s.people(ctx, d); err != nil {
		return a, err
	}
	began := time.Now()
	step := max(1, o.persons/20)
	draw.Progress = func(done, total int) {
		if done/step != (done-60)/step {
			t.say("%d of %d persons, %.0f/s", done, total, float64(done)/time.Since(began).Seconds())
		}
	}
	if a.planted, err = o.fillToLink(ctx, d, draw); err != nil {
		return a, err
	}
	a.who = draw.Clerks[0]
	if _, err := audit.Seal(ctx, d); err != nil {
		return a, err
	}
	t.say("filled, and %d planted, in %s", len(a.planted), time.Since(began).Round(time.Second))
	s.Persons = o.persons
	text, err := json.Marshal(s)
	if err != nil {
		return a, err
	}
	return a.everywhere(), os.WriteFile(note, text, 0o600)
}

// fillToLink registers the persons, and those planted among them.
func (o options) fillToLink(ctx context.Context, d *db.DB, draw simulate.Options) ([]persons.Registration, error) {
	if o.bare {
		return fillBare(ctx, d, draw)
	}
	if err := simulate.Fill(ctx, d, draw); err != nil {
		return nil, err
	}
	return plant(draw, func(r persons.Registration, clerk access.Actor) error {
		return d.Write(ctx, func(tx *db.Tx) error { _, err := persons.Register(ctx, tx, clerk, r); return err })
	})
}

// everywhere lets who asks see the whole country: most is found then.
func (a asked) everywhere() asked {
	a.who.Grants = maps.Clone(a.who.Grants)
	for _, p := range []access.Permission{access.ReadPersons, access.ReadCards, access.RegisterPerson} {
		a.who.Grants[p] = access.Reach{Everywhere: true}
	}
	return a
}

// matched measures matching on one engine.
func matched(ctx context.Context, d *db.DB, t *table, a asked) error {
	t.add("on "+d.Engine(), "", "", true)
	f, err := made(ctx, d, t)
	if err != nil {
		return err
	}
	if err := typing(ctx, d, f, t, a); err != nil {
		return err
	}
	if err := checked(ctx, d, f, t, a); err != nil {
		return err
	}
	if _, err := audit.Seal(ctx, d); err != nil {
		return err
	}
	forgetPeak()
	told := 0
	r, err := f.Run(ctx, func(done, of int) {
		if tenth := done * 10 / of; tenth != told {
			told = tenth
			t.say("%d of %d records compared", done, of)
		}
	})
	if err != nil {
		return err
	}
	t.add(fmt.Sprintf("the register against itself, %d records", r.Records), r.Took.Round(100*time.Millisecond).String(), "under 3 minutes a million", float64(r.Took) < float64(3*time.Minute)*float64(r.Records)/1e6)
	t.add("pairs put before the desk", strconv.Itoa(r.Pairs), fmt.Sprintf("%d were planted", len(a.planted)), r.Pairs >= len(a.planted)*9/10)
	limit := int64(1_500_000_000) * max(1, int64(r.Records)/1_100_000) // the bar is for a million, with those planted
	t.add("most memory while it ran", mb(peak()), mb(limit), peak() < limit)
	f.Rest()
	return nil
}

// plant writes some of the persons again, as another clerk would, and hands each to do, if that is given.
func plant(draw simulate.Options, do func(r persons.Registration, clerk access.Actor) error) (all []persons.Registration, err error) {
	people, err := simulate.Draw(draw)
	if err != nil {
		return nil, err
	}
	n := 0
	for p := range people {
		if n++; n%plantedEach != 0 {
			continue
		}
		r := alter(p.Registration, n)
		all = append(all, r)
		if do == nil {
			continue
		}
		if err := do(r, draw.Clerks[(p.Clerk+1)%len(draw.Clerks)]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// alter is a registration as somebody else would have written it.
func alter(r persons.Registration, n int) persons.Registration {
	r = persons.Registration{Source: r.Source, Values: maps.Clone(r.Values), Age: r.Age, Contacts: slices.Clone(r.Contacts), Consents: r.Consents}
	v := r.Values
	switch {
	case v[persons.NameBn] != "" && v[persons.NameLatin] != "" && n%2 == 0:
		delete(v, persons.NameBn)
	case v[persons.NameBn] != "" && v[persons.NameLatin] != "":
		delete(v, persons.NameLatin)
	default:
		if born, err := dates.Parse(v[persons.Birth]); err == nil && born.Year > 0 {
			v[persons.Birth] = strconv.Itoa(born.Year)
		}
	}
	return r
}

func made(ctx context.Context, d *db.DB, t *table) (*links.Finder, error) {
	before := heap()
	f := links.NewFinder(d)
	began := time.Now()
	if err := f.Make(ctx); err != nil {
		return nil, err
	}
	t.add("reading the register into memory", time.Since(began).Round(10*time.Millisecond).String(), "", true)
	t.add("memory that it keeps", mb(heap()-before), "", true)
	return f, nil
}

func heap() int64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

// forgetPeak lets peak begin anew.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where that is not allowed, the peak is that of the whole run
}

// peak is the most memory that the process had.
func peak() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}

// typing asks as a form does while it is filled in.
func typing(ctx context.Context, d *db.DB, f *links.Finder, t *table, a asked) error {
	for _, so := range []struct {
		far    string
		fields []persons.Field
	}{
		{"name only", []persons.Field{persons.NameBn, persons.NameLatin}},
		{"name and birth", []persons.Field{persons.NameBn, persons.NameLatin, persons.Birth}},
		{"name, birth and home", []persons.Field{persons.NameBn, persons.NameLatin, persons.Birth, persons.Home, persons.SexField}},
	} {
		var took []time.Duration
		found := 0
		for i := range questions {
			r := a.planted[i%len(a.planted)]
			part := persons.Registration{Values: map[persons.Field]string{}}
			for _, field := range so.fields {
				part.Values[field] = r.Values[field]
			}
			began := time.Now()
			var all []links.Proposal
			if err := d.Read(ctx, func(q db.Reader) (err error) { all, err = f.Likely(ctx, q, a.who, part); return err }); err != nil {
				return err
			}
			took = append(took, time.Since(began))
			if len(all) > 0 {
				found++
			}
		}
		p95 := at(took, 0.95)
		t.add("matches while typing, "+so.far, fmt.Sprintf("p50 %s, p95 %s, p99 %s; somebody found %d%%", ms(at(took, 0.5)), ms(p95), ms(at(took, 0.99)), found*100/questions), "p95 50 ms", p95 < 50*time.Millisecond)
	}
	return nil
}

// checked registers people, after looking whom they resemble.
func checked(ctx context.Context, d *db.DB, f *links.Finder, t *table, a asked) error {
	var took []time.Duration
	for i := range questions {
		r := a.planted[i%len(a.planted)]
		r.Values = maps.Clone(r.Values)
		r.Values[persons.CallName] = "Bench " + strconv.Itoa(i)
		began := time.Now()
		if err := d.Read(ctx, func(q db.Reader) error { _, err := f.Likely(ctx, q, a.who, r); return err }); err != nil {
			return err
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := f.Register(ctx, tx, a.who, links.Registering{Registration: r})
			return err
		}); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	p95 := at(took, 0.95)
	t.add("registration with its check", fmt.Sprintf("p50 %s, p95 %s, p99 %s", ms(at(took, 0.5)), ms(p95), ms(at(took, 0.99))), "p95 100 ms", p95 < 100*time.Millisecond)
	return nil
}

func at(took []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
