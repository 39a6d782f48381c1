package data

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func readText(t *testing.T, text string, cfg CSVConfig) *Set {
	t.Helper()
	s, err := ReadCSV(strings.NewReader(text), cfg)
	require.NoError(t, err)
	return s
}

// cells returns the samples of s.
func cells(t testing.TB, s *Set) (rows [][]float64) {
	for i := range s.Len() {
		row, err := s.Row(nil, i)
		require.NoError(t, err)
		rows = append(rows, row)
	}
	return rows
}

func TestReadCSVReadsATable(t *testing.T) {
	text := "\ufeff alcohol ,colour,\"the \"\"grade\"\"\",id,class\r\n1.5,red,3,17,\"B, " +
		"or\nc\"\r\n\r\n-2e-3,white,1,18,A\r\n 7 ,red,10,19,A"
	s := readText(t, text, CSVConfig{Label: "class", Categories: []string{`the "grade"`}, Drop: []string{"4"}})
	require.Equal(t, []int{3}, s.Shape())
	require.Equal(t, [][]float64{{1.5, 0, 1}, {-2e-3, 1, 0}, {7, 0, 2}}, cells(t, s))
	require.Equal(t, []int{1, 0, 0}, s.Labels())
	require.Equal(t, []string{"A", "B, or\nc"}, s.ClassNames())
	require.Equal(t, Schema{
		Columns: []Column{{Name: "alcohol"}, {Name: "colour", Categories: []string{"red", "white"}},
			{Name: `the "grade"`,
				Categories: []string{"1", "3", "10"}}},
		Label: Column{Name: "class", Categories: []string{"A", "B, or\nc"}},
	}, s.Schema())
}

func TestReadCSVFindsColumns(t *testing.T) {
	const text = "2,x,y\n5,6,7\n8,9,1\n"
	require.Equal(t, [][]float64{{6, 7}, {9, 1}}, cells(t, readText(t, text, CSVConfig{Label: "2"})),
		"a name goes before a number")
	require.Equal(t, [][]float64{{5, 6}, {8, 9}}, cells(t, readText(t, text, CSVConfig{Label: "3"})))
	require.Equal(t, [][]float64{{5, 6}, {8, 9}}, cells(t, readText(t, text, CSVConfig{})), "the last")
	require.Equal(t, []string{"1", "7"}, readText(t, text, CSVConfig{}).ClassNames())
	all := readText(t, text, CSVConfig{Unlabeled: true})
	require.Equal(t, [][]float64{{5, 6, 7}, {8, 9, 1}}, cells(t, all))
	require.Equal(t, 1, all.Classes())
	require.Equal(t, 3, readText(t, "5;6\n7;8\n9;0\n", CSVConfig{NoHeader: true, Comma: ';'}).Len())
	pairs := readText(t, text, CSVConfig{Targets: []string{"y", "2"}})
	require.Equal(t, [][]float64{{6}, {9}}, cells(t, pairs))
	target, err := pairs.Target(nil, 1)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 8}, target)
	require.Equal(t, []Column{{Name: "y"}, {Name: "2"}}, pairs.Schema().Targets)
}

func TestReadCSVFillsMissingCells(t *testing.T) {
	const text = "a,b,class\n1,u,0\n,v,1\n4,?,0\nNaN,v,1\n10,u,1\n"
	for fill, want := range map[Fill][2]float64{FillMean: {5, 0}, FillMedian: {4, 0}, FillZero: {0, 0}} {
		s := readText(t, text, CSVConfig{Fill: fill})
		require.Equal(t, [][]float64{{1, 0}, {want[0], 1}, {4, want[1]}, {want[0], 1}, {10, 0}}, cells(t, s))
		schema := s.Schema()
		other := readText(t, "b,a\nv,na\n", CSVConfig{Schema: &schema})
		require.Equal(t, [][]float64{{want[0], 1}}, cells(t, other), "the filling of the training data")
	}
	s := readText(t, "a,class\n-99,0\n3,1\n", CSVConfig{Missing: []string{"-99"}, Fill: FillMean,
		Categories: []string{"a"}})
	require.Equal(t, [][]float64{{0}, {0}}, cells(t, s))
	require.Equal(t, []string{"3"}, s.Schema().Columns[0].Categories)
}

func TestReadCSVFollowsASchema(t *testing.T) {
	schema := readText(t, "a,colour,class\n1,red,yes\n2,blue,no\n", CSVConfig{}).Schema()
	s := readText(t, "class,colour,more,a\nyes,red,x,8\n", CSVConfig{Schema: &schema})
	require.Equal(t, [][]float64{{8, 1}}, cells(t, s))
	require.Equal(t, []int{1}, s.Labels())
	require.Equal(t, 2, s.Classes())
	require.Equal(t, schema, s.Schema())
	for text, want := range map[string]string{
		"a,class\n1,yes\n":            `no such column`,
		"a,colour\n1,green\n":         `line 2, column 2 ("colour"): the text "green"`,
		"a,colour,class\n1,red,may\n": `line 2, column 3 ("class"): the text "may"`,
		"a,colour\nx,red\n":           `line 2, column 1 ("a"): the text "x"`,
		"a,colour\n,red\n":            `line 2, column 1 ("a"): the cell ""`,
	} {
		_, err := ReadCSV(strings.NewReader(text), CSVConfig{Schema: &schema})
		require.ErrorContains(t, err, want, text)
	}
	_, err := ReadCSV(strings.NewReader("a,colour\n1,red\n"), CSVConfig{Schema: &schema, Fill: FillMean})
	require.ErrorIs(t, err, ErrInput)
}

func TestReadCSVSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		text string
		cfg  CSVConfig
		want string
	}{
		{"", CSVConfig{}, "empty"},
		{"a,b\n", CSVConfig{}, "no sample"},
		{"x,y,class\n1,2,a\n3,oops,b\n", CSVConfig{},
			`line 3, column 2 ("y"): the text "oops" in a column that holds a number on line 2`},
		{"x,y,class\n1,\"two\n lines\",a\n\n3,7,b\n", CSVConfig{},
			`line 2, column 2 ("y"): the text "two\n lines" in a column that holds a number on line 5`},
		{"x,class\n1,a\nNaN,b\n", CSVConfig{}, `line 3, column 1 ("x"): the cell "NaN" is missing`},
		{"x,class\n1,a\nnan,b\n", CSVConfig{Missing: []string{}}, `line 3, column 1 ("x"): "nan" is no finite number`},
		{"x,class\n1,a\n-Inf,b\n", CSVConfig{}, `line 3, column 1 ("x"): "-Inf" is no finite number`},
		{"x,class\n1,a\n1e999,b\n", CSVConfig{Fill: FillMean}, `line 3, column 1 ("x"): "1e999" is no finite number`},
		{"x,class\n1,a\n2\n", CSVConfig{}, "line 3 has 1 cells, want 2"},
		{"x,class\n1,a\n2,b,c,\"d\n\"\n", CSVConfig{}, "line 3 has 4 cells, want 2"},
		{"x,y,z,class\na\n", CSVConfig{}, "line 2 has 1 cells, want 4"},
		{"x,class\n1,\n", CSVConfig{}, `line 2, column 2 ("class"): there is no class`},
		{"x,class\n,a\n,b\n", CSVConfig{Fill: FillMean}, "every cell is missing"},
		{"x,class\n1,a\nb\"c,b\n", CSVConfig{}, `line 3, column 1 ("x"): a quote in the cell`},
		{"x,class\n1,a\n\"b\"c,b\n", CSVConfig{}, `after the closing quote`},
		{"x,class\n1,a\n\"b,b\n", CSVConfig{}, `not closed`},
		{"x,class\n1,a\n2,\xff\n", CSVConfig{}, `line 3, column 2 ("class"): the text "\xff" is not UTF-8`},
		{"\xff\xfex\x00", CSVConfig{}, "UTF-16"},
		{"x,class\n1,a\n", CSVConfig{Label: "klass"}, `Label "klass": no such column: there are 1 "x", 2 "class"`},
		{"x,x,class\n1,2,a\n", CSVConfig{Label: "x"}, "columns 1 and 2 both have that name"},
		{"x,class\n1,0.5\n", CSVConfig{}, `line 2, column 2 ("class"): the class 0.5 is no whole number`},
		{"x,class\n1,a\n", CSVConfig{Targets: []string{"class"}},
			`line 2, column 2 ("class"): the text "a" in a column of numbers`},
		{"x;class\n1;a\n", CSVConfig{}, `is ',' what separates cells?`},
		{"1.5,2.5\n3,4\n", CSVConfig{}, "NoHeader"},
		{"x,class\n1,a\n", CSVConfig{Comma: '"'}, "cells separated by"},
		{"x,class\n1,a\n", CSVConfig{Fill: 9}, "Fill is 9"},
		{"x,class\n1,a\n", CSVConfig{Label: "x", Drop: []string{"x"}}, "named twice"},
		{"x,class\n1,a\n", CSVConfig{Label: "x", Unlabeled: true}, "exclude each other"},
	} {
		_, err := ReadCSV(strings.NewReader(c.text), c.cfg)
		require.ErrorContains(t, err, c.want, "%q", c.text)
		require.True(t, err != nil && (strings.Contains(err.Error(), ErrFormat.Error()) || strings.Contains(err.Error(),
			ErrInput.Error())), err)
	}
	_, err := ReadCSV(nil, CSVConfig{})
	require.ErrorIs(t, err, ErrInput)
	_, err = LoadCSV(t.TempDir(), CSVConfig{})
	require.ErrorIs(t, err, ErrFormat)
}

// A header that promises many columns and lines that hold nothing take no memory.
func TestReadCSVBelievesNoHeader(t *testing.T) {
	text := strings.Repeat("a,", 1<<18) + "class\n" + strings.Repeat("\n\n1\n", 1<<17)
	_, err := ReadCSV(strings.NewReader(text), CSVConfig{})
	require.ErrorContains(t, err, "line 4 has 1 cells, want 262145")
}

