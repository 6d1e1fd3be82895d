// SPDX-License-Identifier: Apache-2.0

package gateways

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"fera/internal/messages"
)

// Mailbox is where a mail server is and how one is known there.
type Mailbox struct {
	URL      string // smtp://host:587 speaks TLS once connected, smtps://host:465 from the first byte
	From     string // address that mails come from
	User     string
	Password string
	Roots    *x509.CertPool // who may vouch for the server; those of the system when nil
}

// Mail hands e-mail to a server that sends it on.
type Mail struct {
	box     Mailbox
	host    string
	options []gomail.Option
}

// mailTime is how long a server may take to let us in, and then to take a message.
const mailTime = 6 * time.Second

// NewMail returns the gateway of a mail server. But for a server on this machine, nothing is said to it without TLS.
func NewMail(m Mailbox) (*Mail, error) {
	u, err := url.Parse(m.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.User != nil || u.RawQuery != "" || u.Path != "" {
		return nil, errors.New("the address of the mail server has to look like smtp://mail.example.org:587 or smtps://mail.example.org:465")
	}
	if a, err := mail.ParseAddress(m.From); err != nil || a.Address != m.From {
		return nil, errors.New("mails need an address that they come from, such as fera@example.org")
	}
	g := &Mail{box: m, host: u.Hostname()}
	port, policy := 587, gomail.TLSMandatory
	if loopback(g.host) {
		policy = gomail.TLSOpportunistic
	}
	g.options = []gomail.Option{gomail.WithTimeout(mailTime), gomail.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12, ServerName: g.host, RootCAs: m.Roots}), gomail.WithTLSPolicy(policy)}
	if u.Scheme == "smtps" {
		port = 465
		g.options = append(g.options, gomail.WithSSL())
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errors.New("the port of the mail server is no number")
		}
	}
	g.options = append(g.options, gomail.WithPort(port))
	if m.User != "" {
		g.options = append(g.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	_, err = gomail.NewClient(g.host, g.options...)
	return g, err
}

// loopback tells whether a host is this machine, by its name alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Name implements messages.Gateway.
func (*Mail) Name() string { return "mail" }

// Ways implements messages.Gateway.
func (*Mail) Ways() []string { return []string{messages.Email} }

// Carry implements messages.Gateway. What the server says may name the address, so none of it is passed on but its numbers.
func (g *Mail) Carry(ctx context.Context, o messages.Outgoing) (messages.Outcome, error) {
	m, err := g.message(o)
	if err != nil {
		return messages.Refused, err
	}
	client, err := gomail.NewClient(g.host, g.options...)
	if err != nil {
		return messages.Later, errors.New("the mail server cannot be spoken to as it is set")
	}
	in, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return messages.Later, fmt.Errorf("the mail server was not reached, or did not let us in: %s", sort(err))
	}
	stop := context.AfterFunc(ctx, func() { in.Text.Close() }) // not in.Close, which waits for the answer that does not come
	err = client.SendWithSMTPClient(in, m)
	stop()
	client.CloseWithSMTPClient(in)
	if err == nil || m.IsDelivered() {
		return messages.Taken, nil
	}
	return verdict(err)
}

// message is what leaves: a text without a picture, a link to follow that tells the sender, or an answer by a machine.
func (g *Mail) message(o messages.Outgoing) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if m.From(g.box.From) != nil || m.To(o.To) != nil {
		return nil, errors.New("an address is none")
	}
	m.Subject(o.Subject)
	m.SetDate()
	_, domain, _ := strings.Cut(g.box.From, "@")
	m.SetMessageIDWithValue(string(o.ID) + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	m.SetBodyString(gomail.TypeTextPlain, o.Text)
	return m, nil
}

// verdict says what came of a message that a server was told of. One of which all was said and that was not answered may have been taken.
func verdict(err error) (messages.Outcome, error) {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return messages.Later, errors.New("the mail server did not take the message")
	}
	code := failed.ErrorCode()
	switch {
	case failed.Reason == gomail.ErrSMTPDataClose && code == 0:
		return messages.Unsure, errors.New("the mail server was told and did not answer")
	case code >= 500 && code != 530 && code != 535 && (failed.Reason == gomail.ErrSMTPRcptTo || failed.Reason == gomail.ErrSMTPDataClose || failed.Reason == gomail.ErrSMTPData):
		return messages.Refused, fmt.Errorf("the mail server refused the message: status %d", code)
	}
	return messages.Later, fmt.Errorf("the mail server did not take the message: status %d", code)
}

// sort names what kept us from a server, without what it said.
func sort(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var out *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &out):
		return "its certificate is not good"
	case errors.As(err, &dns):
		return "its name leads nowhere"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &op) && op.Timeout():
		return "it did not answer in time"
	case errors.As(err, &op):
		return op.Op
	case strings.Contains(err.Error(), "STARTTLS"):
		return "it does not speak TLS"
	}
	return "it broke off or refused the sign-in"
}

// only is a gateway for some of the ways that it could carry.
type only struct {
	messages.Gateway
	ways []string
}

// Ways implements messages.Gateway.
func (o only) Ways() []string { return o.ways }

// Only leaves to a gateway some of its ways, because another has the rest.
func Only(g messages.Gateway, ways ...string) messages.Gateway { return only{g, ways} }
