package calls

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// oddInts, oddFloats and oddStrings are what nobody should pass. No text names a
// place outside of the test's folder.
var (
	oddInts   = []int64{0, 1, -1, 5, 100, math.MaxInt64, math.MinInt64, 1 << 31, 1 << 32, -1 << 31, math.MaxInt64 / 8}
	oddFloats = []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, math.SmallestNonzeroFloat64, 700,
		math.Copysign(0, -1)}
	oddStrings = []string{"", "\x00", "../evil", "no/such/file", "file/x", "dir", "zero", "unlikely\nname",
		strings.Repeat("a", 5000), "[", "\xff\xfe"}
)

// odd returns values of type t that make no sense, given a good one.
func (b *builder) odd(t reflect.Type, good reflect.Value, depth int) (all []choice) {
	add := func(note string, make func(b *builder) any) { all = append(all, choice{note, make}) }
	if t.Kind() != reflect.Struct {
		zero := reflect.Zero(t)
		add(brief(zero), func(*builder) any { return zero.Interface() })
	}
	all = append(all, oddByHand[t]...)
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		for _, x := range oddInts {
			if v := reflect.New(t).Elem(); !v.OverflowInt(x) {
				v.SetInt(x)
				add(fmt.Sprint(x), func(*builder) any { return v.Interface() })
			}
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v := reflect.New(t).Elem()
		v.SetUint(math.MaxUint64 >> (64 - t.Bits()))
		add(brief(v), func(*builder) any { return v.Interface() })
	case reflect.Float32, reflect.Float64:
		for _, x := range oddFloats {
			v := reflect.New(t).Elem()
			v.SetFloat(x)
			add(fmt.Sprint(x), func(*builder) any { return v.Interface() })
		}
	case reflect.String:
		for _, x := range oddStrings {
			v := reflect.New(t).Elem()
			v.SetString(x)
			add(brief(v), func(*builder) any { return v.Interface() })
		}
	case reflect.Slice:
		all = append(all, b.oddSlices(t, good)...)
	case reflect.Struct:
		if depth < 3 {
			all = append(all, b.oddFields(t, good, depth)...)
		}
	case reflect.Array:
		if depth < 3 && t.Len() > 0 {
			for _, c := range b.odd(t.Elem(), good.Index(0), depth+1) {
				add("["+c.note+" …]", func(b *builder) any {
					v := copied(good)
					v.Index(0).Set(as(t.Elem(), c.make(b)))
					return v.Interface()
				})
			}
		}
	case reflect.Pointer:
		all = append(all, b.oddPointers(t, good, depth)...)
	case reflect.Func:
		add("returns zeros", func(*builder) any {
			return reflect.MakeFunc(t, func([]reflect.Value) (out []reflect.Value) {
				for i := range t.NumOut() {
					out = append(out, reflect.Zero(t.Out(i)))
				}
				return out
			}).Interface()
		})
	case reflect.Interface:
		for _, of := range b.implementers(t) {
			zero := reflect.Zero(of)
			add("zero "+of.String(), func(*builder) any { return zero.Interface() })
			if of.Kind() == reflect.Pointer {
				add("new "+of.String(), func(*builder) any { return reflect.New(of.Elem()).Interface() })
			}
		}
	}
	return all
}

// oddSlices are empty, of another length, or hold an odd element.
func (b *builder) oddSlices(t reflect.Type, good reflect.Value) (all []choice) {
	of := func(n int) reflect.Value {
		v := reflect.MakeSlice(t, n, n)
		if good.IsValid() {
			reflect.Copy(v, good)
		}
		return v
	}
	n := 0
	if good.IsValid() {
		n = good.Len()
	}
	for _, m := range []int{0, 1, n - 1, n + 1, 2*n + 3} {
		if m >= 0 && m != n {
			all = append(all, choice{fmt.Sprintf("length %d", m), func(*builder) any { return of(m).Interface() }})
		}
	}
	var first reflect.Value
	if n > 0 {
		first = good.Index(0)
	} else {
		n, first = 1, reflect.Zero(t.Elem())
	}
	if t.Elem().Kind() == reflect.Struct {
		all = append(all, choice{"[zero …]", func(*builder) any {
			v := of(n)
			v.Index(0).SetZero()
			return v.Interface()
		}})
	}
	depth := 3
	if t.Elem().Kind() == reflect.Struct {
		depth = 2
	}
	for _, c := range b.odd(t.Elem(), first, depth) {
		all = append(all, choice{"[" + c.note + " …]", func(b *builder) any {
			v := of(n)
			v.Index(n / 2).Set(as(t.Elem(), c.make(b)))
			return v.Interface()
		}})
	}
	return all
}

