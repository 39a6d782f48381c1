package train

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pkg/errors"
)

// Differences returns, in plain words and a line each, the differences between two values that are, or can be encoded
// as, JSON: the settings of a run and those that lie in its folder, two results, two Descriptions. There are none if
// they are equal.
//
//	learning rate 0.02 → 0.001
//	optimizer SGD → Adam
//	hook EarlyStop → none
//
// A value that is missing on one side is shown as none. Numbers are compared as numbers. If two objects have
// different "kind"s, only the keys that both have are compared besides. Elements of two lists are matched by their
// "name", or else by their kind and order.
//
// An object with the key "is" is shown as the text under that key.
//
// Free lists what may differ: a key at any depth, such as "out", or a path from the top, such as "optimizer.workers".
// Errors: values that cannot be encoded as JSON.
func Differences(was, is any, free ...string) ([]string, error) {
	a, err := plain(was)
	if err != nil {
		return nil, errors.WithMessage(err, "train: differences: the first record")
	}
	b, err := plain(is)
	if err != nil {
		return nil, errors.WithMessage(err, "train: differences: the second record")
	}
	d := &differ{free: free}
	d.compare(nil, nil, a, b)
	return d.lines, nil
}

// plain returns v after encoding it as JSON and decoding it.
func plain(v any) (any, error) {
	var text []byte
	switch v := v.(type) {
	case json.RawMessage:
		text = v
	case []byte:
		text = v
	default:
		var err error
		if text, err = json.Marshal(v); err != nil {
			return nil, errors.WithStack(err)
		}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return nil, errors.WithStack(err)
	}
	if d.More() {
		return nil, errors.New("more than one JSON value")
	}
	return out, nil
}

// A differ gathers lines. A path is the keys from the top, and what they are called.
type differ struct {
	free  []string
	lines []string
}

func (d *differ) add(words []string, was, is string) {
	d.lines = append(d.lines, strings.Join(append(words[:len(words):len(words)], was, "→", is), " "))
}

func (d *differ) compare(path, words []string, a, b any) {
	ma, okA := a.(map[string]any)
	mb, okB := b.(map[string]any)
	switch {
	case ma[inFull] != nil || mb[inFull] != nil:
		was, is := inWords(a), inWords(b)
		switch {
		case same(a, b):
		case was == is:
			d.lines = append(d.lines, strings.Join(words, " ")+" "+was+", and others in between")
		default:
			d.add(words, was, is)
		}
		return
	case okA && okB:
		d.objects(path, words, ma, mb)
		return
	}
	la, okA := a.([]any)
	lb, okB := b.([]any)
	switch {
	case (okA || a == nil) && (okB || b == nil) && (ofObjects(la) || ofObjects(lb)):
		d.lists(path, words, la, lb)
	case !same(a, b):
		d.add(words, inWords(a), inWords(b))
	}
}

