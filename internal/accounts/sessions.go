// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
)

// ErrNotSignedIn says that a session or key is unknown, over or taken away.
var ErrNotSignedIn = errors.New("not signed in")

// seenEvery is how exactly it is known when a session was last used.
const seenEvery = time.Minute

// deviceLasts is for how long a device that is not used stays known.
const deviceLasts = 180 * 24 * time.Hour

// Session is one signed-in browser.
type Session struct {
	ID        string
	Device    string // what the browser says it is: "Chrome, Android"
	Network   string
	How       string // "password", or the provider that vouched
	StartedAt time.Time
	SeenAt    time.Time // to the minute
	EndsAt    time.Time
}

// Signed is who a session belongs to and what she may do. While she practises,
// Actor is who she is at the training office, and Self who she is otherwise.
type Signed struct {
	Actor   access.Actor
	Self    access.Actor
	Session Session
	User    User
	Unread  int // notices not yet read
}

// BySession returns who is signed in with a token, or ErrNotSignedIn. It reads
// what she may do afresh each time, so a right taken away is gone at once.
func BySession(ctx context.Context, q db.Reader, token string) (Signed, error) {
	var s Signed
	var held string
	var other access.Actor
	if token == "" {
		return s, ErrNotSignedIn
	}
	err := q.QueryRow(ctx, `SELECT s.id, s.device, s.network, s.how, s.started_at, s.seen_at, s.ends_at, u.totp IS NOT NULL, `+briefColumns+`,
		(SELECT count(*) FROM notices n WHERE n.user_id = COALESCE(pu.id, u.id) AND n.read_at IS NULL), `+heldColumn+`,
		COALESCE(pu.id, ''), COALESCE(pu.name, ''), COALESCE(po.id, ''), COALESCE(po.organisation_id, '')
		FROM sessions s JOIN users u ON u.id = s.user_id JOIN offices o ON o.id = u.office_id
		LEFT JOIN practice_sessions ps ON ps.session_id = s.id LEFT JOIN users pu ON pu.id = ps.practice_id
		LEFT JOIN offices po ON po.id = pu.office_id AND po.closed_at IS NULL
		WHERE s.token = ? AND s.idle_at > ? AND s.ends_at > ? AND u.disabled_at IS NULL`, hashToken(token), q.Now(), q.Now()).
		Scan(&s.Session.ID, &s.Session.Device, &s.Session.Network, &s.Session.How, db.Time(&s.Session.StartedAt), db.Time(&s.Session.SeenAt), db.Time(&s.Session.EndsAt),
			&s.User.SecondFactor, &s.User.ID, &s.User.Login, &s.User.Name, &s.User.Office, &s.User.Organisation, &s.User.Language, &s.Unread, &held,
			&other.ID, &other.Name, &other.Office, &other.Organisation)
	if errors.Is(err, sql.ErrNoRows) {
		return Signed{}, ErrNotSignedIn
	}
	if err != nil {
		return Signed{}, fmt.Errorf("find session: %w", err)
	}
	s.User.Enrolled = true
	s.Actor = access.Actor{ID: s.User.ID, Name: s.User.Name, Office: s.User.Office, Organisation: s.User.Organisation}
	empowerBy(&s.Actor, held, nil)
	s.Self = s.Actor
	if other.Office != "" && s.Self.Holds(access.Practise) {
		s.Actor = practising(other, held)
	}
	return s, nil
}

const briefColumns = `u.id, u.login, u.name, u.office_id, o.organisation_id, u.language`

// Seen keeps a session from ending for want of use. It writes at most once a minute.
func (g *Gate) Seen(ctx context.Context, s Signed) error {
	if g.d.Now().Sub(s.Session.SeenAt) < seenEvery {
		return nil
	}
	return g.d.Maintain(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sessions SET seen_at = ?, idle_at = ? WHERE id = ? AND seen_at < ?`,
			tx.Now(), tx.Now().Add(g.set.Idle), s.Session.ID, tx.Now())
		return err
	})
}

// Sessions returns who's own sessions that are not over, the latest used first.
func (g *Gate) Sessions(ctx context.Context, q db.Reader, who access.Actor) ([]Session, error) {
	rows, err := q.Query(ctx, `SELECT id, device, network, how, started_at, seen_at, ends_at FROM sessions
		WHERE user_id = ? AND idle_at > ? AND ends_at > ? ORDER BY seen_at DESC, id DESC`, who.ID, q.Now(), q.Now())
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s Session, err error) {
		err = row.Scan(&s.ID, &s.Device, &s.Network, &s.How, db.Time(&s.StartedAt), db.Time(&s.SeenAt), db.Time(&s.EndsAt))
		return s, err
	})
}

// EndSession ends one of who's own sessions: signing out is ending this one.
func (g *Gate) EndSession(ctx context.Context, tx *db.Tx, who access.Actor, id string) error {
	if err := access.CheckSelf(tx, who, who.ID); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM sessions WHERE id = ? AND user_id = ?`, id, who.ID)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM practice_sessions WHERE session_id = ?`, id); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "account.session_not_found")
	}
	return audit.Record(ctx, tx, who, actSignOut, audit.Entry{Subject: "user:" + who.ID})
}

// EndSessions ends all sessions of a user but the one named: her own, or those
// of a user whom who may change.
func (g *Gate) EndSessions(ctx context.Context, tx *db.Tx, who access.Actor, user, except string) error {
	if err := access.CheckSelf(tx, who, user); err != nil {
		if _, err := reachable(ctx, tx, who, access.ChangeUser, user); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = ? AND id <> ?`, user, except); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return audit.Record(ctx, tx, who, actSignOut, audit.Entry{Subject: "user:" + user, Reason: "all"})
}

