// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/seal"
)

// Return is what a visitor brings back from a provider.
type Return struct {
	State    string // from the address
	Kept     string // the state in the visitor's cookie: both must be the same
	Code     string
	Redirect string // our address, the same as when leaving
}

// visit is what is remembered of a visitor who was sent to a provider.
type visit struct {
	provider Provider
	secret   string
	nonce    string
	verifier string
}

// Leave returns the address at a provider to which a visitor is sent, and the
// state that she must keep in a cookie until she comes back to redirect.
func (g *Gate) Leave(ctx context.Context, provider, redirect string) (address, state string, err error) {
	v := visit{verifier: oauth2.GenerateVerifier()}
	v.nonce, _ = newToken()
	state, hash := newToken()
	err = g.d.Read(ctx, func(q db.Reader) (err error) {
		if v.provider, err = g.provider(ctx, q, provider); err == nil {
			v.secret, err = secretOf(ctx, q, provider)
		}
		return err
	})
	if err != nil {
		return "", "", err
	}
	config, _, err := g.reach(ctx, v, redirect)
	if err != nil {
		return "", "", err
	}
	err = g.d.Maintain(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO oidc_visits (state, provider_id, nonce, verifier, ends_at) VALUES (?, ?, ?, ?, ?)`,
			hash, provider, v.nonce, v.verifier, tx.Now().Add(stepWaits))
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("send to provider: %w", err)
	}
	return config.AuthCodeURL(state, oidc.Nonce(v.nonce), oauth2.S256ChallengeOption(v.verifier)), state, nil
}

// Arrive lets in a visitor for whom a provider vouches, if she is one of the
// users of its organisation. It never adds a user and never gives a role.
func (g *Gate) Arrive(ctx context.Context, v Visitor, r Return) (Pass, error) {
	if r.State == "" || subtle.ConstantTimeCompare([]byte(r.State), []byte(r.Kept)) != 1 {
		return Pass{}, errStartAgain()
	}
	came, err := g.remember(ctx, r.State)
	if err != nil {
		return Pass{}, err
	}
	claims, err := g.claims(ctx, came, r)
	if err != nil {
		return Pass{}, err
	}
	var p Pass
	err = g.d.Write(ctx, func(tx *db.Tx) error {
		p = Pass{}
		a := attempt{id: ids.New(tx.Now()), step: "provider"}
		if a.user, err = vouched(ctx, tx, came.provider, claims); err != nil {
			return err
		}
		if err := a.note(ctx, tx, v, ""); err != nil {
			return err
		}
		if a.user.ID == "" || a.user.Disabled || a.user.Organisation != came.provider.Organisation {
			return a.refuse(ctx, tx)
		}
		how := "provider:" + came.provider.Name
		switch {
		case came.provider.SecondFactor || !a.user.SecondFactor && g.set.WithoutSecondFactor:
			p, err = g.let(ctx, tx, v, a, how)
		case a.user.SecondFactor:
			p, err = g.wait(ctx, tx, a, StageCode, how)
		default:
			p, err = g.wait(ctx, tx, a, StageFactor, how)
		}
		return err
	})
	if err == nil && p.Stage == "" {
		err = fault.New(fault.Forbidden, "account.not_vouched")
	}
	return p, err
}

// remember finds the visit that a state belongs to. It counts once.
func (g *Gate) remember(ctx context.Context, state string) (v visit, err error) {
	err = g.d.Maintain(ctx, func(tx *db.Tx) error {
		var provider string
		err := tx.QueryRow(ctx, `SELECT provider_id, nonce, verifier FROM oidc_visits WHERE state = ? AND ends_at > ?`, hashToken(state), tx.Now()).
			Scan(&provider, &v.nonce, &v.verifier)
		if errors.Is(err, sql.ErrNoRows) {
			return errStartAgain()
		}
		if err != nil {
			return err
		}
		if n, err := tx.Exec(ctx, `DELETE FROM oidc_visits WHERE state = ?`, hashToken(state)); err != nil || n == 0 {
			return errors.Join(err, errStartAgain())
		}
		if v.provider, err = g.provider(ctx, tx, provider); err == nil {
			v.secret, err = secretOf(ctx, tx, provider)
		}
		return err
	})
	return v, err
}

// vouching is what a provider says of its user.
type vouching struct {
	Subject  string `json:"sub"`
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
}

// claims exchanges the code and checks the signature, the audience, the times
// and the nonce of what the provider says.
func (g *Gate) claims(ctx context.Context, v visit, r Return) (vouching, error) {
	ctx = oidc.ClientContext(ctx, g.set.HTTP)
	config, verifier, err := g.reach(ctx, v, r.Redirect)
	if err != nil {
		return vouching{}, err
	}
	refused := fault.New(fault.Forbidden, "account.not_vouched")
	answer, err := config.Exchange(ctx, r.Code, oauth2.VerifierOption(v.verifier))
	if err != nil {
		return vouching{}, refused.Because(err)
	}
	raw, _ := answer.Extra("id_token").(string)
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return vouching{}, refused.Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(v.nonce)) != 1 {
		return vouching{}, refused.Because(errors.New("the nonce is not the one sent"))
	}
	var said vouching
	if err := token.Claims(&said); err != nil {
		return vouching{}, refused.Because(err)
	}
	if said.Email == "" {
		// Many providers keep the address out of the token and give it when asked.
		said, err = g.ask(ctx, v.provider, answer, said)
	}
	return said, err
}

// ask reads the provider's user-info, which must be about the same user.
func (g *Gate) ask(ctx context.Context, p Provider, answer *oauth2.Token, said vouching) (vouching, error) {
	there, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil || there.UserInfoEndpoint() == "" {
		return said, nil
	}
	info, err := there.UserInfo(ctx, oauth2.StaticTokenSource(answer))
	if err == nil && info.Subject == said.Subject {
		said.Email, said.Verified = info.Email, info.EmailVerified
	}
	return said, nil
}

func (g *Gate) reach(ctx context.Context, v visit, redirect string) (oauth2.Config, *oidc.IDTokenVerifier, error) {
	there, err := oidc.NewProvider(oidc.ClientContext(ctx, g.set.HTTP), v.provider.Issuer)
	if err != nil {
		return oauth2.Config{}, nil, fault.New(fault.Conflict, "account.provider_silent").Because(err)
	}
	config := oauth2.Config{ClientID: v.provider.ClientID, ClientSecret: v.secret, Endpoint: there.Endpoint(), RedirectURL: redirect, Scopes: []string{oidc.ScopeOpenID, "email"}}
	return config, there.Verifier(&oidc.Config{ClientID: v.provider.ClientID, Now: g.d.Now}), nil
}

func secretOf(ctx context.Context, q db.Reader, provider string) (string, error) {
	var sealed []byte
	if err := q.QueryRow(ctx, `SELECT client_secret FROM oidc_providers WHERE id = ?`, provider).Scan(&sealed); err != nil {
		return "", err
	}
	plain, err := seal.Open(ctx, q, seal.System, "oidc_providers.client_secret:"+provider, sealed)
	return string(plain), err
}

// vouched finds whom the provider means: the user linked to its subject, or at
// the first time the one of its organisation whose login is the address that the
// provider has verified, if nobody else is linked to her.
func vouched(ctx context.Context, tx *db.Tx, p Provider, said vouching) (secrets, error) {
	var id string
	err := tx.QueryRow(ctx, `SELECT user_id FROM oidc_subjects WHERE provider_id = ? AND subject = ?`, p.ID, said.Subject).Scan(&id)
	if err == nil {
		return secretsOf(ctx, tx, "u.id = ?", id)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return secrets{}, err
	}
	if !said.Verified || said.Email == "" || said.Subject == "" {
		return secrets{}, nil
	}
	user, err := secretsOf(ctx, tx, "u.login = ?", normalLogin(said.Email))
	if err != nil || user.ID == "" || user.Disabled || user.Organisation != p.Organisation {
		return secrets{}, err
	}
	err = Link{Provider: p.ID, Subject: said.Subject, User: user.ID}.insert(ctx, tx, user.ID)
	if fault.KindOf(err) == fault.Invalid {
		return secrets{}, nil // she is linked to another subject of this provider
	}
	if err != nil {
		return secrets{}, err
	}
	return user, permit(ctx, tx, user.User, actBegun, "linked to "+p.Name)
}
