package data

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// set makes the set of what was read: rows samples.
func (t *csvTable) set(pieces []csvPiece, x, y []float64, rows int) (*Set, error) {
	schema := Schema{Columns: make([]Column, t.d)}
	if t.targets {
		schema.Targets = make([]Column, t.k)
	}
	for c := range t.columns {
		column := &t.columns[c]
		if column.role == csvDrop {
			continue
		}
		all, width := x, t.d
		if column.role != csvSample {
			all, width = y, t.k
		}
		info, err := t.finish(pieces, c, all, width, rows)
		if err != nil {
			return nil, err
		}
		switch column.role {
		case csvSample:
			schema.Columns[column.slot] = info
		case csvLabel:
			schema.Label = info
		case csvTarget:
			schema.Targets[column.slot] = info
		}
	}
	s, err := t.make(&schema, x, y, rows)
	if err != nil {
		return nil, err
	}
	return s.named(schema), nil
}

// make makes the set, without its schema.
func (t *csvTable) make(schema *Schema, x, y []float64, rows int) (*Set, error) {
	shape := []int{t.d}
	if len(schema.Targets) > 0 {
		return NewPairs(x, shape, y, t.k)
	}
	labels := make([]int, rows)
	for i := range y {
		labels[i] = int(y[i])
	}
	if t.k == 0 && t.cfg.Schema != nil {
		schema.Label = t.cfg.Schema.Label
	}
	return New(x, 1, shape, labels, max(1, len(schema.Label.Categories)))
}

// finish checks what was read in a column, which is every width-th of all, fills what is missing
// and gives categories their numbers.
func (t *csvTable) finish(pieces []csvPiece, c int, all []float64, width, rows int) (info Column, err error) {
	column := &t.columns[c]
	info.Name = column.name
	var seen csvSeen
	for i := range pieces {
		at := &pieces[i].seen[c]
		for _, p := range []struct{ to, from *csvPlace }{{&seen.number, &at.number}, {&seen.word, &at.word},
			{&seen.missing, &at.missing}, {&seen.infinite, &at.infinite}} {
			if p.to.line == 0 {
				*p.to = *p.from
			}
		}
	}
	if err := t.check(c, &seen); err != nil {
		return info, err
	}
	if column.schema != nil {
		info = *column.schema
	} else if column.words || seen.word.line > 0 {
		info.Categories = categories(pieces, c)
	}
	if column.role == csvLabel && column.schema == nil {
		if err := t.checkClasses(pieces, c, info.Categories); err != nil {
			return info, err
		}
	}
	if info.Categories != nil {
		if err := t.number(pieces, c, width, info.Categories); err != nil {
			return info, err
		}
	}
	if column.schema == nil && t.cfg.Fill != FillNone && column.role != csvLabel {
		info.Fill, info.Filled = filling(t.cfg.Fill, all[column.slot:], width, rows, len(info.Categories)), true
	}
	if seen.missing.line > 0 {
		for i := column.slot; i < len(all); i += width {
			if all[i] != all[i] {
				all[i] = info.Fill
			}
		}
	}
	return info, nil
}

// check reports cells that do not fit a column.
func (t *csvTable) check(c int, seen *csvSeen) error {
	column := &t.columns[c]
	at := func(p csvPlace) string {
		return "line " + strconv.Itoa(p.line) + ", column " + strconv.Itoa(c+1) + t.quoted(c)
	}
	numbers := seen.number.line > 0 || column.numeric || column.role == csvTarget
	filled := t.cfg.Fill != FillNone
	if column.schema != nil {
		filled = column.schema.Filled
	}
	switch m := seen.missing; {
	case numbers && seen.word.line > 0 && (column.numeric || column.role == csvTarget):
		return errors.Wrapf(ErrFormat, "%s: the text %q in a column of numbers", at(seen.word), seen.word.text)
	case numbers && seen.word.line > 0:
		return errors.Wrapf(ErrFormat, "%s: the text %q in a column that holds a number on line %d: list the column "+
			"in Categories if it has no numbers but names", at(seen.word), seen.word.text, seen.number.line)
	case seen.infinite.line > 0:
		return errors.Wrapf(ErrFormat, "%s: %q is no finite number", at(seen.infinite), seen.infinite.text)
	case m.line > 0 && column.role == csvLabel:
		return errors.Wrapf(ErrFormat, "%s: there is no class: leave the line out", at(m))
	case m.line > 0 && !filled:
		return errors.Wrapf(ErrFormat, "%s: the cell %q is missing: leave the line out, or choose a Fill", at(m),
			m.text)
	case m.line > 0 && !numbers && seen.word.line == 0 && column.schema == nil:
		return errors.Wrapf(ErrFormat, "%s: every cell is missing: Drop the column", at(m))
	}
	return nil
}

