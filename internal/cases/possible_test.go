// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/cases"
)

var update = flag.Bool("update", false, "write the golden files anew")

// matrix says for each role and status what may be done with a case on which somebody else asked for two things.
func matrix() string {
	var b strings.Builder
	for _, role := range access.Roles() {
		for _, mine := range []bool{false, true} {
			a := access.Actor{ID: "her", Office: "o"}
			a.Grant(role, access.AtOffice("o"))
			scopes := []access.Scope{access.AtOffice("o")}
			r := cases.Rights{User: "her"}
			if mine {
				scopes = append(scopes, access.OnCaseload("her"))
				r.Protected = a.Covers(access.ChangeProtected, scopes...)
			}
			for _, p := range access.Permissions() {
				if a.Covers(p, scopes...) {
					r.Holds = append(r.Holds, p)
				}
			}
			for _, s := range cases.Statuses() {
				st := cases.Standing{Status: s, Worker: map[bool]string{true: "her", false: "another"}[mine], Pending: []cases.Pending{{Kind: cases.OfMoney, AskedBy: "another"}}}
				if s == cases.Intake {
					st.Worker = ""
				}
				words := []string{}
				for _, act := range cases.Possible(st, r) {
					words = append(words, string(act))
				}
				if len(words) > 0 {
					fmt.Fprintf(&b, "%-18s %-8s %-10s %s\n", role, map[bool]string{true: "own", false: "another's"}[mine], s, strings.Join(words, " "))
				}
			}
		}
	}
	return b.String()
}

// What each role may do with a case changes only when somebody means it to: run the test with -update.
func TestWhatIsPossibleIsWhatWasAgreed(t *testing.T) {
	const golden = "testdata/possible.golden"
	got := matrix()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("what is possible is not %s; it is now\n%s", golden, got)
	}
}

// all are the rights of who may do everything.
func all() cases.Rights {
	return cases.Rights{User: "her", Holds: access.Permissions(), Protected: true}
}

func possible(s cases.Standing, r cases.Rights, a cases.Act) bool {
	return slices.Contains(cases.Possible(s, r), a)
}

// Every act can be done in some status by who may do everything, and in none by who may do nothing.
func TestEveryActIsPossibleSomewhere(t *testing.T) {
	for _, a := range cases.Acts() {
		n := 0
		for _, s := range cases.Statuses() {
			for _, paused := range []bool{false, true} {
				st := cases.Standing{Status: s, Worker: "another", Paused: paused, Pending: []cases.Pending{{Kind: cases.OfPlan, AskedBy: "another"}}}
				if possible(st, all(), a) {
					n++
				}
				if possible(st, cases.Rights{User: "her", Protected: true}, a) {
					t.Errorf("%s is possible for who may do nothing", a)
				}
			}
		}
		if n == 0 {
			t.Errorf("%s is never possible", a)
		}
	}
	if possible(cases.Standing{Status: cases.Active}, all(), "dance") {
		t.Error("an act that there is not is possible")
	}
}

// The standing of a case decides beside its status.
func TestTheStandingDecides(t *testing.T) {
	money, closure := cases.Pending{Kind: cases.OfMoney, AskedBy: "another"}, cases.Pending{Kind: cases.OfClosure, AskedBy: "another"}
	own, voted := cases.Pending{Kind: cases.OfMoney, AskedBy: "her"}, cases.Pending{Kind: cases.OfMoney, AskedBy: "another", Voted: []string{"her"}}
	unprotected := all()
	unprotected.Protected = false
	for _, test := range []struct {
		name string
		s    cases.Standing
		r    cases.Rights
		act  cases.Act
		want bool
	}{
		{"decide for another", cases.Standing{Status: cases.Active, Worker: "x", Pending: []cases.Pending{money}}, all(), cases.Decide, true},
		{"decide for oneself", cases.Standing{Status: cases.Active, Worker: "x", Pending: []cases.Pending{own}}, all(), cases.Decide, false},
		{"decide one of two", cases.Standing{Status: cases.Active, Worker: "x", Pending: []cases.Pending{own, money}}, all(), cases.Decide, true},
		{"decide on one's own case", cases.Standing{Status: cases.Active, Worker: "her", Pending: []cases.Pending{money}}, all(), cases.Decide, false},
		{"decide twice", cases.Standing{Status: cases.Active, Worker: "x", Pending: []cases.Pending{voted}}, all(), cases.Decide, false},
		{"decide on nothing", cases.Standing{Status: cases.Active, Worker: "x"}, all(), cases.Decide, false},
		{"close", cases.Standing{Status: cases.Active, Pending: []cases.Pending{money}}, all(), cases.Close, true},
		{"close what is to be decided", cases.Standing{Status: cases.Active, Pending: []cases.Pending{closure}}, all(), cases.Close, false},
		{"pause", cases.Standing{Status: cases.Active}, all(), cases.Pause, true},
		{"pause again", cases.Standing{Status: cases.Active, Paused: true}, all(), cases.Pause, false},
		{"resume", cases.Standing{Status: cases.Active, Paused: true}, all(), cases.Resume, true},
		{"resume what runs", cases.Standing{Status: cases.Active}, all(), cases.Resume, false},
		{"take", cases.Standing{Status: cases.Intake}, all(), cases.Take, true},
		{"take who is not on the caseload", cases.Standing{Status: cases.Intake}, unprotected, cases.Take, false},
		{"write class 3 of who is not on the caseload", cases.Standing{Status: cases.Active}, unprotected, cases.WriteProtected, false},
		{"note on a closed case", cases.Standing{Status: cases.Closed}, all(), cases.WriteNote, true},
		{"give in a closed case", cases.Standing{Status: cases.Closed}, all(), cases.Give, false},
	} {
		if got := possible(test.s, test.r, test.act); got != test.want {
			t.Errorf("%s: possible = %t, want %t", test.name, got, test.want)
		}
	}
}
