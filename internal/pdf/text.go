// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// typesetter makes lines of text. It is for one goroutine.
type typesetter struct {
	files  []fontFile
	faces  []*font.Face
	shaper shaping.HarfbuzzShaper
	lang   language.Language
}

func newTypesetter(lang string) (*typesetter, error) {
	files, err := fonts()
	if err != nil {
		return nil, err
	}
	t := &typesetter{files: files, lang: language.NewLanguage(lang)}
	for _, f := range files {
		t.faces = append(t.faces, font.NewFace(f.font))
	}
	return t, nil
}

// line is one line of text with its glyphs.
type line struct {
	style  style
	text   string
	glyphs []glyph
}

// width is how wide the line is, in points.
func (l line) width() (w float64) {
	for _, g := range l.glyphs {
		w += g.advance
	}
	return w * l.style.size / 1000
}

// glyph is a shape of a font. Widths and offsets are in thousandths of the size.
type glyph struct {
	font, id int
	x, y     float64 // by how much it lies off its place
	advance  float64
	cluster  string // what it stands for, together with its neighbours of the same cluster
	first    bool   // of its cluster
}

// piece is text that stays on one line, with the spaces behind it.
type piece struct {
	text   string
	glyphs []glyph
	width  float64 // without the spaces
	whole  float64
	breaks bool // the line ends after it
}

// lines breaks a text into lines of a width in points. A text of nothing is one line of nothing.
func (t *typesetter) lines(text string, s style, width float64) (all []line) {
	room := width * 1000 / s.size
	now, used := line{style: s}, 0.0
	end := func() {
		now.text = strings.TrimRightFunc(now.text, unicode.IsSpace)
		all = append(all, now)
		now, used = line{style: s}, 0
	}
	add := func(p piece) {
		now.text += p.text
		now.glyphs = append(now.glyphs, p.glyphs...)
		used += p.whole
	}
	for _, p := range t.pieces(text, s) {
		if used > 0 && used+p.width > room {
			end()
		}
		fitting := []piece{p}
		if p.width > room {
			fitting = p.cut(room)
		}
		for i, one := range fitting {
			if i > 0 {
				end()
			}
			add(one)
		}
		if p.breaks {
			end()
		}
	}
	if now.text != "" || len(all) == 0 {
		end()
	}
	return all
}

// cut cuts what is wider than a line into parts that are not, between clusters. A cluster that alone is wider stays whole.
func (p piece) cut(room float64) (all []piece) {
	from, width, start := 0, 0.0, 0.0 // start is where the part begins
	for i, g := range p.glyphs {
		if g.first && i > from && width+p.clusterAt(i)-start > room {
			all = append(all, p.part(from, i))
			from, start = i, width
		}
		width += g.advance
	}
	return append(all, p.part(from, len(p.glyphs)))
}

// clusterAt is how wide the cluster is that begins with a glyph.
func (p piece) clusterAt(i int) (width float64) {
	for j := i; j < len(p.glyphs) && (j == i || !p.glyphs[j].first); j++ {
		width += p.glyphs[j].advance
	}
	return width
}

func (p piece) part(from, to int) (some piece) {
	var text strings.Builder
	some.glyphs = p.glyphs[from:to]
	for _, g := range some.glyphs {
		if g.first {
			text.WriteString(g.cluster)
		}
		some.whole += g.advance
	}
	some.text, some.width = text.String(), some.whole
	return some
}

// pieces cuts a text where a line may end, and shapes each part.
func (t *typesetter) pieces(text string, s style) (all []piece) {
	runes := []rune(printable(text))
	var cutter segmenter.Segmenter
	cutter.Init(runes)
	for parts := cutter.LineIterator(); parts.Next(); {
		part := parts.Line()
		shown := []rune(strings.TrimRightFunc(string(part.Text), func(r rune) bool { return r == '\n' }))
		p := piece{text: string(shown), breaks: part.IsMandatoryBreak && part.Offset+len(part.Text) < len(runes)}
		p.glyphs = t.shape(shown, s)
		for _, g := range p.glyphs {
			p.whole += g.advance
			if strings.TrimSpace(g.cluster) != "" {
				p.width = p.whole
			}
		}
		all = append(all, p)
	}
	return all
}

// printable keeps line ends and drops what no font shows and what would turn the direction of a line.
func printable(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n", "\t", " ").Replace(text)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\u200c' || r == '\u200d': // the joiners shape Bangla
			return r
		case unicode.Is(unicode.C, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
}

// shape turns text into glyphs: each stretch by the font that has its letters.
func (t *typesetter) shape(text []rune, s style) (all []glyph) {
	base := 0
	if s.bold {
		base = scripts
	}
	for from := 0; from < len(text); {
		which := t.fontFor(text[from], base)
		to := from + 1
		for to < len(text) && (joins(text[to]) || t.fontFor(text[to], base) == which) {
			to++
		}
		all = append(all, t.run(text, from, to, which)...)
		from = to
	}
	return all
}

// joins tells whether a letter belongs to the one before it.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' || unicode.Is(unicode.M, r) }

// fontFor is the first font of a weight that has a letter, or the one for Latin, which shows an empty box.
func (t *typesetter) fontFor(r rune, base int) int {
	for i := base; i < base+scripts; i++ {
		if _, has := t.faces[i].NominalGlyph(r); has {
			return i
		}
	}
	return base + scripts - 1
}

func (t *typesetter) run(text []rune, from, to, which int) (all []glyph) {
	script := language.Latin
	if which%scripts == bengali {
		script = language.Bengali
	}
	out := t.shaper.Shape(shaping.Input{Text: text, RunStart: from, RunEnd: to, Direction: di.DirectionLTR, Face: t.faces[which],
		Size: fixed.I(1000), Script: script, Language: t.lang})
	cluster := -1
	for _, g := range out.Glyphs {
		at := g.TextIndex()
		all = append(all, glyph{font: which, id: int(g.GlyphID), x: points(g.XOffset), y: points(g.YOffset), advance: points(g.Advance),
			cluster: string(text[at : at+g.RunesCount()]), first: at != cluster})
		cluster = at
	}
	return all
}

func points(v fixed.Int26_6) float64 { return float64(v) / 64 }
