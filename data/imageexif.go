package data

import (
	"bytes"
	"encoding/binary"
)

// The orientation of an image, 1 to 8, is in its EXIF data: 1 is upright. EXIF data that cannot be read are ignored:
// cameras and programs write them in many ways, and they are not part of the picture.
//
// Reference: CIPA DC-008. Exchangeable image file format for digital still cameras: Exif version 2.32,
// 4.6.4, tag 274; PNG specification, third edition, 11.3.2.11, eXIf.

// jpegOrientation looks in the segments before the picture.
func jpegOrientation(b []byte) int {
	const app1, scan = 0xe1, 0xda
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		marker := b[at+1]
		if marker == 0xff { // fill
			at++
			continue
		}
		n := int(binary.BigEndian.Uint16(b[at+2:])) // with the length itself
		if marker == scan || n < 2 || at+2+n > len(b) {
			break
		}
		if exif, ok := bytes.CutPrefix(b[at+4:at+2+n], []byte("Exif\x00\x00")); marker == app1 && ok {
			return orientation(exif)
		}
		at += 2 + n
	}
	return 1
}

// pngOrientation looks in the chunks.
func pngOrientation(b []byte) int {
	for at := 8; at+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n > int64(len(b)-at-12) {
			break
		}
		if string(b[at+4:at+8]) == "eXIf" {
			return orientation(b[at+8 : at+8+int(n)])
		}
		at += 12 + int(n)
	}
	return 1
}

// orientation returns what a TIFF header and its first directory say.
func orientation(b []byte) int {
	const tag, short = 274, 3
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(b[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int(order.Uint16(b[at:]))
	for entry := b[at+2:]; n > 0 && len(entry) >= 12; n, entry = n-1, entry[12:] {
		if order.Uint16(entry) != tag {
			continue
		}
		if v := int(order.Uint16(entry[8:])); order.Uint16(entry[2:]) == short && v >= 1 && v <= 8 {
			return v
		}
		return 1
	}
	return 1
}
