// Package sizes refuses sizes that overflow or that no machine has memory for,
// before anything is allocated.
package sizes

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"
)

const (
	// Most is how many elements one array may have: what a kernel on a device
	// counts to, 8 GiB of float64.
	Most = 1 << 30

	// MostClasses is how many classes there may be, where memory is needed for
	// each, whether it has samples or not.
	MostClasses = 1 << 20

	// MostLayers is how many layers or iterations a graph may have.
	MostLayers = 1 << 16
)

// Product returns the product of sides. It is not ok if one is negative or the
// product is above Most.
func Product(sides ...int) (n int, ok bool) {
	n = 1
	zero := false
	for _, s := range sides {
		switch {
		case s < 0 || !zero && s > Most/n && s != 0:
			return 0, false
		case s == 0:
			zero = true
		case !zero:
			n *= s
		}
	}
	if zero {
		return 0, true
	}
	return n, true
}

// Check reports sides whose product is above Most, or of which one is negative.
func Check(what string, sides ...int) error {
	if _, ok := Product(sides...); ok {
		return nil
	}
	texts := make([]string, len(sides))
	for i, s := range sides {
		if s < 0 {
			return errors.Errorf("%s of %d, want 0 or more", what, s)
		}
		texts[i] = fmt.Sprint(s)
	}
	return errors.Errorf("%s of %s, more than %d elements", what, strings.Join(texts, "×"), Most)
}

// CheckClasses reports a number of classes k that is below 1 or above MostClasses.
func CheckClasses(k int) error {
	switch {
	case k < 1:
		return errors.Errorf("%d classes, want at least 1", k)
	case k > MostClasses:
		return errors.Errorf("%d classes, want at most %d", k, MostClasses)
	}
	return nil
}
