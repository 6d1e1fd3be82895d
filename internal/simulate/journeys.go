// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"time"

	"fera/internal/dates"
	"fera/internal/persons"
)

// travels decides where a being went and what became of it.
func (w *world) travels(d dice, b *being) {
	stays := 1
	if d.chance(share("journeys", "second", "all")) {
		stays = 2
	}
	end := w.daysBack(d.between(1, 3*365))
	for range stays {
		j := w.stay(d, b, end)
		b.stays = append(b.stays, j)
		end = before(j.Departed, d.between(60, 700))
		if end.Year-b.birth.Year < 21 {
			break
		}
	}
	last := &b.stays[0]
	debt := share("debt", "has unpaid debt", "all")
	if b.female {
		debt = share("debt", "has unpaid debt", "female")
	}
	if d.chance(debt) {
		b.debt = int64(d.between(20, 200)) * 1000
		if d.chance(share("debt_amount", "over Tk 200000", "indebted")) {
			b.debt = int64(d.between(201, 700)) * 1000
		}
	}
	if d.chance(share("wages", "unpaid or reduced", "all")) {
		const floor, cap = 2000, 600000
		b.owed = d.about(share("wage_loss_bdt", "mean", "losers, "+b.sex()), floor, cap)
		b.hurt = happened(d, b.female)
		last.Reasons = append(last.Reasons, "pay")
	}
}

// stay draws one stay abroad that ended on a day.
func (w *world) stay(d dice, b *being, end dates.Partial) persons.Journey {
	grown := end.Year - b.birth.Year - 18
	months := min(d.between(5, 84), max(grown, 1)*12)
	j := persons.Journey{Country: destinations().pick(d), Returned: end, Departed: before(end, months*30+d.between(0, 29))}
	j.Occupation = work()[[2]string{skill(d), b.sex()}].pick(d)
	if known := towns()[j.Country]; len(known) > 0 {
		j.City = pick(d, known).bn
	}
	j.LeftBy = pick(d, []string{"agency", "agency", "agency", "sub_agent", "sub_agent", "sub_agent", "relative", "relative", "friend", "government", "visit_visa"})
	if j.LeftBy == "agency" || j.LeftBy == "sub_agent" {
		j.Recruiter = fmt.Sprintf("নমুনা ওভারসিজ %d", d.between(1, 40))
	}
	const floor, cap = 5000, 900000
	j.Cost = d.about(share("cost_bdt", "mean", b.sex()), floor, cap)
	j.PaidBy = paidBy(d)
	j.Port = port(d)
	j.Papers = []string{"passport"}
	if d.chance(share("document", "out-pass", "all")) {
		j.Papers = []string{"out_pass"}
	} else if d.chance(0.3) {
		j.Papers = append(j.Papers, pick(d, []string{"contract", "clearance_card", "pay_slips", "medical", "receipts"}))
	}
	j.Reasons = []string{pick(d, []string{"contract_ended", "contract_ended", "job_ended", "visa_ended", "family", "family", "health", "conditions", "sent_back",
		"sent_back", "own_wish", "leave", "unsaid"})}
	return j
}

func skill(d dice) string {
	var w weighted[string]
	for _, class := range []string{"less skilled", "skilled", "semi-skilled", "professional"} {
		w.add(class, share("skill", class, "all"))
	}
	return w.pick(d)
}

func port(d dice) string {
	var w weighted[string]
	for _, p := range []string{"dac", "cgp", "zyl", "land or sea"} {
		w.add(p, share("port", p, "all"))
	}
	if p := w.pick(d); p != "land or sea" {
		return p
	}
	return pick(d, []string{"benapole", "akhaura", "teknaf", "sea"})
}

func paidBy(d dice) []string {
	first := pick(d, []string{"family", "family", "ngo_loan", "ngo_loan", "moneylender", "bank_loan", "savings", "land_sold", "land_mortgaged", "gold"})
	if second := pick(d, []string{"savings", "family", "gold", "moneylender"}); d.chance(0.4) && second != first {
		return []string{first, second}
	}
	return []string{first}
}

// happened is what those report who lost wages, and only they.
func happened(d dice, female bool) []string {
	all := []string{"wages_withheld"}
	for _, h := range []struct{ code, prior string }{{"false_promise", "false promise"}, {"papers_kept", "papers kept"}, {"overwork", "overwork"}} {
		if d.chance(share("happened", h.prior, "losers")) {
			all = append(all, h.code)
		}
	}
	if female && d.chance(share("happened", "threats or violence", "women who lost wages")) {
		all = append(all, pick(d, []string{"threats", "threats", "beaten", "confined"}))
	}
	return all
}

// daysBack is the day that many days before today.
func (w *world) daysBack(days int) dates.Partial { return before(w.Today, days) }

func before(p dates.Partial, days int) dates.Partial {
	return dates.Of(time.Date(p.Year, time.Month(p.Month), p.Day, 12, 0, 0, 0, dates.Dhaka()).AddDate(0, 0, -days))
}
