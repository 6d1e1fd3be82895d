// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/seal"
)

// Provider is an organisation's own sign-in (OpenID Connect). It says who
// somebody is; who may come in and what she may do stays with us.
type Provider struct {
	ID           string    `json:"-"`
	Organisation string    `json:"organisation"` // only its users come in this way
	Name         string    `json:"name"`         // as the sign-in page says it
	Issuer       string    `json:"issuer"`
	ClientID     string    `json:"client_id"`
	SecondFactor bool      `json:"second_factor"` // it asks for a second factor itself, so we do not
	AddedAt      time.Time `json:"-"`
}

// AddProvider lets an organisation's users sign in through its provider.
func (g *Gate) AddProvider(ctx context.Context, tx *db.Tx, who access.Actor, p Provider, secret string) (Provider, error) {
	if err := access.CheckAnywhere(tx, who, access.ManageKeys); err != nil {
		return Provider{}, err
	}
	if _, err := offices.Around(ctx, tx, access.OfOrganisation(p.Organisation)); err != nil {
		return Provider{}, err
	}
	if problem := p.check(secret); problem != nil {
		return Provider{}, problem
	}
	p.ID, p.AddedAt = ids.New(tx.Now()), tx.Now()
	sealed, err := seal.Seal(ctx, tx, seal.System, "oidc_providers.client_secret:"+p.ID, []byte(secret))
	if err != nil {
		return Provider{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO oidc_providers (id, organisation_id, name, issuer, client_id, client_secret, second_factor, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, p.Organisation, p.Name, p.Issuer, p.ClientID, sealed, p.SecondFactor, p.AddedAt)
	if err != nil {
		return Provider{}, fmt.Errorf("add provider: %w", err)
	}
	return p, audit.Record(ctx, tx, who, access.ManageKeys, audit.Entry{Subject: "provider:" + p.ID, After: p})
}

func (p *Provider) check(secret string) error {
	named := offices.CheckName(&p.Name, "name")
	if named == nil && p.Name == "" {
		named = fault.New(fault.Invalid, "account.name_needed").On("name")
	}
	var issuer, client *fault.Error
	if !safeIssuer(p.Issuer) {
		issuer = fault.New(fault.Invalid, "account.issuer").On("issuer")
	}
	if p.ClientID == "" || secret == "" || len(p.ClientID) > 500 || len(secret) > 2000 {
		client = fault.New(fault.Invalid, "account.client").On("client_id")
	}
	if all := fault.Join(named, issuer, client); all != nil {
		return all
	}
	return nil
}

// safeIssuer wants https, but for a provider on this very machine.
func safeIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || len(issuer) > 500 {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// CloseProvider lets nobody in through a provider any more.
func (g *Gate) CloseProvider(ctx context.Context, tx *db.Tx, who access.Actor, id string) error {
	if err := access.CheckAnywhere(tx, who, access.ManageKeys); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE oidc_providers SET closed_at = ? WHERE id = ? AND closed_at IS NULL`, tx.Now(), id)
	if err != nil {
		return fmt.Errorf("close provider: %w", err)
	}
	if n == 0 {
		return errNoProvider()
	}
	return audit.Record(ctx, tx, who, access.ManageKeys, audit.Entry{Subject: "provider:" + id, Reason: "closed"})
}

// Providers returns the providers that are open, the oldest first: the sign-in
// page offers them to everyone.
func (g *Gate) Providers(ctx context.Context, q db.Reader) ([]Provider, error) {
	rows, err := q.Query(ctx, `SELECT `+providerColumns+` FROM oidc_providers WHERE closed_at IS NULL ORDER BY id`)
	return db.Collect(rows, err, scanProvider)
}

// LinkSubject says which of our users a provider's user is.
func (g *Gate) LinkSubject(ctx context.Context, tx *db.Tx, who access.Actor, l Link) error {
	u, err := manageable(ctx, tx, who, l.User)
	if err != nil {
		return err
	}
	if u.ID == who.ID {
		return fault.New(fault.Forbidden, "account.not_yourself")
	}
	p, err := g.provider(ctx, tx, l.Provider)
	if err != nil {
		return err
	}
	if p.Organisation != u.Organisation {
		return fault.New(fault.Invalid, "account.other_organisation").On("provider")
	}
	if l.Subject == "" || len(l.Subject) > 255 {
		return fault.New(fault.Invalid, "account.subject_needed").On("subject")
	}
	if err := l.insert(ctx, tx, who.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ChangeUser, audit.Entry{Subject: "user:" + l.User, After: l})
}

// Link says that a provider's user, its subject, is one of our users.
type Link struct {
	Provider string `json:"provider"`
	Subject  string `json:"subject"`
	User     string `json:"-"`
}

func (l Link) insert(ctx context.Context, tx *db.Tx, by string) error {
	n, err := tx.Exec(ctx, `INSERT INTO oidc_subjects (provider_id, subject, user_id, linked_at, linked_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		l.Provider, l.Subject, l.User, tx.Now(), by)
	if err != nil {
		return fmt.Errorf("link subject: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Invalid, "account.subject_taken").On("subject")
	}
	return nil
}

const providerColumns = `id, organisation_id, name, issuer, client_id, second_factor, added_at`

func scanProvider(row interface{ Scan(...any) error }) (p Provider, err error) {
	err = row.Scan(&p.ID, &p.Organisation, &p.Name, &p.Issuer, &p.ClientID, &p.SecondFactor, db.Time(&p.AddedAt))
	return p, err
}

func (g *Gate) provider(ctx context.Context, q db.Reader, id string) (Provider, error) {
	p, err := scanProvider(q.QueryRow(ctx, `SELECT `+providerColumns+` FROM oidc_providers WHERE id = ? AND closed_at IS NULL`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Provider{}, errNoProvider()
	}
	return p, err
}

func errNoProvider() error { return fault.New(fault.NotFound, "account.provider_not_found") }
