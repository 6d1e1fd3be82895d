// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strings"

	"fera/internal/api/sms"
	"fera/internal/config"
	"fera/internal/gateways"
	"fera/internal/hooks"
	"fera/internal/ids"
	"fera/internal/messages"
)

// openSenders makes what sends messages, as the settings say: one sender for each gateway.
func (s *service) openSenders(ctx context.Context, origin string) error {
	some, err := gatewaysOf(s.st.set)
	if err != nil {
		return wrong(codeUsage, "%s.", err)
	}
	for _, g := range some {
		s.senders = append(s.senders, messages.NewSender(s.st.d, messages.Options{Gateway: g, Holder: ids.New(s.st.d.Now()), Reports: strings.TrimSuffix(origin, "/") + sms.ReportPath,
			Log: s.log, Observe: s.metrics.messaged}))
	}
	return s.senders[0].Open(ctx, s.senders[1:]...)
}

// gatewaysOf are the gateways of the settings, that for SMS first.
func gatewaysOf(set config.Settings) ([]messages.Gateway, error) {
	first, err := gatewayOf(set)
	if err != nil || set.MailURL == "" {
		return []messages.Gateway{first}, err
	}
	box := gateways.Mailbox{URL: set.MailURL, From: set.MailFrom, User: set.MailUser, Password: set.MailPassword}
	if set.MailRoots != "" {
		text, err := os.ReadFile(set.MailRoots)
		if err != nil {
			return nil, fmt.Errorf("the certificates for the mail server cannot be read: %w", err)
		}
		if box.Roots = x509.NewCertPool(); !box.Roots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate", set.MailRoots)
		}
	}
	second, err := gateways.NewMail(box)
	if slices.Contains(first.Ways(), messages.Email) {
		first = gateways.Only(first, messages.SMS)
	}
	return []messages.Gateway{first, second}, err
}

func gatewayOf(set config.Settings) (messages.Gateway, error) {
	switch {
	case set.SMSURL != "":
		return gateways.NewKannel(gateways.Account{URL: set.SMSURL, From: set.SMSFrom, User: set.SMSUser, Password: set.SMSPassword})
	case set.SMSDir != "":
		return gateways.NewFiles(set.SMSDir)
	}
	return messages.NoGateway{}, nil
}

// rules say which endpoints may be told.
func (st *store) rules() hooks.Rules { return hooks.Rules{Private: st.set.HookPrivate} }

// tellEndpoints tells other systems what waits for them if this server is the one that does.
func (s *service) tellEndpoints(c *crew) func() error {
	turn := shift{lease: hookLease}
	sender := hooks.NewSender(s.st.d, hooks.Options{Rules: s.st.rules(), Holder: c.holder, Agent: "Fera/" + version(), Log: s.log, Observe: s.metrics.messaged})
	return func() error { return c.whileOurs(&turn, sender.Work) }
}

// sendMessages sends what is due if this server is the one that does.
func (s *service) sendMessages(c *crew) func() error {
	turn := shift{lease: messageLease}
	return func() error {
		return c.whileOurs(&turn, func(ctx context.Context) (n int, err error) {
			for _, one := range s.senders {
				some, err := one.Work(ctx)
				if n += some; err != nil {
					return n, err
				}
			}
			return n, nil
		})
	}
}

// whileOurs works for as long as there is something to do, and this server is the one that does it.
func (c *crew) whileOurs(turn *shift, work func(context.Context) (int, error)) error {
	for {
		if ours, err := c.ours(turn); err != nil || !ours {
			return err
		}
		if n, err := work(c.ctx); err != nil || n == 0 || c.ctx.Err() != nil {
			return err
		}
	}
}