// objects compares two objects: their kind first, then the rest by name.
func (d *differ) objects(path, words []string, a, b map[string]any) {
	if !same(a["kind"], b["kind"]) {
		d.add(words, inWords(a["kind"]), inWords(b["kind"]))
		a, b = common(a, b), common(b, a)
	}
	keys := slices.Sorted(maps.Keys(a))
	for key := range b {
		if _, both := a[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	before := len(d.lines)
	for _, key := range keys {
		at := append(path[:len(path):len(path)], key)
		if key == "kind" || key == "sha256" || d.isFree(at) {
			continue
		}
		d.compare(at, append(words[:len(words):len(words)], name(key)), a[key], b[key])
	}
	if !same(a["sha256"], b["sha256"]) && len(d.lines) == before {
		d.add(words, "of SHA-256 "+short(a["sha256"]), short(b["sha256"]))
	}
}

// common returns the entries of a whose keys are in b too, except the kind.
func common(a, b map[string]any) map[string]any {
	both := make(map[string]any)
	for key, v := range a {
		if _, ok := b[key]; ok && key != "kind" {
			both[key] = v
		}
	}
	return both
}

func (d *differ) isFree(path []string) bool {
	return slices.Contains(d.free, path[len(path)-1]) || slices.Contains(d.free, strings.Join(path, "."))
}

// lists compares two lists of objects. Elements with the same label are matched, as far as the order allows; the
// elements between two matches differ.
func (d *differ) lists(path, words []string, a, b []any) {
	if n := len(words); n > 0 {
		words = append(words[:n-1:n-1], strings.TrimSuffix(words[n-1], "s"))
	}
	i, j := 0, 0
	for _, p := range append(pairs(a, b), [2]int{len(a), len(b)}) {
		for k := range max(p[0]-i, p[1]-j) {
			was, is := none, none
			if i+k < p[0] {
				was = inWords(a[i+k])
			}
			if j+k < p[1] {
				is = inWords(b[j+k])
			}
			d.add(words, was, is)
		}
		if p[0] < len(a) {
			d.compare(path, slices.Concat(words, []string{cmp.Or(label(a[p[0]]), strconv.Itoa(p[0]+1))}), a[p[0]],
				b[p[1]])
		}
		i, j = p[0]+1, p[1]+1
	}
}

// pairs returns the longest common subsequence of the labels, as places in a and b.
func pairs(a, b []any) (ps [][2]int) {
	alike := func(i, j int) bool { return label(a[i]) == label(b[j]) }
	lo, end := 0, 0 // what is alike at the beginning and at the end
	for lo < min(len(a), len(b)) && alike(lo, lo) {
		ps, lo = append(ps, [2]int{lo, lo}), lo+1
	}
	for end < min(len(a), len(b))-lo && alike(len(a)-1-end, len(b)-1-end) {
		end++
	}
	for _, p := range longest(len(a)-lo-end, len(b)-lo-end, func(i, j int) bool { return alike(lo+i, lo+j) }) {
		ps = append(ps, [2]int{lo + p[0], lo + p[1]})
	}
	for k := end; k > 0; k-- {
		ps = append(ps, [2]int{len(a) - k, len(b) - k})
	}
	return ps
}

// longest returns the longest common subsequence of n and m elements, none if they
// are too many.
func longest(n, m int, alike func(i, j int) bool) (ps [][2]int) {
	const most = 1 << 20
	if n == 0 || m == 0 || n > most/m {
		return nil
	}
	length := make([][]int, n+1) // of what begins at i and j
	for i := range length {
		length[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if alike(i, j) {
				length[i][j] = 1 + length[i+1][j+1]
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case alike(i, j):
			ps = append(ps, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return ps
}

// label returns the label by which an element of a list is matched.
func label(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	for _, key := range []string{"name", "Name", "kind"} {
		if s, ok := m[key].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func ofObjects(list []any) bool {
	return slices.ContainsFunc(list, func(v any) bool { _, ok := v.(map[string]any); return ok })
}

// same reports whether two values are equal, numbers by their value.
func same(a, b any) bool {
	na, okA := a.(json.Number)
	nb, okB := b.(json.Number)
	if okA && okB {
		if na == nb {
			return true
		}
		const point = ".eE" // of what is no whole number
		if !strings.ContainsAny(string(na)+string(nb), point) {
			return false
		}
		x, errX := na.Float64()
		y, errY := nb.Float64()
		return errX == nil && errY == nil && x == y
	}
	la, okA := a.([]any)
	lb, okB := b.([]any)
	if okA && okB {
		return slices.EqualFunc(la, lb, same)
	}
	ma, okA := a.(map[string]any)
	mb, okB := b.(map[string]any)
	if okA && okB {
		return maps.EqualFunc(ma, mb, same)
	}
	return !okA && !okB && la == nil && lb == nil && a == b
}

// none stands for a missing value.
const none = "none"

// inWords returns a value as it is shown: for an object, its kind or name.
func inWords(v any) string {
	switch v := v.(type) {
	case nil:
		return none
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case string:
		return cmp.Or(v, `""`)
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = inWords(v[i])
		}
		return clip("[" + strings.Join(words, " ") + "]")
	case map[string]any:
		return object(v)
	}
	return none
}

func object(m map[string]any) string {
	if text, ok := m[inFull].(string); ok {
		return text
	}
	kind, _ := m["kind"].(string)
	switch name := label(m); {
	case kind != "" && name != kind:
		return kind + " " + name
	case kind != "":
		return kind
	case name != "" && m["shape"] != nil:
		return name + " " + inWords(m["shape"])
	case name != "":
		return name
	}
	text, err := json.Marshal(m)
	if err != nil {
		return none
	}
	return clip(string(text))
}

// clip shortens what is long.
func clip(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// short returns the beginning of a checksum.
func short(v any) string {
	s := inWords(v)
	return s[:min(len(s), 8)]
}

// name returns what a key is called: LearningRate and learning_rate are words of
// plain English, and so are what everyone abbreviates. A name with a point, as those
// of parameters, is left as it is.
func name(key string) string {
	switch {
	case strings.EqualFold(key, "lr"):
		return "learning rate"
	case strings.EqualFold(key, "wd"):
		return "weight decay"
	case strings.Contains(key, "."):
		return key
	}
	var b strings.Builder
	rs := []rune(key)
	for i, r := range rs {
		up := unicode.IsUpper(r)
		lone := up && (i+1 == len(rs) || !unicode.IsUpper(rs[i+1])) && (i == 0 || !unicode.IsUpper(rs[i-1]))
		switch {
		case r == '_':
			b.WriteByte(' ')
			continue
		case up && i > 0 && (unicode.IsLower(rs[i-1]) || lone):
			b.WriteByte(' ')
		}
		if lone {
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
