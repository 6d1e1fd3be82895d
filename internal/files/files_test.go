// SPDX-License-Identifier: Apache-2.0

package files_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// picture is a JPEG whose left half is red and whose right half is blue.
func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 200, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts an EXIF block into a JPEG: the orientation, and a place that nobody should learn.
func withExif(sent []byte, orientation uint16) []byte {
	var tiff bytes.Buffer
	tiff.WriteString("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	binary.Write(&tiff, binary.LittleEndian, uint32(orientation))
	tiff.WriteString("\x00\x00\x00\x00GPS 23.8103N 90.4125E")
	block := []byte{0xFF, 0xE1, 0, 0}
	binary.BigEndian.PutUint16(block[2:], uint16(tiff.Len()+2))
	return append(append(append(append([]byte{}, sent[:2]...), block...), tiff.Bytes()...), sent[2:]...)
}

// bomb is a PNG of a few bytes that says it is 60,000 by 60,000 points.
func bomb() []byte {
	head := []byte("IHDR\x00\x00\xEA\x60\x00\x00\xEA\x60\x08\x06\x00\x00\x00")
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0D")
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func rahima(t *testing.T, d *db.DB) (id string) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		made, err := persons.Register(t.Context(), tx, worldtest.Amina(), worldtest.Rahima())
		id = string(made)
		return err
	})
	return id
}

func content(t *testing.T, kind files.Kind, sent []byte) files.Content {
	t.Helper()
	c, err := files.Read(kind, sent)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func add(t *testing.T, d *db.DB, who access.Actor, u files.Upload) (id files.ID, err error) {
	t.Helper()
	err = d.Write(context.Background(), func(tx *db.Tx) (err error) {
		id, err = files.Add(context.Background(), tx, who, u)
		return err
	})
	return id, err
}

func open(t *testing.T, d *db.DB, who access.Actor, id files.ID) (f files.File, body []byte, err error) {
	t.Helper()
	err = d.Write(context.Background(), func(tx *db.Tx) (err error) {
		f, body, err = files.Open(context.Background(), tx, who, id)
		return err
	})
	return f, body, err
}

func list(t *testing.T, d *db.DB, who access.Actor, person string, protected bool) (all []files.File) {
	t.Helper()
	if err := d.Read(context.Background(), func(q db.Reader) (err error) {
		all, err = files.List(context.Background(), q, who, person, protected)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAddListOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		her, amina := rahima(t, d), worldtest.Amina()
		paper := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("ফেরা "), 50_000)...) // three pieces
		u := files.Upload{Operation: "op", Person: her, Kind: files.Document, Title: "চুক্তিপত্র", Content: content(t, files.Document, paper)}
		id, err := add(t, d, amina, u)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := add(t, d, amina, u); err != nil || again != id {
			t.Errorf("the same act again: %s, %v; want the same file", again, err)
		}
		if all := list(t, d, amina, her, false); len(all) != 1 || all[0].Title != "চুক্তিপত্র" || all[0].By != "Amina" || all[0].Type != "application/pdf" {
			t.Errorf("list = %+v", all)
		}
		f, body, err := open(t, d, amina, id)
		if err != nil || !bytes.Equal(body, paper) || f.Title != "চুক্তিপত্র" {
			t.Errorf("open: %d bytes, %v; want the %d that were sent", len(body), err, len(paper))
		}
		if _, _, err := open(t, d, worldtest.Basil(), id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("who may not see her opens it: %v, want not found", err)
		}
		if _, err := add(t, d, worldtest.Basil(), u); fault.KindOf(err) != fault.NotFound {
			t.Errorf("who may not see her adds: %v, want not found", err)
		}
	})
}

func TestNothingLiesOpenInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		her := rahima(t, d)
		paper := []byte("%PDF-1.7\ncanary-body")
		if _, err := add(t, d, worldtest.Amina(), files.Upload{Person: her, Kind: files.Document, Title: "canary-title", Content: content(t, files.Document, paper)}); err != nil {
			t.Fatal(err)
		}
		err := d.Read(t.Context(), func(q db.Reader) error {
			var title, sealed []byte
			if err := q.QueryRow(t.Context(), `SELECT f.title, c.sealed FROM files f JOIN file_chunks c ON c.file_id = f.id`).Scan(&title, &sealed); err != nil {
				return err
			}
			if bytes.Contains(title, []byte("canary")) || bytes.Contains(sealed, []byte("canary")) {
				t.Error("a file can be read from the database without its key")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestProtectedFilesLeaveNoTrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		her, amina := rahima(t, d), worldtest.Amina()
		id, err := add(t, d, amina, files.Upload{Person: her, Kind: files.Document, Protected: true, Title: "canary", Content: content(t, files.Document, []byte("%PDF-1.4 canary"))})
		if err != nil {
			t.Fatal(err)
		}
		chandra := worldtest.Chandra() // sees her, but she is not on Chandra's caseload
		if all := append(list(t, d, chandra, her, false), list(t, d, chandra, her, true)...); len(all) != 0 {
			t.Errorf("the supervisor's lists = %+v, want none", all)
		}
		if _, _, err := open(t, d, chandra, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the supervisor opens it: %v, want not found", err)
		}
		if all := list(t, d, amina, her, false); len(all) != 0 {
			t.Errorf("a protected file is among the plain ones: %+v", all)
		}
		if _, _, err := open(t, d, amina, id); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			looks, err := audit.List(t.Context(), q, audit.Filter{Person: her, Act: access.ReadProtected})
			if len(looks) != 1 {
				t.Errorf("the trail has %d looks, want one", len(looks))
			}
			lines, err2 := persons.History(t.Context(), q, chandra, persons.ID(her), audit.Filter{Before: "", Limit: 50})
			for _, l := range lines {
				if strings.HasPrefix(l.Subject, "file:") {
					t.Errorf("her history tells the supervisor of it: %+v", l)
				}
			}
			if err == nil {
				err = err2
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestErasingTakesTheFiles(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		her := rahima(t, d)
		if _, err := add(t, d, worldtest.Amina(), files.Upload{Person: her, Kind: files.Document, Title: "x", Content: content(t, files.Document, []byte("%PDF-1.4 x"))}); err != nil {
			t.Fatal(err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := persons.Erase(t.Context(), tx, worldtest.Esha(), persons.ID(her), "her wish")
			return err
		})
		if err := d.Read(t.Context(), func(q db.Reader) error {
			var n int
			err := q.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM file_chunks)`).Scan(&n)
			if n != 0 {
				t.Errorf("%d rows of files are left, want none", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRemove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		her, amina := rahima(t, d), worldtest.Amina()
		id, err := add(t, d, amina, files.Upload{Person: her, Kind: files.Document, Title: "x", Content: content(t, files.Document, []byte("%PDF-1.4 x"))})
		if err != nil {
			t.Fatal(err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return files.Remove(t.Context(), tx, amina, id) })
		if _, _, err := open(t, d, amina, id); fault.KindOf(err) != fault.NotFound || len(list(t, d, amina, her, false)) != 0 {
			t.Errorf("it is still there: %v", err)
		}
	})
}

func TestPicturesAreDrawnAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		her := rahima(t, d)
		c := content(t, files.Photo, withExif(picture(t, 1600, 800), 6)) // held upright: the left of the picture is its top
		id, err := add(t, d, worldtest.Amina(), files.Upload{Person: her, Kind: files.Photo, Content: c})
		if err != nil {
			t.Fatal(err)
		}
		_, body, err := open(t, d, worldtest.Amina(), id)
		if err != nil || bytes.Contains(body, []byte("GPS")) || bytes.Contains(body, []byte("Exif")) {
			t.Fatalf("what is kept still says where it was taken: %v", err)
		}
		m, err := jpeg.Decode(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if b := m.Bounds(); b.Dx() != 600 || b.Dy() != 1200 {
			t.Errorf("size = %v, want 600 by 1200, upright", b)
		}
		top, _, _, _ := m.At(300, 50).RGBA()
		bottom, _, _, _ := m.At(300, 1150).RGBA()
		if top>>8 < 150 || bottom>>8 > 60 {
			t.Errorf("red at the top %d, at the bottom %d: it was turned the wrong way", top>>8, bottom>>8)
		}
	})
}

func TestReadRefuses(t *testing.T) {
	var transparent bytes.Buffer
	if err := png.Encode(&transparent, image.NewRGBA(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Read(files.Photo, transparent.Bytes()); err != nil {
		t.Errorf("a PNG: %v", err)
	}
	for name, c := range map[string]struct {
		kind files.Kind
		sent []byte
		key  string
	}{
		"nothing":          {files.Photo, nil, "file.needed"},
		"too much":         {files.Document, make([]byte, files.Largest+1), "fault.too_large"},
		"a page":           {files.Document, []byte("<html><script>alert(1)</script>"), "file.type_unknown"},
		"a drawing":        {files.Document, []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "file.type_unknown"},
		"a PDF as a photo": {files.Photo, []byte("%PDF-1.7"), "file.not_a_picture"},
		"a bomb":           {files.Photo, bomb(), "file.too_many_points"},
		"half a picture":   {files.Photo, picture(t, 400, 400)[:300], "file.unreadable"},
	} {
		if _, err := files.Read(c.kind, c.sent); fault.Of(err) == nil || fault.Of(err).Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

// No bytes make the reader stumble, whatever a camera or an attacker wrote.
func FuzzRead(f *testing.F) {
	f.Add(bomb())
	f.Add([]byte("\xFF\xD8\xFF\xE1\x00\x10Exif\x00\x00II*\x00\xFF\xFF\xFF\xFF"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		if c, err := files.Read(files.Document, sent); err == nil && c.Type == "" {
			t.Error("kept without a type")
		}
	})
}
