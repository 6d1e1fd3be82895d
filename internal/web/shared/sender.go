// SPDX-License-Identifier: Apache-2.0

package shared

import (
	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/web/site"
)

// Phone is a number at which somebody of the sender answers.
type Phone struct{ Number, Dial, About string }

// Sender is who sent a referral, so that the provider can ask there and reach her through it.
type Sender struct {
	Organisation string
	Office       string // empty for a network outside
	Phones       []Phone
}

// Said names the office and its organisation.
func (s Sender) Said() string {
	if s.Office == "" {
		return s.Organisation
	}
	return s.Office + ", " + s.Organisation
}

// From says who sent a referral: the organisation and office of package offices, with the telephones that the directory has of it; of
// a network outside, which has no office here, its name.
func From(r *site.Request, q db.Reader, organisation, office string) (s Sender, err error) {
	if office == "" {
		return Sender{Organisation: organisation}, nil
	}
	lang, all := string(r.S.Lang()), access.System(access.ReadOffices) // which offices there are is no secret
	o, err := offices.Find(r.Context(), q, all, office)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return s, err
	}
	s.Office = o.Name(lang)
	body, err := offices.FindOrganisation(r.Context(), q, all, organisation)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return s, err
	}
	s.Organisation = body.Name(lang)
	entries, err := directory.List(r.Context(), q, access.System(access.ReadDirectory), directory.Filter{Kind: listing.OfOrganisation, Partner: organisation, Limit: 5})
	for _, e := range entries {
		if e.Organisation == nil || e.Organisation.Partner != organisation {
			continue
		}
		for _, p := range e.Organisation.Phones {
			s.Phones = append(s.Phones, Phone{Number: r.S.Digits(p.Number), Dial: p.Dial(), About: about(p, lang)})
		}
	}
	return s, err
}

func about(p listing.Phone, lang string) string { return p.About.In(lang) }
