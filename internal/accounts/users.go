// SPDX-License-Identifier: Apache-2.0

// Package accounts keeps the users and what they may do, lets them in and keeps
// everyone else out: passwords, second factors, sessions, the keys of other
// systems, sign-in by an organisation's own provider. It also tells users what
// they must know.
//
// A user has a login, an office and roles; a role holds at a scope. What a role
// allows is decided in package access. Acts on users are plain functions over a
// transaction; everything that proves who somebody is goes through a Gate.
package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/words"
)

// enrolmentLasts is how long a new user has to set a password and a second factor.
const enrolmentLasts = 7 * 24 * time.Hour

// User is somebody who signs in.
type User struct {
	ID           string     `json:"-"`
	Login        string     `json:"login"`
	Name         string     `json:"name"`
	Office       string     `json:"office"`
	Organisation string     `json:"-"` // of the office
	Language     words.Lang `json:"-"`
	Enrolled     bool       `json:"-"` // has set a password
	SecondFactor bool       `json:"-"` // has set a second factor
	Disabled     bool       `json:"disabled"`
	AddedAt      time.Time  `json:"-"`
	Version      int        `json:"-"` // grows by one with each change
}

// Addition is what is needed to add a user.
type Addition struct {
	Login    string
	Name     string
	Office   string
	Language words.Lang
}

// UserChange is a user as she should be, with the version she was read at.
type UserChange struct {
	ID       string
	Version  int
	Name     string
	Office   string
	Disabled bool // ends her sessions; her tokens die with it
}

// UserFilter chooses users; what is empty chooses all.
type UserFilter struct {
	Office string
	Login  string // what the login begins with
	After  string // logins after this one: the cursor
	Limit  int    // 50 when zero
}

// AddUser adds a user and returns the code with which she enrols, once, within
// a week: she chooses her password and second factor herself.
func AddUser(ctx context.Context, tx *db.Tx, who access.Actor, a Addition) (User, string, error) {
	scopes, err := workplace(ctx, tx, who, access.AddUser, a.Office)
	if err != nil {
		return User{}, "", err
	}
	u := User{ID: ids.New(tx.Now()), Login: normalLogin(a.Login), Name: a.Name, Office: a.Office, Language: a.Language, AddedAt: tx.Now(), Version: 1}
	if problem := fault.Join(checkLogin(u.Login), checkUserName(&u.Name), checkLanguage(u.Language)); problem != nil {
		return User{}, "", problem
	}
	code := newCode()
	hash, err := codeHash(ctx, tx, u.ID, code)
	if err != nil {
		return User{}, "", err
	}
	n, err := tx.Exec(ctx, `INSERT INTO users (id, login, name, office_id, language, password, totp_step, enrolment, enrolment_ends, added_at, version)
		VALUES (?, ?, ?, ?, ?, '', 0, ?, ?, ?, 1) ON CONFLICT DO NOTHING`,
		u.ID, u.Login, u.Name, u.Office, string(u.Language), hash, tx.Now().Add(enrolmentLasts), tx.Now())
	if err != nil {
		return User{}, "", fmt.Errorf("add user: %w", err)
	}
	if n == 0 {
		return User{}, "", fault.New(fault.Invalid, "account.login_taken").On("login")
	}
	if err := access.Place(ctx, tx, u.ID, scopes...); err != nil {
		return User{}, "", fmt.Errorf("add user: %w", err)
	}
	return u, code, audit.Record(ctx, tx, who, access.AddUser, audit.Entry{Subject: "user:" + u.ID, After: u})
}

