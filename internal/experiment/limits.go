package experiment

import "github.com/pkg/errors"

// A Size is a flag that counts something, with its largest sensible value.
type Size struct {
	Flag        string
	Value, Most int
}

// Sizes reports the first flag that asks for more than makes sense.
func Sizes(sizes ...Size) error {
	for _, s := range sizes {
		if s.Value > s.Most {
			return errors.Errorf("-%s %d, want at most %d", s.Flag, s.Value, s.Most)
		}
	}
	return nil
}

// Many is the most that a flag may count where time alone limits it: steps, epochs. No
// product of it with a number of batches overflows.
const Many = 1_000_000_000

// mostNumbers is the most numbers of one thing that a program makes: 4 GiB of float32s.
const mostNumbers = 1 << 30

// Fits reports a thing that flags ask for, of as many numbers as the product of the
// factors, if it is absurdly large.
func Fits(what string, factors ...int) error {
	n := 1.0
	for _, f := range factors {
		n *= float64(f)
	}
	if n > mostNumbers {
		return errors.Errorf("%s would have %.3g numbers, want at most %d", what, n, mostNumbers)
	}
	return nil
}
