// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fera/internal/web/people"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// personsTrail is the page of a record's history, or of who looked.
type personsTrail struct {
	kit.Frame
	ID    persons.ID
	Title string
	Lead  string
	Empty string // what is said when there is nothing
	Teach string
	Lines []kit.Event
	Older string // address of the next page
}

// personsChange is one value before and after.
type personsChange struct{ Label, Before, After string }

// personsEvents tells what was done to a record.
func personsEvents(s *words.Speaker, id persons.ID, now time.Time, may bool, lines []audit.Line) []kit.Event {
	events := make([]kit.Event, len(lines))
	for i, l := range lines {
		events[i] = kit.Event{When: dates.Near(s, l.At, now), ISO: l.At.UTC().Format(time.RFC3339), Who: l.Name, Title: personsAct(s, l.Act), Text: l.Reason}
		back := ""
		if row, ended := personsEnded(l); ended && may {
			back = personsPath(id, "restore") + "?row=" + row.Row + "&id=" + row.ID
		}
		events[i].Body = personsChanges(s, personsDiff(s, l), l.Erased, back)
	}
	return events
}

func personsAct(s *words.Speaker, act access.Permission) string {
	if key := "person.act." + string(act); s.Has(key) {
		return s.T(key)
	}
	return s.T("person.act.other")
}

// personsEnding is what the trail keeps of a row that was taken out or brought back.
type personsEnding struct {
	Row string `json:"row"`
	ID  string `json:"id"`
}

func personsEnded(l audit.Line) (e personsEnding, ended bool) {
	raw := l.After["ended"]
	return e, len(raw) > 0 && json.Unmarshal(raw, &e) == nil
}

// personsDiff says which values an act changed. Fields whose values the trail
// does not keep are named without them.
func personsDiff(s *words.Speaker, l audit.Line) (changes []personsChange) {
	for what, state := range map[string]string{"ended": "person.value.taken_out", "restored": "person.value.in_use"} {
		var e personsEnding
		if raw := l.After[what]; len(raw) > 0 && json.Unmarshal(raw, &e) == nil && s.Has("person.row."+e.Row) {
			return []personsChange{{Label: s.T("person.row." + e.Row), After: s.T(state)}}
		}
	}
	if l.Act == access.ReadProtected || l.Act == access.ChangeProtected {
		return nil // what there is of that kind is seen in the private part alone
	}
	for _, f := range l.Fields {
		key := "person.field." + f
		if !s.Has(key) || persons.Field(f).Protected() || f == "functioning" {
			continue
		}
		c := personsChange{Label: s.T(key), Before: personsTrailValue(s, f, l.Before[f]), After: personsTrailValue(s, f, l.After[f])}
		if !slices.Contains(changes, c) {
			changes = append(changes, c)
		}
	}
	return changes
}

// personsTrailValue says a value that the trail keeps.
func personsTrailValue(s *words.Speaker, field string, raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	switch field {
	case "contact":
		return personsRead(raw, func(c persons.Contact) string {
			return s.T("person.safety."+c.Safety) + ", " + people.How(s, c)
		})
	case "identifier":
		return personsRead(raw, func(i persons.Identifier) string { return s.T("person.paper_kind." + i.Kind) })
	case "journey":
		return personsRead(raw, func(j persons.Journey) string { return people.Journey(s, j) + " " + people.Stay(s, j) })
	case "relation":
		return personsRead(raw, func(r persons.Relation) string { return s.T("person.kinship."+r.Relation) + ", " + r.Name })
	case "consent":
		return personsRead(raw, func(c persons.Consent) string {
			said := "person.consent.no"
			if c.Given {
				said = "person.consent.yes"
			}
			return s.T("person.purpose."+string(c.Purpose)) + ": " + s.T(said)
		})
	case "document", "photo":
		return personsRead(raw, func(f struct {
			Title string `json:"title"`
		}) string {
			return f.Title
		})
	case "caseload", "ends_at", "opening":
		return ""
	}
	return personsRead(raw, func(text string) string { return people.Value(s, persons.Field(field), text) })
}

// personsRead says a value of the trail, or nothing when it has another form.
func personsRead[T any](raw json.RawMessage, say func(T) string) string {
	var v T
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	return say(v)
}

// personsNamed lists what was changed without the trail keeping the values.
func personsNamed(changes []personsChange) string {
	var named []string
	for _, c := range changes {
		if c.Before == "" && c.After == "" {
			named = append(named, c.Label)
		}
	}
	return strings.Join(named, ", ")
}
