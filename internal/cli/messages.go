// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strings"

	"fera/internal/api/sms"
	"fera/internal/config"
	"fera/internal/gateways"
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

// sendMessages sends what is due if this server is the one that does.
func (s *service) sendMessages(c *crew) func() error {
	turn := shift{lease: messageLease}
	return func() error {
		for {
			if ours, err := c.ours(&turn); err != nil || !ours {
				return err
			}
			if n, err := s.sender.Work(c.ctx); err != nil || n == 0 || c.ctx.Err() != nil {
				return err
			}
		}
	}
}