// forgetSessions ends everything by which a user is or was signed in.
func forgetSessions(ctx context.Context, tx *db.Tx, user string) error {
	for _, statement := range []string{`DELETE FROM sessions WHERE user_id = ?`, `DELETE FROM sign_ins WHERE user_id = ?`, `DELETE FROM known_devices WHERE user_id = ?`} {
		if _, err := tx.Exec(ctx, statement, user); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
	}
	return nil
}

// know makes a device known as the user's, and returns its cookie.
func know(ctx context.Context, tx *db.Tx, token, user string) (string, error) {
	if known, err := isKnown(ctx, tx, token, user); err != nil {
		return "", err
	} else if known {
		_, err := tx.Exec(ctx, `UPDATE known_devices SET seen_at = ? WHERE token = ?`, tx.Now(), hashToken(token))
		return token, err
	}
	token, hash := newToken()
	_, err := tx.Exec(ctx, `INSERT INTO known_devices (token, user_id, seen_at) VALUES (?, ?, ?)`, hash, user, tx.Now())
	return token, err
}

func isKnown(ctx context.Context, q db.Reader, token, user string) (bool, error) {
	if token == "" || user == "" {
		return false, nil
	}
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM known_devices WHERE token = ? AND user_id = ? AND seen_at > ?`, hashToken(token), user, q.Now().Add(-deviceLasts)).Scan(&n)
	return n > 0, err
}

// newToken returns 256 random bits for a cookie, and what is kept of them.
func newToken() (token, hash string) {
	b := make([]byte, 32)
	rand.Read(b)
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, hashToken(token)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// deviceOf says in two words what a browser calls itself.
func deviceOf(agent string) string {
	first := func(names ...string) string {
		for _, pair := range names {
			mark, name, _ := strings.Cut(pair, "=")
			if strings.Contains(agent, mark) {
				return name
			}
		}
		return "?"
	}
	browser := first("Edg=Edge", "OPR=Opera", "SamsungBrowser=Samsung Internet", "UCBrowser=UC Browser", "Firefox=Firefox", "FxiOS=Firefox", "CriOS=Chrome", "Chrome=Chrome", "Safari=Safari")
	system := first("Android=Android", "iPhone=iPhone", "iPad=iPad", "Windows=Windows", "Mac OS=Mac", "CrOS=ChromeOS", "Linux=Linux")
	return browser + ", " + system
}

// Sweep removes what is over: sessions, half-done sign-ins, visits to providers,
// devices not seen for half a year, counters at rest, and attempts older than half a year.
func (g *Gate) Sweep(ctx context.Context) error {
	return g.d.Maintain(ctx, func(tx *db.Tx) error {
		for statement, age := range map[string]time.Duration{
			`DELETE FROM sessions WHERE ends_at < ?`:         0,
			`DELETE FROM sessions WHERE idle_at < ?`:         0,
			`DELETE FROM sign_ins WHERE ends_at < ?`:         0,
			`DELETE FROM oidc_visits WHERE ends_at < ?`:      0,
			`DELETE FROM sign_in_failures WHERE last_at < ?`: 24 * time.Hour,
			`DELETE FROM known_devices WHERE seen_at < ?`:    deviceLasts,
			`DELETE FROM sign_in_attempts WHERE at < ?`:      deviceLasts,
		} {
			if _, err := tx.Exec(ctx, statement, tx.Now().Add(-age)); err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM practice_sessions WHERE session_id NOT IN (SELECT id FROM sessions)`); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		return nil
	})
}
