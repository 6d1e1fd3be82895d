// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/guidance"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/operations"
	"fera/internal/reports/content"
)

// Lesson is something learnt, for a step of the work.
type Lesson struct {
	ID      string
	Report  ID
	Topic   string // a step of the work; see guidance.Topics
	Said    content.Words
	Forward bool // it is to stand beside the guidance on that step
	By      string
	At      time.Time
}

// Learning adds a lesson to a draft.
type Learning struct {
	Operation      string `json:"-"` // id of the act; see package operations
	Report         ID
	Topic          string
	TextBn, TextEn string
	Forward        bool
}

// The limits of lessons.
const (
	longestLesson = 1500
	mostLessons   = 30
)

// Learn adds a lesson to a draft.
func Learn(ctx context.Context, tx *db.Tx, who access.Actor, l Learning) (string, error) {
	r, err := drafted(ctx, tx, who, l.Report, access.DraftReports)
	if err != nil {
		return "", err
	}
	var topic *fault.Error
	if !slices.Contains(guidance.Topics(), l.Topic) {
		topic = fault.New(fault.Invalid, "fault.bad_choice").On("topic")
	}
	if f := fault.Join(topic, text(&l.TextBn, longestLesson, "text_bn"), text(&l.TextEn, longestLesson, "text_en")); f != nil {
		return "", f
	}
	if l.TextBn == "" && l.TextEn == "" {
		return "", fault.New(fault.Invalid, "fault.needed").On("text_bn")
	}
	same, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	id := ids.New(tx.Now())
	if earlier, err := operations.Once(ctx, tx, who, l.Operation, id, same); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return earlier, err
	}
	known, err := lessonsOf(ctx, tx, r.ID)
	if err != nil {
		return "", err
	}
	if len(known) >= mostLessons {
		return "", fault.New(fault.Invalid, "report.too_many_lessons")
	}
	one := Lesson{Report: r.ID, Topic: l.Topic, Said: content.Words{Bn: l.TextBn, En: l.TextEn}, Forward: l.Forward, By: who.Name, At: tx.Now()}
	if err := one.insert(ctx, tx, r.Organisation, id); err != nil {
		return "", err
	}
	if err := r.touch(ctx, tx); err != nil {
		return "", err
	}
	return id, audit.Record(ctx, tx, who, access.DraftReports, audit.Entry{Subject: r.subject(), After: map[string]any{"lesson": id, "topic": l.Topic}})
}

func (l Lesson) insert(ctx context.Context, tx *db.Tx, organisation, id string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO report_lessons (id, report_id, organisation_id, topic, text_bn, text_en, forward, struck, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, string(l.Report), organisation, l.Topic, l.Said.Bn, l.Said.En, l.Forward, false, l.By, l.At); err != nil {
		return fmt.Errorf("add lesson: %w", err)
	}
	return nil
}

// Strike takes a lesson out of a draft.
func Strike(ctx context.Context, tx *db.Tx, who access.Actor, report ID, lesson string) error {
	r, err := drafted(ctx, tx, who, report, access.DraftReports)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE report_lessons SET struck = TRUE WHERE id = ? AND report_id = ? AND struck = FALSE`, lesson, string(r.ID))
	if err != nil {
		return fmt.Errorf("strike lesson: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "report.lesson_unknown")
	}
	if err := r.touch(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.DraftReports, audit.Entry{Subject: r.subject(), Before: map[string]any{"lesson": lesson}})
}

const lessonColumns = `l.id, l.report_id, l.topic, l.text_bn, l.text_en, l.forward, l.user_name, l.at`

func scanLesson(row interface{ Scan(...any) error }) (l Lesson, err error) {
	err = row.Scan(&l.ID, &l.Report, &l.Topic, &l.Said.Bn, &l.Said.En, &l.Forward, &l.By, db.Time(&l.At))
	return l, err
}

// LessonsOf returns the lessons of a report that who may see.
func LessonsOf(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Lesson, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	return lessonsOf(ctx, q, id)
}

func lessonsOf(ctx context.Context, q db.Reader, id ID) ([]Lesson, error) {
	rows, err := q.Query(ctx, `SELECT `+lessonColumns+` FROM report_lessons l WHERE l.report_id = ? AND l.struck = FALSE ORDER BY l.id`, string(id))
	all, err := db.Collect(rows, err, scanLesson)
	if err != nil {
		return nil, fmt.Errorf("list lessons: %w", err)
	}
	return all, nil
}

// Lessons returns what was learnt in who's organisation about a step of the work, or about all of them, from issued reports, the
// latest first. Of a report that was corrected those of the last issue count. Like guidance they are for everybody who works there.
func Lessons(ctx context.Context, q db.Reader, who access.Actor, topic string, forward bool) ([]Lesson, error) {
	organisation, err := offices.Behind(ctx, q, who.Organisation)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+lessonColumns+` FROM report_lessons l JOIN reports r ON r.id = l.report_id
		WHERE l.organisation_id = ? AND l.struck = FALSE AND r.state = 'issued' AND (? = '' OR l.topic = ?) AND (? = FALSE OR l.forward = TRUE)
		AND NOT EXISTS (SELECT 1 FROM reports n WHERE n.corrects = r.id AND n.state = 'issued') ORDER BY l.topic, l.id DESC LIMIT 500`, organisation, topic, topic, forward)
	all, err := db.Collect(rows, err, scanLesson)
	if err != nil {
		return nil, fmt.Errorf("list lessons: %w", err)
	}
	return all, nil
}
