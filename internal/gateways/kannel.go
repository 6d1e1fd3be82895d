// SPDX-License-Identifier: Apache-2.0

// Package gateways are the ways by which messages leave: Kannel's sendsms over HTTP, a mail server, and files in a directory.
package gateways

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"fera/internal/messages"
)

// Kannel hands short messages to a bearerbox's sendsms, or to what speaks as one.
type Kannel struct {
	where    string
	from     string
	user     string
	password string
	client   *http.Client
}

// Account is where a Kannel is and how one is known there.
type Account struct {
	URL      string // of sendsms, such as http://127.0.0.1:13013/cgi-bin/sendsms
	From     string // number or name of the sender; empty for the gateway's own
	User     string
	Password string
}

// reportMask asks for reports of: delivered, not delivered, taken by the centre, refused by it.
const reportMask = "27"

// NewKannel returns the gateway of an account.
func NewKannel(a Account) (*Kannel, error) {
	u, err := url.Parse(a.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("the address of the SMS gateway has to look like http://127.0.0.1:13013/cgi-bin/sendsms")
	}
	transport := &http.Transport{MaxIdleConns: 2, IdleConnTimeout: 30 * time.Second, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, DisableCompression: true}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Kannel{a.URL, a.From, a.User, a.Password, client}, nil
}

// Name implements messages.Gateway.
func (*Kannel) Name() string { return "kannel" }

// Ways implements messages.Gateway.
func (*Kannel) Ways() []string { return []string{messages.SMS} }

// Carry implements messages.Gateway. The request holds number, text and password, so no error that names it is passed on.
func (k *Kannel) Carry(ctx context.Context, o messages.Outgoing) (messages.Outcome, error) {
	told := false // the request went out whole: the gateway may have acted on it
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) { told = told || i.Err == nil }})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, k.where+"?"+k.query(o).Encode(), nil)
	if err != nil {
		return messages.Later, errors.New("the request could not be made")
	}
	answer, err := k.client.Do(r)
	if err != nil {
		if told {
			return messages.Unsure, fmt.Errorf("the gateway was told and did not answer: %w", bare(err))
		}
		return messages.Later, fmt.Errorf("the gateway was not reached: %w", bare(err))
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 4096))
	return judge(answer.StatusCode)
}

func judge(status int) (messages.Outcome, error) {
	switch {
	case status == http.StatusOK || status == http.StatusAccepted:
		return messages.Taken, nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return messages.Later, fmt.Errorf("the gateway does not let us in: status %d", status)
	case status == http.StatusTooManyRequests || status == http.StatusNotFound || status >= 500 || status >= 300 && status < 400:
		return messages.Later, fmt.Errorf("the gateway answered status %d", status)
	}
	return messages.Refused, fmt.Errorf("the gateway refused the message: status %d", status)
}

// bare is an error without the address, which holds the number, the text and the password.
func bare(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

func (k *Kannel) query(o messages.Outgoing) url.Values {
	v := url.Values{"username": {k.user}, "password": {k.password}, "to": {o.To}, "text": {o.Text}, "charset": {"UTF-8"}, "coding": {"0"}}
	if o.Unicode {
		v.Set("coding", "2")
	}
	if k.from != "" {
		v.Set("from", k.from)
	}
	if o.Report != "" {
		v.Set("dlr-mask", reportMask)
		v.Set("dlr-url", o.Report+"&type=%d") // Kannel puts the type there
	}
	return v
}
