// SPDX-License-Identifier: Apache-2.0

package sheets

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"fera/internal/fault"
)

// delimiters are the ones in use, in the order of preference when nothing speaks
// for another.
const delimiters = ",;\t|"

// sampled is how much of a text is looked at for its delimiter.
const sampled = 256 << 10

// openText finds a text's encoding and delimiter.
func (b *Book) openText(file io.ReaderAt, size int64) error {
	whole := io.NewSectionReader(file, 0, size)
	mark, err := b.findEncoding(whole)
	if err != nil {
		return err
	}
	b.text = io.NewSectionReader(file, mark, size-mark)
	head, err := io.ReadAll(io.LimitReader(b.decoded(), sampled))
	if err != nil {
		return err
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return fault.New(fault.Invalid, "sheet.not_a_table")
	}
	b.findDelimiter(string(head))
	return nil
}

// findEncoding returns the length of the mark at the beginning.
func (b *Book) findEncoding(file *io.SectionReader) (mark int64, err error) {
	head := make([]byte, 4096)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		b.Encoding = UTF8
		return 3, nil
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		b.Encoding = UTF16LE
		return 2, nil
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		b.Encoding = UTF16BE
		return 2, nil
	}
	// Without a mark, commas and digits leave a zero in every other byte.
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case zeros[1] > len(head)/16 && zeros[0] < zeros[1]/4:
		b.Encoding = UTF16LE
		return 0, nil
	case zeros[0] > len(head)/16 && zeros[1] < zeros[0]/4:
		b.Encoding = UTF16BE
		return 0, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	b.Encoding, err = narrow(file)
	return 0, err
}

// narrow tells UTF-8 from Windows-1252, over the whole text. A text with more
// letters that are right in UTF-8 than bytes that are wrong is UTF-8 with damage,
// which stays visible in the rows that have it.
func narrow(file io.Reader) (Encoding, error) {
	in := bufio.NewReaderSize(file, 64<<10)
	right, wrong := 0, 0
	for {
		r, size, err := in.ReadRune()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		switch {
		case r == utf8.RuneError && size == 1:
			wrong++
		case size > 1:
			right++
		}
	}
	if wrong > right {
		return Windows1252, nil
	}
	return UTF8, nil
}

// decoded reads the text as UTF-8.
func (b *Book) decoded() io.Reader {
	text := io.NewSectionReader(b.text, 0, b.text.Size())
	switch b.Encoding {
	case UTF16LE:
		return transform.NewReader(text, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder())
	case UTF16BE:
		return transform.NewReader(text, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder())
	case Windows1252:
		return transform.NewReader(text, charmap.Windows1252.NewDecoder())
	}
	return text
}

// findDelimiter takes the delimiter that a first line sep=; names, else the one
// that most lines have the same number of.
func (b *Book) findDelimiter(head string) {
	if first, _, _ := strings.Cut(head, "\n"); strings.HasPrefix(first, "sep=") {
		if said := []rune(strings.Trim(first[4:], "\r\n")); len(said) == 1 && strings.ContainsRune(delimiters, said[0]) {
			b.Delimiter, b.skip = said[0], 1
			return
		}
	}
	best := 0
	for _, d := range delimiters {
		if score := evenness(head, d); score > best || b.Delimiter == 0 {
			b.Delimiter, best = d, score
		}
	}
}

// evenness says how well a delimiter divides lines into as many parts as the first.
func evenness(head string, d rune) int {
	lines, first, same, count, quoted := 0, -1, 0, 0, false
	end := func() {
		if first < 0 {
			first = count
		}
		if count == first {
			same++
		}
		lines, count = lines+1, 0
	}
	for _, r := range head {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == d:
			count++
		case r == '\n':
			end()
			if lines == 200 {
				return first * 1000 * same / lines
			}
		}
	}
	if count > 0 || lines == 0 {
		end()
	}
	return first * 1000 * same / lines
}

