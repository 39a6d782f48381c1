package cuda

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Choose opens the device that a user named: nil for "cpu" or "", else device i for
// "cuda:i", device 0 for "cuda". Close what it returns; closing nil does nothing.
func Choose(name string) (*Device, error) {
	if name == "" || name == "cpu" {
		return nil, nil
	}
	number, ok := strings.CutPrefix(name, "cuda")
	if !ok {
		return nil, errors.Errorf("device %q, want cpu, cuda or cuda:i", name)
	}
	if number == "" {
		number = ":0"
	}
	i, err := strconv.Atoi(strings.TrimPrefix(number, ":"))
	if err != nil || i < 0 || number[0] != ':' {
		return nil, errors.Errorf("device %q, want cpu, cuda or cuda:i", name)
	}
	return Open(i)
}