// ChangeUser corrects a name, moves a user to another office, disables or
// enables her.
func ChangeUser(ctx context.Context, tx *db.Tx, who access.Actor, c UserChange) (User, error) {
	before, err := manageable(ctx, tx, who, c.ID)
	if err != nil {
		return User{}, err
	}
	if c.Version != before.Version {
		return User{}, fault.New(fault.Conflict, "fault.conflict")
	}
	if c.Disabled && c.ID == who.ID {
		return User{}, fault.New(fault.Forbidden, "account.not_yourself")
	}
	after := before
	after.Name, after.Office, after.Disabled, after.Version = c.Name, c.Office, c.Disabled, before.Version+1
	if problem := checkUserName(&after.Name); problem != nil {
		return User{}, problem
	}
	if after.Office != before.Office {
		scopes, err := workplace(ctx, tx, who, access.ChangeUser, after.Office)
		if err != nil {
			return User{}, err
		}
		if err := access.Place(ctx, tx, c.ID, scopes...); err != nil {
			return User{}, err
		}
	}
	var disabled time.Time
	if c.Disabled {
		disabled = tx.Now()
		if err := forgetSessions(ctx, tx, c.ID); err != nil {
			return User{}, err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE users SET name = ?, office_id = ?, disabled_at = ?, version = ? WHERE id = ?`,
		after.Name, after.Office, db.When(disabled), after.Version, after.ID)
	if err != nil {
		return User{}, fmt.Errorf("change user: %w", err)
	}
	return after, audit.Record(ctx, tx, who, access.ChangeUser, audit.Entry{Subject: "user:" + c.ID, Before: before, After: after})
}

// Reset takes a user's password and second factor away, ends her sessions and
// returns a new code with which she enrols again.
func Reset(ctx context.Context, tx *db.Tx, who access.Actor, id string) (User, string, error) {
	u, err := manageable(ctx, tx, who, id)
	if err != nil {
		return User{}, "", err
	}
	if id == who.ID {
		return User{}, "", fault.New(fault.Forbidden, "account.not_yourself")
	}
	code := newCode()
	hash, err := codeHash(ctx, tx, id, code)
	if err != nil {
		return User{}, "", err
	}
	_, err = tx.Exec(ctx, `UPDATE users SET password = '', totp = NULL, totp_step = 0, enrolment = ?, enrolment_ends = ?, version = version + 1 WHERE id = ?`,
		hash, tx.Now().Add(enrolmentLasts), id)
	if err != nil {
		return User{}, "", fmt.Errorf("reset user: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, id); err != nil {
		return User{}, "", fmt.Errorf("reset user: %w", err)
	}
	if err := forgetSessions(ctx, tx, id); err != nil {
		return User{}, "", err
	}
	u.Enrolled, u.SecondFactor, u.Version = false, false, u.Version+1
	return u, code, audit.Record(ctx, tx, who, access.ChangeUser, audit.Entry{Subject: "user:" + id, Reason: "reset"})
}

// ChooseLanguage makes the pages speak a user's own language.
func ChooseLanguage(ctx context.Context, tx *db.Tx, who access.Actor, lang words.Lang) error {
	if err := access.CheckSelf(tx, who, who.ID); err != nil {
		return err
	}
	if problem := checkLanguage(lang); problem != nil {
		return problem
	}
	if _, err := tx.Exec(ctx, `UPDATE users SET language = ? WHERE id = ?`, string(lang), who.ID); err != nil {
		return fmt.Errorf("choose language: %w", err)
	}
	return audit.Record(ctx, tx, who, access.OwnAccount, audit.Entry{Subject: "user:" + who.ID, After: map[string]string{"language": string(lang)}})
}

// manageable returns a user whose account who may take in hand: she works where
// who may change users, and holds no role beyond that.
func manageable(ctx context.Context, tx *db.Tx, who access.Actor, id string) (User, error) {
	u, err := reachable(ctx, tx, who, access.ChangeUser, id)
	if err != nil {
		return User{}, err
	}
	held, err := Roles(ctx, tx, id)
	if err != nil {
		return User{}, err
	}
	for _, h := range held {
		if ok, err := inReach(ctx, tx, who, access.ChangeUser, h.Scope); err != nil {
			return User{}, err
		} else if !ok {
			return User{}, fault.New(fault.Forbidden, "account.beyond_you")
		}
	}
	return u, nil
}

// reachable returns a user at whose office who has perm.
func reachable(ctx context.Context, tx *db.Tx, who access.Actor, perm access.Permission, id string) (User, error) {
	u, err := FindUser(ctx, tx, who, id)
	if err != nil {
		return User{}, err
	}
	scopes, err := offices.Scopes(ctx, tx, u.Office)
	if err != nil {
		return User{}, err
	}
	return u, access.Check(tx, who, perm, scopes...)
}

// FindUser returns a user that who may see.
func FindUser(ctx context.Context, q db.Reader, who access.Actor, id string) (User, error) {
	may, args := access.Where(who, access.ReadUsers, "u.id")
	u, err := scanUser(q.QueryRow(ctx, `SELECT `+userColumns+` FROM users u JOIN offices o ON o.id = u.office_id WHERE u.id = ? AND `+may, append([]any{id}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, fault.New(fault.NotFound, "account.user_not_found")
	}
	if err != nil {
		return User{}, fmt.Errorf("find user: %w", err)
	}
	return u, nil
}

// ListUsers returns the users that who may see, in order of login.
func ListUsers(ctx context.Context, q db.Reader, who access.Actor, f UserFilter) ([]User, error) {
	may, args := access.Where(who, access.ReadUsers, "u.id")
	where := []string{may}
	for _, part := range []struct{ cond, value string }{{"u.office_id = ?", f.Office}, {"u.login > ?", f.After}} {
		if part.value != "" {
			where, args = append(where, part.cond), append(args, part.value)
		}
	}
	if begin := normalLogin(f.Login); begin != "" {
		where, args = append(where, "u.login >= ? AND u.login < ?"), append(args, begin, begin+"\U0010FFFF")
	}
	if f.Limit == 0 {
		f.Limit = 50
	}
	rows, err := q.Query(ctx, `SELECT `+userColumns+` FROM users u JOIN offices o ON o.id = u.office_id WHERE `+strings.Join(where, " AND ")+` ORDER BY u.login LIMIT ?`, append(args, f.Limit)...)
	return db.Collect(rows, err, scanUser)
}

const userColumns = `u.id, u.login, u.name, u.office_id, o.organisation_id, u.language, u.password <> '', u.totp IS NOT NULL, u.disabled_at IS NOT NULL, u.added_at, u.version`

func scanUser(row interface{ Scan(...any) error }) (u User, err error) {
	err = row.Scan(&u.ID, &u.Login, &u.Name, &u.Office, &u.Organisation, &u.Language, &u.Enrolled, &u.SecondFactor, &u.Disabled, db.Time(&u.AddedAt), &u.Version)
	return u, err
}

// workplace returns the scopes of an open office, if who has perm there.
func workplace(ctx context.Context, tx *db.Tx, who access.Actor, perm access.Permission, office string) ([]access.Scope, error) {
	o, err := offices.Find(ctx, tx, access.System(access.ReadOffices), office)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.Invalid, "account.office_needed").On("office")
	}
	if err != nil {
		return nil, err
	}
	scopes := []access.Scope{access.AtOffice(o.ID), access.OfOrganisation(o.Organisation)}
	if err := access.Check(tx, who, perm, scopes...); err != nil {
		return nil, err
	}
	if !o.ClosedAt.IsZero() {
		return nil, fault.New(fault.Invalid, "office.closed").On("office")
	}
	return scopes, nil
}

var loginShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._+@-]{2,79}$`)

func normalLogin(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

func checkLogin(login string) *fault.Error {
	if !loginShape.MatchString(login) {
		return fault.New(fault.Invalid, "account.login_shape").On("login")
	}
	return nil
}

func checkUserName(name *string) *fault.Error {
	if problem := offices.CheckName(name, "name"); problem != nil {
		return problem
	}
	if *name == "" {
		return fault.New(fault.Invalid, "account.name_needed").On("name")
	}
	return nil
}

func checkLanguage(lang words.Lang) *fault.Error {
	for _, spoken := range words.Languages() {
		if lang == spoken {
			return nil
		}
	}
	return fault.New(fault.Invalid, "fault.bad_choice").On("language")
}
