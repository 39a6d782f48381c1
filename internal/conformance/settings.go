package conformance

import (
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
)

// number returns the setting of the first of the names that the case has, or def. It
// may be used where build.Must may.
func (b *bench) number(def float64, names ...string) float64 {
	for _, name := range names {
		if _, ok := b.r.Params[name]; ok {
			v, err := b.r.Params.Float(name, def)
			build.Check(err)
			return v
		}
	}
	return def
}

// list returns the list of the first of the names that the case has, or nil.
func (b *bench) list(names ...string) []float64 {
	for _, name := range names {
		v, err := b.r.Params.Floats(name)
		build.Check(err)
		if v != nil {
			return v
		}
	}
	return nil
}

// flag returns a setting that is false if the case does not have it.
func (b *bench) flag(name string) bool {
	v, err := b.r.Params.Bool(name)
	build.Check(err)
	return v
}

// axis returns the axis of x that the case names by dim or axis, counted from 0.
func (b *bench) axis(x *gorgonia.Node, def int) int {
	dim := int(b.number(float64(def), "dim", "axis"))
	if dim < 0 {
		return dim + x.Dims()
	}
	return dim
}

// reduction returns the reduction of the case: what it says, or what the shape of
// out and the name tell.
func (b *bench) reduction() string {
	said, err := get(b.r.Params, "reduction", "")
	build.Check(err)
	switch out, _ := b.r.find("out"); {
	case said != "":
		return said
	case len(out.Data) > 1 || strings.HasSuffix(b.r.Name, "_none"):
		return "none"
	case strings.HasSuffix(b.r.Name, "_sum"):
		return "sum"
	}
	return "mean"
}
