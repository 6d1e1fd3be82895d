// SPDX-License-Identifier: Apache-2.0

package hsds

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"fera/internal/fault"
)

// What a package may ask of the machine.
const (
	mostBytes  = 64 << 20  // as it is sent
	mostOpened = 256 << 20 // unpacked, of all tables
	mostRows   = 200_000   // of one table
	mostCell   = 64 << 10
	mostFaults = 50 // that are told
	mostDepth  = 12 // of JSON
)

// Row is one row of a table with where it stood.
type Row struct {
	File   string // as the sender calls it: the file of the archive, or the place in JSON
	Number int    // as a spreadsheet shows it; 0 in JSON
	Values map[string]string
}

// Package is what an exchange holds: its rows by the objects of HSDS.
type Package struct {
	Rows  map[string][]*Row
	Notes []*fault.Error // what was left out or is odd, and no reason to refuse
}

func newPackage() *Package { return &Package{Rows: map[string][]*Row{}} }

// at makes the fault of a row and a field.
func at(key string, r *Row, field string) *fault.Error {
	return fault.New(fault.Invalid, key).With("file", r.File).With("row", r.Number).With("field", field)
}

// Read reads a package: a zip archive of tables, or JSON. What it refuses it refuses whole.
func Read(file io.ReaderAt, size int64) (*Package, error) {
	if size > mostBytes {
		return nil, fault.New(fault.Invalid, "fault.too_large").With("max", mostBytes>>20).On("file")
	}
	head := make([]byte, min(size, 4))
	if _, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("PK")) {
		return readZip(file, size)
	}
	text, err := io.ReadAll(io.NewSectionReader(file, 0, size))
	if err != nil {
		return nil, err
	}
	return readJSON(text)
}

func readZip(file io.ReaderAt, size int64) (*Package, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "hsds.archive").Because(err).On("file")
	}
	p := newPackage()
	names := fileNames(archive)
	left := int64(mostOpened)
	seen := map[string]bool{}
	for _, f := range archive.File {
		name := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		t := names[name]
		if f.FileInfo().IsDir() || name == "datapackage.json" || strings.HasPrefix(name, "._") {
			continue
		}
		if t == nil {
			p.Notes = append(p.Notes, at("hsds.unknown_file", &Row{File: short(name)}, ""))
			continue
		}
		if seen[t.object] {
			return nil, at("hsds.file_twice", &Row{File: short(name)}, "")
		}
		seen[t.object] = true
		text, err := opened(f, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(text))
		if err := p.table(t, short(name), text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func short(name string) string {
	if utf8.ValidString(name) && len(name) <= 80 {
		return name
	}
	return "?"
}

func opened(f *zip.File, left int64) ([]byte, error) {
	broken := at("hsds.archive", &Row{}, "")
	r, err := f.Open()
	if err != nil {
		return nil, broken.Because(err)
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, left+1))
	if err != nil {
		return nil, broken.Because(err)
	}
	if int64(len(text)) > left {
		return nil, fault.New(fault.Invalid, "fault.too_large").With("max", mostOpened>>20).On("file")
	}
	return text, nil
}

// fileNames are the tables by the names of their files, as HSDS has them or as datapackage.json says. One that is no JSON says nothing.
func fileNames(archive *zip.Reader) map[string]*table {
	all := map[string]*table{}
	for _, t := range tables() {
		all[t.file] = t
	}
	for _, f := range archive.File {
		if path.Base(f.Name) != "datapackage.json" {
			continue
		}
		text, err := opened(f, 4<<20)
		var paper struct {
			Resources []struct{ Name, Path string }
		}
		if err != nil || json.Unmarshal(text, &paper) != nil {
			continue
		}
		for _, r := range paper.Resources {
			for _, t := range tables() {
				if strings.TrimSuffix(r.Name, ".csv") == t.object || r.Name+".csv" == t.file {
					all[path.Base(r.Path)] = t
				}
			}
		}
	}
	return all
}

// table reads the rows of one file.
func (p *Package) table(t *table, name string, text []byte) error {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return at("hsds.encoding", &Row{File: name}, "")
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return broken(name, err)
	}
	for i, h := range head {
		if head[i] = strings.TrimSpace(h); slices.Contains(head[:i], head[i]) {
			return at("hsds.column_twice", &Row{File: name, Number: 1}, short(head[i]))
		}
		if t.column(head[i]) == nil && head[i] != "" {
			p.Notes = append(p.Notes, at("hsds.unknown_column", &Row{File: name, Number: 1}, short(head[i])))
		}
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(name, err)
		}
		line, _ := r.FieldPos(0)
		row := &Row{File: name, Number: line, Values: map[string]string{}}
		if len(cells) != len(head) {
			return at("hsds.width", row, "")
		}
		for i, c := range cells {
			if len(c) > mostCell {
				return at("hsds.cell", row, short(head[i])).With("max", mostCell>>10)
			}
			if c = strings.TrimSpace(c); c != "" && t.column(head[i]) != nil {
				row.Values[head[i]] = c
			}
		}
		if p.Rows[t.object] = append(p.Rows[t.object], row); len(p.Rows[t.object]) > mostRows {
			return at("hsds.rows", row, "").With("max", mostRows)
		}
	}
}

func broken(name string, err error) error {
	row := &Row{File: name}
	var where *csv.ParseError
	if errors.As(err, &where) {
		row.Number = where.Line
	}
	return at("hsds.broken_row", row, "").Because(err)
}
