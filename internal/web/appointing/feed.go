// SPDX-License-Identifier: Apache-2.0

package appointing

import (
	"strings"

	"github.com/a-h/templ"

	"fera/internal/appointments"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

type feedView struct {
	kit.Frame
	Problems kit.Problems
	Made     bool
	Since    string
	Address  string // shown once
}

// feedPage says whether one has a secret calendar.
func feedPage(r *site.Request, q db.Reader) (templ.Component, error) {
	f, err := appointments.FindFeed(r.Context(), q, r.Who)
	v := feedView{Frame: r.Frame(r.S.T("appointment.feed")), Problems: r.Problems, Made: f.Made}
	if f.Made {
		v.Since = dates.FormatTime(r.S, f.MadeAt)
	}
	return feedShown(v), err
}

// newFeed shows a new secret address, this once.
func newFeed(r *site.Request, tx *db.Tx) (string, error) {
	secret, err := appointments.NewFeed(r.Context(), tx, r.Who)
	if err != nil {
		return "", err
	}
	v := feedView{Frame: r.Frame(r.S.T("appointment.feed")), Made: true, Since: dates.FormatTime(r.S, tx.Now()), Address: r.Origin() + "/calendar/" + secret + ".ics"}
	r.Answer = feedShown(v)
	return "", nil
}

func endFeed(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("appointment_feed_ended")
	return "/appointments/feed", appointments.EndFeed(r.Context(), tx, r.Who)
}

// calendar answers the programs that fetch a calendar. They have no account: the address is the secret.
func calendar(r *site.Request, q db.Reader) (templ.Component, error) {
	secret, is := strings.CutSuffix(r.PathValue("secret"), ".ics")
	if !is {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	text, err := appointments.Calendar(r.Context(), q, secret)
	return site.File{Kind: "text/calendar; charset=utf-8", Body: text}, err
}
