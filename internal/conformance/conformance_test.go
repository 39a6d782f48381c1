package conformance_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/conformance"
)

// TestReferences runs every file of testdata and of the directories that the
// variable WHITEBOX_REFERENCE lists, with the separator of PATH.
func TestReferences(t *testing.T) {
	dirs := append([]string{"testdata"}, filepath.SplitList(os.Getenv("WHITEBOX_REFERENCE"))...)
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "no reference in %s", dir)
		for _, file := range files {
			cases, err := conformance.Read(file)
			require.NoError(t, err)
			for _, r := range cases {
				t.Run(r.Name, func(t *testing.T) { verify(t, r) })
			}
		}
	}
}

// verify runs a case in float64 and in float32, and prints a line with -v, or if it
// fails.
func verify(t *testing.T, r *conformance.Reference) {
	var errs [2]float64
	verdict := "PASS"
	for i, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		worst, where, err := conformance.Run(r, dt)
		if errors.Is(err, conformance.ErrUnsupported) {
			fmt.Printf("unsupported %s\n", r.Name)
			return
		}
		if err != nil {
			t.Errorf("%v: %v", dt, err)
			worst = math.NaN()
		}
		if tol := conformance.Tolerance(r, dt); !(worst <= tol) {
			t.Errorf("%v: max_rel_err=%.2e in %s, tolerance %.0e", dt, worst, where, tol)
			verdict = "FAIL"
		}
		errs[i] = worst
	}
	if testing.Verbose() || verdict == "FAIL" {
		fmt.Printf("%s %s max_rel_err=%.2e float32=%.2e\n", verdict, r.Name, errs[0], errs[1])
	}
}

// TestAltered shows that a wrong digit is seen in any tensor of a case.
func TestAltered(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	for _, file := range files {
		cases, err := conformance.Read(file)
		require.NoError(t, err)
		r := cases[0]
		for name, v := range r.Tensors {
			if name == "labels" {
				continue // an altered label is another case
			}
			if name == "A" && strings.HasPrefix(r.Name, "lista_gregor") {
				continue // B and W stand for it
			}
			sound := v
			v.Data, v.Im = altered(v.Data), altered(v.Im)
			r.Tensors[name] = v
			worst, _, err := conformance.Run(r, tensor.Float64)
			require.NoError(t, err)
			assert.Greater(t, worst, conformance.Tolerance(r, tensor.Float64), "%s: %s altered", r.Name, name)
			r.Tensors[name] = sound
		}
	}
}

// altered returns other numbers, nil for none.
func altered(x []float64) (y []float64) {
	for i, v := range x {
		y = append(y, v+1e-3*float64(i+1))
	}
	return y
}

// TestUnknown shows that a kind that nothing here knows is not passed over as equal.
func TestUnknown(t *testing.T) {
	_, _, err := conformance.Run(&conformance.Reference{Name: "crystal_ball"}, tensor.Float64)
	require.ErrorIs(t, err, conformance.ErrUnsupported)
}

// TestIncomplete shows that a file that lacks what its kind needs is an error.
func TestIncomplete(t *testing.T) {
	for _, name := range []string{"mcr2_x", "rate_reduction_x", "op_layernorm", "op_cross_entropy_x", "op_conv2d_x",
		"op_batchnorm_x", "op_maxpool2d_x", "op_pad_x", "optim_sgd", "optim_adamw", "lasso"} {
		_, _, err := conformance.Run(&conformance.Reference{Name: name}, tensor.Float64)
		require.ErrorContains(t, err, "has no tensor", name)
	}
}

// TestReadRefuses shows that a file whose numbers do not fill its shape is refused.
func TestReadRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	for _, text := range []string{"{", `{"tensors": {"Z": {"shape": [2, 2], "data": [1, 2, 3]}}}`} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := conformance.Read(path)
		require.ErrorContains(t, err, path)
	}
	_, err := conformance.Read(path + ".gone")
	require.ErrorContains(t, err, "gone")
}
