package redunet_test

import (
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type build = func(in ...*gorgonia.Node) (*gorgonia.Node, error)

func of(k op.Op) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// mapsRef is u entry by entry.
func mapsRef(in ...optest.Array) (u []float64) {
	z, e, c := in[0], in[1], in[2]
	n, d, k := z.Shape[0], z.Shape[1], c.Shape[0]
	for i := range n {
		for j := range k + 1 {
			m := e.Data
			if j > 0 {
				m = c.Data[(j-1)*d*d:]
			}
			for r := range d {
				sum := 0.0
				for s := range d {
					sum += m[r*d+s] * z.Data[i*d+s]
				}
				u = append(u, sum)
			}
		}
	}
	return u
}

func TestMaps(t *testing.T) {
	case_ := func(name string, n, d, k int) optest.Case {
		return optest.Case{Name: name, Build: of(redunet.Maps{}), Ref: mapsRef,
			In: []optest.Array{optest.Normal(1, 1, n, d), optest.Normal(2, 1, d, d), optest.Normal(3, 1, k, d, d)}}
	}
	optest.Run(t, []optest.Case{
		case_("some classes", 7, 5, 3), case_("one class", 4, 3, 1), case_("one sample", 1, 6, 2),
		case_("one feature", 5, 1, 2),
	})
}

// norms returns ‖uᵢⱼ‖, j from 1, for u of f blocks.
func norms(u optest.Array) (s [][]float64) {
	f, n, k, d := blocks(u.Shape)
	s = make([][]float64, n)
	for i := range s {
		s[i] = make([]float64, k)
		for j := range k {
			for p := range f {
				for c := range d {
					s[i][j] = math.Hypot(s[i][j], u.Data[((p*n+i)*(k+1)+j+1)*d+c])
				}
			}
		}
	}
	return s
}

func blocks(u []int) (f, n, k, d int) {
	if len(u) == 3 {
		return 1, u[0], u[1] - 1, u[2]
	}
	return u[0], u[1], u[2] - 1, u[3]
}

func membershipRef(lambda float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) (pi []float64) {
		for _, row := range norms(in[0]) {
			for j := range row {
				sum := 0.0
				for l := range row {
					sum += math.Exp(lambda * (row[j] - row[l]))
				}
				pi = append(pi, 1/sum)
			}
		}
		return pi
	}
}

func TestMembership(t *testing.T) {
	case_ := func(name string, lambda float64, shape ...int) optest.Case {
		return optest.Case{Name: name, Build: of(redunet.Membership{Lambda: lambda}),
			Ref: membershipRef(lambda),
			In:  []optest.Array{optest.Normal(1, 1, shape...)}}
	}
	optest.Run(t, []optest.Case{
		case_("vectors", 2, 5, 4, 3), case_("frequencies", 0.5, 3, 5, 4, 2), case_("one class", 2, 5, 2, 3),
		case_("λ is 0", 0, 5, 4, 3),
	})
}

func TestHardMembership(t *testing.T) {
	u := optest.Normal(1, 1, 2, 6, 4, 3)
	u.Const = true
	optest.Run(t, []optest.Case{{
		Name: "frequencies", Build: of(redunet.Membership{Hard: true}), In: []optest.Array{u},
		Ref: func(in ...optest.Array) (pi []float64) {
			for _, row := range norms(in[0]) {
				for j := range row {
					least := 1.0
					for l := range row {
						if row[l] < row[j] {
							least = 0
						}
					}
					pi = append(pi, least)
				}
			}
			return pi
		},
	}})
}

// TestMembershipNeverOverflows has norms of which the exponentials underflow.
func TestMembershipNeverOverflows(t *testing.T) {
	u := optest.Of([]float64{9, 9, 1e3, 0, 2e3, 0, 9, 9, 3, 4, 0, 5}, 2, 3, 2)
	u.Const = true
	optest.Run(t, []optest.Case{{
		Name: "large", Build: of(redunet.Membership{Lambda: 500}), In: []optest.Array{u.Map(math.Abs)},
		Ref: func(in ...optest.Array) []float64 { return []float64{1, 0, 0.5, 0.5} },
	}})
}

func stepRef(eta float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		z, u, pi, gamma := in[0], in[1], in[2], in[3]
		f, n, k, d := blocks(u.Shape)
		out := append([]float64(nil), z.Data...)
		for p := range f {
			for i := range n {
				for c := range d {
					at := func(j int) float64 { return u.Data[((p*n+i)*(k+1)+j)*d+c] }
					move := at(0)
					for j := range k {
						move -= gamma.Data[j] * pi.Data[i*k+j] * at(j+1)
					}
					out[(p*n+i)*d+c] += eta * move
				}
			}
		}
		return out
	}
}

func TestStep(t *testing.T) {
	case_ := func(name string, k int, z ...int) optest.Case {
		r := len(z)
		u := append(append(append([]int{}, z[:r-1]...), k+1), z[r-1])
		return optest.Case{Name: name, Build: of(redunet.Step{Eta: 0.3}), Ref: stepRef(0.3),
			In: []optest.Array{
				optest.Normal(1, 1, z...), optest.Normal(2, 1, u...), optest.Normal(3, 1, z[r-2], k),
				optest.Normal(4, 1, k)}}
	}
	optest.Run(t, []optest.Case{
		case_("vectors", 3, 5, 4), case_("frequencies", 2, 3, 5, 4), case_("one of each", 1, 1, 1),
		case_("many chunks", 3, 2, 300, 40),
	})
}

func TestShapesThatDoNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		k  op.Op
		in []optest.Array
	}{
		"E of another size": {redunet.Maps{}, []optest.Array{optest.Zeros(2, 3), optest.Zeros(3, 4),
			optest.Zeros(1, 3, 3)}},
		"C of another size": {redunet.Maps{}, []optest.Array{optest.Zeros(2, 3), optest.Zeros(3, 3),
			optest.Zeros(1, 3, 2)}},
		"no class":  {redunet.Membership{}, []optest.Array{optest.Zeros(2, 1, 3)}},
		"λ below 0": {redunet.Membership{Lambda: -1}, []optest.Array{optest.Zeros(2, 2, 3)}},
		"λ is NaN": {redunet.Membership{Lambda: math.NaN()},
			[]optest.Array{optest.Zeros(2, 2, 3)}},
		"η is NaN": {redunet.Step{Eta: math.NaN()}, []optest.Array{optest.Zeros(2, 3),
			optest.Zeros(2, 2, 3), optest.Zeros(2, 1), optest.Zeros(1)}},
		"maps of other samples": {redunet.Step{}, []optest.Array{optest.Zeros(2, 3), optest.Zeros(3, 2, 3),
			optest.Zeros(2, 1), optest.Zeros(1)}},
		"memberships of others": {redunet.Step{}, []optest.Array{optest.Zeros(2, 3), optest.Zeros(2, 2, 3),
			optest.Zeros(2, 2), optest.Zeros(1)}},
		"γ of other classes": {redunet.Step{}, []optest.Array{optest.Zeros(2, 3), optest.Zeros(2, 2, 3),
			optest.Zeros(2, 1), optest.Zeros(2)}},
		"other frequencies": {redunet.Step{}, []optest.Array{optest.Zeros(4, 2, 3), optest.Zeros(5, 2, 2, 3),
			optest.Zeros(2, 1), optest.Zeros(1)}},
	} {
		_, err := optest.Scalar(tensor.Float32, of(c.k), c.in...)
		require.True(t, errors.Is(err, op.ErrInput), "%s: error %v", name, err)
	}
}
