// SPDX-License-Identifier: Apache-2.0

package sheets

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"fera/internal/fault"
)

// workbook is an Excel file: a zip archive of XML parts that name one another.
//
// It is not read with the library that writes it: that one keeps a sheet in
// memory or in a temporary file, and its stream of rows does not say which cells
// are dates. See docs/adr/0015-sheets-are-streams.md.
type workbook struct {
	parts    map[string]*zip.File
	limits   Limits
	sheets   []Sheet
	from1904 bool // the day from which days are counted
	styles   []style
	texts    texts
}

// mostParts bounds how many parts a workbook has.
const mostParts = 10_000

// small bounds the parts that are read whole: lists of sheets and of styles.
const small = 8 << 20

func openWorkbook(file io.ReaderAt, size int64, limits Limits) (*workbook, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, damaged(err)
	}
	if len(archive.File) > mostParts {
		return nil, fault.New(fault.Invalid, "sheet.unpacks_too_large")
	}
	w := &workbook{parts: map[string]*zip.File{}, limits: limits}
	for _, f := range archive.File {
		w.parts[strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, `\`, "/")), "/"))] = f
	}
	if w.parts["content.xml"] != nil || w.parts["[content_types].xml"] == nil {
		return nil, fault.New(fault.Invalid, "sheet.other_workbook")
	}
	main, err := w.related("", "/officedocument")
	if err != nil {
		return nil, err
	}
	if len(main) == 0 {
		return nil, fault.New(fault.Invalid, "sheet.other_workbook")
	}
	if err := w.read(first(main)); err != nil {
		return nil, err
	}
	return w, nil
}

func first(parts map[string]relation) string {
	for _, r := range parts {
		return r.part
	}
	return ""
}

func damaged(cause error) *fault.Error {
	return fault.New(fault.Invalid, "sheet.damaged").Because(cause)
}

// part opens a part, unpacked no further than a limit.
func (w *workbook) part(name string, most, piece int64) (*meter, io.Closer, error) {
	f := w.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil, damaged(errors.New("no part " + name))
	}
	r, err := f.Open()
	if err != nil {
		return nil, nil, damaged(err)
	}
	return newMeter(r, most, piece), r, nil
}

// decode reads a small part whole.
func (w *workbook) decode(name string, into any) error {
	m, closer, err := w.part(name, small, small)
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := xml.NewDecoder(m).Decode(into); err != nil {
		return partFault(err)
	}
	return nil
}

// partFault says what is wrong with a part.
func partFault(err error) error {
	if errors.Is(err, errTotal) || errors.Is(err, errPiece) {
		return fault.New(fault.Invalid, "sheet.unpacks_too_large")
	}
	if fault.Of(err) != nil {
		return err
	}
	return damaged(err)
}

// relation is what one part says of another.
type relation struct{ part, kind string }

// related returns the parts that a part names, by their ids there, of one kind.
func (w *workbook) related(name, kind string) (map[string]relation, error) {
	folder, base := path.Split(name)
	list := path.Join(folder, "_rels", base+".rels")
	if name == "" {
		list = "_rels/.rels"
	}
	if w.parts[strings.ToLower(list)] == nil {
		return nil, nil
	}
	var all struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		}
	}
	if err := w.decode(list, &all); err != nil {
		return nil, err
	}
	found := map[string]relation{}
	for _, r := range all.Relationship {
		if strings.EqualFold(r.Mode, "External") || !strings.HasSuffix(strings.ToLower(r.Type), kind) {
			continue // nothing outside the file is ever asked for
		}
		target := path.Join(folder, r.Target)
		if strings.HasPrefix(r.Target, "/") {
			target = path.Clean(r.Target)[1:]
		}
		found[r.ID] = relation{target, r.Type}
	}
	return found, nil
}

// read reads the list of sheets, the styles and the shared texts.
func (w *workbook) read(main string) error {
	var list struct {
		Pr struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.decode(main, &list); err != nil {
		return err
	}
	w.from1904 = list.Pr.From1904 == "1" || list.Pr.From1904 == "true"
	parts, err := w.related(main, "/worksheet")
	if err != nil {
		return err
	}
	for _, s := range list.Sheets {
		for _, a := range s.Attrs {
			if r, ok := parts[a.Value]; ok && a.Name.Local == "id" {
				w.sheets = append(w.sheets, Sheet{Name: s.Name, Hidden: s.State != "" && s.State != "visible", part: r.part})
				break
			}
		}
	}
	if len(w.sheets) == 0 {
		return fault.New(fault.Invalid, "sheet.no_sheets")
	}
	for i := range w.sheets {
		if err := w.merged(&w.sheets[i]); err != nil {
			return err
		}
	}
	for kind, read := range map[string]func(string) error{"/styles": w.readStyles, "/sharedstrings": w.readTexts} {
		parts, err := w.related(main, kind)
		if err != nil {
			return err
		}
		if len(parts) > 0 {
			if err := read(first(parts)); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostMerged is how many merged ranges of a sheet are told.
const mostMerged = 1000

// merged finds the merged ranges of a sheet. They stand behind its rows, so it is
// passed over once, which also shows how large it is.
func (w *workbook) merged(s *Sheet) error {
	m, closer, err := w.part(s.part, w.limits.Unpacked, w.limits.Unpacked)
	if err != nil {
		return err
	}
	defer closer.Close()
	const mark = "mergeCell "
	buffer, kept := make([]byte, 64<<10), 0
	for {
		n, err := m.Read(buffer[kept:])
		text := string(buffer[:kept+n])
		for len(s.Merged) < mostMerged {
			_, after, found := strings.Cut(text, mark)
			end := strings.IndexByte(after, '>')
			if !found || end < 0 {
				break
			}
			if _, ref, ok := strings.Cut(after[:end], `ref="`); ok {
				ref, _, _ = strings.Cut(ref, `"`)
				s.Merged = append(s.Merged, ref)
			}
			text = after[end:]
		}
		kept = copy(buffer, text[max(0, len(text)-256):])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return partFault(err)
		}
	}
}

