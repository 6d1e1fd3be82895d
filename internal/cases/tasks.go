// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Task is something to do for a case.
type Task struct {
	ID     string
	Case   ID
	Person persons.ID // of the case, when it was read
	User   string     // whose it is
	DueOn  dates.Partial
	What   string // sealed
	By     string
	At     time.Time

	DoneBy string // empty while it is to be done
	DoneAt time.Time
}

// Remember puts down something to do, for who herself or for a colleague who sees the case.
func Remember(ctx context.Context, tx *db.Tx, who access.Actor, t Task) (string, error) {
	c, err := Begin(ctx, tx, who, t.Case, Acting{Act: AddTask})
	if err != nil {
		return "", err
	}
	if f := text(&t.What, 3, 500, "what"); f != nil {
		return "", f
	}
	if t.DueOn.Precision() != dates.Day || t.DueOn.Check() != nil {
		return "", fault.New(fault.Invalid, "calendar.day_needed").On("due_on")
	}
	if t.User == "" {
		t.User = who.ID
	}
	if t.User != who.ID {
		able, err := accounts.WhoHolds(ctx, tx, access.NoteCase, c.scopes()...)
		if err != nil {
			return "", err
		}
		if !slices.Contains(able, t.User) {
			return "", fault.New(fault.Invalid, "case.worker_elsewhere").On("user")
		}
		if err := accounts.Tell(ctx, tx, []string{t.User}, "notice.case_task", c.subject()); err != nil {
			return "", err
		}
	}
	t.ID = newID(tx)
	sealed, err := c.seal(ctx, tx, "case_tasks:"+t.ID, told{Why: t.What})
	if err != nil {
		return "", fmt.Errorf("remember task: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO case_tasks (id, case_id, user_id, due_on, sealed, by_name, at, done_name) VALUES (?, ?, ?, ?, ?, ?, ?, '')`,
		t.ID, string(c.ID), t.User, t.DueOn.String(), sealed, who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("remember task: %w", err)
	}
	return t.ID, audit.Record(ctx, tx, who, access.NoteCase, audit.Entry{Subject: c.subject(), Person: string(c.Person), Named: []string{"task"}})
}

const taskColumns = `t.id, t.case_id, t.user_id, t.due_on, t.sealed, t.by_name, t.at, t.done_name, t.ended_at, c.person_id`

// sealedTask is a task as it lies in the table.
type sealedTask struct {
	Task
	person string
	sealed []byte
}

func scanTask(row interface{ Scan(...any) error }) (t sealedTask, err error) {
	err = row.Scan(&t.ID, &t.Case, &t.User, &t.DueOn, &t.sealed, &t.By, db.Time(&t.At), &t.DoneBy, db.NullTime(&t.DoneAt), &t.person)
	return t, err
}

func (t sealedTask) open(ctx context.Context, q db.Reader) (Task, error) {
	var w told
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: t.person, Name: "case_tasks:" + t.ID, Sealed: t.sealed}, &w); err != nil {
		return Task{}, fmt.Errorf("open task: %w", err)
	}
	t.What, t.Person = w.Why, persons.ID(t.person)
	return t.Task, nil
}

// Tick says that something was done. Whoever sees the case and may write notes in it may say so.
func Tick(ctx context.Context, tx *db.Tx, who access.Actor, id string) error {
	return tick(ctx, tx, who, id, true)
}

// Untick takes back that something was done, while the case lives: it is to be done again.
func Untick(ctx context.Context, tx *db.Tx, who access.Actor, id string) error {
	return tick(ctx, tx, who, id, false)
}

func tick(ctx context.Context, tx *db.Tx, who access.Actor, id string, done bool) error {
	none := fault.New(fault.NotFound, "case.task_not_found")
	cond, by, named, at := "t.ended_at IS NULL", who.Name, "task_done", any(tx.Now())
	if !done {
		cond, by, named, at = "t.done_name <> ''", "", "task_again", nil
	}
	t, err := scanTask(tx.QueryRow(ctx, `SELECT `+taskColumns+` FROM case_tasks t JOIN cases c ON c.id = t.case_id WHERE t.id = ? AND `+cond, id))
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	if err != nil {
		return err
	}
	c, err := Begin(ctx, tx, who, t.Case, Acting{Act: AddTask})
	if fault.KindOf(err) == fault.NotFound {
		return none
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE case_tasks SET ended_at = ?, done_name = ? WHERE id = ?`, at, by, id); err != nil {
		return fmt.Errorf("tick task: %w", err)
	}
	if err := Touch(ctx, tx, c.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.NoteCase, audit.Entry{Subject: c.subject(), Person: string(c.Person), Named: []string{named}})
}

// Tasks returns what is still to be done by who, in cases that she sees, what is due first first.
func Tasks(ctx context.Context, q db.Reader, who access.Actor, limit int) ([]Task, error) {
	next := func(after *sealedTask, chunk int) ([]sealedTask, error) {
		cond, args := "", []any{who.ID}
		if after != nil {
			cond, args = " AND (t.due_on, t.id) > (?, ?)", append(args, after.DueOn.String(), after.ID)
		}
		rows, err := q.Query(ctx, `SELECT `+taskColumns+` FROM case_tasks t JOIN cases c ON c.id = t.case_id WHERE t.user_id = ? AND t.ended_at IS NULL`+cond+` ORDER BY t.due_on, t.id LIMIT ?`,
			append(args, chunk)...)
		return db.Collect(rows, err, scanTask)
	}
	some, err := inParts(ctx, q, list[sealedTask]{who: who, perm: access.ReadCases, want: limit, next: next, of: func(t sealedTask) ID { return t.Case }})
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return openAll(ctx, q, some)
}

// TasksOf returns what is still to be done for a case that who may see.
func TasksOf(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Task, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+taskColumns+` FROM case_tasks t JOIN cases c ON c.id = t.case_id WHERE t.case_id = ? AND t.ended_at IS NULL ORDER BY t.due_on, t.id`, string(id))
	return opened(ctx, q, rows, err)
}

// Done returns what was done for a case that who may see, the latest first, so that a slip can be taken back.
func Done(ctx context.Context, q db.Reader, who access.Actor, id ID, limit int) ([]Task, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+taskColumns+` FROM case_tasks t JOIN cases c ON c.id = t.case_id WHERE t.case_id = ? AND t.done_name <> '' ORDER BY t.ended_at DESC, t.id LIMIT ?`, string(id), limit)
	return opened(ctx, q, rows, err)
}

func opened(ctx context.Context, q db.Reader, rows *db.Rows, err error) ([]Task, error) {
	some, err := db.Collect(rows, err, scanTask)
	if err != nil {
		return nil, err
	}
	return openAll(ctx, q, some)
}

func openAll(ctx context.Context, q db.Reader, some []sealedTask) ([]Task, error) {
	all := make([]Task, len(some))
	for i, t := range some {
		var wrong error
		if all[i], wrong = t.open(ctx, q); wrong != nil {
			return nil, wrong
		}
	}
	return all, nil
}
