// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/index"
	"fera/internal/links"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/simulate"
	"fera/internal/words"
)

// officesInStore is among how many offices the persons are spread.
const officesInStore = 20

// store is what the loads need to know of the filled store. It is kept beside
// it, for another run.
type store struct {
	Persons    int
	Bearer     string // of a caseworker at one office
	Everywhere string // of who sees the whole country
	IDs        []string
	NamesBn    []string
	NamesLatin []string

	Organisation string
	Offices      []string // that have cases
	Cases        int      // open ones; 0 until they are filled in
	Lived        string   // the person with a long timeline
}

// weight is what one registration writes.
type weight struct {
	rows, bytes int
	samples     []sample
}

// page is the address of one page of the list, somewhere in the store.
func (s store) page(n int) string {
	return "/api/v1/persons?limit=50&cursor=" + base64.RawURLEncoding.EncodeToString([]byte(s.IDs[n%len(s.IDs)]))
}

// fill makes a store of simulated persons, or takes the one that is there.
func fill(ctx context.Context, o options, t *table) (s store, err error) {
	note := filepath.Join(o.dir, "bench.json")
	if text, err := os.ReadFile(note); err == nil {
		if err := json.Unmarshal(text, &s); err == nil && s.Persons == o.persons {
			t.say("taking the store that is there")
			return s, nil
		}
		return s, fmt.Errorf("%s holds another store; remove it", o.dir)
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return s, err
	}
	d, err := openStore(ctx, o.dir)
	if err != nil {
		return s, err
	}
	defer d.Close()
	clerks, err := s.people(ctx, d)
	if err != nil {
		return s, err
	}
	began := time.Now()
	step := max(1, o.persons/20)
	err = simulate.Fill(ctx, d, simulate.Options{Persons: o.persons, Seed: 1, District: simulate.Everywhere, Lean: true, Clerks: clerks, Progress: func(done, total int) {
		if done%step < 250 {
			t.say("%d of %d persons, %.0f/s", done, total, float64(done)/time.Since(began).Seconds())
		}
	}})
	if err != nil {
		return s, err
	}
	t.add(fmt.Sprintf("filling the store, %d persons", o.persons), fmt.Sprintf("%.0f/s", float64(o.persons)/time.Since(began).Seconds()), "", true)
	if _, err := audit.Seal(ctx, d); err != nil {
		return s, err
	}
	if err := linked(ctx, d); err != nil {
		return s, err
	}
	if err := s.sample(ctx, d, clerks[0]); err != nil {
		return s, err
	}
	s.Persons, s.Organisation = o.persons, clerks[0].Organisation
	text, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	return s, os.WriteFile(note, text, 0o600)
}

// linked does what a server would do in the background for a small store after it was filled.
func linked(ctx context.Context, d *db.DB) error {
	for f := links.NewFinder(d); ; {
		if n, err := f.Round(ctx); err != nil || n == 0 {
			return err
		}
	}
}

func openStore(ctx context.Context, dir string) (*db.DB, error) {
	ring, err := seal.LoadRing(filepath.Join(dir, "fera.key"), "", true)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, filepath.Join(dir, "fera.db"), db.Options{Keys: ring})
	if err != nil {
		return nil, err
	}
	return d, errors.Join(d.Migrate(ctx), seal.Prepare(ctx, d))
}

// people makes the offices, a caseworker at each, one who sees everything, and the keys of two of them.
func (s *store) people(ctx context.Context, d *db.DB) (clerks []access.Actor, err error) {
	who := access.System(access.Permissions()...)
	err = d.Write(ctx, func(tx *db.Tx) error {
		clerks = nil
		admin, _, err := accounts.FirstAdministrator(ctx, tx, who, accounts.First{Addition: accounts.Addition{Login: "bench-admin", Name: "Bench Administrator", Language: words.English},
			Organisation: offices.Organisation{NameEn: "Bench organisation", Kind: offices.Sectors()[0]}, Opening: offices.Opening{NameEn: "Office 0", Kind: offices.Kinds()[0], Place: "3056"}})
		if err != nil {
			return err
		}
		first, err := offices.Find(ctx, tx, who, admin.Office)
		if err != nil {
			return err
		}
		for i := range officesInStore {
			office := admin.Office
			if i > 0 {
				o, err := offices.Add(ctx, tx, who, offices.Opening{Organisation: first.Organisation, NameEn: fmt.Sprintf("Office %d", i), Kind: offices.Kinds()[0], Place: "3056"})
				if err != nil {
					return err
				}
				office = o.ID
			}
			clerk, bearer, err := s.user(ctx, tx, fmt.Sprintf("clerk-%d", i), accounts.Held{Role: access.Caseworker, Scope: access.AtOffice(office)}, office)
			if err != nil {
				return err
			}
			if clerks = append(clerks, clerk); i == 0 {
				s.Bearer = bearer
			}
		}
		_, s.Everywhere, err = s.user(ctx, tx, "everywhere", accounts.Held{Role: access.Supervisor, Scope: "all"}, admin.Office)
		return err
	})
	return clerks, err
}

