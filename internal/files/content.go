// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bytes"
	"image"
	"image/jpeg"
	_ "image/png" // decodes what phones and screens save
	"net/http"

	"golang.org/x/image/draw"

	"fera/internal/fault"
)

// Largest is how many bytes a file may have when it is sent.
const Largest = 10 << 20

// The bounds of pictures: how many points one may have when it is sent, and how
// long the longer side of what is kept is at most.
const (
	mostPoints   = 20_000_000
	photoSide    = 1200
	documentSide = 2400
)

// Content is the bytes of a file after they were looked at. Only Read makes one,
// so what was not looked at cannot be kept.
type Content struct {
	Type string // the media type, by what the bytes are and not by what the file is called
	body []byte
}

// Read looks at what was sent. A picture is drawn anew, which leaves behind
// where and with what it was taken, and anything that is hidden in it. It works
// for a second with a large picture, so it is called before the transaction.
func Read(kind Kind, sent []byte) (Content, error) {
	switch {
	case len(sent) == 0:
		return Content{}, fault.New(fault.Invalid, "file.needed").On("file")
	case len(sent) > Largest:
		return Content{}, fault.New(fault.Invalid, "fault.too_large").With("max", Largest>>20).On("file")
	}
	found := http.DetectContentType(sent)
	switch {
	case found == "image/jpeg" || found == "image/png":
		return redraw(kind, sent)
	case found == "application/pdf" && kind == Document:
		return Content{found, sent}, nil
	case kind == Photo:
		return Content{}, fault.New(fault.Invalid, "file.not_a_picture").On("file")
	}
	return Content{}, fault.New(fault.Invalid, "file.type_unknown").On("file")
}

func redraw(kind Kind, sent []byte) (Content, error) {
	said, _, err := image.DecodeConfig(bytes.NewReader(sent))
	if err != nil {
		return Content{}, fault.New(fault.Invalid, "file.unreadable").On("file").Because(err)
	}
	if said.Width <= 0 || said.Height <= 0 || said.Width > mostPoints/said.Height {
		return Content{}, fault.New(fault.Invalid, "file.too_many_points").With("max", mostPoints/1_000_000).On("file")
	}
	from, _, err := image.Decode(bytes.NewReader(sent))
	if err != nil {
		return Content{}, fault.New(fault.Invalid, "file.unreadable").On("file").Because(err)
	}
	side := photoSide
	if kind == Document {
		side = documentSide
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, turn(fit(from, side), orientation(sent)), &jpeg.Options{Quality: 82}); err != nil {
		return Content{}, fault.New(fault.Invalid, "file.unreadable").On("file").Because(err)
	}
	return Content{"image/jpeg", out.Bytes()}, nil
}

// fit draws a picture on white so that its longer side is at most so long.
func fit(from image.Image, side int) *image.RGBA {
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	if longer := max(w, h); longer > side {
		w, h = max(1, w*side/longer), max(1, h*side/longer)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(to, to.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(to, to.Bounds(), from, from.Bounds(), draw.Over, nil)
	return to
}

// turn sets a picture upright that a camera saved lying on its side.
func turn(from *image.RGBA, how int) *image.RGBA {
	w, h := from.Rect.Dx(), from.Rect.Dy()
	if how < 2 || how > 8 {
		return from
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if how >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := turned(how, image.Pt(x, y), image.Pt(w, h))
			to.SetRGBA(tx, ty, from.RGBAAt(x, y))
		}
	}
	return to
}

// turned says where a point goes, by the eight ways of EXIF.
func turned(how int, p, size image.Point) (x, y int) {
	right, bottom := size.X-1-p.X, size.Y-1-p.Y
	switch how {
	case 2:
		return right, p.Y
	case 3:
		return right, bottom
	case 4:
		return p.X, bottom
	case 5:
		return p.Y, p.X
	case 6:
		return bottom, p.X
	case 7:
		return bottom, right
	}
	return p.Y, right
}
