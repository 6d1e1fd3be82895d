// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"time"

	"fera/internal/access"
	"fera/internal/persons"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
)

// personsListView is the list, or what a search found.
type personsListView struct {
	kit.Frame
	F           *personsForm
	Said        string
	Cards       []persons.Card
	Rows        []kit.Row
	Searching   bool
	MayRegister bool
	Export      string // where this list is taken away as a file, for who may
	Pages       kit.Pages
}

// personsNewView is the short form with which a person is registered.
type personsNewView struct {
	kit.Frame
	F         *personsForm
	Operation string // so that a form sent twice makes one person
	Asked     []personsAsked
	Likely    linksLikelyView // whom she may be
	Guide     guide.View
}

// personsAsked is one purpose with the words that are read out.
type personsAsked struct {
	Purpose persons.Purpose
	Words   string
}

// personsFormView is a form about one person or one of her rows.
type personsFormView struct {
	kit.Frame
	Guide     guide.View
	F         *personsForm
	ID        persons.ID
	Version   int    // of the record, or of the row
	Row       string // id of the row that is changed; empty for a new one
	Operation string
	Fields    []persons.Field // of a change: which are shown
	Was       url.Values      // of a change: what the fields held when the form was drawn
	Protect   bool            // class-3 questions may be asked
	Asked     personsAsked    // of an answer about agreement
	Refused   bool            // of a photograph: she has not agreed
	Papers    string          // of printing: what she said of paper where she lives
}

// action is where a form about a row is sent.
func (v personsFormView) action(list string) string {
	if v.Row == "" {
		return personsPath(v.ID, list)
	}
	return personsPath(v.ID, list, v.Row)
}

// personsValuesView shows the values of one field to choose from.
type personsValuesView struct {
	personsFormView
	Field  persons.Field
	Claims []persons.Claim
	Now    time.Time
}

// personsEndView asks before a row is taken out or brought back.
type personsEndView struct {
	personsFormView
	List string // which list the row is of
	Back bool   // brought back instead of taken out
}

// personsAssignView says who is responsible and offers whom it may be given to.
type personsAssignView struct {
	personsFormView
	Holders   []kit.Option // those responsible now
	Colleague []kit.Option
}

// personsReceiptView is what is left to hand over after a record was erased.
type personsReceiptView struct {
	kit.Frame
	Receipt string
}

// personsGlassView lists emergency openings to those who review them.
type personsGlassView struct {
	kit.Frame
	F        *personsForm
	Openings []personsOpening
	At       string // the opening whose review was refused
}

// personsOpening is one emergency opening.
type personsOpening struct {
	access.Opening
	When     string
	Reviewed string
	Own      bool
}

// personsPaperView is what is printed: the summary or the card.
type personsPaperView struct {
	personsRecord
	Code    string // what the card's code says
	Printed string
}
