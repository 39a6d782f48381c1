package main

import (
	"math"
	"strings"
	"testing"
)

// FuzzParseLines reads texts as a peer's lines: what it takes has names and times that a
// ratio can be of, a line each.
func FuzzParseLines(f *testing.F) {
	f.Add(`{"workload":"a","impl":"torch","ms":3,"min_ms":2}` + "\n\n" + `{"workload":"b","min_ms":1e-300}`)
	f.Add(`{"workload":"a","min_ms":0}`)
	f.Add(`{"workload":"a","min_ms":1e999}` + "\r\n{")
	f.Add("null\n[]\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := parseLines(strings.NewReader(text), "peer")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "peer") {
				t.Errorf("%v does not name the file", err)
			}
			return
		}
		if len(lines) > strings.Count(text, "\n")+1 {
			t.Errorf("%d lines of a text of %d", len(lines), strings.Count(text, "\n")+1)
		}
		for _, l := range lines {
			if l.Workload == "" || !(l.MinMS > 0) || math.IsInf(l.MinMS, 0) {
				t.Errorf("%+v was taken", l)
			}
		}
		var b strings.Builder
		rounds := [][]Line{lines}
		if err := printRatios(&b, pairUp(rounds, rounds)); err != nil || strings.Contains(b.String(), "NaN") {
			t.Errorf("ratios: %v %s", err, b.String())
		}
	})
}