// oddFields are structs with an odd field.
func (b *builder) oddFields(t reflect.Type, good reflect.Value, depth int) (all []choice) {
	zero := reflect.Zero(t)
	all = append(all, choice{"{}", func(*builder) any { return zero.Interface() }})
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		for _, c := range b.odd(f.Type, good.Field(i), depth+1) {
			all = append(all, choice{"{" + f.Name + ":" + c.note + "}", func(b *builder) any {
				v := copied(good)
				v.Field(i).Set(as(f.Type, c.make(b)))
				return v.Interface()
			}})
		}
	}
	return all
}

// oddPointers point to a zero value, or to one with an odd field.
func (b *builder) oddPointers(t reflect.Type, good reflect.Value, depth int) (all []choice) {
	if !zeroable[t.Elem()] && !strings.HasPrefix(t.Elem().PkgPath(), module) {
		return nil
	}
	all = append(all, choice{"&zero", func(*builder) any { return reflect.New(t.Elem()).Interface() }})
	if t.Elem().Kind() != reflect.Struct || !strings.HasPrefix(t.Elem().PkgPath(), module) || !good.IsValid() ||
		good.IsNil() || depth >= 3 {
		return all
	}
	for _, c := range b.oddFields(t.Elem(), good.Elem(), depth) {
		all = append(all, choice{"&" + c.note, func(b *builder) any {
			v := reflect.New(t.Elem())
			v.Elem().Set(reflect.ValueOf(c.make(b)))
			return v.Interface()
		}})
	}
	return all
}

// zeroable are types of other modules whose zero value is there to be passed by
// mistake. Others of the standard library say that their zero value is of no use.
var zeroable = map[reflect.Type]bool{
	reflect.TypeFor[mat.Dense](): true, reflect.TypeFor[mat.SymDense](): true, reflect.TypeFor[tensor.Dense](): true,
	reflect.TypeFor[gorgonia.Node](): true,
}