// crlf makes line ends of lone carriage returns, which old programs write.
type crlf struct {
	from *bufio.Reader
}

// Read implements io.Reader. It leaves \r\n to the parser, which knows it.
func (c crlf) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	for i := range n {
		if p[i] != '\r' {
			continue
		}
		if i+1 < n {
			if p[i+1] != '\n' {
				p[i] = '\n'
			}
		} else if next, e := c.from.Peek(1); e != nil || next[0] != '\n' {
			p[i] = '\n'
		}
	}
	return n, err
}

// textRows reads the rows of a text file.
func (b *Book) textRows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		// A row may be as long as a hundred of its longest cells.
		m := newMeter(crlf{bufio.NewReader(b.decoded())}, 4*b.limits.Bytes, 100*int64(b.limits.Cell))
		in := csv.NewReader(m)
		in.Comma, in.FieldsPerRecord, in.ReuseRecord = b.Delimiter, -1, true
		t := textReader{in: in, limits: b.limits, next: 1}
		for number := 0; ; {
			m.next()
			row, err := t.read()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{}, t.fault(err, number+1))
				return
			}
			number = row.Number
			if number <= b.skip || row.Fault == nil && empty(row.Cells) {
				continue
			}
			if number > b.limits.Rows {
				yield(Row{}, where(fault.New(fault.Invalid, "sheet.too_many_rows").With("max", b.limits.Rows), "", number))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// textReader numbers the records of a text as a spreadsheet numbers its rows:
// an empty line is a row, and a line end inside quotes is none.
type textReader struct {
	in     *csv.Reader
	limits Limits
	next   int // line on which the next record would begin
	number int
}

func (t *textReader) read() (Row, error) {
	cells, err := t.in.Read()
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		if inner := wrong.Err; errors.Is(inner, errPiece) || errors.Is(inner, errTotal) {
			return Row{}, inner
		}
		t.number += 1 + max(0, wrong.StartLine-t.next)
		if wrong.Line > wrong.StartLine { // the rows in between would be lost
			return Row{}, where(fault.New(fault.Invalid, "sheet.quote_open"), "", t.number)
		}
		t.next = wrong.Line + 1
		return Row{Number: t.number, Fault: where(fault.New(fault.Invalid, "sheet.bad_quote"), "", t.number)}, nil
	}
	if err != nil {
		return Row{}, err
	}
	start, _ := t.in.FieldPos(0)
	t.number += 1 + max(0, start-t.next)
	last, _ := t.in.FieldPos(len(cells) - 1)
	t.next = last + strings.Count(cells[len(cells)-1], "\n") + 1
	row := Row{Number: t.number}
	if len(cells) > t.limits.Columns {
		row.Fault = where(fault.New(fault.Invalid, "sheet.too_many_columns").With("max", t.limits.Columns), "", t.number)
		return row, nil
	}
	row.Cells = make([]string, len(cells))
	for i, c := range cells {
		if len(c) > t.limits.Cell {
			row.Cells, row.Fault = nil, where(fault.New(fault.Invalid, "sheet.cell_too_long"), "", t.number)
			return row, nil
		}
		row.Cells[i] = unguarded(c)
		if cutShort.MatchString(strings.TrimSpace(c)) {
			row.Notes = append(row.Notes, Note{i, DigitsLost})
		}
	}
	return row, nil
}

// cutShort is a long number as Excel writes it into a text file from a narrow column.
var cutShort = regexp.MustCompile(`^\d(?:[.,]\d+)?[eE]\+\d{1,3}$`)

func (t *textReader) fault(err error, row int) error {
	switch {
	case errors.Is(err, errPiece):
		return where(fault.New(fault.Invalid, "sheet.row_too_long"), "", row)
	case errors.Is(err, errTotal):
		return fault.New(fault.Invalid, "sheet.file_too_large").With("max", t.limits.Bytes>>20)
	}
	return err
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
