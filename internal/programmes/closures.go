// SPDX-License-Identifier: Apache-2.0

package programmes

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
)

// Closure is a reason for which a case is closed, with what has to be done before. The reasons are those that IOM's handbook
// on reintegration names for planned and unplanned closures, and some of ours; the duties are ours.
type Closure struct {
	Code     string   `json:"code"`
	Group    string   `json:"group"` // planned, or one of the unplanned: eligibility, choice, barrier, conduct, life, service
	En       string   `json:"en"`
	Bn       string   `json:"bn"`
	Duties   []string `json:"duties"`
	Approval bool     `json:"approval"` // another has to allow it
}

// Duty is something to be done before a case is closed, in both languages.
type Duty struct {
	En string `json:"en"`
	Bn string `json:"bn"`
}

//go:embed data/closures.json
var closuresText []byte

//go:embed data/duties.json
var dutiesText []byte

var closures = sync.OnceValue(func() (all []Closure) {
	if err := json.Unmarshal(closuresText, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

var duties = sync.OnceValue(func() (all map[string]Duty) {
	if err := json.Unmarshal(dutiesText, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

// Groups returns the groups of reasons: the planned one, and those of closings that nobody planned.
func Groups() []string {
	return []string{"planned", "eligibility", "choice", "barrier", "conduct", "life", "service"}
}

// Closures returns the reasons that ship: those of every programme that does not set its own.
func Closures() []Closure { return slices.Clone(closures()) }

// Reasons are those for which a case of the programme may be closed.
func (p Programme) Reasons() []Closure {
	if len(p.Closures) == 0 {
		return Closures()
	}
	return slices.Clone(p.Closures)
}

// Duty says what a duty of the programme is; it is empty for one that there is not.
func (p Programme) Duty(key string) Duty {
	if d, ok := p.Duties[key]; ok {
		return d
	}
	return DutyOf(key)
}

// DutyKeys are the duties that a reason of the programme may ask, those that ship first.
func (p Programme) DutyKeys() []string {
	keys := slices.Sorted(maps.Keys(duties()))
	for _, key := range slices.Sorted(maps.Keys(p.Duties)) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// DutyOf says what a duty that ships is; it is empty for one that there is not.
func DutyOf(key string) Duty { return duties()[key] }

// The most reasons and duties of its own that a programme may have.
const (
	mostReasons = 60
	mostDuties  = 60
)

var keyShape = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// checkReasons refuses reasons that nobody could read, or that ask for what is no duty.
func (p *Programme) checkReasons() (faults []*fault.Error) {
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if len(p.Closures) > mostReasons || len(p.Duties) > mostDuties {
		return []*fault.Error{fault.New(fault.Invalid, "fault.too_many").With("max", mostReasons).On("closures")}
	}
	both := func(bn, en *string) bool {
		for _, text := range []*string{bn, en} {
			clean, problem := names.Check(*text, 200)
			if *text = clean; problem != "" || clean == "" {
				return false
			}
		}
		return true
	}
	p.Duties = maps.Clone(p.Duties)
	for key, d := range p.Duties {
		if !keyShape.MatchString(key) || !both(&d.Bn, &d.En) {
			bad("programme.duty", "duties")
		}
		p.Duties[key] = d
	}
	seen := map[string]bool{}
	p.Closures = slices.Clone(p.Closures)
	for i := range p.Closures {
		c := &p.Closures[i]
		unknown := slices.ContainsFunc(c.Duties, func(key string) bool { return p.Duty(key) == Duty{} })
		switch {
		case !keyShape.MatchString(c.Code) || seen[c.Code]:
			bad("programme.closure_code", "closure")
		case !slices.Contains(Groups(), c.Group):
			bad("fault.bad_choice", "group")
		case !both(&c.Bn, &c.En):
			bad("programme.closure_names", "closures")
		case len(c.Duties) == 0 || unknown:
			bad("programme.closure_duties", "duties")
		}
		seen[c.Code] = true
	}
	return faults
}

// ClosureOf says the reason for which a case was closed, also when the programme does not know it any more; a reason that
// it never had is said by its code.
func ClosureOf(ctx context.Context, q db.Reader, programme, code string) (Closure, error) {
	of := func(all []Closure) (Closure, bool) {
		i := slices.IndexFunc(all, func(c Closure) bool { return c.Code == code })
		if i < 0 {
			return Closure{}, false
		}
		return all[i], true
	}
	versions, err := Versions(ctx, q, programme)
	if err != nil {
		return Closure{}, fmt.Errorf("say closure: %w", err)
	}
	for _, v := range slices.Backward(versions) {
		if c, ok := of(v.Reasons()); ok {
			return c, nil
		}
	}
	if c, ok := of(closures()); ok {
		return c, nil
	}
	return Closure{Code: code, En: code, Bn: code}, nil
}
