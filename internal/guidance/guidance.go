// SPDX-License-Identifier: Apache-2.0

// Package guidance keeps short texts on how a step of the work is done well, to be shown beside the step.
//
// An organisation writes its own, in a small part of Markdown, in both languages; each change is a version with its day and
// its writer. Where it has none, a text is shown that comes with the program, and says that it is a draft nobody has reviewed.
package guidance

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/offices"
)

// Material is something to learn from: a link, with what it is called.
type Material struct {
	Title string `json:"title"`
	Href  string `json:"href"`
}

// Text is what is said about one step, in one version.
type Text struct {
	ID        string     `json:"-"`
	Topic     string     `json:"topic"`
	Number    int        `json:"number"` // 0 for a text that comes with the program
	TitleBn   string     `json:"title_bn"`
	TitleEn   string     `json:"title_en"`
	TextBn    string     `json:"text_bn"` // Markdown; see Read
	TextEn    string     `json:"text_en"`
	Material  []Material `json:"material,omitempty"`
	Withdrawn bool       `json:"withdrawn,omitempty"` // from this version on the organisation has no text of its own
	Why       string     `json:"-"`
	By        string     `json:"-"`
	At        time.Time  `json:"-"`
}

// Draft tells whether the text comes with the program: it was drafted by the project, and nobody who does the work has reviewed it.
func (t Text) Draft() bool { return t.Number == 0 }

// In returns title and text in "bn" or "en", or in the only language there is.
func (t Text) In(lang string) (title, text string) {
	title, text = t.TitleBn, t.TextBn
	if lang == "en" && t.TitleEn != "" || title == "" {
		title = t.TitleEn
	}
	if lang == "en" && t.TextEn != "" || text == "" {
		text = t.TextEn
	}
	return title, text
}

//go:embed data/guidance.json
var data embed.FS

var shipped = sync.OnceValue(func() []Text {
	var all []Text
	text, err := data.ReadFile("data/guidance.json")
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		panic("guidance that ships: " + err.Error())
	}
	return all
})

// Topics returns the steps of the work that can be written about, in the order of the work.
func Topics() (topics []string) {
	for _, t := range shipped() {
		topics = append(topics, t.Topic)
	}
	return topics
}

// Named is what a step of the work is called in "bn" or "en", by the text that comes with the program; empty for one that there is not.
func Named(topic, lang string) string {
	t, _ := ready(topic)
	title, _ := t.In(lang)
	return title
}

func ready(topic string) (Text, bool) {
	all := shipped()
	i := slices.IndexFunc(all, func(t Text) bool { return t.Topic == topic })
	if i < 0 {
		return Text{}, false
	}
	return all[i], true
}

