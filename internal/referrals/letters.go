// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/messages"
	"fera/internal/referrals/course"
	"fera/internal/seal"
	"fera/internal/words"
)

// askHer is the kind of message by which she is asked whether it was so; the others go to providers.
const askHer = "ask_received"

// letterFor is the kind of message to a provider without accounts that says what a notice says to one with accounts.
func letterFor(notice string) string {
	return map[string]string{"notice.referral_sent": "work", "notice.referral_due": "work_late", "notice.referral_withdrawn": "work_withdrawn",
		"notice.referral_reopened": "work_news"}[notice]
}

// post puts down that something is to be said by message. What is made up is said to nobody.
func (r Referral) post(ctx context.Context, tx *db.Tx, kind string) error {
	if kind == "" || ids.IsApart(string(r.ID)) {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO referral_letters (id, referral_id, kind) VALUES (?, ?, ?)`, ids.New(tx.Now()), string(r.ID), kind)
	return err
}

// sayNoMore takes back messages of some kinds that have not left yet, because what they ask for is over.
func (r Referral) sayNoMore(ctx context.Context, tx *db.Tx, kinds ...string) error {
	for _, k := range kinds {
		if _, err := tx.Exec(ctx, `DELETE FROM referral_letters WHERE referral_id = ? AND kind = ?`, string(r.ID), k); err != nil {
			return fmt.Errorf("drop letters: %w", err)
		}
	}
	return messages.Drop(ctx, tx, r.subject(), kinds...)
}

// Carry hands over to package messages what is to be said, with links of site, which is how browsers call this installation; and takes
// from it what was answered. It returns how many letters and answers there were.
func Carry(ctx context.Context, d *db.DB, site string) (n int, err error) {
	if some, err := waits(ctx, d); err != nil || !some {
		return 0, err
	}
	for _, part := range []func(ctx context.Context, tx *db.Tx) (int, error){
		takeAnswers, // what she says may have to be told on
		func(ctx context.Context, tx *db.Tx) (int, error) {
			return handOver(ctx, tx, strings.TrimSuffix(site, "/"))
		},
	} {
		for some := atOnce; some == atOnce; n += some {
			if err := d.Maintain(ctx, func(tx *db.Tx) (err error) {
				some, err = part(ctx, tx)
				return err
			}); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// waits tells whether there is anything to do, without writing: it is asked every other second.
func waits(ctx context.Context, d *db.DB) (some bool, err error) {
	return some, d.Read(ctx, func(q db.Reader) error {
		var letters int
		var after string
		if err := q.QueryRow(ctx, `SELECT (SELECT count(*) FROM referral_letters), (SELECT COALESCE(max(id), '') FROM referral_answers)`).Scan(&letters, &after); err != nil {
			return err
		}
		all, err := messages.Answers(ctx, q, "referral:", after)
		for _, a := range all {
			var known int
			if err := q.QueryRow(ctx, `SELECT count(*) FROM referral_answers WHERE id = ?`, a.ID).Scan(&known); err != nil {
				return err
			}
			some = some || known == 0
		}
		some = some || letters > 0
		return err
	})
}

func handOver(ctx context.Context, tx *db.Tx, site string) (int, error) {
	type letter struct {
		id   string
		of   ID
		kind string
	}
	rows, err := tx.Query(ctx, `SELECT id, referral_id, kind FROM referral_letters ORDER BY id LIMIT ?`, atOnce)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (l letter, err error) {
		return l, row.Scan(&l.id, &l.of, &l.kind)
	})
	if err != nil {
		return 0, fmt.Errorf("read letters: %w", err)
	}
	for _, l := range all {
		if _, err := tx.Exec(ctx, `DELETE FROM referral_letters WHERE id = ?`, l.id); err != nil {
			return 0, err
		}
		r, err := read(ctx, tx, l.of)
		if err != nil {
			return 0, err
		}
		if err := r.open(ctx, tx); errors.Is(err, seal.ErrErased) || r.sealed == nil {
			continue
		} else if err != nil {
			return 0, err
		}
		if err := r.say(ctx, tx, l.kind, site); err != nil {
			return 0, fmt.Errorf("say %s: %w", l.kind, err)
		}
	}
	return len(all), nil
}

// say puts a message down, unless what it was to say is over by now.
func (r Referral) say(ctx context.Context, tx *db.Tx, kind, site string) error {
	purposes := r.Passable()
	if len(purposes) == 0 {
		return nil
	}
	who := messages.Program()
	if kind == askHer {
		if purposes[0] != ToConfirm || r.Outside() {
			return nil
		}
		_, err := messages.Send(ctx, tx, who, messages.Message{Person: r.Person, Case: r.Case, Kind: askHer, Subject: r.subject()})
		return settled(err)
	}
	if purposes[0] == ToConfirm || r.Partner != "" {
		return nil
	}
	to, err := r.speaksFor(ctx, tx)
	if err != nil || to == "" || site == "" {
		return err
	}
	secret, _, err := r.issue(ctx, tx, who.Name, purposes[0])
	if err != nil {
		return err
	}
	if _, err := messages.SendTo(ctx, tx, who, messages.Letter{To: to, Language: words.Bangla, Kind: kind, Link: site + "/r/" + secret, Subject: r.subject()}); err != nil {
		return settled(err)
	}
	return audit.Record(ctx, tx, who, access.SendReferral, audit.Entry{Subject: r.subject(), Person: string(r.Person), Named: []string{"link_" + string(purposes[0])}})
}

// settled takes a message that cannot be sent as it is for one that is not sent: work goes on.
func settled(err error) error {
	if fault.Of(err) != nil {
		return nil
	}
	return err
}

// speaksFor is the mobile number, or else the e-mail address, of whom one speaks to at the provider: of the service, or else of the
// organisation. Where nothing leaves for telephones it is the address. What is printed for the public is not used: who answers there
// need not know of her, and whoever has the link answers.
func (r Referral) speaksFor(ctx context.Context, q db.Reader) (string, error) {
	dials, err := messages.Leaves(ctx, q, messages.SMS)
	if err != nil {
		return "", err
	}
	mails, err := messages.Leaves(ctx, q, messages.Email)
	if err != nil {
		return "", err
	}
	for _, entry := range []string{r.Service, r.Organisation} {
		some, err := directory.Focals(ctx, q, access.System(access.ReadDirectory), entry)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return "", err
		}
		for _, f := range some {
			at := slices.IndexFunc(f.Phones, mobile)
			switch {
			case at >= 0 && (dials || !mails || f.Email == ""):
				return f.Phones[at].Dial(), nil
			case f.Email != "":
				return f.Email, nil
			}
		}
	}
	return "", nil
}

// mobile tells whether a number can be sent messages: a mobile number of Bangladesh.
func mobile(p listing.Phone) bool {
	n := strings.TrimPrefix(strings.TrimPrefix(p.Dial(), "+88"), "88")
	return len(n) == 11 && strings.HasPrefix(n, "01") && p.Extension == ""
}

// takeAnswers does what was answered to messages.
func takeAnswers(ctx context.Context, tx *db.Tx) (int, error) {
	var after string
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(id), '') FROM referral_answers`).Scan(&after); err != nil {
		return 0, err
	}
	all, err := messages.Answers(ctx, tx, "referral:", after)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, a := range all[:min(len(all), atOnce)] {
		id := ID(strings.TrimPrefix(a.Subject, "referral:"))
		fresh, err := tx.Exec(ctx, `INSERT INTO referral_answers (id, referral_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, a.ID, string(id), tx.Now())
		if err != nil {
			return n, err
		}
		if fresh == 0 {
			continue
		}
		n++
		if a.Value != messages.Yes && a.Value != messages.No {
			continue // who has the case reads it among the messages
		}
		if err := heard(ctx, tx, id, a); err != nil {
			return n, err
		}
	}
	return n, nil
}

// heard notes what she answered. An answer that comes too late changes nothing.
func heard(ctx context.Context, tx *db.Tx, id ID, a messages.Answer) error {
	r, err := read(ctx, tx, id)
	if err != nil {
		return settled(err)
	}
	act := course.Deny
	if a.Value == messages.Yes {
		act = course.Confirm
	}
	if r.Person != a.Person || r.Standing().Refusal(act, course.Returnee) != nil {
		return nil
	}
	if err := r.open(ctx, tx); err != nil {
		return err
	}
	return r.hear(ctx, tx, access.Actor{ID: "message", Name: "message"}, done{act: act, side: course.Returnee, way: "sms"})
}
