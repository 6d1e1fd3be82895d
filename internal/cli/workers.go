// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"fera/internal/accounts"
	"fera/internal/appointments"
	"fera/internal/asking"
	"fera/internal/assessments"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/drafts"
	"fera/internal/exports"
	"fera/internal/handovers"
	"fera/internal/hooks"
	"fera/internal/ids"
	"fera/internal/imports"
	"fera/internal/index"
	"fera/internal/indicators/counting"
	"fera/internal/links"
	"fera/internal/messages"
	"fera/internal/operations"
	"fera/internal/queue"
	"fera/internal/referrals"
	"fera/internal/services"
	"fera/internal/shelters"
)

// How often the work in the background is done, and how long a lease on it lasts.
const (
	sealEvery             = 300 * time.Millisecond
	indexEvery            = time.Second
	settleEvery           = 2 * time.Second
	sweepEvery            = 10 * time.Minute
	importEvery           = time.Second
	exportEvery           = time.Second
	countEvery            = 2 * time.Second
	scoreEvery            = 5 * time.Second
	conductEvery          = time.Hour
	linkEvery             = 2 * time.Second
	linkLatest            = 5 * time.Minute
	linkCalm              = 15 * time.Second
	linkLarge             = 100_000 // acts in the trail
	busyActs, busyAnswers = 20, 30  // a second: more than all the desks of a district
	messageEvery          = 2 * time.Second
	leaseLasts            = 5 * time.Second
	pause                 = 5 * time.Second // after a failure
)

// The names of the leases.
const (
	sealLease  = "audit.seal"
	indexLease = "index.settle"
	sweepLease = "accounts.sweep"
	linkLease  = "links.round"
	countLease = "figures.count"

	messageLease = "messages.send"
	carryLease   = "referrals.carry"
	hookLease    = "hooks.tell"
)

// crew does the work in the background. Several servers on one database agree by
// leases on who does what.
type crew struct {
	ctx           context.Context
	st            *store
	log           *slog.Logger
	holder        string
	sealed        func(int) // is told how many entries were sealed
	group         sync.WaitGroup
	cancel        context.CancelFunc
	seals         shift
	enters        shift
	links         shift
	counts        shift
	linked        time.Time // when new records were linked last
	finder        *links.Finder
	answered      func() int64 // how many requests were answered by now
	acts, answers int64        // how many acts and answers there were when asked last, see busy
	asked         time.Time
	stirred       time.Time // when it was last found busy
}

// shift is a lease on work that comes again and again. It is made longer when
// half of it is over, so that idling writes little.
type shift struct {
	lease string
	holds time.Time // until when it is surely ours
}

// ours takes the lease, or makes it longer, and reports whether this server has it.
func (c *crew) ours(s *shift) (bool, error) {
	now := c.st.d.Now()
	if s.holds.Sub(now) >= leaseLasts/2 {
		return true, nil
	}
	ours, err := queue.Lease(c.ctx, c.st.d, s.lease, c.holder, leaseLasts)
	s.holds = time.Time{}
	if err == nil && ours {
		s.holds = now.Add(leaseLasts)
	}
	return ours && err == nil, err
}

