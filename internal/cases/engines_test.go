// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// side is one of two engines to which the same is done. Identifiers are random, so each is called by the order in which it
// was first seen.
type side struct {
	d      *db.DB
	clock  *dbtest.Clock
	people []persons.ID
	cases  []cases.ID
	seen   map[string]string
}

var idForm = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

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

// dump writes the tables of cases in an order that is the same on both engines; what is sealed, by its length.
func (s *side) dump(t *testing.T) (lines []string) {
	t.Helper()
	reading(t, s.d, func(ctx context.Context, q db.Reader) error {
		for _, table := range []string{"cases", "case_events", "case_notes", "case_pauses", "case_tasks", "case_approvals", "notices", "access_scopes"} {
			by := map[string]string{"access_scopes": "subject_id, scope", "notices": "user_id, at, key, subject"}[table]
			if by == "" {
				by = "id"
			}
			rows, err := q.Query(ctx, `SELECT * FROM `+table+` ORDER BY `+by)
			if err != nil {
				return err
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				cells, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range cells {
					into[i] = &cells[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				line := table
				for i, c := range cells {
					if table == "notices" && columns[i] == "id" {
						continue // those of one moment have no order
					}
					switch c := c.(type) {
					case []byte:
						line += fmt.Sprintf(" %s=%d bytes", columns[i], len(c))
					case bool:
						line += fmt.Sprintf(" %s=%d", columns[i], map[bool]int{true: 1}[c])
					case time.Time:
						line += fmt.Sprintf(" %s=%s", columns[i], c.UTC().Format("2006-01-02T15:04:05.000Z"))
					default:
						line += fmt.Sprintf(" %s=%v", columns[i], c)
					}
				}
				lines = append(lines, s.call(line))
			}
			rows.Close()
		}
		return nil
	})
	return lines
}

// The same random acts are answered the same by both engines, and leave the same behind.
func TestEnginesAgree(t *testing.T) {
	var sides []*side
	for _, url := range []func(testing.TB) string{dbtest.SQLite, dbtest.Postgres} {
		clock := &dbtest.Clock{}
		clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
		s := &side{d: dbtest.Open(t, url(t), clock.Now), clock: clock, seen: map[string]string{}}
		hire(t, s.d)
		for range 4 {
			clock.Move(time.Second)
			s.people = append(s.people, rahima(t, s.d, worldtest.Amina()))
		}
		sides = append(sides, s)
	}
	rng := chance(t, 5)
	answers := map[string]int{}
	for n := range 400 {
		cast := []access.Actor{worldtest.Amina(), worldtest.Amina(), worldtest.Amina(), worldtest.Chandra(), worldtest.Chandra(), jamil(), lubna(), worldtest.Basil(), worldtest.Dipu()}
		who, other := cast[rng.IntN(len(cast))], cast[rng.IntN(len(cast))]
		kind, i, version, passes := rng.IntN(18), rng.IntN(4), rng.IntN(4), time.Duration(rng.IntN(72))*time.Hour
		var said []string
		for _, s := range sides {
			s.clock.Move(passes + time.Second)
			said = append(said, s.step(t, who, other, [3]int{kind, i, version}))
		}
		if said[0] != said[1] {
			t.Fatalf("step %d, kind %d by %s: SQLite says %s, PostgreSQL %s", n, kind, who.Name, said[0], said[1])
		}
		answers[said[0]]++
	}
	if answers[""] < 20 || len(answers) < 6 {
		t.Errorf("answers are %v: the test shows nothing", answers)
	}
	if diff := cmp.Diff(sides[0].dump(t), sides[1].dump(t)); diff != "" {
		t.Errorf("SQLite (-) and PostgreSQL (+) differ:\n%s", diff)
	}
}

// step does one act and returns how it was answered.
func (s *side) step(t *testing.T, who, other access.Actor, draw [3]int) string {
	kind, i := draw[0], draw[1]
	if kind == 0 || len(s.cases) == 0 {
		var id cases.ID
		err := try(t, s.d, func(ctx context.Context, tx *db.Tx) (err error) {
			id, err = cases.Open(ctx, tx, who, cases.Opening{Person: s.people[i], Programme: "reintegration", Origin: "self"})
			return err
		})
		if err == nil && !slices.Contains(s.cases, id) {
			s.cases = append(s.cases, id)
		}
		return key(err)
	}
	if kind == 1 {
		if err := new(cases.Upkeep).Work(t.Context(), s.d); err != nil {
			t.Fatal(err)
		}
		return "upkeep"
	}
	id := s.cases[i%len(s.cases)]
	err := try(t, s.d, func(ctx context.Context, tx *db.Tx) error {
		if kind > 13 {
			return cases.HandOver(ctx, tx, who, cases.HandingOver{Cases: []cases.ID{id}, To: other.ID})
		}
		approval, task := "none", "none"
		if c, err := cases.Find(ctx, tx, who, id); err == nil {
			all, err := cases.Approvals(ctx, tx, who, c.ID)
			if err != nil {
				return err
			}
			for _, a := range all {
				approval = a.ID
			}
			tasks, err := cases.TasksOf(ctx, tx, who, c.ID)
			if err != nil {
				return err
			}
			for _, one := range tasks {
				task = one.ID
			}
		}
		if kind == 2 {
			_, err := cases.Shut(ctx, tx, who, cases.Closing{Case: id, Code: "conduct", Duties: []string{"written_down", "told_supervisor", "where_to_turn"}, Why: "so it was"})
			return err
		}
		if kind == 3 {
			_, err := cases.Remember(ctx, tx, who, cases.Task{Case: id, What: "call her", User: other.ID, DueOn: dates.Of(tx.Now())})
			return err
		}
		doable := acts(id, who, approval, task, "none")
		var order []string
		for a := range doable {
			order = append(order, string(a))
		}
		slices.Sort(order)
		return doable[cases.Act(order[(kind*7+draw[2])%len(order)])](ctx, tx)
	})
	return key(err)
}
