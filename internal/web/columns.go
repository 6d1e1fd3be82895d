// SPDX-License-Identifier: Apache-2.0

package web

import (
	"github.com/a-h/templ"

	"fera/internal/web/kit"
	"fera/internal/words"
)

func userColumns(s *words.Speaker) []kit.Column {
	return kit.Columns(s, "common.name", "web.field.login", "web.field.office", "common.status")
}

func officeColumns(s *words.Speaker) []kit.Column {
	return kit.Columns(s, "common.name", "web.field.kind", "common.place", "common.status")
}

func trailColumns(s *words.Speaker) []kit.Column {
	return kit.Columns(s, "common.time", "web.trail.actor", "web.trail.act", "web.trail.subject", "web.trail.fields")
}

func heldColumns(s *words.Speaker) []kit.Column {
	return kit.Columns(s, "web.user.role", "web.user.scope", "web.user.granted", "web.column.act")
}

func heldRows(v userView) (rows []kit.Row) {
	for _, line := range v.Held {
		row := kit.Row{Cells: []templ.Component{kit.Text(line.Label), kit.Text(line.Where), kit.Text(line.Since), nil}}
		if v.MayGrant {
			row.Cells[3] = revokeButton(v.S, v.path("roles/revoke"), line)
		}
		rows = append(rows, row)
	}
	return rows
}

func tokenColumns(s *words.Speaker) []kit.Column {
	return kit.Columns(s, "common.name", "web.token.may", "web.token.where", "web.token.ends", "common.status")
}

func tokenRows(v userView) (rows []kit.Row) {
	for _, line := range v.Tokens {
		rows = append(rows, kit.Row{Cells: []templ.Component{kit.Text(line.Name), kit.Text(line.May), kit.Text(line.Where), kit.Text(line.Ends), tokenState(v, line)}})
	}
	return rows
}

func sessionColumns(s *words.Speaker) []kit.Column {
	return kit.Columns(s, "web.account.device", "web.account.since", "web.account.seen", "web.column.act")
}

func sessionRows(v accountView) (rows []kit.Row) {
	for _, line := range v.Sessions {
		rows = append(rows, kit.Row{Cells: []templ.Component{kit.Text(line.Device), kit.Text(line.Since), kit.Text(line.Seen), sessionEnd(v, line)}})
	}
	return rows
}

func providerColumns(s *words.Speaker) []kit.Column {
	return kit.Columns(s, "common.name", "web.field.organisation", "web.provider.issuer", "web.provider.client", "web.column.act")
}

func providerRows(v providersView) (rows []kit.Row) {
	for _, line := range v.Lines {
		rows = append(rows, kit.Row{Cells: []templ.Component{kit.Text(line.Name), kit.Text(line.Organisation), kit.Text(line.Issuer), kit.Text(line.ClientID), providerClose(v, line)}})
	}
	return rows
}

// languageOptions offers the languages, each by its own name.
func languageOptions() []kit.Option {
	var options []kit.Option
	for _, lang := range words.Languages() {
		options = append(options, kit.Option{Value: string(lang), Label: words.In(lang).T("language." + string(lang))})
	}
	return options
}

// path is the address of the user's page or of one below it.
func (v userView) path(part string) string { return "/users/" + v.User.ID + "/" + part }

// acts are what can be done to the user beside changing her.
func (v userView) acts() []kit.Action {
	acts := []kit.Action{
		{Href: v.path("sessions/end"), Label: v.S.T("web.user.end_sessions"), Post: true},
		{Href: v.path("reset"), Label: v.S.T("web.user.reset"), Kind: kit.Perilous},
	}
	if !v.User.Disabled {
		acts = append(acts, kit.Action{Href: v.path("disable"), Label: v.S.T("web.user.disable"), Kind: kit.Perilous})
	}
	return acts
}
