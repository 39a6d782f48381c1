package op

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type level int

func (level) GoString() string { return "high" }

type (
	plain struct {
		On    bool
		N     int
		small int8
		Rate  float64
		Name  string
	}
	nested struct{ P plain }
	said   struct{ L level }
	other  struct {
		U uint
		A [2]int
		F float32
	}
	empty struct{}
	spoke struct{ N int }
)

func (plain) Spec() Spec       { return Spec{} }
func (nested) Spec() Spec      { return Spec{} }
func (said) Spec() Spec        { return Spec{} }
func (other) Spec() Spec       { return Spec{} }
func (empty) Spec() Spec       { return Spec{} }
func (spoke) Spec() Spec       { return Spec{} }
func (spoke) GoString() string { return "spoke!" }

// TestPrintedIsWhatFmtPrints compares with fmt, to the character: it is an op's identity.
func TestPrintedIsWhatFmtPrints(t *testing.T) {
	for _, k := range []Op{empty{}, nested{}, said{3}, other{U: 5}, spoke{1}, plain{Name: "a\"b`\n→\x00"}} {
		require.Equal(t, fmt.Sprintf("%#v", k), printed(k))
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 1, -2.5, 1e-4, 9.9e-5, 123456, 999999.5, 1e6, 1e20, 1e21, 0.1,
		1. / 3, math.NaN(), math.Inf(1), math.SmallestNonzeroFloat64, math.MaxFloat64} {
		require.Equal(t, fmt.Sprintf("%#v", plain{Rate: f}), printed(plain{Rate: f}))
	}
	rapid.Check(t, func(t *rapid.T) {
		k := plain{rapid.Bool().Draw(t, "on"), rapid.Int().Draw(t, "n"), rapid.Int8().Draw(t, "small"),
			rapid.Float64().Draw(t, "rate"), rapid.String().Draw(t, "name")}
		if got, want := printed(k), fmt.Sprintf("%#v", k); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	})
}
