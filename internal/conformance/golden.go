package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
)

// A goldenKind is a kind of golden vector: the keys that tell it, whatever its
// name, and its check, which finds the case's values in the reference's Params.
type goldenKind struct {
	keys []string
	check
}

// goldenKinds lists the kinds that are known. To add one, add a file with its
// check and a line here.
func goldenKinds() []goldenKind {
	return []goldenKind{
		{[]string{"Z", "y", "eps2", "R_nats", "Rc_nats"}, goldenRates},
		{[]string{"X", "y", "eta", "eps2", "lmbda", "layers", "Z_train"}, goldenReduNet},
		{[]string{"alpha", "eps2", "EZ", "approx"}, goldenNeumann},
		{[]string{"Nk", "eps2", "lambda_half_convention", "sigma", "F_global"}, goldenOptimum},
		{[]string{"W", "eps", "labels", "total_bits"}, goldenLossy},
		{[]string{"A", "y", "lam", "ista_iter1to5", "fista_iter1to5"}, goldenISTA},
		{[]string{"v", "theta", "out"}, both(goldenSupport, goldenShrink)},
		{[]string{"A", "b", "theta", "alista_W", "init_LISTA_layers1to4"}, both(goldenALISTA, goldenLISTA)},
	}
}

// both returns the check of two halves: of plain numbers and of a graph.
func both(a, b check) check {
	return func(r *Reference, dt tensor.Dtype) ([]comparison, error) {
		first, err := a(r, dt)
		if err != nil {
			return nil, err
		}
		second, err := b(r, dt)
		return append(first, second...), err
	}
}

// goldenCheck returns the check of the kind that fields tell, nil if none does.
func goldenCheck(fields Params) check {
	for _, k := range goldenKinds() {
		if !slices.ContainsFunc(k.keys, func(key string) bool { return fields[key] == nil }) {
			return k.check
		}
	}
	return nil
}

// ReadAll reads every case of a file. That is one in the form of Read, or golden
// vectors: a case as one flat object, or several such objects by name.
//
//	{"coding_rate": {"Z": [[…], …], "eps2": 0.5, …}, …}
func ReadAll(path string) (cases []*Reference, err error) {
	defer build.Catch(&err, "conformance")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "conformance")
	}
	var fields Params
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, errors.Wrapf(err, "conformance: %s", path)
	}
	if fields["tensors"] != nil {
		r, err := Read(path)
		return []*Reference{r}, err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".json")
	for key, value := range fields {
		var c Params
		if bytes.HasPrefix(value, []byte("{")) && json.Unmarshal(value, &c) == nil {
			cases = append(cases, &Reference{Name: name + "." + key, Params: c, golden: true})
		}
	}
	if len(cases) == 0 || goldenCheck(fields) != nil {
		cases = []*Reference{{Name: name, Params: fields, golden: true}}
	}
	slices.SortFunc(cases, func(a, b *Reference) int { return strings.Compare(a.Name, b.Name) })
	return cases, nil
}

// matrix returns a matrix of the case, as a list of its rows.
func (p Params) matrix(name string) (*mat.Dense, error) {
	m, err := get(p, name, matrix{})
	if err == nil && m.Dense == nil {
		err = errors.Errorf("conformance: no matrix %s", name)
	}
	return m.Dense, err
}

// A matrix is read from a list of its rows.
type matrix struct{ *mat.Dense }

// UnmarshalJSON implements json.Unmarshaler.
func (m *matrix) UnmarshalJSON(text []byte) error {
	var rows [][]float64
	if err := json.Unmarshal(text, &rows); err != nil {
		return errors.WithStack(err)
	}
	if len(rows) == 0 || len(rows[0]) == 0 {
		return errors.New("an empty matrix")
	}
	m.Dense = mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return errors.Errorf("row %d has %d numbers, row 0 has %d", i, len(row), len(rows[0]))
		}
		m.SetRow(i, row)
	}
	return nil
}

// elements returns the elements of a matrix, row by row.
func elements(m *mat.Dense) []float64 { return mat.DenseCopyOf(m).RawMatrix().Data }

// decode reads the fields of a case into a struct that names them by its JSON tags.
func decode[T any](p Params) (c T, err error) {
	text, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	return c, errors.Wrap(err, "conformance")
}

// ints returns a list of integers of the case.
func (p Params) ints(name string) ([]int, error) { return get[[]int](p, name, nil) }

// transposed returns mᵀ, for papers that have samples as columns.
func transposed(m *mat.Dense) *mat.Dense { return mat.DenseCopyOf(m.T()) }

// tensorOf returns a matrix as a tensor.
func tensorOf(m *mat.Dense) Tensor {
	r, c := m.Dims()
	return Tensor{Shape: []int{r, c}, Data: mat.DenseCopyOf(m).RawMatrix().Data}
}

// scalar returns a number as a tensor.
func scalar(v float64) Tensor { return Tensor{Shape: []int{}, Data: []float64{v}} }
