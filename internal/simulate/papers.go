// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"

	"fera/internal/dates"
	"fera/internal/persons"
)

// phone is a number in a range that no operator has been given.
func (w *world) phone(n int) string {
	return fmt.Sprintf("012%08d", w.throw(n, whichPhone).IntN(1e8))
}

// carries gives a being her numbers. See data/PROVENANCE.md for why nobody else can have them.
func (w *world) carries(d dice, b *being) {
	const noUnion, rural = "00", "1"
	district, upazila := b.upazila[2:4], b.upazila[4:6]
	b.nid = district + rural + upazila + noUnion + fmt.Sprintf("%06d", d.IntN(1e6))
	b.smart = fmt.Sprintf("000%07d", d.IntN(1e7))
	b.papers = d.chance(share("birth", "papers differ", "all"))
	b.phone = w.phone(b.number)
	if d.chance(share("identity", "shared phone number", "all")) {
		const street = 30 // numbered near each other, so neighbours
		b.shared = w.phone(max(0, b.number-d.between(1, street)))
	}
}

// identifiers are the papers that she shows at one office.
func (w *world) identifiers(d dice, b being) (all []persons.Identifier) {
	if d.chance(share("identity", "has usable NID number at registration", "all")) {
		number := b.nid
		switch form := d.Float64(); {
		case form < 0.4:
			number = b.smart
		case form < 0.75 && b.birth.Year <= 2000: // no card with the year in front is newer
			number = fmt.Sprintf("%04d", b.birth.Year) + number
		}
		all = append(all, persons.Identifier{Kind: "nid", Number: number, Seen: d.chance(0.6)})
	}
	if d.chance(0.15) {
		all = append(all, persons.Identifier{Kind: "birth", Number: fmt.Sprintf("%04d", b.birth.Year) + b.nid, Seen: d.chance(0.4)})
	}
	last := b.stays[0]
	passport := d.IntN(1e7)
	if last.Papers[0] == "passport" {
		issued := before(last.Departed, d.between(30, 400))
		all = append(all, persons.Identifier{Kind: "passport", Number: fmt.Sprintf("Z%08d", passport), Seen: d.chance(0.7), Issued: issued,
			Expires: dates.Partial{Year: issued.Year + 10, Month: issued.Month, Day: min(issued.Day, 28)}})
		if len(b.stays) > 1 {
			all = append(all, persons.Identifier{Kind: "passport", Number: fmt.Sprintf("ZZ%07d", passport), Issued: dates.Partial{Year: b.stays[1].Departed.Year}})
		}
	} else {
		all = append(all, persons.Identifier{Kind: "permit", Number: fmt.Sprintf("SIM/%s/%d/%05d", last.Country, last.Returned.Year, passport%1e5), Seen: d.chance(0.8),
			Issued: before(last.Returned, d.between(2, 20))})
	}
	if (last.LeftBy == "agency" || last.LeftBy == "government") && d.chance(0.4) {
		all = append(all, persons.Identifier{Kind: "card", Number: fmt.Sprintf("SIM%07d", passport)})
	}
	return all
}

// contacts are the ways to reach her, with how safe she says that they are.
func (w *world) contacts(d dice, b being) []persons.Contact {
	c := persons.Contact{Kind: "phone", Number: b.phone, Owner: "own", Safety: safety(d, b.sex())}
	if !d.chance(share("phone", "own handset", b.sex())) {
		c.Owner = pick(d, []string{"parent", "sibling", "relative", "neighbour"})
		if b.spouse != nil {
			c.Owner = map[bool]string{true: "husband", false: "wife"}[b.female]
		}
	}
	if b.shared != "" {
		c.Number = b.shared
	}
	if c.Safety == "safe" || c.Safety == "careful" {
		c.Ways = pick(d, [][]string{{"call"}, {"call", "sms"}, {"call", "voice_message"}, {"missed_call"}, {"call", "sms", "visit"}})
	}
	if c.Safety == "careful" || d.chance(0.2) {
		c.Hours = pick(d, hours())
	}
	if !w.Lean && d.chance(0.25) {
		second := persons.Contact{Kind: pick(d, []string{"imo", "imo", "whatsapp", "neighbour"}), Number: w.phone(-1 - b.number), Owner: "own", Safety: "safe", Ways: []string{"voice_message"}}
		if second.Kind == "neighbour" {
			second.Owner, second.Ways = "neighbour", []string{"call"}
		}
		return []persons.Contact{c, second}
	}
	return []persons.Contact{c}
}

func safety(d dice, sex string) string {
	var w weighted[string]
	careful, unsafe, unasked := share("safety", "careful", sex), share("safety", "unsafe", sex), share("safety", "unasked", "all")
	w.add("careful", careful)
	w.add("unsafe", unsafe)
	w.add("unasked", unasked)
	w.add("safe", 1-careful-unsafe-unasked)
	return w.pick(d)
}

// hours are when a call is welcome, in the words in which people say it.
func hours() []string {
	return []string{"সকাল ১০টা থেকে দুপুর ১২টা", "বিকেল ৪টার পর", "সন্ধ্যা ৭টার আগে", "শুক্রবার বাদে যেকোনো দিন সকালে", "দুপুরের খাবারের পর",
		"স্বামী কাজে গেলে, সকাল ৯টার পর", "মাগরিবের পর", "আগে মিসড কল দিতে হবে", "শুধু শনিবার ও মঙ্গলবার"}
}
