// SPDX-License-Identifier: Apache-2.0

package instruments

import (
	"math"
	"slices"
)

func (c *checker) scales() {
	seen := map[string]*Scale{}
	for i := range c.d.Scales {
		s := &c.d.Scales[i]
		if !validName(s.Name) || seen[s.Name] != nil {
			c.add(s.Name, "name", "instrument.scale_named", "scale", s.Name)
		}
		c.scale(s, seen)
		seen[s.Name] = s
	}
}

func (c *checker) scale(s *Scale, before map[string]*Scale) {
	if !slices.Contains([]Method{Sum, Mean, Highest}, s.Method) {
		c.add(s.Name, "method", "instrument.method_unknown", "found", string(s.Method))
	}
	if !slices.Contains([]Missing{Refuse, LeaveOut, Renormalise}, s.Missing) {
		c.add(s.Name, "missing", "instrument.missing_unsaid", "scale", s.Name)
	}
	if s.Method == Sum && s.Missing == LeaveOut {
		c.advise(s.Name, "missing", "instrument.sum_leaves_out", "scale", s.Name)
	}
	if len(s.Parts) == 0 {
		c.add(s.Name, "parts", "instrument.scale_empty", "scale", s.Name)
	}
	if s.Highest <= s.Lowest {
		c.add(s.Name, "highest", "instrument.scale_range", "scale", s.Name)
	}
	for _, p := range s.Parts {
		c.part(s, p, before)
	}
	if least, most, known := c.reach(s, before); known && (least < s.Lowest-1e-9 || most > s.Highest+1e-9) {
		c.add(s.Name, "highest", "instrument.scale_beyond", "scale", s.Name)
	}
	for _, cut := range s.Cuts {
		c.cut(s, cut)
	}
}

func (c *checker) part(s *Scale, p Part, before map[string]*Scale) {
	if p.Weight <= 0 || math.IsInf(p.Weight, 0) || math.IsNaN(p.Weight) {
		c.add(s.Name, "weight", "instrument.weight_invalid", "part", p.Item+p.Scale)
	}
	if p.Scale != "" {
		if before[p.Scale] == nil || p.Item != "" {
			c.add(s.Name, "parts", "instrument.part_missing", "part", p.Scale)
		}
		return
	}
	found, repeated := 0, false
	c.d.Walk(func(item *Item, within []*Item) {
		if item.Name == p.Item && !item.Kind.Holds() {
			found++
			repeated = repeated || slices.ContainsFunc(within, func(g *Item) bool { return g.Kind == Repeat })
		}
	})
	switch {
	case found != 1:
		c.add(s.Name, "parts", "instrument.part_missing", "part", p.Item)
	case repeated:
		c.add(s.Name, "parts", "instrument.part_repeated", "part", p.Item)
	}
}

// reach works out how low and high a scale can come, as far as its parts have options or bounds.
func (c *checker) reach(s *Scale, before map[string]*Scale) (least, most float64, known bool) {
	top, bottom, weights := math.Inf(-1), math.Inf(1), 0.0
	for _, p := range s.Parts {
		low, high, ok := c.partReach(p, before)
		if !ok {
			return 0, 0, false
		}
		least, most, weights = least+low*p.Weight, most+high*p.Weight, weights+p.Weight
		top, bottom = max(top, high*p.Weight), min(bottom, low*p.Weight)
	}
	times := s.Times
	if times == 0 {
		times = 1
	}
	switch {
	case len(s.Parts) == 0 || weights == 0 || times < 0:
		return 0, 0, false
	case s.Method == Highest:
		return bottom * times, top * times, true
	case s.Method == Mean:
		return least / weights * times, most / weights * times, true
	}
	return least * times, most * times, true
}

func (c *checker) partReach(p Part, before map[string]*Scale) (low, high float64, ok bool) {
	if p.Scale != "" {
		if s := before[p.Scale]; s != nil {
			return s.Lowest, s.Highest, true
		}
		return 0, 0, false
	}
	if p.From != nil && p.To != nil {
		return *p.From, *p.To, true
	}
	item := c.d.FindItem(p.Item)
	if item == nil || item.Kind != SelectOne && item.Kind != Range {
		return 0, 0, false
	}
	if item.Kind == Range {
		from, to, step := item.Span()
		return from, to, step > 0
	}
	list := c.d.FindList(item.List)
	low, high = math.Inf(1), math.Inf(-1)
	for i := 0; list != nil && i < len(list.Options); i++ {
		if s := c.d.optionScore(item, list.Options[i].Name); s != nil {
			low, high, ok = min(low, float64(*s)), max(high, float64(*s)), true
		}
	}
	if !ok {
		c.add(p.Item, "fera_score", "instrument.part_unscored", "part", p.Item)
	}
	return low, high, ok
}

func (c *checker) cut(s *Scale, cut Cut) {
	if len(cut.Bands) == 0 {
		c.add(s.Name, "bands", "instrument.cut_empty", "scale", s.Name)
		return
	}
	rising := true
	for i := 1; i < len(cut.Bands); i++ {
		rising = rising && cut.Bands[i].From > cut.Bands[i-1].From
	}
	if !rising || cut.Bands[0].From > s.Lowest || cut.Bands[len(cut.Bands)-1].From > s.Highest {
		c.add(s.Name, "bands", "instrument.bands_gap", "scale", s.Name, "cut", cut.Name)
	}
	if !cut.Until.IsZero() && cut.Until.SurelyBefore(cut.From) {
		c.add(s.Name, "until", "instrument.cut_backwards", "scale", s.Name, "cut", cut.Name)
	}
}
