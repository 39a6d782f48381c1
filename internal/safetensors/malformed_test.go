package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
)

// file returns a file with that header, its true length before it, and data of
// that many bytes behind.
func file(header string, data int) []byte {
	return prefixed(uint64(len(header)), header, data)
}

func prefixed(n uint64, header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, n)
	return append(append(b, header...), make([]byte, data)...)
}

// one returns a file of a tensor w of 2 float32, with those fields.
func one(fields string) []byte { return file(`{"w":{`+fields+`}}`, 8) }

func read(b []byte) (*safetensors.File, error) {
	return safetensors.Read(bytes.NewReader(b), int64(len(b)))
}

const good = `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`

// malformed has a file for each rule, and what the error says of it. Each is
// good but for that.
var malformed = []struct {
	name string
	file []byte
	says string
}{
	{"empty", nil, "0 bytes, fewer than the 8"},
	{"no whole length", []byte{1, 0, 0, 0, 0, 0, 0}, "7 bytes, fewer than the 8"},
	{"length beyond the file", prefixed(55, good, 0), "claims 55 bytes, but 54 follow"},
	{"length of all ones", prefixed(1<<64-1, good, 8), "claims 18446744073709551615 bytes"},
	{"no header", file("", 0), "does not start with {"},
	{"space before the header", file(" "+good, 8), "does not start with {"},
	{"header is an array", file("[]", 0), "does not start with {"},
	{"not UTF-8", file("{\"\xff\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8), "not UTF-8"},
	{"cut header", file(good[:len(good)-1], 8), "ends where , should be"},
	{"cut in a string", file(`{"w`, 0), "a string has no end"},
	{"cut in an escape", file(`{"w\`, 0), "a string has no end"},
	{"bad escape", file(`{"\x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), "invalid character 'x'"},
	{"line feed in a string", file("{\"\n\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8),
		"invalid character"},
	{"comma before the end", file(good[:len(good)-1]+",}", 8), "'}' where \" should be"},
	{"no colon", file(`{"w" {"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), "'{' where : should be"},
	{"JSON after the header", file(good+"{}", 8), "'{' after the last }"},
	{"zero byte after the header", file(good+"\x00", 8), `'\x00' after the last }`},
	{"tensor is a number", file(`{"w":1}`, 0), "'1' where { should be"},
	{"tensor is null", file(`{"w":null}`, 0), "'n' where { should be"},
	{"nested fields", one(`"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":{"y":{}}`), `field "x" is unknown`},
	{"nested shape", one(`"dtype":"F32","shape":[[2]],"data_offsets":[0,8]`), "not a whole number"},
	{"nested deep", file(strings.Repeat(`{"w":`, 1000), 0), `field "w" is unknown`},
	{"no dtype", one(`"shape":[2],"data_offsets":[0,8]`), "missing"},
	{"no shape", one(`"dtype":"F32","data_offsets":[0,8]`), "missing"},
	{"no offsets", one(`"dtype":"F32","shape":[2]`), "missing"},
	{"two names",
		file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],`+
			`"data_offsets":[8,16]}}`, 16), `"w" is there twice`},
	{"two names, one escaped",
		file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\u0077":{"dtype":"F32","shape":[2],`+
			`"data_offsets":[8,16]}}`, 16), `"w" is there twice`},
	{"two dtypes", one(`"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]`), `"dtype" is there twice`},
	{"half a byte", one(`"dtype":"F4","shape":[15],"data_offsets":[0,8]`), "F4 does not fill whole bytes"},
	{"three quarters of a byte", one(`"dtype":"F6_E2M3","shape":[11],"data_offsets":[0,8]`),
		"F6_E2M3 does not fill whole bytes"},
	{"sixes of a wrong size", one(`"dtype":"F6_E3M2","shape":[12],"data_offsets":[0,8]`),
		"takes 9 bytes, but data_offsets give 8"},
	{"bytes of a wrong size", one(`"dtype":"F8_E4M3","shape":[9],"data_offsets":[0,8]`),
		"takes 9 bytes, but data_offsets give 8"},
	{"complex numbers of a wrong size", one(`"dtype":"C64","shape":[2],"data_offsets":[0,8]`),
		"takes 16 bytes, but data_offsets give 8"},
	{"unknown dtype beyond the file", one(`"dtype":"F33","shape":[2],"data_offsets":[0,9]`),
		"take 9 bytes, but 8 follow"},
	{"dtype is a number", one(`"dtype":32,"shape":[2],"data_offsets":[0,8]`), `'3' where " should be`},
	{"negative dimension", one(`"dtype":"F32","shape":[-2],"data_offsets":[0,8]`), `"-2" is not a whole number`},
	{"two negative dimensions", one(`"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]`),
		`"-1" is not a whole number`},
	{"fractional dimension", one(`"dtype":"F32","shape":[2.0],"data_offsets":[0,8]`), `"2.0" is not a whole number`},
	{"dimension with an exponent", one(`"dtype":"F32","shape":[2e0],"data_offsets":[0,8]`),
		`"2e0" is not a whole number`},
	{"dimension with a leading zero", one(`"dtype":"F32","shape":[02],"data_offsets":[0,8]`),
		`"02" is not a whole number`},
	{"dimension with a plus", one(`"dtype":"F32","shape":[+2],"data_offsets":[0,8]`), `"+2" is not a whole number`},
	{"dimension is text", one(`"dtype":"F32","shape":["2"],"data_offsets":[0,8]`), "not a whole number"},
	{"dimension beyond int", one(`"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]`),
		"not a whole number"},
	{"shape product overflows to the size", one(`"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]`),
		"is more than"},
	{"shape bytes overflow", one(`"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]`), "is more than"},
	{"shape overflows before a zero",
		file(`{"w":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`, 0), "is more than"},
	{"shape overflows behind a zero",
		file(`{"w":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "is more than"},
	{"too many dimensions", one(`"dtype":"F32","shape":[2` + strings.Repeat(",1", 64) + `],"data_offsets":[0,8]`),
		"more than 64 numbers"},
	{"shape without an end", file(`{"w":{"dtype":"F32","shape":[2`, 0), "ends where , should be"},
	{"the largest shape", one(`"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,8]`),
		"takes 9223372036854775807 bytes, but"},
	{"size is not the shape's", one(`"dtype":"F32","shape":[3],"data_offsets":[0,8]`),
		"takes 12 bytes, but data_offsets give 8"},
	{"size is not the dtype's", one(`"dtype":"F64","shape":[2],"data_offsets":[0,8]`),
		"takes 16 bytes, but data_offsets give 8"},
	{"one offset", one(`"dtype":"F32","shape":[2],"data_offsets":[0]`), "has 1 numbers, want 2"},
	{"three offsets", one(`"dtype":"F32","shape":[2],"data_offsets":[0,8,8]`), "more than 2 numbers"},
	{"offsets run backwards", one(`"dtype":"F32","shape":[2],"data_offsets":[8,0]`), "backwards, from 8 to 0"},
	{"offsets beyond the file", file(good, 7), "take 8 bytes, but 7 follow"},
	{"trailing byte", file(good, 9), "1 bytes follow the last tensor's"},
	{"data without a tensor", file(`{}`, 1), "1 bytes follow the last tensor's"},
	{"hole at the start", file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}`, 9), "leaves a hole from 0"},
	{"hole in the middle", two("[0,8]", "[9,17]", 17), "leaves a hole from 8"},
	{"overlap", two("[0,8]", "[7,15]", 15), `"b" starts at byte 7, inside "a", which ends at 8`},
	{"overlap against the order", two("[7,15]", "[0,8]", 15), `"a" starts at byte 7, inside "b"`},
	{"the same bytes twice", two("[0,8]", "[0,8]", 8), "inside"},
	{"empty tensor inside another",
		file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[0],`+
			`"data_offsets":[4,4]}}`, 8), "inside"},
	{"empty tensor behind the data",
		file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[0],`+
			`"data_offsets":[9,9]}}`, 8), "leaves a hole"},
	{"text is not text", file(`{"__metadata__":{"step":12}}`, 0), "__metadata__: byte"},
	{"text is null", file(`{"__metadata__":null}`, 0), "__metadata__: byte"},
	{"text is nested", file(`{"__metadata__":{"a":{"b":"c"}}}`, 0), "__metadata__: byte"},
	{"text twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), `"__metadata__" is there twice`},
	{"text with a name twice", file(`{"__metadata__":{"a":"b","a":"b"}}`, 0), `"a" is there twice`},
}

// two returns a file of two tensors of 2 float32 with those offsets.
func two(a, b string, data int) []byte {
	const entry = `"%s":{"dtype":"F32","shape":[2],"data_offsets":%s}`
	return file(fmt.Sprintf("{"+entry+","+entry+"}", "a", a, "b", b), data)
}

func TestMalformedFilesAreRefused(t *testing.T) {
	for _, c := range malformed {
		t.Run(c.name, func(t *testing.T) {
			f, err := read(c.file)
			require.ErrorIs(t, err, safetensors.ErrFormat)
			assert.ErrorContains(t, err, c.says)
			assert.Nil(t, f)
		})
	}
}

// TestTheTableIsGoodButForOneThing keeps the table honest: what it spoils can be
// read.
func TestTheTableIsGoodButForOneThing(t *testing.T) {
	for _, b := range [][]byte{
		file(good, 8), file(good+"  \n", 8), one(`"shape":[2],"dtype":"F32","data_offsets":[0,8]`),
		two("[0,8]", "[8,16]", 16),
		two("[8,16]", "[0,8]", 16), file(`{"__metadata__":{"a":"b"}}`, 0), file("{}", 0),
		one(`"dtype":"F32","shape":[2` + strings.Repeat(",1", 63) + `],"data_offsets":[0,8]`),
		file(`{ "w" : { "dtype" : "U8", "shape" : [ ], "data_offsets" : [ 0 , 1 ] } } `, 1),
	} {
		_, err := read(b)
		assert.NoError(t, err, "%q", b)
	}
}

func TestALongHeaderIsRefusedUnread(t *testing.T) {
	_, err := safetensors.Read(bytes.NewReader(prefixed(safetensors.MaxHeader+1, "", 0)), 1<<30)
	require.ErrorIs(t, err, safetensors.ErrFormat)
	require.ErrorContains(t, err, "has 100000001 bytes, more than 100000000")
}

func TestACutFileIsRefusedAtEveryByte(t *testing.T) {
	whole := two("[0,8]", "[8,16]", 16)
	for n := range whole {
		_, err := read(whole[:n])
		require.ErrorIs(t, err, safetensors.ErrFormat, "%d bytes", n)
	}
}

// TestAFileShorterThanItsSizeIsRefused is the file that is cut while it is read.
func TestAFileShorterThanItsSizeIsRefused(t *testing.T) {
	whole := two("[0,8]", "[8,16]", 16)
	for n := range whole {
		_, err := safetensors.Read(bytes.NewReader(whole[:n]), int64(len(whole)))
		require.ErrorIs(t, err, safetensors.ErrFormat, "%d bytes", n)
	}
}

// TestALieCostsNoMemory reads small files that claim to be huge. What reading
// them allocates is below a bound that none of the claims would meet.
func TestALieCostsNoMemory(t *testing.T) {
	for _, b := range [][]byte{
		prefixed(1<<40, good, 8),
		prefixed(safetensors.MaxHeader, good, 8),
		one(`"dtype":"F32","shape":[268435456],"data_offsets":[0,1073741824]`),
		one(`"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]`),
		two("[0,8]", "[1073741824,1073741832]", 16),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := read(b)
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, safetensors.ErrFormat)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "%q", b)
	}
}