// copied returns a copy of v that can be set.
func copied(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// oddNode is an input of the values v.
func oddNode(note string, v func(b *builder) *tensor.Dense) choice {
	return choice{note, func(b *builder) any { return b.input(v(b)) }}
}

// filled returns a matrix of one number.
func filled(x float64) choice {
	return choice{fmt.Sprintf("6×4 of %v", x), func(*builder) any {
		m := mat.NewDense(6, 4, nil)
		m.Apply(func(int, int, float64) float64 { return x }, m)
		return m
	}}
}

// oneOdd returns a matrix in which one number is odd.
func oneOdd(x float64) choice {
	return choice{fmt.Sprintf("6×4 with %v", x), func(b *builder) any {
		m := mat.NewDense(6, 4, normal(b.rng, 24))
		m.Set(2, 1, x)
		return m
	}}
}

func oddTensor(note string, make func(b *builder) *tensor.Dense) choice {
	return choice{note, func(b *builder) any { return make(b) }}
}

// oddByHand are odd values of types whose fields say little.
var oddByHand = map[reflect.Type][]choice{
	reflect.TypeFor[*mat.Dense](): {
		dense(1, 1), dense(4, 6), dense(6, 1), dense(1, 4), dense(7, 4), dense(6, 5),
		filled(0), filled(math.NaN()), filled(1e300), filled(1e-300), oneOdd(math.NaN()), oneOdd(math.Inf(1)),
		oneOdd(1e200),
		{"view", func(b *builder) any { return mat.NewDense(8, 8, normal(b.rng, 64)).Slice(1, 7, 1, 5) }},
	},
	reflect.TypeFor[mat.Matrix](): {filled(math.NaN()), dense(1, 1), {"nil *Dense",
		func(*builder) any { return (*mat.Dense)(nil) }}, {"empty", func(*builder) any { return &mat.Dense{} }}},
	reflect.TypeFor[mat.Symmetric](): {{"nil *SymDense", func(*builder) any { return (*mat.SymDense)(nil) }},
		{"empty", func(*builder) any { return &mat.SymDense{} }},
		{"zeros", func(*builder) any { return mat.NewSymDense(6, nil) }},
		{"1×1", func(*builder) any { return mat.NewSymDense(1, []float64{math.NaN()}) }}},
	reflect.TypeFor[*gorgonia.Node](): {
		oddNode("NaN", func(b *builder) *tensor.Dense {
			v := b.tensor(tensor.Float64, 6, 4)
			v.Float64s()[5] = math.NaN()
			return v
		}),
		oddNode("1e300", func(b *builder) *tensor.Dense {
			v := b.tensor(tensor.Float64, 6, 4)
			v.Float64s()[5] = 1e300
			return v
		}),
		oddNode("zeros", func(*builder) *tensor.Dense {
			return tensor.New(tensor.WithShape(6, 4), tensor.Of(tensor.Float64))
		}),
		node(tensor.Float64, 1), node(tensor.Float64, 7), node(tensor.Float64, 5, 3), node(tensor.Float64, 1, 1),
		node(tensor.Float64, 2, 3, 4), node(tensor.Float64, 1, 1, 1, 1, 1), node(tensor.Float32, 6, 4),
		node(tensor.Float32, 4),
		{"of ints", func(b *builder) any {
			return gorgonia.NewMatrix(b.graph().ExprGraph, tensor.Int, gorgonia.WithShape(6, 4),
				gorgonia.WithName(b.name("i")))
		}},
		{"without value", func(b *builder) any {
			return gorgonia.NewMatrix(b.graph().ExprGraph, tensor.Float64, gorgonia.WithShape(6, 4),
				gorgonia.WithName(b.name("i")))
		}},
		{"of another graph", func(b *builder) any {
			return gorgonia.NewMatrix(gorgonia.NewGraph(), tensor.Float64, gorgonia.WithShape(6, 4),
				gorgonia.WithName(b.name("i")))
		}},
		{"scalar", func(b *builder) any { return scalar(b) }},
		{"constant", func(b *builder) any { return b.graph().Constant(gorgonia.NewF64(math.NaN())) }},
	},
	reflect.TypeFor[*tensor.Dense](): {
		oddTensor("ints", func(*builder) *tensor.Dense {
			return tensor.New(tensor.WithShape(6, 4), tensor.Of(tensor.Int))
		}),
		oddTensor("texts", func(*builder) *tensor.Dense {
			return tensor.New(tensor.WithShape(2), tensor.WithBacking([]string{"a", "b"}))
		}),
		oddTensor("scalar", func(*builder) *tensor.Dense { return tensor.New(tensor.FromScalar(1.5)) }),
		oddTensor("1×1", func(b *builder) *tensor.Dense { return b.tensor(tensor.Float64, 1, 1) }),
		oddTensor("7×5", func(b *builder) *tensor.Dense { return b.tensor(tensor.Float32, 7, 5) }),
		oddTensor("rank 5", func(b *builder) *tensor.Dense { return b.tensor(tensor.Float64, 1, 2, 1, 2, 1) }),
		oddTensor("column-major", func(b *builder) *tensor.Dense {
			return tensor.New(tensor.WithShape(6, 4), tensor.AsFortran(normal(b.rng, 24)))
		}),
		oddTensor("NaN", func(b *builder) *tensor.Dense {
			v := b.tensor(tensor.Float64, 6, 4)
			v.Float64s()[0] = math.NaN()
			return v
		}),
		{"view", func(b *builder) any {
			v, _ := b.tensor(tensor.Float64, 6, 8).Slice(nil, tensor.S(1, 5))
			return v
		}},
	},
	reflect.TypeFor[*nn.Param](): {
		{"without value", func(b *builder) any { return &nn.Param{Name: b.name("p")} }},
		{"zero value", func(b *builder) any { return &nn.Param{Name: b.name("p"), Value: &tensor.Dense{}} }},
		{"ints", func(b *builder) any {
			return &nn.Param{Name: b.name("p"), Value: tensor.New(tensor.WithShape(4), tensor.Of(tensor.Int))}
		}},
	},
	reflect.TypeFor[tensor.Dtype](): {{"int", func(*builder) any { return tensor.Int }},
		{"bool", func(*builder) any { return tensor.Bool }}, {"string", func(*builder) any { return tensor.String }}},
	reflect.TypeFor[context.Context](): {{"cancelled", func(*builder) any { return cancelled() }}},
	reflect.TypeFor[io.Reader](): {{"empty", func(*builder) any { return strings.NewReader("") }},
		{"fails", func(*builder) any { return broken{} }}, {"bytes", func(*builder) any {
			return bytes.NewReader([]byte{0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
		}}, {"text", func(*builder) any { return strings.NewReader("a,b\n1,x\n\"") }}},
	reflect.TypeFor[io.Writer](): {{"fails", func(*builder) any { return broken{} }}},
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// broken neither reads nor writes.
type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, io.ErrClosedPipe }
func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
