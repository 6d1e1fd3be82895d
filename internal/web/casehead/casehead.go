// SPDX-License-Identifier: Apache-2.0

// Package casehead is the head of every page about one case: whose it is, how she
// may be contacted, where the case stands, and the parts of its file.
package casehead

import (
	"strings"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Head is the head of a page about a case.
type Head struct {
	kit.Header
	S      *words.Speaker
	Case   cases.Case
	Person persons.Person // of whom the reader may see no more than the card, or nothing
	Strip  kit.Strip
}

// Tabs are the parts of the file of a case, each a page below its address.
func Tabs() []string {
	return []string{"file", "plan", "services", "referrals", "appointments", "stays", "timeline"}
}

// New reads the head of a page about a case that the reader may see, at one of
// Tabs. Of a person whom she may not see there is no name. A case that she may
// not see is not found.
func New(r *site.Request, q db.Reader, id cases.ID, tab string) (h Head, err error) {
	h = Head{S: r.S}
	if h.Case, err = cases.Find(r.Context(), q, r.Who, id); err != nil {
		return h, err
	}
	h.Person, err = persons.Find(r.Context(), q, r.Who, h.Case.Person)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		h.NameBn, h.NameEn, err = r.S.T("case.person_unseen"), r.S.T("case.person_unseen"), nil
	case err != nil:
		return h, err
	default:
		h.known(dates.Of(r.Now))
		if err := h.phoned(r, q); err != nil {
			return h, err
		}
	}
	if r.Who.Covers(access.CloseCase, access.AtOffice(h.Case.Office), access.OfOrganisation(h.Case.Organisation), access.OnCaseload(h.Case.Worker)) && r.Who.Holds(access.SendReferral) {
		h.More = append(h.More, kit.Action{Href: Path(id, "handover"), Label: r.S.T("handing.title")})
	}
	h.Pills = append(h.Pills, h.pills(dates.Of(r.Now))...)
	h.Strip = kit.Strip{Label: r.S.T("case.parts")}
	for _, part := range Tabs() {
		if part == "appointments" && !r.Who.Holds(access.ReadAppointments) {
			continue
		}
		h.Strip.Tabs = append(h.Strip.Tabs, kit.NavItem{Href: Path(id, part), Label: r.S.T("case.part." + part), Current: part == tab})
	}
	return h, nil
}

// Path is the address of a page about a case: of its file, or of a page below it.
func Path(id cases.ID, parts ...string) string {
	if len(parts) > 0 && parts[0] == "file" {
		parts = parts[1:]
	}
	return strings.Join(append([]string{"/cases", string(id)}, parts...), "/")
}

// known fills in what may be seen of the person.
func (h *Head) known(today dates.Partial) {
	p := h.Person
	h.NameBn, h.NameEn = p.NameBn, p.NameLatin
	h.Facts = []string{people.Age(h.S, p.Birth, today), h.S.T("person.sex." + string(p.Sex)), people.Home(h.S, p.Place)}
	if p.CardOnly {
		return
	}
	h.Safe, h.SafeTone = people.Safe(h.S, p)
	h.More = append(h.More, kit.Action{Href: "/persons/" + string(p.ID), Label: h.S.T("case.see_person")})
	if p.DoNotContact {
		h.Pills = append(h.Pills, kit.Tag{Text: h.S.T("person.banned"), Tone: kit.Danger})
	}
}

// phoned says that she chose a word to be known by on the telephone, never which, and leads to the calls.
func (h *Head) phoned(r *site.Request, q db.Reader) error {
	if h.Person.CardOnly {
		return nil
	}
	may, err := people.Reaches(r, q, access.ReadCalls, h.Person.ID)
	if err != nil || !may {
		return err
	}
	h.More = append(h.More, kit.Action{Href: "/persons/" + string(h.Person.ID) + "/calls", Label: h.S.T("call.of_person")},
		kit.Action{Href: Path(h.Case.ID, "messages"), Label: h.S.T("message.to_her")})
	has, err := calls.HasCodeWord(r.Context(), q, r.Who, h.Person.ID)
	if has {
		h.Pills = append(h.Pills, kit.Tag{Text: h.S.T("call.word_pill")})
	}
	return err
}

// pills say where the case stands: status, risk, that its clock stands still, that something is late.
func (h *Head) pills(today dates.Partial) []kit.Tag {
	c := h.Case
	all := []kit.Tag{{Text: h.S.T("case.status." + string(c.Status)), Tone: kit.Accent}}
	if c.Risk == cases.High || c.Risk == cases.Critical {
		all = append(all, kit.Tag{Text: h.S.T("case.risk." + string(c.Risk)), Tone: kit.Danger})
	} else if c.Risk != cases.Unrated {
		all = append(all, kit.Tag{Text: h.S.T("case.risk." + string(c.Risk))})
	}
	switch {
	case c.Paused:
		all = append(all, kit.Tag{Text: h.S.T("case.paused"), Tone: kit.Attention})
	case c.Live() && c.Late(today):
		all = append(all, kit.Tag{Text: h.S.T("case.late"), Tone: kit.Attention})
	}
	return all
}
