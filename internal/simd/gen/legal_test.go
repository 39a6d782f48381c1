package main

import (
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// compile builds one function as the generator does.
func compile(t *testing.T, name string, body func(c *build.Context)) error {
	t.Helper()
	c := build.NewContext()
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func()")
	body(c)
	c.RET()
	f, err := c.Result()
	if err != nil {
		t.Fatal(err)
	}
	return compiled().Execute(f)
}

// alive keeps n vectors alive at the same time.
func alive(n int) func(c *build.Context) {
	return func(c *build.Context) {
		v := make([]reg.VecVirtual, n)
		for i := range v {
			v[i] = c.YMM()
			c.VXORPS(v[i], v[i], v[i])
		}
		for i := range v {
			c.VADDPS(v[i], v[(i+1)%n], v[i])
		}
	}
}

func TestTheGeneratorRefusesWhatALevelLacks(t *testing.T) {
	for _, c := range []struct {
		what, name string
		body       func(c *build.Context)
		want       string // of the error; empty is none
	}{
		{"16 vectors", "f", alive(16), ""},
		{"17 vectors", "f", alive(17), "f uses Y16, but AVX2 has 16 vectors"},
		{"17 vectors", "fF32AVX2", alive(17), "fF32AVX2 uses Y16"},
		{"17 vectors", "fF32AVX512", alive(17), ""},
		{"a mask register", "f", func(c *build.Context) { k := c.K(); c.KXORW(k, k, k) }, "f uses mask register K"},
		{"64 bytes", "f", func(c *build.Context) { z := c.ZMM(); c.VADDPS(z, z, z) }, "f uses Z"},
		{"an instruction of AVX-512 on 32 bytes", "f", func(c *build.Context) { y := c.YMM(); c.VPXORD(y, y, y) },
			"f needs AVX512F"},
		{"an instruction that no level asks for", "f", func(c *build.Context) { y := c.YMM(); c.VCVTPH2PS(y.AsX(), y) },
			"f needs F16C, but its level has only"},
		{"an instruction that no level asks for", "fAVX512", func(c *build.Context) { z := c.ZMM(); c.VPERMB(z, z, z) },
			"fAVX512 needs AVX512VBMI"},
	} {
		err := compile(t, c.name, c.body)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s in %s: %v, want no error", c.what, c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s in %s: %v, want %q", c.what, c.name, err, c.want)
		}
	}
}
