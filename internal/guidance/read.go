// SPDX-License-Identifier: Apache-2.0

package guidance

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Block is a heading, a paragraph or one line of a list.
type Block struct {
	Kind  Kind
	Spans []Span
	Items []Block // of a list
}

// Kind is what a block is.
type Kind string

// The kinds of blocks. What Markdown knows beside them becomes a paragraph of its plain words.
const (
	Heading   Kind = "heading"
	Paragraph Kind = "paragraph"
	List      Kind = "list"
	Steps     Kind = "steps" // a list with numbers
	Item      Kind = "item"
)

// Span is a run of words: plain, strong, or a link.
type Span struct {
	Text   string
	Strong bool
	Href   string // empty unless it is a safe address
}

// Read reads the part of Markdown that texts are written in: headings, paragraphs, lists, bold words and links. It returns
// words and never markup: tags in a text are shown as they were typed, and an address that is not of the web is no link.
func Read(markdown string) []Block {
	source := []byte(markdown)
	root := goldmark.New().Parser().Parse(text.NewReader(source))
	return blocks(root, source)
}

func blocks(parent ast.Node, source []byte) (all []Block) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			all = append(all, Block{Kind: Heading, Spans: spans(n, source, Span{})})
		case *ast.List:
			kind := List
			if n.IsOrdered() {
				kind = Steps
			}
			all = append(all, Block{Kind: kind, Items: items(n, source)})
		case *ast.Blockquote:
			all = append(all, blocks(n, source)...)
		case *ast.HTMLBlock, *ast.CodeBlock, *ast.FencedCodeBlock:
			if words := strings.TrimSpace(string(n.Lines().Value(source))); words != "" {
				all = append(all, Block{Kind: Paragraph, Spans: []Span{{Text: words}}})
			}
		case *ast.ThematicBreak:
		default:
			if some := spans(n, source, Span{}); len(some) > 0 {
				all = append(all, Block{Kind: Paragraph, Spans: some})
			}
		}
	}
	return all
}

// items are the lines of a list; what is nested in one follows it.
func items(list ast.Node, source []byte) (all []Block) {
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		item := Block{Kind: Item}
		for _, b := range blocks(n, source) {
			if len(b.Items) > 0 {
				item.Items = append(item.Items, b.Items...)
				continue
			}
			if len(item.Spans) > 0 {
				item.Spans = append(item.Spans, Span{Text: " "})
			}
			item.Spans = append(item.Spans, b.Spans...)
		}
		all = append(all, item)
	}
	return all
}

func spans(parent ast.Node, source []byte, as Span) (all []Span) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			words := string(n.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				words += " "
			}
			all = append(all, Span{words, as.Strong, as.Href})
		case *ast.String:
			all = append(all, Span{string(n.Value), as.Strong, as.Href})
		case *ast.Emphasis:
			all = append(all, spans(n, source, Span{Strong: true, Href: as.Href})...)
		case *ast.Link:
			inside := as
			if href := string(n.Destination); safe(href) {
				inside.Href = href
			}
			all = append(all, spans(n, source, inside)...)
		case *ast.AutoLink:
			one := Span{Text: string(n.Label(source)), Strong: as.Strong}
			if href := string(n.URL(source)); safe(href) {
				one.Href = href
			}
			all = append(all, one)
		case *ast.RawHTML:
			all = append(all, Span{string(n.Segments.Value(source)), as.Strong, as.Href})
		default:
			all = append(all, spans(n, source, as)...)
		}
	}
	return all
}
