// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"embed"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

//go:embed fonts/*.woff
var fontFiles embed.FS

// fontName are the fonts in the order in which they are asked for a letter: those of one weight stand together.
func fontNames() []string {
	return []string{"noto-sans-bengali-400", "noto-sans-400", "noto-sans-bengali-700", "noto-sans-700"}
}

// weights is how many fonts there are of each weight, and bengali the place among them of the one for Bangla.
const (
	scripts = 2
	bengali = 0
)

// fontFile is a font as it ships, read.
type fontFile struct {
	name   string
	font   *font.Font
	tables map[string][]byte
}

// fonts reads the fonts once.
var fonts = sync.OnceValues(func() (all []fontFile, err error) {
	for _, name := range fontNames() {
		text, err := fontFiles.ReadFile("fonts/" + name + ".woff")
		if err != nil {
			return nil, err
		}
		f, err := readFont(name, text)
		if err != nil {
			return nil, fmt.Errorf("read font %s: %w", name, err)
		}
		all = append(all, f)
	}
	return all, nil
})

func readFont(name string, text []byte) (fontFile, error) {
	loader, err := opentype.NewLoader(bytes.NewReader(text))
	if err != nil {
		return fontFile{}, err
	}
	parsed, err := font.NewFont(loader)
	if err != nil {
		return fontFile{}, err
	}
	f := fontFile{name, parsed, map[string][]byte{}}
	for _, tag := range []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"} {
		if raw := opentype.MustNewTag(tag); loader.HasTable(raw) {
			if f.tables[tag], err = loader.RawTable(raw); err != nil {
				return fontFile{}, err
			}
		}
	}
	return f, nil
}

// short reads a number of two bytes of a table.
func (f fontFile) short(table string, at int) int {
	return int(int16(binary.BigEndian.Uint16(f.tables[table][at:])))
}

// advance is how wide a glyph is, in thousandths of the size.
func (f fontFile) advance(glyph int) float64 {
	last := f.short("hhea", 34) - 1
	return float64(binary.BigEndian.Uint16(f.tables["hmtx"][4*min(glyph, last):])) * 1000 / float64(f.font.Upem())
}

// outline is the outline of a glyph; empty for a space.
func (f fontFile) outline(glyph int) []byte {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	if f.short("head", 50) == 0 {
		return glyf[2*int(binary.BigEndian.Uint16(loca[2*glyph:])) : 2*int(binary.BigEndian.Uint16(loca[2*glyph+2:]))]
	}
	return glyf[binary.BigEndian.Uint32(loca[4*glyph:]):binary.BigEndian.Uint32(loca[4*glyph+4:])]
}

// parts are the glyphs that a glyph is put together of.
func (f fontFile) parts(glyph int) (all []int) {
	g := f.outline(glyph)
	if len(g) < 10 || int16(binary.BigEndian.Uint16(g)) >= 0 {
		return nil
	}
	const words, scaled, more, scaledTwice, matrix = 0x1, 0x8, 0x20, 0x40, 0x80
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(g[at:])
		all = append(all, int(binary.BigEndian.Uint16(g[at+2:])))
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scaled != 0:
			at += 2
		case flags&scaledTwice != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return all
		}
	}
}

// subset writes the font with the outlines of some glyphs alone. Glyphs keep their numbers.
func (f fontFile) subset(used []int) []byte {
	keep := map[int]bool{0: true}
	for waiting := slices.Clone(used); len(waiting) > 0; waiting = waiting[1:] {
		if g := waiting[0]; !keep[g] {
			keep[g] = true
			waiting = append(waiting, f.parts(g)...)
		}
	}
	var glyf, loca []byte
	for g := range f.short("maxp", 4) {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if keep[g] {
			glyf = append(glyf, f.outline(g)...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := slices.Clone(f.tables["head"])
	head[50], head[51] = 0, 1 // places of four bytes
	replaced := map[string][]byte{"glyf": glyf, "loca": loca, "head": head}
	var tables []opentype.Table
	for _, tag := range []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"} {
		content := replaced[tag]
		if content == nil {
			content = f.tables[tag]
		}
		if content != nil {
			tables = append(tables, opentype.Table{Content: content, Tag: opentype.MustNewTag(tag)})
		}
	}
	return opentype.WriteTTF(tables)
}
