// SPDX-License-Identifier: Apache-2.0

// Package kit draws what recurs on Fera's pages, layout, fields, tables, records, and serves the style sheet, script and
// fonts they need. It knows no feature and no database.
//
// Every text a caller hands over is already in the reader's language; what the components say by themselves comes
// from the kit area of the catalogues, which is why many take the speaker first. Everything works without a script.
// Nothing writes a style or a script into the page, so the strictest content policy holds.
//
// # The page
//
//	Layout(f Frame) { children }              the whole page: header, navigation, notice, main, footer
//	PageHead(title, lead string) { acts }     the heading of a page
//	Section(title string) { children }
//	Split(side templ.Component) { children }  main column and side column
//	Narrow() { children }                     a comfortable measure
//	Card() { children }
//	NoticeBar(n Notice)
//	QuickExit(s)                              the layout shows it when Frame.QuickExit is set
//
// # Forms
//
//	Form(action string, version int) { children }        posts; guards what was typed; version 0 is left out
//	UploadForm(action string, version int) { children }  the same with files
//	Hidden(name, value string)
//	ErrorSummary(s, problems Problems)                   first in the page when something is wrong
//	Group(title, hint string) { fields }
//	Field(s, in Input)                                   in.Type for e-mail, tel, password, file
//	Area(s, in Input)
//	DateField(s, in Input)                               read with dates.Parse
//	Select(s, in Input, options []Option)
//	Choice(s, in Input, options []Option)                radio pills
//	Checks(s, in Input, options []Option)                several answers
//	Check(s, in Input)                                   one yes, sent as "yes"
//	Signature(s, in Input)                               a file, or a signature on the screen
//	PlaceField(s, in Input)                              type-ahead on /places.html
//	OccupationField(s, in Input)                         type-ahead on /occupations.html
//	Typeahead(s, in Input, source string)                any other list; read with ReadTypeahead
//	Suggestions(s, found []Suggestion)                   what source answers to ?q=
//	Button(kind Kind, label string, more templ.Attributes)
//	LinkButton(kind Kind, label, href string)
//	Actions() { buttons }
//	Confirm(s, c Confirmation) { fields }                a page that asks before an act
//
// A form that came back is drawn from what was typed: Input.Value as typed, Input.Error from Problems.On, the problems
// from ProblemsOf(s, err).
//
// # Records and lists
//
//	RecordHeader(s, h Header)
//	Tabs(strip Strip)
//	Facts(s, facts []Fact)
//	Timeline(events []Event)
//	Table(caption string, columns []Column, rows []Row)
//	Text(text string)                                    a cell
//	Paging(s, p Pages)
//	SearchForm(s, action, results string, in Input) { filters }
//	Results(id, said string) { list }                    what SearchForm replaces while one types
//	Pill(tag Tag), Pills(tags []Tag)
//	Act(a Action), MoreMenu(s, acts []Action)
//	Masked(s, last, show string)
//	Paper() { children }                                 what is printed: A4, black on white
//	Protected() { children }                             class-3 data: blurs when the window is left
//	Empty(title, text string) { act }
//	Progress(s, label string, done, total int)
//
// # Around the pages
//
// Assets serves /static/, Asset gives a file's address there, Compress wraps the handler of pages and API.
// The layout expects POST /language (lang, next), POST /sign-out and GET /persons?q= to exist.
package kit
