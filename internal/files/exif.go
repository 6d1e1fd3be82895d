// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bytes"
	"encoding/binary"
)

// orientation reads from a JPEG which way the camera was held: 1 to 8 as EXIF
// numbers them, or 1 when the picture does not say.
func orientation(jpeg []byte) int {
	exif := exifOf(jpeg)
	if len(exif) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if exif[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(exif[4:]))
	if at < 8 || at > len(exif)-2 {
		return 1
	}
	const entry, tag = 12, 0x0112
	for i := range int(order.Uint16(exif[at:])) {
		e := at + 2 + i*entry
		if e > len(exif)-entry {
			return 1
		}
		if order.Uint16(exif[e:]) == tag {
			return int(order.Uint16(exif[e+8:]))
		}
	}
	return 1
}

// exifOf returns the EXIF block of a JPEG, which begins with the order of its bytes.
func exifOf(jpeg []byte) []byte {
	for at := 2; at+4 <= len(jpeg) && jpeg[at] == 0xFF; {
		kind, length := jpeg[at+1], int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if kind == 0xDA || length < 2 || at+2+length > len(jpeg) {
			return nil
		}
		if rest, ok := bytes.CutPrefix(jpeg[at+4:at+2+length], []byte("Exif\x00\x00")); ok && kind == 0xE1 {
			return rest
		}
		at += 2 + length
	}
	return nil
}
