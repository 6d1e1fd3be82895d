// SPDX-License-Identifier: Apache-2.0

package programmes

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
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

// Closures returns the reasons for which a case may be closed.
func Closures() []Closure { return slices.Clone(closures()) }

// DutyOf says what a duty is; it is empty for one that there is not.
func DutyOf(key string) Duty { return duties()[key] }
