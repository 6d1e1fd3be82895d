// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
)

// Network is to whom people are referred: a provider with accounts, and who keeps the directory.
type Network struct {
	Focal  access.Actor // answers for her organisation, which is a provider of the directory
	Keeper access.Actor
}

// offer is a service of a made-up provider.
type offer struct {
	bn, en string
	needs  []string
	papers []string
}

// Refer enters two made-up providers, one with accounts and one without, and refers people of live cases to them, up to n: some have had
// their answer, some wait, one provider is silent, some women say that they never got it. The database goes by o.Clock.
func Refer(ctx context.Context, d *db.DB, o Options, to Network, n int) error {
	now := d.Now()
	defer o.Clock.Set(now)
	ways, err := settleProviders(ctx, d, to)
	if err != nil {
		return fmt.Errorf("simulate referrals: %w", err)
	}
	w := &world{Options: o}
	done := 0
	for _, clerk := range o.Clerks {
		if !clerk.Holds(access.WorkCase) {
			continue
		}
		var page cases.Page
		if err := d.Read(ctx, func(q db.Reader) (err error) {
			page, err = cases.List(ctx, q, clerk, cases.Filter{Worker: clerk.ID, Limit: 200})
			return err
		}); err != nil {
			return err
		}
		for _, c := range page.Cases {
			chance := w.throw(done, whoIsReferred)
			if done >= n {
				return nil
			}
			if done++; !chance.chance(0.7) {
				continue
			}
			l := &loop{life: life{ctx: ctx, d: d, o: o, dice: chance, until: now, worker: clerk, id: c.ID, slow: 1}, to: to}
			l.at = now.AddDate(0, 0, -chance.between(1, 60))
			if l.at.Before(c.OpenedAt) {
				l.at = c.OpenedAt
			}
			if err := l.refer(c, ways); err != nil {
				return fmt.Errorf("simulate referral: %w", err)
			}
		}
	}
	return nil
}

// way is a service by which a need is met.
type way struct {
	need, service, location string
	accounts                bool
}

// settleProviders enters the providers, and returns for what they can be asked.
func settleProviders(ctx context.Context, d *db.DB, to Network) (ways []way, err error) {
	aid := []offer{
		{"আইনি পরামর্শ ও কাগজপত্র (নমুনা)", "Legal advice and papers (simulated)", []string{"legal_aid", "documents", "complaint"}, []string{"passport"}},
		{"মনোসামাজিক পরামর্শ (নমুনা)", "Counselling (simulated)", []string{"counselling", "family"}, nil},
		{"দক্ষতা প্রশিক্ষণ (নমুনা)", "Skills training (simulated)", []string{"training", "skills_certificate"}, nil},
		{"ক্ষুদ্র ব্যবসায় সহায়তা (নমুনা)", "Help with a small business (simulated)", []string{"business", "loan"}, nil},
	}
	clinic := []offer{{"চিকিৎসা (নমুনা)", "Medical care (simulated)", []string{"health", "disability"}, nil}}
	err = d.Write(ctx, func(tx *db.Tx) error {
		ways = nil
		for _, p := range []struct {
			bn, en, partner, place string
			offers                 []offer
		}{
			{"আলো সহায়তা সংস্থা (নমুনা)", "Alo Aid (simulated)", to.Focal.Organisation, "305646", aid},
			{"সূর্যোদয় ক্লিনিক (নমুনা)", "Surjodoy Clinic (simulated)", "", "305682", clinic},
		} {
			name := listing.Text{Bn: p.bn, En: p.en}
			org, err := directory.Add(ctx, tx, to.Keeper, directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: name, Partner: p.partner}}})
			if err != nil {
				return err
			}
			at, err := directory.Add(ctx, tx, to.Keeper, directory.Addition{Body: listing.Body{Location: &listing.Location{Organisation: org.ID, Name: name, Kind: "physical", Place: p.place}}})
			if err != nil {
				return err
			}
			for _, one := range p.offers {
				s := &listing.Service{Organisation: org.ID, Name: listing.Text{Bn: one.bn, En: one.en}, State: listing.Active, Needs: one.needs, Areas: []string{Manikganj},
					Staff: "both", At: []listing.Offer{{Location: at.ID}}}
				for _, code := range one.papers {
					s.Papers = append(s.Papers, listing.Paper{Code: code})
				}
				e, err := directory.Add(ctx, tx, to.Keeper, directory.Addition{Body: listing.Body{Service: s}})
				if err != nil {
					return err
				}
				for _, need := range one.needs {
					ways = append(ways, way{need, e.ID, at.ID, p.partner != ""})
				}
			}
		}
		return nil
	})
	return ways, err
}

// loop is the story of one referral.
type loop struct {
	life
	to  Network
	way way
	ref referrals.ID
}

