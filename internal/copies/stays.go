// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"fera/internal/cases"
	"fera/internal/shelters"
)

// stays puts in when she stayed in a shelter and how she left. In which, and where that is, is not hers to carry about: others
// sleep there. Those who stayed with her are not in it.
func (m *maker) stays(c cases.Case) error {
	if !m.asking.Protected {
		return nil
	}
	all, err := shelters.LookAtStays(m.ctx, m.tx, m.who, c.ID)
	if err != nil {
		return err
	}
	var entries []Entry
	for _, s := range all {
		if s.Client != "" {
			continue
		}
		e := m.say("")
		e.code("state", "shelter.state", string(s.State))
		e.date("from", s.From)
		e.date("until", s.Until)
		e.plain("called_as", s.CalledAs)
		e.plain("needs", s.Needs)
		if p := s.Plan; p != nil {
			e.code("goes_to", "shelter.plan.to", p.To)
			e.plain("goes_where", p.Where)
			e.plain("lives_with_whom", p.With)
			e.code("safe_there", "shelter.plan.safe", p.Safe)
			e.plain("risks", p.Risks)
			e.plain("support", p.Support)
			e.date("follow_up", p.FollowUp)
		}
		for _, event := range s.Events {
			e.plain("why", event.Why)
		}
		entries = append(entries, e.Entry)
	}
	m.of(c, "stays", entries)
	return nil
}