func startCrew(ctx context.Context, s *service) *crew {
	c := &crew{st: s.st, log: s.log, holder: ids.New(s.st.d.Now()), sealed: s.metrics.sealed,
		seals: shift{lease: sealLease}, enters: shift{lease: indexLease}, links: shift{lease: linkLease}, counts: shift{lease: countLease}, linked: s.st.d.Now(), stirred: s.st.d.Now(), finder: s.finder, answered: s.metrics.answered.Load}
	c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	gate := accounts.NewGate(s.st.d, accounts.Settings{})
	if err := c.seal(); err != nil { // at once, so that commands beside it find the lease taken
		c.log.Error("background work failed", "work", "seal the trail", "error", err)
	}
	c.every(sealEvery, "seal the trail", c.seal)
	c.every(indexEvery, "enter names in the index", c.index)
	c.every(linkEvery, "find who may be one person", c.link)
	c.every(countEvery, "count figures", c.count)
	c.every(settleEvery, "keep the list of erasures", func() error {
		_, err := s.st.settle(c.ctx)
		return err
	})
	c.every(sweepEvery, "sweep what is over", func() error {
		if ours, err := queue.Lease(c.ctx, s.st.d, sweepLease, c.holder, sweepEvery/2); err != nil || !ours {
			return err
		}
		return errors.Join(gate.Sweep(c.ctx), operations.Sweep(c.ctx, c.st.d), drafts.Sweep(c.ctx, c.st.d), imports.Sweep(c.ctx, c.st.d), messages.Sweep(c.ctx, c.st.d), hooks.Sweep(c.ctx, c.st.d), exports.Sweep(c.ctx, c.st.d))
	})
	c.every(scoreEvery, "score old answers anew", func() error {
		_, err := assessments.Work(c.ctx, c.st.d, c.holder, nil)
		return err
	})
	c.every(importEvery, "bring in lists of people", func() error {
		_, err := imports.Work(c.ctx, c.st.d, c.finder, c.holder)
		return err
	})
	c.every(exportEvery, "write lists that are taken away", func() error {
		_, err := exports.Work(c.ctx, c.st.d, c.holder)
		return err
	})
	c.remind()
	c.every(time.Minute, "remind of appointments, and end the queues of yesterday", c.tidyCentres)
	c.every(messageEvery, "send messages", s.sendMessages(c))
	c.refer()
	c.every(messageEvery, "tell endpoints", s.tellEndpoints(c))
	return c
}

// remind looks after what is due: in cases, in the directory, in shelters.
func (c *crew) remind() {
	var due cases.Upkeep
	var promised services.Upkeep
	c.every(time.Minute, "remind of what is due in cases", func() error {
		if ours, err := queue.Lease(c.ctx, c.st.d, "cases.upkeep", c.holder, time.Minute/2); err != nil || !ours {
			return err
		}
		return errors.Join(due.Work(c.ctx, c.st.d), promised.Work(c.ctx, c.st.d))
	})
	var listed asking.Upkeep
	c.every(time.Minute, "ask who keeps entries of the directory", func() error {
		if ours, err := queue.Lease(c.ctx, c.st.d, "directory.asking", c.holder, time.Minute/2); err != nil || !ours {
			return err
		}
		return listed.Work(c.ctx, c.st.d)
	})
	var beds shelters.Upkeep
	c.every(time.Minute, "look after the beds of shelters", func() error {
		if ours, err := queue.Lease(c.ctx, c.st.d, "shelters.upkeep", c.holder, time.Minute/2); err != nil || !ours {
			return err
		}
		return beds.Work(c.ctx, c.st.d)
	})
}

// refer looks after referrals: it reminds those whose turn it is and ends what nobody answered; once a day it notes how providers answer.
func (c *crew) refer() {
	carries := shift{lease: carryLease}
	c.every(messageEvery, "say what is to be said of referrals", func() error {
		if ours, err := c.ours(&carries); err != nil || !ours {
			return err
		}
		_, err := referrals.Carry(c.ctx, c.st.d, c.st.set.URL)
		return err
	})
	c.every(time.Minute, "remind of referrals and hand-overs", func() error {
		if ours, err := queue.Lease(c.ctx, c.st.d, "referrals.upkeep", c.holder, time.Minute/2); err != nil || !ours {
			return err
		}
		_, err := referrals.Work(c.ctx, c.st.d)
		_, also := handovers.Work(c.ctx, c.st.d)
		return errors.Join(err, also)
	})
	c.every(conductEvery, "reckon how providers answer", func() error {
		if ours, err := queue.Lease(c.ctx, c.st.d, "referrals.conduct", c.holder, conductEvery/2); err != nil || !ours {
			return err
		}
		providers, silent, err := referrals.KeepConduct(c.ctx, c.st.d)
		if err == nil && providers > 0 {
			c.log.Info("how providers answer", "providers", providers, "silent", silent)
		}
		return err
	})
}

