// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strings"

	"fera/internal/api/sms"
	"fera/internal/config"
	"fera/internal/gateways"
	"fera/internal/hooks"
	"fera/internal/ids"
	"fera/internal/messages"
)

// openSender makes what sends messages, as the settings say.
func (s *service) openSender(ctx context.Context, origin string) error {
	gateway, err := gatewayOf(s.st.set)
	if err != nil {
		return wrong(codeUsage, "%s.", err)
	}
	s.sender = messages.NewSender(s.st.d, messages.Options{Gateway: gateway, Holder: ids.New(s.st.d.Now()), Reports: strings.TrimSuffix(origin, "/") + sms.ReportPath,
		Log: s.log, Observe: s.metrics.messaged})
	return s.sender.Open(ctx)
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
	return func() error { return c.whileOurs(&turn, s.sender.Work) }
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