func TestNamesOutlastSubsets(t *testing.T) {
	s := readText(t, "x,class\n1,a\n2,b\n3,c\n4,c\n5,b\n6,a\n", CSVConfig{})
	part, rest, err := s.Split(0.5, 1)
	require.NoError(t, err)
	require.Equal(t, s.Schema(), part.Schema())
	require.Equal(t, s.Schema(), rest.Schema())
	few, err := s.FirstOfEach(1, 2, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"c", "a"}, few.ClassNames())
	require.Equal(t, []string{"a", "b", "c"}, s.ClassNames())
}

// Every number is the one that strconv reads.
func TestReadCSVRoundsNumbersAsStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var texts []string
	for range 20000 {
		v := math.Float64frombits(rng.Uint64())
		if v-v != 0 {
			continue
		}
		texts = append(texts, strconv.FormatFloat(v, "efg"[rng.IntN(3)], rng.IntN(20)-1, 64),
			strconv.FormatFloat(rng.NormFloat64()*1000, 'f', rng.IntN(20)-1, 64))
	}
	texts = append(texts, "-0", "+5", "5.", ".5", "9007199254740993", "9007199254740991.5", "0.000000000000000001",
		"00012.50")
	s := readText(t, "x,class\n"+strings.Join(texts, ",1\n")+",1\n", CSVConfig{})
	for i, row := range cells(t, s) {
		want, err := strconv.ParseFloat(texts[i], 64)
		require.NoError(t, err)
		require.Equal(t, math.Float64bits(want), math.Float64bits(row[0]), texts[i])
	}
}

// scan returns the records that a scanner finds.
func scan(text []byte, comma byte) (all [][]string, err error) {
	s := csvScanner{b: text, comma: comma, last: true}
	for {
		record, err := s.record()
		if err != nil || record == nil {
			return all, err
		}
		all = append(all, record)
	}
}

// FuzzCSVCells: cells are those of encoding/csv, and so is whether the text is one.
func FuzzCSVCells(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "\"a\"\"\r\n\",b\r\r\n\n\r\n,,\r", "a\"b\n", "\"a\"b\n", "\"a", "\"\"",
		"\r", "a,\"b\"\r", "\"\r\n\"\r\n\"\r\""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := csv.NewReader(bytes.NewReader(text))
		r.FieldsPerRecord = -1
		var want [][]string
		var err error
		for err == nil {
			var record []string
			if record, err = r.Read(); err == nil {
				want = append(want, record)
			}
		}
		got, e := scan(text, ',')
		require.Equal(t, err == io.EOF, e == nil, "%v, %v", err, e)
		require.Equal(t, want, got)
	})
}

// FuzzCSV: a table is the same in one piece and in many, as are errors.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"a,b\n1,x\n2,y\n", "a,b\n1,\"x\n\"\n\n2,y\r\n", "a\n1\n2\n\n", "a,b\n1,2,3\n",
		"a,b\n1,2\n\"x,3\n", "a,b\n?,2\n7,1\n"} {
		f.Add([]byte(text), uint8(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		cfg := CSVConfig{Fill: FillMean}
		one, err := readCSV(text, cfg, len(text)+1)
		many, e := readCSV(text, cfg, int(size)+1)
		require.Equal(t, fmt.Sprint(err), fmt.Sprint(e))
		if err == nil {
			require.Equal(t, one.Schema(), many.Schema())
			require.Equal(t, one.Labels(), many.Labels())
			require.Equal(t, cells(t, one), cells(t, many))
		}
	})
}

// table returns a table of so many samples of 50 numbers.
func bigTable(n int, quote string) []byte {
	rng := rand.New(rand.NewPCG(3, 4))
	var b []byte
	for c := range 50 {
		b = fmt.Appendf(b, "x%d,", c)
	}
	b = append(b, "class\n"...)
	lines := make([][]byte, 1000)
	for i := range lines {
		for range 50 {
			lines[i] = strconv.AppendFloat(lines[i], rng.NormFloat64(), 'f', 5, 64)
			lines[i] = append(lines[i], ',')
		}
		lines[i] = append(lines[i], quote+[]string{"red", "white"}[i%2]+quote+"\n"...)
	}
	b = slices.Grow(b, n*len(lines[0]))
	for i := range n {
		b = append(b, lines[i%1000]...)
	}
	return b
}

// BenchmarkLoadCSV reads 10⁶ samples of 50 numbers and a class from a file, bare and quoted.
func BenchmarkLoadCSV(b *testing.B) {
	const n = 1_000_000
	for _, quote := range []string{"", `"`} {
		b.Run("quote"+quote, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "t.csv")
			text := bigTable(n, quote)
			require.NoError(b, os.WriteFile(path, text, 0o666))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s, err := LoadCSV(path, CSVConfig{Label: "class"})
				require.NoError(b, err)
				require.Equal(b, n, s.Len())
			}
		})
	}
}
