// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// side is one of two engines to which the same is done. Identifiers are random,
// so each is called by the order in which it was first seen.
type side struct {
	d      *db.DB
	clock  *dbtest.Clock
	people []persons.ID
	seen   map[string]string
}

var idForm = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// call replaces the identifiers in a text by their names.
func (s *side) call(text string) string {
	return idForm.ReplaceAllStringFunc(text, func(id string) string {
		if strings.HasPrefix(id, "00000000-") {
			return id // of the cast, the same on both
		}
		if s.seen[id] == "" {
			s.seen[id] = fmt.Sprintf("<%d>", len(s.seen))
		}
		return s.seen[id]
	})
}

// plain is an answer as a text that both engines must give.
func (s *side) plain(v any, err error) string {
	text, wrong := json.Marshal(v)
	if wrong != nil {
		return wrong.Error()
	}
	answer := ""
	if err != nil {
		answer = fmt.Sprintf(" kind %d", fault.KindOf(err))
		if f := fault.Of(err); f != nil {
			answer += " " + f.Key
		} else {
			answer += " " + err.Error()
		}
	}
	return s.call(string(text)) + answer
}

// step is one random act, the same for both sides.
type step struct {
	name string
	do   func(s *side) string
}

// steps makes random steps.
type steps struct {
	rng  *rand.Rand
	cast []access.Actor
	n    int
}

func (g *steps) one(of ...string) string { return of[g.rng.IntN(len(of))] }

func (g *steps) word() string {
	return g.one("Rahima", "রহিমা", "Fatema", "ফাতেমা", "Karim", "করিম", "Begum", "বেগম", "Khatun", "Sheikh", "Mohammad", "মোঃ", "Akter", "আক্তার")
}

func (g *steps) registration() persons.Registration {
	r := persons.Registration{Values: map[persons.Field]string{persons.NameLatin: g.word() + " " + g.word(), persons.Home: g.one("305670", "305628", "40", "3061")},
		Consents: []persons.Consent{{Purpose: persons.PurposeRegister, Given: g.rng.IntN(20) > 0}}}
	if g.rng.IntN(2) == 0 {
		r.Values[persons.NameBn] = g.word() + " " + g.word()
	}
	if g.rng.IntN(3) == 0 {
		r.Age = g.one("30", "৪৫", "200")
	}
	if g.rng.IntN(2) == 0 {
		r.Contacts = []persons.Contact{g.contact()}
	}
	if g.rng.IntN(3) == 0 {
		r.Values[persons.Ethnicity] = "Garo"
	}
	if g.rng.IntN(3) == 0 {
		r.Journeys = []persons.Journey{g.journey()}
	}
	if g.rng.IntN(4) == 0 {
		r.Operation = g.one("op-1", "op-2", "op-3")
	}
	return r
}

func (g *steps) contact() persons.Contact {
	return persons.Contact{Kind: g.one("phone", "imo", "email"), Number: g.one("01712345678", "০১৮১২৩৪৫৬৭৮", "+966501234567", "a@example.org"), Safety: g.one("safe", "unsafe", "unasked", "maybe"), Ways: []string{g.one("call", "sms")}}
}

func (g *steps) journey() persons.Journey {
	j := persons.Journey{Country: g.one("SA", "OM", "qa", "XX"), City: g.word(), Cost: int64(g.rng.IntN(600000)), Papers: []string{"passport", "contract"},
		Departed: dates.Partial{Year: 2015 + g.rng.IntN(5)}, Returned: dates.Partial{Year: 2018 + g.rng.IntN(3), Month: 1 + g.rng.IntN(12)}}
	if g.rng.IntN(2) == 0 {
		j.Circumstances = &persons.Circumstances{Happened: []string{g.one("beaten", "wages_withheld")}, Account: "so it was", Owed: int64(g.rng.IntN(5)) * 1000}
	}
	return j
}

