package experiment

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
	"github.com/whitebox-nn/whitebox/train"
)

// kept is what a file of a result holds.
type kept struct {
	Settings any `json:"settings"` // that it was made with
	Result   any `json:"result"`
}

// WriteResult writes the result of a part of a run together with the settings of the run, so that it cannot be
// mistaken for that of another run.
func WriteResult(path string, settings, result any) error {
	return WriteJSON(path, kept{settings, result})
}

// ReadResult reads what WriteResult wrote, and reports whether it is there. One that was
// made with other settings is an error, which has a line for each.
func ReadResult(path string, settings, result any) (found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, errors.Wrap(err, "-resume")
	}
	var theirs json.RawMessage
	if err := json.Unmarshal(text, &kept{&theirs, result}); err != nil {
		return false, errors.Wrapf(err, "-resume: %s", path)
	}
	if theirs == nil {
		return false,
			errors.Errorf(
				"-resume: %s does not say what settings it was made with: it is of an older version. Start anew", path)
	}
	lines, err := train.Differences(theirs, settings)
	if err != nil {
		return false, errors.WithMessagef(err, "-resume: %s", path)
	}
	if len(lines) > 0 {
		return false, errors.Errorf("-resume: %s was made with other settings:\n\t%s", path,
			strings.Join(lines, "\n\t"))
	}
	return true, nil
}

// WriteJSON writes a value to a file of its own, which appears whole or not at all.
func WriteJSON(path string, value any) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return errors.WithStack(e.Encode(value))
	})
}

// Fixed returns v with so many decimals.
func Fixed(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }
