// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/simulate"
)

// bareAtOnce is how many people one transaction writes.
const bareAtOnce = 5_000

// bare writes a register past the program: of each person only the rows that are compared and shown when she is found. There is no trail of it, nothing
// is sealed, and she is in no office's list. It is ten times as fast as registering, for a register of ten million.
type bare struct {
	ctx  context.Context
	d    *db.DB
	rows chan []bareRow
	done chan error
	held []bareRow
	at   time.Time
	n    int
}

// bareRow is what is written of one person.
type bareRow struct {
	id, registration, contact string
	who                       access.Actor
	r                         persons.Registration
	given, blind              string
}

// writeBare begins to write. What is not in the way of rows that come in order is made when all are there.
func writeBare(ctx context.Context, d *db.DB) (*bare, error) {
	b := &bare{ctx: ctx, d: d, rows: make(chan []bareRow, 2), done: make(chan error, 1), at: d.Now()}
	indexes, err := dropped(ctx, d)
	if err != nil {
		return nil, err
	}
	go func() {
		var err error
		for rows := range b.rows {
			if err == nil {
				err = d.Maintain(ctx, func(tx *db.Tx) error { return insertBare(ctx, tx, rows) })
			}
		}
		for _, text := range indexes {
			if err == nil {
				err = d.Maintain(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, text); return err })
			}
		}
		b.done <- err
	}()
	return b, nil
}

// dropped takes the indexes of the tables away, and gives what makes them again.
func dropped(ctx context.Context, d *db.DB) (again []string, err error) {
	return again, d.Maintain(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('persons', 'person_registrations', 'person_contacts')`)
		all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (x [2]string, err error) {
			err = row.Scan(&x[0], &x[1])
			return x, err
		})
		for _, x := range all {
			again = append(again, x[1])
			if _, err := tx.Exec(ctx, `DROP INDEX `+x[0]); err != nil {
				return err
			}
		}
		return err
	})
}

// add takes a person who is registered by who.
func (b *bare) add(r persons.Registration, who access.Actor) error {
	now := b.at.Add(time.Duration(b.n/100) * time.Millisecond)
	row := bareRow{id: ids.Nth(now, 3*(b.n%100)), registration: ids.Nth(now, 3*(b.n%100)+1), contact: ids.Nth(now, 3*(b.n%100)+2), who: who, r: r}
	b.n++
	text, err := json.Marshal(struct {
		Source persons.Source           `json:"source"`
		Values map[persons.Field]string `json:"values"`
	}{r.Source, r.Values})
	if err != nil {
		return err
	}
	row.given = string(text)
	if len(r.Contacts) > 0 {
		if err := b.d.Read(b.ctx, func(q db.Reader) (err error) { row.blind, err = r.Contacts[0].Blind(b.ctx, q); return err }); err != nil {
			return err
		}
	}
	if b.held = append(b.held, row); len(b.held) == bareAtOnce {
		b.rows <- b.held
		b.held = nil
	}
	return nil
}

// end writes the rest and waits for it.
func (b *bare) end() error {
	b.rows <- b.held
	close(b.rows)
	return <-b.done
}

func insertBare(ctx context.Context, tx *db.Tx, rows []bareRow) error {
	for _, b := range rows {
		v := b.r.Values
		if _, err := tx.Exec(ctx, `INSERT INTO persons (id, office_id, name_bn, name_latin, call_name, sex, birth, place_code, terms, photo_id, chosen, lists, do_not_contact, registered_at, changed_at, version)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', '', 0, ?, ?, ?, 1)`,
			b.id, b.who.Office, v[persons.NameBn], v[persons.NameLatin], v[persons.CallName], v[persons.SexField], v[persons.Birth], v[persons.Home], false, tx.Now(), tx.Now()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO person_registrations (id, person_id, organisation_id, office_id, user_id, user_name, at, met_at, given) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?)`,
			b.registration, b.id, b.who.Organisation, b.who.Office, b.who.ID, b.who.Name, tx.Now(), b.given); err != nil {
			return err
		}
		if b.blind == "" {
			continue
		}
		c := b.r.Contacts[0]
		if _, err := tx.Exec(ctx, `INSERT INTO person_contacts (id, person_id, registration_id, kind, sealed, last, blind, owner, safety, ways, hours, warnings, at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, 1)`,
			b.contact, b.id, b.registration, c.Kind, []byte{}, c.Last, b.blind, c.Owner, c.Safety, strings.Join(c.Ways, " "), tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// fillBare writes all of a simulated register, and those planted in it.
func fillBare(ctx context.Context, d *db.DB, draw simulate.Options) (planted []persons.Registration, err error) {
	b, err := writeBare(ctx, d)
	if err != nil {
		return nil, err
	}
	people, err := simulate.Draw(draw)
	if err != nil {
		return nil, err
	}
	n := 0
	for p := range people {
		if err := p.Registration.Ready(draw.Today); err != nil {
			return nil, err
		}
		if err := b.add(p.Registration, draw.Clerks[p.Clerk]); err != nil {
			return nil, err
		}
		if n++; draw.Progress != nil && n%bareAtOnce == 0 {
			draw.Progress(n, draw.Persons)
		}
	}
	planted, err = plant(draw, func(r persons.Registration, clerk access.Actor) error {
		if err := r.Ready(draw.Today); err != nil {
			return err
		}
		return b.add(r, clerk)
	})
	if err != nil {
		return nil, err
	}
	return planted, b.end()
}
