package nn

import (
	"hash/fnv"
	"math/rand/v2"
)

// An Initializer gives a parameter its first values.
type Initializer interface {
	// Fill draws from r in the order of p's elements, in float64 whatever p's
	// dtype.
	Fill(p *Param, r *rand.Rand) error
}

// Rand returns the generator of a parameter's first values: a function of the
// seed and the parameter's name alone, so that they do not depend on what was
// made before.
func Rand(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name)) // never an error
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