// asks are what is asked of providers, made up.
func asks() []string {
	return []string{"প্রয়োজনীয় সহায়তা দিন এবং কবে আসতে হবে জানান।", "তিনি নিজে যেতে পারবেন; সকালে সময় দিলে ভালো হয়।", "আগে ফোনে কথা বলে নিন, তারপর সময় দিন।"}
}

// refer drafts and sends, and lets the provider and her answer.
func (l *loop) refer(c cases.Case, ways []way) error {
	to := ways[l.dice.IntN(len(ways))]
	agreed := false
	if err := l.d.Read(l.ctx, func(q db.Reader) error {
		her, err := persons.Find(l.ctx, q, l.worker, c.Person)
		agreed = her.Agreed(persons.PurposeProtected)
		return err
	}); err != nil {
		return err
	}
	for sharing.Protected(to.need) && !agreed {
		to = ways[l.dice.IntN(len(ways))]
	}
	l.way = to
	urgency := []string{"day", "days", "days", "weeks"}[l.dice.IntN(4)]
	d := referrals.Drafting{Case: c.ID, Service: to.service, Location: to.location, Need: to.need, Urgency: urgency, Papers: []string{"passport"},
		Typed: sharing.Sheet{"ask": asks()[l.dice.IntN(len(asks()))]}}
	err := l.after(0, func(tx *db.Tx) (err error) {
		l.ref, err = referrals.Draft(l.ctx, tx, l.worker, d)
		return err
	})
	if fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.Forbidden {
		return nil // the case is closed, or not on her caseload any more
	}
	for _, chapter := range []func() error{func() error { return err }, l.send, l.answer, l.report, l.hear} {
		if err := chapter(); errors.Is(err, errNotYet) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (l *loop) send() error {
	if l.dice.chance(0.06) {
		return errNotYet // it stays a draft
	}
	return l.after(0, func(tx *db.Tx) error {
		return referrals.Send(l.ctx, tx, l.worker, referrals.Sending{ID: l.ref, Agreed: true, Method: "spoken", Language: "bn"})
	})
}

// reply lets the provider do something so many days later: by her account, or by the link that the caseworker gave her.
func (l *loop) reply(days int, purpose referrals.Purpose, r referrals.Reply) error {
	return l.after(days, func(tx *db.Tx) error {
		r.ID, r.At = l.ref, l.at.Add(time.Duration(l.dice.between(1, 9)*24)*time.Hour)
		if purpose == "" {
			return referrals.Answer(l.ctx, tx, l.to.Focal, r)
		}
		secret, _, err := referrals.Issue(l.ctx, tx, l.worker, l.ref, purpose)
		if err != nil {
			return err
		}
		_, err = referrals.Use(l.ctx, tx, secret, r)
		return err
	})
}

func (l *loop) answer() error {
	purpose := referrals.Purpose("")
	if !l.way.accounts {
		purpose = referrals.ToAnswer
	}
	switch roll := l.dice.Float64(); {
	case roll < 0.12:
		return errNotYet // silence
	case roll < 0.24:
		if err := l.reply(l.dice.between(0, 3), purpose, referrals.Reply{Act: course.Decline, Reason: "এ মাসে আর জায়গা নেই"}); err != nil {
			return err
		}
		return errNotYet
	case roll < 0.4:
		return l.reply(l.dice.between(0, 4), purpose, referrals.Reply{Act: course.Enlist, Reason: "তালিকায় রাখা হলো"})
	case roll < 0.7:
		return l.reply(l.dice.between(0, 3), purpose, referrals.Reply{Act: course.Appoint, Where: "২য় তলা"})
	}
	return l.reply(l.dice.between(0, 3), purpose, referrals.Reply{Act: course.Accept})
}

func (l *loop) report() error {
	purpose := referrals.Purpose("")
	if !l.way.accounts {
		purpose = referrals.ToReport
	}
	act, reason := course.Serve, ""
	switch roll := l.dice.Float64(); {
	case roll < 0.12:
		act, reason = course.NoShow, "আসেননি"
	case roll < 0.17:
		act, reason = course.Unable, "প্রশিক্ষক ছিলেন না"
	}
	return l.reply(l.dice.between(3, 18), purpose, referrals.Reply{Act: act, Reason: reason})
}

// hear asks her.
func (l *loop) hear() error {
	act := course.Confirm
	switch roll := l.dice.Float64(); {
	case roll < 0.15:
		act = course.Deny
	case roll < 0.3:
		act = course.Try
	}
	way := slices.Clone(referrals.HearingWays())[l.dice.IntN(2)]
	if err := l.after(l.dice.between(1, 6), func(tx *db.Tx) error {
		return referrals.Hear(l.ctx, tx, l.worker, referrals.Hearing{ID: l.ref, Act: act, Way: way})
	}); err != nil || act != course.Confirm {
		return err
	}
	return l.after(l.dice.between(0, 2), func(tx *db.Tx) error {
		return referrals.Close(l.ctx, tx, l.worker, referrals.Ending{ID: l.ref})
	})
}