// next is a random step. Whatever is random in it is drawn here, once for both sides.
func (g *steps) next(people int) step {
	g.n++
	who := g.cast[g.rng.IntN(len(g.cast))]
	if g.rng.IntN(2) == 0 {
		who = worldtest.Amina()
	}
	if people == 0 || g.rng.IntN(8) == 0 {
		r := g.registration()
		return step{who.Name + " registers", func(s *side) string {
			var id persons.ID
			err := s.d.Write(context.Background(), func(tx *db.Tx) (err error) { id, err = persons.Register(context.Background(), tx, who, r); return err })
			if err == nil && !slices.Contains(s.people, id) {
				s.people = append(s.people, id)
			}
			return s.plain(id, err)
		}}
	}
	i := g.rng.IntN(people)
	if g.rng.IntN(3) == 0 {
		return g.look(who, i)
	}
	return g.act(who, i)
}

// read is a step that only reads.
func read(name string, fn func(ctx context.Context, q db.Reader, s *side) (any, error)) step {
	return step{name, func(s *side) string {
		var v any
		err := s.d.Read(context.Background(), func(q db.Reader) (err error) { v, err = fn(context.Background(), q, s); return err })
		return s.plain(v, err)
	}}
}

func (g *steps) look(who access.Actor, i int) step {
	limit := 1 + g.rng.IntN(20)
	filter := persons.Filter{Query: g.one("", g.word(), g.word()+" "+g.word(), "01712345678", "a@example.org", "Manikganj", "ra", "৩০"), Place: g.one("", "", "30", "3056"), Limit: limit, Typing: g.rng.IntN(2) == 0}
	switch g.rng.IntN(5) {
	case 0:
		return read(who.Name+" finds", func(ctx context.Context, q db.Reader, s *side) (any, error) {
			return persons.Find(ctx, q, who, s.people[i])
		})
	case 1:
		return read(fmt.Sprintf("%s lists %+v", who.Name, filter), func(ctx context.Context, q db.Reader, s *side) (any, error) { return persons.List(ctx, q, who, filter) })
	case 2:
		return read(who.Name+" reads the history", func(ctx context.Context, q db.Reader, s *side) (any, error) {
			return persons.History(ctx, q, who, s.people[i], audit.Filter{Before: "", Limit: limit})
		})
	case 3:
		return read(who.Name+" counts", func(ctx context.Context, q db.Reader, s *side) (any, error) { return persons.Count(ctx, q, who, limit) })
	}
	return read(who.Name+" reads who looked", func(ctx context.Context, q db.Reader, s *side) (any, error) {
		return persons.Looks(ctx, q, who, s.people[i])
	})
}

// change is a step that does something to a person as she is now.
func change(name string, who access.Actor, i int, fn func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error)) step {
	return step{who.Name + " " + name, func(s *side) string {
		var v any
		err := s.d.Write(context.Background(), func(tx *db.Tx) error {
			all := access.System(access.ReadPersons)
			p, err := persons.Find(context.Background(), tx, all, s.people[i])
			if err != nil {
				return err
			}
			v, err = fn(context.Background(), tx, p)
			return err
		})
		return s.plain(v, err)
	}}
}

func pick[T any](all []T, n int) (one T) {
	if len(all) > 0 {
		one = all[n%len(all)]
	}
	return one
}