func (s *store) user(ctx context.Context, tx *db.Tx, login string, role accounts.Held, office string) (a access.Actor, bearer string, err error) {
	who := access.System(access.Permissions()...)
	u, _, err := accounts.AddUser(ctx, tx, who, accounts.Addition{Login: login, Name: "Bench " + login, Office: office, Language: words.English})
	if err != nil {
		return a, "", err
	}
	role.User = u.ID
	if err := accounts.GrantRole(ctx, tx, who, role); err != nil {
		return a, "", err
	}
	_, bearer, err = accounts.AddToken(ctx, tx, who, accounts.Token{Owner: u.ID, Name: "bench", Permissions: []access.Permission{access.RegisterPerson, access.ReadCards, access.ReadPersons}, EndsAt: tx.Now().Add(30 * 24 * time.Hour)})
	if err != nil {
		return a, "", err
	}
	a, err = accounts.ByToken(ctx, tx, bearer)
	return a, bearer, err
}

// sample keeps ids and names of persons of the one office, from all over the store.
func (s *store) sample(ctx context.Context, d *db.DB, who access.Actor) error {
	const most = 20_000
	return d.Read(ctx, func(q db.Reader) error {
		for after := persons.ID(""); len(s.IDs) < most; {
			p, err := persons.List(ctx, q, who, persons.Filter{Limit: 200, After: after})
			if err != nil {
				return err
			}
			for _, c := range p.Cards {
				s.IDs = append(s.IDs, string(c.ID))
				if c.NameBn != "" && len(strings.Fields(c.NameLatin)) > 0 && len(c.NameLatin) > 3 {
					s.NamesBn, s.NamesLatin = append(s.NamesBn, c.NameBn), append(s.NamesLatin, c.NameLatin)
				}
			}
			if after = p.Next; after == "" {
				break
			}
		}
		if len(s.NamesBn) == 0 {
			return errors.New("nobody in the store has a name in both scripts")
		}
		return nil
	})
}

// weigh finds what one registration writes, by doing some hundred of them in a
// small store of their own.
func weigh(ctx context.Context, dir string) (w weight, err error) {
	small := filepath.Join(dir, "small")
	if err := os.MkdirAll(small, 0o700); err != nil {
		return w, err
	}
	d, err := openStore(ctx, small)
	if err != nil {
		return w, err
	}
	defer d.Close()
	clerks, err := new(store).people(ctx, d)
	if err != nil {
		return w, err
	}
	const several = 200
	s := store{NamesBn: []string{"রহিমা খাতুন", "মোঃ আব্দুল করিম", "সালমা আক্তার"}, NamesLatin: []string{"Rahima Khatun", "Md. Abdul Karim", "Salma Akter"}}
	before, had, err := size(ctx, d)
	if err != nil {
		return w, err
	}
	for i := range several {
		var r persons.Registration
		if err := json.Unmarshal(s.body(int64(i)), &r); err != nil {
			return w, err
		}
		r.Operation = fmt.Sprintf("00000000-0000-7000-8000-%012d", i)
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := persons.Register(ctx, tx, clerks[0], r)
			return err
		}); err != nil {
			return w, err
		}
	}
	// What is left for later belongs to it.
	if _, err := index.Settle(ctx, d, index.Beside); err != nil {
		return w, err
	}
	if _, err := audit.Seal(ctx, d); err != nil {
		return w, err
	}
	after, total, err := size(ctx, d)
	if err != nil {
		return w, err
	}
	w.rows, w.bytes = (after-before)/several, (total-had)/several
	w.samples, err = samples(ctx, d)
	return w, err
}

// size counts the rows of all tables and the bytes in their columns.
func size(ctx context.Context, d *db.DB) (rows, bytes int, err error) {
	err = d.Read(ctx, func(q db.Reader) error {
		found, err := q.Query(ctx, `SELECT m.name, group_concat('COALESCE(length("' || c.name || '"), 0)', ' + ') FROM sqlite_master m, pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' GROUP BY m.name`)
		tables, err := db.Collect(found, err, func(row interface{ Scan(...any) error }) (t [2]string, err error) {
			err = row.Scan(&t[0], &t[1])
			return t, err
		})
		if err != nil {
			return err
		}
		for _, t := range tables {
			var n, b int
			if err := q.QueryRow(ctx, `SELECT count(*), COALESCE(sum(`+t[1]+`), 0) FROM `+t[0]).Scan(&n, &b); err != nil {
				return err
			}
			rows, bytes = rows+n, bytes+b
		}
		return nil
	})
	return rows, bytes, err
}