// checkClasses reports a label that is a quantity.
func (t *csvTable) checkClasses(pieces []csvPiece, c int, names []string) error {
	if slices.ContainsFunc(names, func(name string) bool { return !isNumber(name) }) {
		return nil
	}
	for i := range pieces {
		for _, w := range pieces[i].seen[c].words {
			if v, _ := strconv.ParseFloat(w.text, 64); v != math.Trunc(v) { // all are numbers
				return errors.Wrapf(ErrInput, "line %d, column %d%s: the class %s is no whole number: name the "+
					"column in "+
					"Targets to predict numbers, or another as Label", w.line, c+1, t.quoted(c), w.text)
			}
		}
	}
	return nil
}

// categories returns the texts of a column in the order of their values, if all are
// numbers, or else of their letters.
func categories(pieces []csvPiece, c int) []string {
	known := make(map[string]bool)
	all, numbers := []string{}, true
	for i := range pieces {
		for _, w := range pieces[i].seen[c].words {
			if !known[w.text] {
				known[w.text], all = true, append(all, w.text)
				numbers = numbers && isNumber(w.text)
			}
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		if numbers {
			i, _ := strconv.ParseFloat(a, 64) // isNumber
			j, _ := strconv.ParseFloat(b, 64)
			if i != j {
				return cmp.Compare(i, j)
			}
		}
		return cmp.Compare(a, b)
	})
	return all
}

// isNumber reports whether a text is a finite number.
func isNumber(text string) bool {
	v, err := strconv.ParseFloat(text, 64)
	return err == nil && v-v == 0
}

// number replaces the codes of each piece by the numbers of the categories.
func (t *csvTable) number(pieces []csvPiece, c, width int, categories []string) error {
	of := make(map[string]int, len(categories))
	for i, w := range categories {
		of[w] = i
	}
	column := &t.columns[c]
	for i := range pieces {
		p := &pieces[i]
		numbers := make([]float64, len(p.seen[c].words))
		for code, w := range p.seen[c].words {
			n, ok := of[w.text]
			if !ok {
				return errors.Wrapf(ErrFormat, "line %d, column %d%s: the text %.60q is none of the %d "+
					"categories of the "+
					"Schema", w.line, c+1, t.quoted(c), w.text, len(categories))
			}
			numbers[code] = float64(n)
		}
		all := p.x
		if column.role != csvSample {
			all = p.y
		}
		for j := column.slot; j < len(all); j += width {
			if all[j] == all[j] {
				all[j] = numbers[int(all[j])]
			}
		}
	}
	return nil
}

// filling returns what missing cells become in the column that is every width-th of x.
func filling(fill Fill, x []float64, width, rows, categories int) float64 {
	var there []float64
	for i := range rows {
		if v := x[i*width]; v == v {
			there = append(there, v)
		}
	}
	switch {
	case fill == FillZero || len(there) == 0:
		return 0
	case categories > 0:
		counts, best := make([]int, categories), 0
		for _, v := range there {
			counts[int(v)]++
		}
		for i, n := range counts {
			if n > counts[best] {
				best = i
			}
		}
		return float64(best)
	case fill == FillMean:
		mean := 0.0
		for i, v := range there { // a running mean, which does not overflow
			mean += (v - mean) / float64(i+1)
		}
		return mean
	}
	slices.Sort(there)
	n := len(there)
	return there[(n-1)/2]/2 + there[n/2]/2
}