func (g *steps) act(who access.Actor, i int) step {
	n, old := g.rng.IntN(1000), g.rng.IntN(10) == 0
	version := func(p persons.Person) int {
		if old {
			return max(p.Version-1, 1)
		}
		return p.Version
	}
	source := persons.Sources()[g.rng.IntN(len(persons.Sources()))]
	switch g.rng.IntN(18) {
	case 16:
		return change("merges", worldtest.Ishrat(), i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			page, err := persons.List(ctx, tx, worldtest.Ishrat(), persons.Filter{Limit: 200})
			if err != nil {
				return nil, err
			}
			return persons.Merge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: p.ID, Other: pick(page.Cards, n).ID, Reason: g.one("the same card")})
		})
	case 17:
		return change("takes apart", worldtest.Ishrat(), i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			pairs, err := persons.Tied(ctx, tx, worldtest.Ishrat(), p.ID)
			if err != nil {
				return nil, err
			}
			pair := pick(pairs, n)
			return nil, persons.Unmerge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: persons.ID(pair.One), Other: persons.ID(pair.Other), Reason: "her sister"})
		})
	case 0, 1:
		values := map[persons.Field]string{persons.NameLatin: g.word() + " " + g.word(), persons.Birth: g.one("1990", "1991-05", "২/৩/১৯৯২", "soon")}
		if n%5 == 0 {
			values = map[persons.Field]string{persons.MotherTongue: g.word()}
		}
		return change("changes", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.Change(ctx, tx, who, persons.Amendment{Person: p.ID, Version: version(p), Source: source, Values: values, Reason: g.one("so")})
		})
	case 2:
		return change("chooses", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.Choose(ctx, tx, who, persons.Choice{Person: p.ID, Version: version(p), Claim: pick(p.Claims, n).ID})
		})
	case 3:
		c := g.contact()
		return change("adds a contact", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.AddContact(ctx, tx, who, p.ID, c)
		})
	case 4:
		c := g.contact()
		return change("changes a contact", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			c.ID, c.Version = pick(p.Contacts, n).ID, pick(p.Contacts, n).Version
			return nil, persons.ChangeContact(ctx, tx, who, p.ID, c)
		})
	case 5:
		id := persons.Identifier{Kind: g.one("nid", "passport", "birth"), Number: g.one("1991587654321", "BX0123456", "19901234567891234")}
		return change("adds a paper", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.AddIdentifier(ctx, tx, who, p.ID, id)
		})
	case 6:
		j := g.journey()
		return change("adds a journey", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.AddJourney(ctx, tx, who, p.ID, j)
		})
	case 7:
		j := g.journey()
		return change("changes a journey", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			j.ID, j.Version = pick(p.Journeys, n).ID, pick(p.Journeys, n).Version
			return nil, persons.ChangeJourney(ctx, tx, who, p.ID, j)
		})
	case 8:
		r := persons.Relation{Relation: g.one("mother", "son", "friend"), Name: g.one("", g.word())}
		return change("adds a relative", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.AddRelation(ctx, tx, who, p.ID, r)
		})
	case 9:
		c := persons.Consent{Purpose: persons.Purposes()[g.rng.IntN(5)], Given: n%2 == 0}
		return change("asks for consent", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.AnswerConsent(ctx, tx, who, p.ID, c)
		})
	case 10:
		row := persons.Row(g.one("contact", "journey", "relation", "identifier"))
		back := n%2 == 0
		return change("ends and perhaps restores a row", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			id := map[persons.Row]string{persons.ContactRow: pick(p.Contacts, n).ID, persons.JourneyRow: pick(p.Journeys, n).ID, persons.RelationRow: pick(p.Relations, n).ID, persons.IdentifierRow: pick(p.Identifiers, n).ID}[row]
			e := persons.Ending{Person: p.ID, Row: row, ID: id}
			if err := persons.End(ctx, tx, who, e); err != nil || !back {
				return nil, err
			}
			return nil, persons.Restore(ctx, tx, who, e)
		})
	case 11:
		return change("records functioning", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.RecordFunctioning(ctx, tx, who, p.ID, persons.Functioning{Vision: n % 6})
		})
	case 12:
		user := g.cast[g.rng.IntN(len(g.cast))].ID
		return change("assigns", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return nil, persons.Assign(ctx, tx, who, persons.Assignment{Person: p.ID, User: user, On: n%2 == 0})
		})
	case 13:
		return change("breaks the glass", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
			return persons.BreakGlass(ctx, tx, who, p.ID, "she called and is in danger")
		})
	case 14:
		if n%6 == 0 {
			return change("erases", worldtest.Esha(), i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
				_, err := persons.Erase(ctx, tx, worldtest.Esha(), p.ID, "she asked for it")
				return nil, err
			})
		}
	}
	return change("looks and reveals", who, i, func(ctx context.Context, tx *db.Tx, p persons.Person) (any, error) {
		look, err := persons.Look(ctx, tx, who, p.ID)
		if err != nil {
			return nil, err
		}
		number, err := persons.Reveal(ctx, tx, who, persons.RowOf{Person: p.ID, Row: persons.ContactRow, ID: pick(p.Contacts, n).ID})
		return []any{look, number}, err
	})
}

// tables is the content of all tables with identifiers called by their names,
// and what is random by design left out, in an order that is the same for both.
func (s *side) tables(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, line := range strings.Split(s.dump(t), "\n") {
		all = append(all, s.call(line))
	}
	return all
}

