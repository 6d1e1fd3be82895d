// SPDX-License-Identifier: Apache-2.0

package accounts_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/words"
)

// rightPassword is one that keeps all rules.
const rightPassword = "nodir pare boshe thaki"

// terminal may do everything, as the one who installs the program.
func terminal() access.Actor { return access.System(access.Permissions()...) }

// desk is a laptop in an office.
func desk() accounts.Visitor {
	return accounts.Visitor{Network: "203.0.113.0/24", Agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/130"}
}

// world is one organisation with one office, and its administrator Farid.
type world struct {
	d      *db.DB
	gate   *accounts.Gate
	clock  *dbtest.Clock
	office string
	org    string
	farid  accounts.User
	code   string // with which Farid enrols
}

// each runs fn in a fresh world on both engines.
func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := world{d: d, gate: accounts.NewGate(d, accounts.Settings{}), clock: clock}
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			w.farid, w.code, err = accounts.FirstAdministrator(t.Context(), tx, terminal(), first("farid"))
			return err
		})
		w.office, w.org = w.farid.Office, w.farid.Organisation
		if err := d.Read(t.Context(), func(q db.Reader) (err error) {
			w.farid, err = accounts.FindUser(t.Context(), q, terminal(), w.farid.ID)
			w.org = w.farid.Organisation
			return err
		}); err != nil {
			t.Fatal(err)
		}
		fn(t, w)
	})
}

func first(login string) accounts.First {
	return accounts.First{
		Addition:     accounts.Addition{Login: login, Name: "Farid", Language: words.Bangla},
		Organisation: offices.Organisation{NameEn: "BNSK", Kind: offices.CivilSociety},
		Opening:      offices.Opening{NameEn: "Head office", Kind: offices.HeadOffice, Place: "3026"},
	}
}

// add adds a user of the world's office.
func (w world) add(t *testing.T, login string) (u accounts.User, code string) {
	t.Helper()
	return w.addAt(t, login, w.office)
}

func (w world) addAt(t *testing.T, login, office string) (u accounts.User, code string) {
	t.Helper()
	dbtest.Write(t, w.d, func(tx *db.Tx) (err error) {
		u, code, err = accounts.AddUser(t.Context(), tx, terminal(), accounts.Addition{Login: login, Name: login, Office: office, Language: words.English})
		return err
	})
	return u, code
}

// elsewhere adds an office of another organisation.
func (w world) elsewhere(t *testing.T) (o offices.Office) {
	t.Helper()
	dbtest.Write(t, w.d, func(tx *db.Tx) error {
		org, err := offices.AddOrganisation(t.Context(), tx, terminal(), offices.Organisation{NameEn: "WARBE", Kind: offices.CivilSociety})
		if err != nil {
			return err
		}
		o, err = offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: org.ID, NameEn: "Sylhet", Kind: offices.LocalOffice, Place: "6091"})
		return err
	})
	return o
}

// grant gives a role as the terminal.
func (w world) grant(t *testing.T, user string, role access.Role, scope access.Scope) {
	t.Helper()
	dbtest.Write(t, w.d, func(tx *db.Tx) error {
		return accounts.GrantRole(t.Context(), tx, terminal(), accounts.Held{User: user, Role: role, Scope: scope})
	})
}

// try does an act and returns its error.
func (w world) try(t *testing.T, act func(tx *db.Tx) error) error {
	t.Helper()
	return w.d.Write(t.Context(), act)
}

const seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// equip gives a user the right password and the seed.
func (w world) equip(t *testing.T, user string) {
	t.Helper()
	dbtest.Write(t, w.d, func(tx *db.Tx) error {
		return accounts.Equip(t.Context(), tx, terminal(), user, accounts.Credentials{Password: rightPassword, Seed: seed})
	})
}

// code is what the authenticator shows at a time.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signIn goes through both steps.
func (w world) signIn(t *testing.T, v accounts.Visitor, login string) accounts.Pass {
	t.Helper()
	p, err := w.gate.SignIn(t.Context(), v, login, rightPassword)
	if err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	p, err = w.gate.Confirm(t.Context(), v, p.Token, code(t, seed, w.clock.Now()))
	if err != nil {
		t.Fatalf("Confirm: %v", err)
	}
	return p
}

// signed returns who a session belongs to.
func (w world) signed(t *testing.T, token string) (s accounts.Signed, err error) {
	t.Helper()
	err = w.d.Read(t.Context(), func(q db.Reader) (err error) {
		s, err = accounts.BySession(t.Context(), q, token)
		return err
	})
	return s, err
}

// key is the message key of a fault, and the error itself otherwise.
func key(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// count counts rows.
func (w world) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := w.d.Read(t.Context(), func(q db.Reader) error { return q.QueryRow(t.Context(), query, args...).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}
