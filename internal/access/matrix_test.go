// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"fera/internal/access"
)

var update = flag.Bool("update", false, "write the golden files anew")

// matrix writes what each role may do at an office: "yes" there, "own" for the caseload.
func matrix() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-24s", "")
	for _, role := range access.Roles() {
		fmt.Fprintf(&b, " %s", role)
	}
	b.WriteByte('\n')
	for _, p := range access.Permissions() {
		fmt.Fprintf(&b, "%-24s", p)
		for _, role := range access.Roles() {
			a := access.Actor{ID: "her"}
			a.Grant(role, access.AtOffice("there"))
			mark := "."
			switch {
			case a.Covers(p, access.AtOffice("there")):
				mark = "yes"
			case a.Covers(p, access.OnCaseload("her")):
				mark = "own"
			}
			fmt.Fprintf(&b, " %-*s", len(role), mark)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// The matrix of rights changes only when somebody means it to: run the test with -update.
func TestTheMatrixIsTheOneAgreed(t *testing.T) {
	const golden = "testdata/matrix.golden"
	got := matrix()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the matrix of rights is not %s; it is now\n%s", golden, got)
	}
}

// No role gives rights and also sees persons; none that sees persons gives rights.
func TestWhoGivesRightsSeesNobody(t *testing.T) {
	for _, role := range access.Roles() {
		a := access.Actor{ID: "her"}
		a.Grant(role, "all")
		gives := a.Holds(access.GrantRole) || a.Holds(access.AddUser) || a.Holds(access.ChangeUser) || a.Holds(access.ManageTokens)
		sees := a.Holds(access.ReadPersons) || a.Holds(access.ReadProtected) || a.Holds(access.BreakGlass)
		if gives && sees {
			t.Errorf("%s gives rights and sees persons", role)
		}
	}
}