// For returns what who's organisation says about a step, or else what comes with the program. A step that nobody wrote about
// has no text.
func For(ctx context.Context, q db.Reader, who access.Actor, topic string) (Text, bool, error) {
	organisation, err := offices.Behind(ctx, q, who.Organisation)
	if err != nil {
		return Text{}, false, err
	}
	t, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM guidance_texts WHERE organisation_id = ? AND topic = ? ORDER BY number DESC LIMIT 1`, organisation, topic))
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && t.Withdrawn:
		t, ok := ready(topic)
		return t, ok, nil
	case err != nil:
		return Text{}, false, fmt.Errorf("find guidance: %w", err)
	}
	return t, true, nil
}

// Writing is a text as it should read from now on.
type Writing struct {
	Topic            string
	After            int // number of the version it was written over; 0 for none
	TitleBn, TitleEn string
	TextBn, TextEn   string
	Material         string // one thing a line: what it is called, then its address
	Why              string
}

// Write makes a new version of what who's organisation says about a step.
func Write(ctx context.Context, tx *db.Tx, who access.Actor, w Writing) (int, error) {
	if err := access.Check(tx, who, access.ManageGuidance, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return 0, err
	}
	t, err := w.read()
	if err != nil {
		return 0, err
	}
	return t.keep(ctx, tx, who, w.After)
}

// Withdraw takes the organisation's own text back, so that the one that comes with the program is shown again. It stays in the history.
func Withdraw(ctx context.Context, tx *db.Tx, who access.Actor, w Writing) error {
	if err := access.Check(tx, who, access.ManageGuidance, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return err
	}
	why, problem := names.CheckText(w.Why, 500)
	if _, known := ready(w.Topic); !known {
		return fault.New(fault.NotFound, "guidance.topic_unknown")
	}
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 500).On("why")
	}
	_, err := Text{Topic: w.Topic, Withdrawn: true, Why: why}.keep(ctx, tx, who, w.After)
	return err
}

func (w Writing) read() (Text, error) {
	if _, known := ready(w.Topic); !known {
		return Text{}, fault.New(fault.NotFound, "guidance.topic_unknown")
	}
	t := Text{Topic: w.Topic, TitleBn: w.TitleBn, TitleEn: w.TitleEn, TextBn: w.TextBn, TextEn: w.TextEn, Why: w.Why}
	var wrong []*fault.Error
	for _, f := range []struct {
		s     *string
		most  int
		field string
	}{{&t.TitleBn, 120, "title_bn"}, {&t.TitleEn, 120, "title_en"}, {&t.TextBn, 5000, "text_bn"}, {&t.TextEn, 5000, "text_en"}, {&t.Why, 500, "why"}} {
		clean, problem := names.CheckText(*f.s, f.most)
		if problem != "" {
			wrong = append(wrong, fault.New(fault.Invalid, problem).With("max", f.most).On(f.field))
		}
		*f.s = clean
	}
	if t.TitleBn == "" && t.TitleEn == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "fault.needed").On("title_bn"))
	}
	if t.TextBn == "" && t.TextEn == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "fault.needed").On("text_bn"))
	}
	material, f := materials(w.Material)
	t.Material = material
	if all := fault.Join(append(wrong, f)...); all != nil {
		return Text{}, all
	}
	return t, nil
}

// materials reads lines of titles and addresses.
func materials(text string) (all []Material, f *fault.Error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		href := fields[len(fields)-1]
		title, problem := names.Check(strings.Join(fields[:len(fields)-1], " "), 200)
		if problem != "" || title == "" || !safe(href) || len(all) == 20 {
			return nil, fault.New(fault.Invalid, "guidance.material_form").On("material")
		}
		all = append(all, Material{title, href})
	}
	return all, nil
}

// safe tells whether an address may stand in a text: a page of the web, by https or http.
func safe(href string) bool {
	u, err := url.Parse(href)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

func (t Text) keep(ctx context.Context, tx *db.Tx, who access.Actor, after int) (int, error) {
	var last int
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(number), 0) FROM guidance_texts WHERE organisation_id = ? AND topic = ?`, who.Organisation, t.Topic).Scan(&last); err != nil {
		return 0, fmt.Errorf("write guidance: %w", err)
	}
	if last != after {
		return 0, fault.New(fault.Conflict, "fault.conflict")
	}
	material, err := json.Marshal(t.Material)
	if err != nil {
		return 0, err
	}
	t.ID, t.Number, t.By, t.At = ids.New(tx.Now()), last+1, who.Name, tx.Now()
	n, err := tx.Exec(ctx, `INSERT INTO guidance_texts (id, organisation_id, topic, number, title_bn, title_en, text_bn, text_en, material, withdrawn, why, user_id, user_name, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		t.ID, who.Organisation, t.Topic, t.Number, t.TitleBn, t.TitleEn, t.TextBn, t.TextEn, string(material), t.Withdrawn, t.Why, who.ID, who.Name, tx.Now())
	if err != nil {
		return 0, fmt.Errorf("write guidance: %w", err)
	}
	if n == 0 {
		return 0, fault.New(fault.Conflict, "fault.conflict")
	}
	return t.Number, audit.Record(ctx, tx, who, access.ManageGuidance, audit.Entry{Subject: "guidance:" + t.Topic, After: t, Reason: t.Why})
}

const columns = `id, topic, number, title_bn, title_en, text_bn, text_en, material, withdrawn, why, user_name, at`

func scan(row interface{ Scan(...any) error }) (t Text, err error) {
	var material string
	err = row.Scan(&t.ID, &t.Topic, &t.Number, &t.TitleBn, &t.TitleEn, &t.TextBn, &t.TextEn, &material, &t.Withdrawn, &t.Why, &t.By, db.Time(&t.At))
	if err == nil {
		err = json.Unmarshal([]byte(material), &t.Material)
	}
	return t, err
}

// History returns all versions that who's organisation wrote about a step, the latest first.
func History(ctx context.Context, q db.Reader, who access.Actor, topic string) ([]Text, error) {
	organisation, err := offices.Behind(ctx, q, who.Organisation)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM guidance_texts WHERE organisation_id = ? AND topic = ? ORDER BY number DESC`, organisation, topic)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list guidance: %w", err)
	}
	return all, nil
}