// dump writes every table, ordered by what is the same on both engines: rows were
// made in the same order, and identifiers sort by the time at which they were made.
func (s *side) dump(t *testing.T) string {
	t.Helper()
	tables := []string{"persons", "person_registrations", "person_claims", "person_contacts", "person_identifiers", "person_consents", "person_journeys", "person_relations",
		"person_functioning", "access_openings", "access_scopes", "audit_entries", "audit_values", "operations", "seal_erasures", "seal_keys", "ties", "tie_pairs"}
	random := []string{"wrapped", "receipt", "digest", "mac", "chain"}
	order := map[string]string{"access_scopes": "subject_id, scope", "audit_values": "entry_id", "operations": "actor_id, id", "seal_erasures": "subject_id", "seal_keys": "subject_id", "ties": "record_id", "tie_pairs": "one_id, other_id"}
	var b strings.Builder
	if err := s.d.Read(t.Context(), func(q db.Reader) error {
		for _, table := range tables {
			by := order[table]
			if by == "" {
				by = "id"
			}
			rows, err := q.Query(t.Context(), `SELECT * FROM `+table+` ORDER BY `+by)
			if err != nil {
				return err
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				values, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				b.WriteString(table)
				for i, v := range values {
					if slices.Contains(random, columns[i]) && v != nil {
						v = "random"
					}
					switch v := v.(type) {
					case []byte:
						fmt.Fprintf(&b, " %s=%d bytes", columns[i], len(v))
					case bool:
						fmt.Fprintf(&b, " %s=%d", columns[i], map[bool]int{true: 1}[v])
					case time.Time:
						fmt.Fprintf(&b, " %s=%s", columns[i], v.UTC().Format("2006-01-02T15:04:05.000Z"))
					default:
						fmt.Fprintf(&b, " %s=%v", columns[i], v)
					}
				}
				b.WriteByte('\n')
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The same thousand acts are answered the same by both engines, and leave the same behind.
func TestEnginesAgree(t *testing.T) {
	var sides []*side
	for _, url := range []func(testing.TB) string{dbtest.SQLite, dbtest.Postgres} {
		clock := &dbtest.Clock{}
		clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
		sides = append(sides, &side{d: dbtest.Open(t, url(t), clock.Now), clock: clock, seen: map[string]string{}})
	}
	g := &steps{rng: chance(t, 7), cast: worldtest.Cast()}
	done := map[string]int{}
	for i := range 1000 {
		st := g.next(len(sides[0].people))
		for _, s := range sides {
			s.clock.Move(7 * time.Second) // no two acts in one millisecond: identifiers made then have no order
		}
		a, b := st.do(sides[0]), st.do(sides[1])
		if a != b {
			t.Fatalf("act %d, %s:\n%s", i, st.name, cmp.Diff(a, b))
		}
		outcome := "done"
		if k := strings.LastIndex(a, " kind "); k >= 0 {
			outcome = a[k:]
		}
		done[outcome]++
		if i%100 == 0 {
			for _, s := range sides {
				if _, err := audit.Seal(t.Context(), s.d); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	t.Logf("%d persons, %v", len(sides[0].people), done)
	if done["done"] < 200 {
		t.Error("too few acts were done to show anything")
	}
	if diff := cmp.Diff(sides[0].tables(t), sides[1].tables(t)); diff != "" {
		t.Errorf("the tables differ:\n%s", diff)
	}
	for _, s := range sides {
		s.listsAreKnown(t)
	}
}

// listsAreKnown checks that a person's row names every list that holds something, for what it does not name is not read.
func (s *side) listsAreKnown(t *testing.T) {
	t.Helper()
	all := 0
	for i, table := range []string{"person_claims", "person_consents", "person_identifiers", "person_journeys", "person_relations"} {
		var filled, unknown int
		if err := s.d.Read(t.Context(), func(q db.Reader) error {
			return q.QueryRow(t.Context(), `SELECT count(*), COALESCE(sum(CASE WHEN p.lists & ? = 0 THEN 1 ELSE 0 END), 0) FROM persons p WHERE p.id IN (SELECT person_id FROM `+table+`)`, 1<<i).Scan(&filled, &unknown)
		}); err != nil {
			t.Fatal(err)
		}
		if all += filled; unknown > 0 {
			t.Errorf("%s: %s of %d persons is not empty, and %d of their rows do not say so", s.d.Engine(), table, filled, unknown)
		}
	}
	if all == 0 {
		t.Errorf("%s: nobody has any list: too few acts were done to show anything", s.d.Engine())
	}
}
