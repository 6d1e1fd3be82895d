// SPDX-License-Identifier: Apache-2.0

package testtools_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"fera/internal/testtools"
)

func TestAPersonSignsInAtTheProvider(t *testing.T) {
	codes := make(chan string, 1)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		codes <- r.URL.Query().Get("code")
	}))
	t.Cleanup(app.Close)
	issuer := testtools.Provider(t, testtools.Client{ID: "fera", Secret: "only for tests", Redirects: []string{app.URL + "/back"}},
		map[string]map[string]any{"amina": {"email": "amina@example.org", "email_verified": true, "name": "Amina"}})
	provider, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	config := oauth2.Config{ClientID: "fera", ClientSecret: "only for tests", Endpoint: provider.Endpoint(), RedirectURL: app.URL + "/back",
		Scopes: []string{"openid", "email", "profile"}}
	proof := oauth2.GenerateVerifier()
	signIn(t, config.AuthCodeURL("state", oidc.Nonce("once"), oauth2.S256ChallengeOption(proof)), "amina")

	token, err := config.Exchange(t.Context(), <-codes, oauth2.VerifierOption(proof))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: "fera"}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Email, Name string }
	if err := id.Claims(&claims); err != nil || id.Subject != "amina" || id.Nonce != "once" || claims.Email != "amina@example.org" {
		t.Errorf("subject %q, nonce %q, claims %+v, %v", id.Subject, id.Nonce, claims, err)
	}
}

// signIn does what a person does in a browser: types the name, and agrees.
func signIn(t *testing.T, start, login string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	page, at := visit(t, func() (*http.Response, error) { return browser.Get(start) })
	for range 2 {
		m := regexp.MustCompile(`name="prompt" value="(\w+)"`).FindStringSubmatch(page)
		action := regexp.MustCompile(`<form[^>]* action="([^"]+)"`).FindStringSubmatch(page)
		if m == nil || action == nil {
			t.Fatalf("no form at %s:\n%s", at, page)
		}
		to, err := at.Parse(action[1])
		if err != nil {
			t.Fatal(err)
		}
		page, at = visit(t, func() (*http.Response, error) {
			return browser.PostForm(to.String(), url.Values{"prompt": {m[1]}, "login": {login}, "password": {"any"}})
		})
	}
}

func visit(t *testing.T, get func() (*http.Response, error)) (page string, at *url.URL) {
	t.Helper()
	res, err := get()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 400 && !strings.Contains(res.Request.URL.Path, "back") {
		t.Fatalf("%s: %s %v\n%s", res.Request.URL, res.Status, err, text)
	}
	return string(text), res.Request.URL
}
