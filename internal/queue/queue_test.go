// SPDX-License-Identifier: Apache-2.0

package queue_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/queue"
)

type note struct{ N int }

// Kind implements queue.Job.
func (note) Kind() string { return "note" }

func add(t *testing.T, d *db.DB, n int, due time.Time) {
	t.Helper()
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error { return queue.Add(t.Context(), tx, note{n}, due) }); err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, d *db.DB, holder string) (queue.Claimed, bool) {
	t.Helper()
	c, ok, err := queue.Claim(t.Context(), d, holder, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return c, ok
}

func finish(t *testing.T, d *db.DB, c queue.Claimed, holder string) error {
	t.Helper()
	return d.Maintain(t.Context(), func(tx *db.Tx) error { return queue.Finish(t.Context(), tx, c, holder) })
}

func lease(t *testing.T, d *db.DB, holder string) bool {
	t.Helper()
	held, err := queue.Lease(t.Context(), d, "seal", holder, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return held
}

// A lease is one holder's until it ends or is given back; another's release does nothing.
func TestLease(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		if !lease(t, d, "a") || lease(t, d, "b") {
			t.Error("not a's alone")
		}
		clock.Move(50 * time.Second)
		if !lease(t, d, "a") {
			t.Error("the holder could not hold on")
		}
		clock.Move(50 * time.Second)
		if lease(t, d, "b") {
			t.Error("taken over while it ran")
		}
		if err := queue.Release(t.Context(), d, "seal", "b"); err != nil || lease(t, d, "b") {
			t.Errorf("released by who does not hold it (%v)", err)
		}
		clock.Move(11 * time.Second)
		if !lease(t, d, "b") || lease(t, d, "a") {
			t.Error("not taken over when it had ended")
		}
		if err := queue.Release(t.Context(), d, "seal", "b"); err != nil || !lease(t, d, "a") {
			t.Errorf("not free after it was given back (%v)", err)
		}
	})
}

// several opens the same store several times, as several processes do.
func several(t *testing.T, fn func(t *testing.T, handles []*db.DB, clock *dbtest.Clock)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, clock := url(t), &dbtest.Clock{}
			clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
			var handles []*db.DB
			for range 4 {
				handles = append(handles, dbtest.Open(t, at, clock.Now))
			}
			fn(t, handles, clock)
		})
	}
}

// Of processes that ask at once for a lease, one gets it, round after round.
func TestLeaseIsOnes(t *testing.T) {
	several(t, func(t *testing.T, handles []*db.DB, clock *dbtest.Clock) {
		for round := range 15 {
			var held atomic.Int64
			var wg sync.WaitGroup
			for i, d := range handles {
				for j := range 3 {
					wg.Go(func() {
						ok, err := queue.Lease(t.Context(), d, "seal", fmt.Sprintf("%d-%d-%d", round, i, j), time.Minute)
						if err != nil {
							t.Error(err)
						}
						if ok {
							held.Add(1)
						}
					})
				}
			}
			wg.Wait()
			if held.Load() != 1 {
				t.Errorf("round %d: %d hold the lease, want 1", round, held.Load())
			}
			clock.Move(time.Minute + time.Millisecond)
		}
	})
}

// Many processes work off a queue; each job is done once, though some holders stall and are overtaken.
func TestNoJobIsDoneTwice(t *testing.T) {
	several(t, func(t *testing.T, handles []*db.DB, clock *dbtest.Clock) {
		const jobs = 60
		for n := range jobs {
			add(t, handles[0], n, clock.Now())
		}
		var done, refused atomic.Int64
		var wg sync.WaitGroup
		for i, d := range handles {
			wg.Go(func() {
				holder := fmt.Sprint("holder", i)
				idle := 0
				for turn := 0; done.Load() < jobs && idle < 10000; turn++ {
					c, ok, err := queue.Claim(context.Background(), d, holder, time.Minute)
					if err != nil {
						t.Error(err)
						return
					}
					if !ok {
						idle++
						clock.Move(time.Second)
						continue
					}
					if (turn+i)%3 == 0 { // stall until the lease is over and somebody else may have it
						clock.Move(2 * time.Minute)
					}
					err = d.Maintain(context.Background(), func(tx *db.Tx) error {
						// The job's work leaves a row each time it is done.
						if _, err := tx.Exec(context.Background(), `INSERT INTO access_scopes (scope, subject_id) VALUES (?, ?)`, fmt.Sprint(holder, " ", turn), c.ID); err != nil {
							return err
						}
						return queue.Finish(context.Background(), tx, c, holder)
					})
					if err != nil {
						refused.Add(1)
						continue
					}
					done.Add(1)
				}
			})
		}
		wg.Wait()
		var rows, different int
		handles[0].Read(t.Context(), func(q db.Reader) error {
			return q.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT subject_id) FROM access_scopes`).Scan(&rows, &different)
		})
		if done.Load() != jobs || rows != jobs || different != jobs {
			t.Errorf("of %d jobs %d were finished, %d done, %d times", jobs, done.Load(), different, rows)
		}
		t.Logf("%d finishes were refused to holders that had lost their job", refused.Load())
	})
}

// A job that failed is tried again later, and one that failed too often is left for a person.
func TestFail(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		add(t, d, 7, clock.Now())
		tries := 0
		for range 40 {
			c, ok := claim(t, d, "a")
			if ok {
				if c.Kind != "note" || string(c.Body) != `{"N":7}` || c.Attempts != tries {
					t.Fatalf("claimed %+v, want try %d of the note", c, tries)
				}
				tries++
				if err := queue.Fail(t.Context(), d, c, "a", "no answer"); err != nil {
					t.Fatal(err)
				}
				if _, ok := claim(t, d, "b"); ok {
					t.Fatal("tried again at once")
				}
			}
			clock.Move(20 * time.Minute)
		}
		if tries != 12 {
			t.Errorf("tried %d times, want 12", tries)
		}
	})
}

// Jobs are taken when they are due, the longest waiting first; the stalled one is taken over, and its holder told.
func TestClaim(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		add(t, d, 3, clock.Now().Add(time.Hour))
		add(t, d, 2, clock.Now())
		add(t, d, 1, clock.Now().Add(-time.Hour))
		first, ok := claim(t, d, "a")
		if !ok || string(first.Body) != `{"N":1}` {
			t.Fatalf("first %s", first.Body)
		}
		if second, ok := claim(t, d, "b"); !ok || string(second.Body) != `{"N":2}` {
			t.Fatalf("second %s", second.Body)
		}
		if third, ok := claim(t, d, "b"); ok {
			t.Fatalf("claimed %s before its time", third.Body)
		}
		clock.Move(2 * time.Minute)
		again, ok := claim(t, d, "c")
		if !ok || again.ID != first.ID {
			t.Fatalf("took over %s", again.Body)
		}
		if err := finish(t, d, first, "a"); err == nil {
			t.Error("a finished what c took over")
		}
		if err := queue.Fail(t.Context(), d, first, "a", "late"); err != nil {
			t.Error(err)
		}
		if err := finish(t, d, again, "c"); err != nil {
			t.Errorf("a's late failure took the job from c: %v", err)
		}
		if err := finish(t, d, again, "c"); err == nil {
			t.Error("finished twice")
		}
	})
}
