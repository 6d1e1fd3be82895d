// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fera/internal/imports"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

func importsColumns(s *words.Speaker) []kit.Column {
	return []kit.Column{{Label: s.T("import.source")}, {Label: s.T("import.file")}, {Label: s.T("import.sent")}, {Label: s.T("import.in_register")}, {Label: s.T("import.state")}}
}

func importPreviewColumns(s *words.Speaker) []kit.Column {
	return []kit.Column{{Label: s.T("person.col_name")}, {Label: s.T("person.col_who")}, {Label: s.T("person.col_home")}, {Label: s.T("import.group.numbers")}, {Label: s.T("import.group.journey")}}
}

func importRowColumns(s *words.Speaker) []kit.Column {
	return []kit.Column{{Label: s.T("import.row_column")}, {Label: s.T("import.said_column")}, {Label: s.T("import.decide_column")}}
}

// importTabs lead between the doubles that stay out and those that come in.
func importTabs(v importRowsView) kit.Strip {
	path := importPath(v.Batch.ID, "rows") + "?state="
	return kit.Strip{Label: v.Title, Tabs: []kit.NavItem{
		{Href: path + string(imports.RowDouble), Label: v.S.T("import.tab.double"), Current: v.State == imports.RowDouble},
		{Href: path + string(imports.RowAnyway), Label: v.S.T("import.tab.anyway"), Current: v.State == imports.RowAnyway}}}
}

// importWork is how much there is to do of the work under way.
func importWork(b imports.Batch) int {
	if b.State == imports.Undoing {
		return b.Entered
	}
	return b.Total
}

// importDecision is what is to be decided of one row.
type importDecision struct {
	S      *words.Speaker
	Action string
	Row    int
	State  imports.RowState
	Card   persons.Card // who it may be, or who was touched since
	May    bool         // the time for it is now
}

func (d importDecision) decisions() []string {
	switch d.State {
	case imports.RowDouble:
		return []string{"enter"}
	case imports.RowAnyway:
		return []string{"leave"}
	}
	if d.Card.ID == "" {
		return nil
	}
	return []string{"keep", "remove"}
}
