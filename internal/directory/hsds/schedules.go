// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"strconv"
	"strings"

	"fera/internal/directory/listing"
	"fera/internal/ids"
)

func (g *giving) hours(h listing.Hours, up, id string) {
	begin := func(own string, kept map[string]string, key ...string) map[string]string {
		if own == "" {
			own = ids.Named(append([]string{id, "schedule"}, key...)...)
		}
		v := g.begin("schedule", own, kept)
		set(v, up+"_id", id)
		return v
	}
	week := func(v map[string]string, days []string, opens, closes string) {
		set(v, "freq", "WEEKLY", "interval", "1", "wkst", "SU", "byday", strings.Join(days, ","), "opens_at", opens, "closes_at", closes, "timezone", "6")
	}
	if h.Always {
		v := begin("", nil, "always")
		week(v, listing.Week(), "00:00", "23:59")
		v["description"] = dayAndNight
	}
	for i, s := range h.Weekly {
		week(begin(s.ID, s.Kept, "week", strconv.Itoa(i)), s.Days, s.Opens, s.Closes)
	}
	for i, p := range h.Periods {
		spans := p.Weekly
		if len(spans) == 0 {
			spans = []listing.Span{{}}
		}
		for j, s := range spans {
			v := begin(s.ID, s.Kept, "period", strconv.Itoa(i), strconv.Itoa(j))
			set(v, "valid_from", p.From.String(), "valid_to", p.To.String())
			g.say(v, "schedule", "description", p.Name)
			if len(p.Weekly) == 0 {
				v["notes"] = closedNote
			} else {
				week(v, s.Days, s.Opens, s.Closes)
			}
		}
	}
	for _, r := range h.Rows {
		g.begin("schedule", r["id"], r)
	}
	if h.Holidays {
		g.attribute(id, up, "open_on_holidays", "open_on_holidays", "yes")
	}
	if h.Note.En != "" {
		g.attribute(id, up, "hours_note", "hours", h.Note.En)
	}
	if h.Note.Bn != "" {
		g.attribute(id, up, "hours", "text", h.Note.Bn)
	}
}
