// SPDX-License-Identifier: Apache-2.0

package kit_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"fera/internal/web/kit"
	"fera/internal/words"

	"github.com/a-h/templ"
)

// part is one component, drawn with the same text wherever it takes one.
type part struct {
	name string
	draw func(s *words.Speaker, text string) templ.Component
}

// with gives a component its children.
func with(outer templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatalf("Render = %v", err)
	}
	return b.String()
}

func inputOf(text string) kit.Input {
	return kit.Input{
		Name: "field", Label: text, Hint: text, Value: text, Error: text, Lang: text, Type: text, Autocomplete: text,
		InputMode: text, Code: text, Was: text, Width: kit.Width(text), Optional: true, MaxLength: 20,
	}
}

func optionsOf(text string) []kit.Option {
	return []kit.Option{{Value: text, Label: text, Hint: text, Chosen: true}, {Value: "other", Label: text}}
}

func parts() []part {
	return append(formParts(), recordParts()...)
}

func formParts() []part {
	type S = *words.Speaker
	offered := func(text string) kit.Input {
		in := inputOf(text)
		in.Choices = []kit.Suggestion{{Code: text, Label: text, Detail: text}}
		return in
	}
	return []part{
		{"Field", func(s S, x string) templ.Component { return kit.Field(s, inputOf(x)) }},
		{"Area", func(s S, x string) templ.Component { return kit.Area(s, inputOf(x)) }},
		{"DateField", func(s S, x string) templ.Component { return kit.DateField(s, inputOf(x)) }},
		{"Select", func(s S, x string) templ.Component { return kit.Select(s, inputOf(x), optionsOf(x)) }},
		{"Choice", func(s S, x string) templ.Component { return kit.Choice(s, inputOf(x), optionsOf(x)) }},
		{"Checks", func(s S, x string) templ.Component { return kit.Checks(s, inputOf(x), optionsOf(x)) }},
		{"Check", func(s S, x string) templ.Component { return kit.Check(s, inputOf(x)) }},
		{"PlaceField", func(s S, x string) templ.Component { return kit.PlaceField(s, inputOf(x)) }},
		{"OccupationField", func(s S, x string) templ.Component { return kit.OccupationField(s, inputOf(x)) }},
		{"Typeahead", func(s S, x string) templ.Component { return kit.Typeahead(s, offered(x), x) }},
		{"Suggestions", func(s S, x string) templ.Component {
			return kit.Suggestions(s, []kit.Suggestion{{Code: x, Label: x, Detail: x}})
		}},
		{"ErrorSummary", func(s S, x string) templ.Component {
			return kit.ErrorSummary(s, kit.Problems{{Field: x, Text: x}, {Text: x}})
		}},
		{"Group", func(s S, x string) templ.Component { return with(kit.Group(x, x), kit.Text(x)) }},
		{"Form", func(s S, x string) templ.Component { return with(kit.Form(x, 3), kit.Hidden(x, x)) }},
		{"UploadForm", func(s S, x string) templ.Component { return with(kit.UploadForm(x, 0), kit.Text(x)) }},
		{"Button", func(s S, x string) templ.Component {
			return with(kit.Actions(), kit.Button(kit.Kind(x), x, templ.Attributes{"name": x, "value": x}))
		}},
		{"LinkButton", func(s S, x string) templ.Component { return kit.LinkButton(kit.Quiet, x, x) }},
		{"Confirm", func(s S, x string) templ.Component {
			return with(kit.Confirm(s, kit.Confirmation{Question: x, Text: x, Action: x, Yes: x, NoHref: x}), kit.Text(x))
		}},
		{"SearchForm", func(s S, x string) templ.Component { return kit.SearchForm(s, x, x, inputOf(x)) }},
	}
}