// tidyCentres reminds of appointments, and ends the queues of days that are over.
func (c *crew) tidyCentres() error {
	if ours, err := queue.Lease(c.ctx, c.st.d, "centres.upkeep", c.holder, time.Minute/2); err != nil || !ours {
		return err
	}
	_, err := appointments.Remind(c.ctx, c.st.d)
	_, err2 := centres.Upkeep(c.ctx, c.st.d)
	return errors.Join(err, err2)
}

// every does a piece of work again and again until the crew is sent home.
func (c *crew) every(interval time.Duration, what string, work func() error) {
	c.group.Go(func() {
		for wait := interval; ; {
			select {
			case <-c.ctx.Done():
				return
			case <-time.After(wait):
			}
			wait = interval
			if err := work(); err != nil && c.ctx.Err() == nil {
				c.log.Error("background work failed", "work", what, "error", err)
				wait = max(interval, pause)
			}
		}
	})
}

// seal seals the trail if this server is the one that does.
func (c *crew) seal() error {
	if ours, err := c.ours(&c.seals); err != nil || !ours {
		return err
	}
	n, err := audit.Seal(c.ctx, c.st.d)
	c.sealed(n)
	return err
}

// index enters new persons in the index of names if this server is the one that does.
func (c *crew) index() error {
	if ours, err := c.ours(&c.enters); err != nil || !ours {
		return err
	}
	_, err := index.Settle(c.ctx, c.st.d, index.Beside)
	return err
}

// count counts figures from the trail if this server is the one that does. It rests
// twice as long as it works, so that the desk has the store for itself for most of the time.
func (c *crew) count() error {
	if ours, err := c.ours(&c.counts); err != nil || !ours {
		return err
	}
	for {
		began := time.Now()
		_, more, err := counting.Step(c.ctx, c.st.d)
		if err == nil {
			err = counting.Settle(c.ctx, c.st.d)
		}
		if err != nil || !more {
			return err
		}
		select {
		case <-c.ctx.Done():
			return nil
		case <-time.After(2 * time.Since(began)):
		}
		if ours, err := c.ours(&c.counts); err != nil || !ours {
			return err
		}
	}
}

// link finds whom new records resemble if this server is the one that does. It
// makes way for the desk: while much is entered, it waits, but not for ever.
func (c *crew) link() error {
	if ours, err := c.ours(&c.links); err != nil || !ours {
		return err
	}
	for {
		busy, err := c.busy()
		if err != nil || busy && c.st.d.Now().Sub(c.linked) < linkLatest {
			return err
		}
		if !c.finder.Ready() && c.acts > linkLarge && c.st.d.Now().Sub(c.stirred) < linkCalm && c.st.d.Now().Sub(c.linked) < linkLatest {
			return nil // to read a large register takes half a minute: not in a pause between two loads
		}
		c.linked = c.st.d.Now()
		if n, err := c.finder.Round(c.ctx); err != nil || n == 0 {
			return err
		}
	}
}

// busy reports whether the trail grows fast, by whichever server, or much is asked here.
func (c *crew) busy() (busy bool, err error) {
	err = c.st.d.Read(c.ctx, func(q db.Reader) error {
		latest, err := audit.Latest(c.ctx, q)
		since := q.Now().Sub(c.asked).Seconds()
		acts, answers := latest.Size-c.acts, c.answered()-c.answers
		busy = float64(acts) > busyActs*max(since, 1) || float64(answers) > busyAnswers*max(since, 1)
		c.acts, c.answers, c.asked = latest.Size, c.answers+answers, q.Now()
		if busy {
			c.stirred = q.Now()
		}
		return err
	})
	return busy, err
}

// home ends the work, seals what is left of the trail and gives the leases back.
func (c *crew) home() {
	c.cancel()
	c.group.Wait()
	c.ctx = context.WithoutCancel(c.ctx)
	c.seals.holds = time.Time{}
	if err := c.seal(); err != nil {
		c.log.Warn("the trail is sealed at the next start", "error", err)
	}
	for _, lease := range []string{sealLease, indexLease, sweepLease, linkLease, messageLease, carryLease, hookLease} {
		if err := queue.Release(c.ctx, c.st.d, lease, c.holder); err != nil {
			c.log.Warn("a lease was not given back; it ends by itself", "lease", lease, "error", err)
		}
	}
}