// texts are the texts that cells share, kept in one piece of memory.
type texts struct {
	all  []byte
	ends []uint32
}

func (t *texts) at(i int) (string, bool) {
	if i < 0 || i >= len(t.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.all[from:t.ends[i]]), true
}

// readTexts reads the texts that cells share. Of a text in several fonts, all of
// the letters are taken, and none of what says how to pronounce them.
func (w *workbook) readTexts(name string) error {
	m, closer, err := w.part(name, w.limits.Unpacked, pieceOf(w.limits))
	if err != nil {
		return err
	}
	defer closer.Close()
	in := newTokens(m)
	inText, spoken := false, 0
	for {
		token, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return partFault(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
			if t.Name.Local == "rPh" {
				spoken++
			}
		case xml.EndElement:
			inText = false
			switch t.Name.Local {
			case "rPh":
				spoken--
			case "si":
				w.texts.ends = append(w.texts.ends, uint32(len(w.texts.all)))
			}
		case xml.CharData:
			if inText && spoken == 0 {
				w.texts.all = append(w.texts.all, t...)
			}
			if int64(len(w.texts.all)) > w.limits.Texts {
				return fault.New(fault.Invalid, "sheet.unpacks_too_large")
			}
		}
		if int64(len(w.texts.ends)) > w.limits.Texts/4 {
			return fault.New(fault.Invalid, "sheet.unpacks_too_large")
		}
	}
}

// pieceOf is how many bytes of XML may make one token: a cell all of whose
// letters are written as numbers.
func pieceOf(l Limits) int64 { return int64(l.Cell)*10 + 1<<16 }

// tokens reads XML piece by piece, without names of spaces, and sees to it that
// it is whole and not too deep.
type tokens struct {
	in    *xml.Decoder
	meter *meter
	open  []string
	any   bool
}

func newTokens(m *meter) *tokens { return &tokens{in: xml.NewDecoder(m), meter: m} }

// deepest is how deep the elements of a part may stand in one another.
const deepest = 64

func (t *tokens) next() (xml.Token, error) {
	t.meter.next()
	token, err := t.in.RawToken()
	if err == io.EOF && (len(t.open) > 0 || !t.any) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	switch e := token.(type) {
	case xml.StartElement:
		t.open, t.any = append(t.open, e.Name.Local), true
		if len(t.open) > deepest {
			return nil, errors.New("elements too deep")
		}
	case xml.EndElement:
		n := len(t.open) - 1
		if n < 0 || t.open[n] != e.Name.Local {
			return nil, errors.New("elements cross")
		}
		t.open = t.open[:n]
	}
	return token, nil
}

// column reads the column of a cell's name: 0 of "A7", 27 of "AB7".
func column(name string) (int, bool) {
	n, i := 0, 0
	for ; i < len(name) && name[i] >= 'A' && name[i] <= 'Z' && i < 4; i++ {
		n = n*26 + int(name[i]-'A') + 1
	}
	_, err := strconv.ParseUint(name[i:], 10, 32)
	return n - 1, n > 0 && err == nil
}