func recordParts() []part {
	type S = *words.Speaker
	return []part{
		{"PageHead", func(s S, x string) templ.Component { return with(kit.PageHead(x, x), kit.Text(x)) }},
		{"Section", func(s S, x string) templ.Component { return with(kit.Section(x), with(kit.Card(), kit.Text(x))) }},
		{"Split", func(s S, x string) templ.Component {
			return with(kit.Split(kit.Text(x)), with(kit.Narrow(), kit.Text(x)))
		}},
		{"NoticeBar", func(s S, x string) templ.Component {
			return kit.NoticeBar(kit.Notice{Tone: kit.Tone(x), Text: x, Link: &kit.NavItem{Href: x, Label: x}})
		}},
		{"QuickExit", func(s S, _ string) templ.Component { return kit.QuickExit(s) }},
		{"RecordHeader", func(s S, x string) templ.Component {
			return kit.RecordHeader(s, kit.Header{
				NameBn: x, NameEn: x, Facts: []string{x}, Photo: x, PhotoAlt: x, Pills: []kit.Tag{{Text: x, Tone: kit.Tone(x)}},
				Safe: x, SafeTone: kit.Tone(x), Main: &kit.Action{Href: x, Label: x}, More: []kit.Action{{Href: x, Label: x, Post: true}},
			})
		}},
		{"Act", func(s S, x string) templ.Component {
			return kit.Act(kit.Action{Href: x, Label: x, Post: true, Kind: kit.Kind(x)})
		}},
		{"MoreMenu", func(s S, x string) templ.Component { return kit.MoreMenu(s, []kit.Action{{Href: x, Label: x}}) }},
		{"Tabs", func(s S, x string) templ.Component {
			return kit.Tabs(kit.Strip{Label: x, Tabs: []kit.NavItem{{Href: x, Label: x, Current: true}}})
		}},
		{"Facts", func(s S, x string) templ.Component {
			return kit.Facts(s, []kit.Fact{{Label: x, Value: x, Note: x, Change: x}, {Label: x, Body: kit.Text(x)}})
		}},
		{"Timeline", func(s S, x string) templ.Component {
			return kit.Timeline([]kit.Event{{When: x, ISO: x, Title: x, Who: x, Text: x, Href: x, Tone: kit.Tone(x), Body: kit.Text(x)}, {Title: x}})
		}},
		{"Table", func(s S, x string) templ.Component {
			return kit.Table(x, []kit.Column{{Label: x}, {Label: x, Number: true}, {Label: x}}, []kit.Row{
				{Href: x, Tone: kit.Tone(x), Cells: []templ.Component{kit.Text(x), kit.Text(x)}}, {Cells: []templ.Component{nil, kit.Text(x)}},
			})
		}},
		{"Paging", func(s S, x string) templ.Component { return kit.Paging(s, kit.Pages{Previous: x, Next: x, Said: x}) }},
		{"Results", func(s S, x string) templ.Component { return with(kit.Results(x, x), kit.Text(x)) }},
		{"Pills", func(s S, x string) templ.Component { return kit.Pills([]kit.Tag{{Text: x, Tone: kit.Tone(x)}}) }},
		{"Masked", func(s S, x string) templ.Component { return kit.Masked(s, x, x) }},
		{"Protected", func(s S, x string) templ.Component { return with(kit.Protected(), kit.Text(x)) }},
		{"Empty", func(s S, x string) templ.Component { return with(kit.Empty(x, x), kit.Text(x)) }},
		{"Progress", func(s S, x string) templ.Component { return kit.Progress(s, x, 3, 0) }},
		{"Layout", func(s S, x string) templ.Component { return with(kit.Layout(frameOf(s, x)), kit.Text(x)) }},
	}
}

func frameOf(s *words.Speaker, text string) kit.Frame {
	links := []kit.NavItem{{Href: text, Label: text, Current: true}, {Href: text, Label: text}}
	return kit.Frame{
		S: s, Title: text, User: text, UserName: text, OfficeName: text, Nav: links, Menu: links, Path: text,
		Notice: &kit.Notice{Text: text}, SignedIn: true, Notices: 12, QuickExit: true, GlassUntil: text, Version: text,
	}
}
