package train

import (
	"regexp"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/nn"
)

// former lists the names that parameters had before they got PyTorch's names, by what the new names end with or
// contain; the first of them that a file has is used.
var former = []struct {
	now *regexp.Regexp
	was string
}{
	{regexp.MustCompile(`running_mean$`), "mean"},
	{regexp.MustCompile(`running_var$`), "variance"},
	{regexp.MustCompile(`weight$`), "gamma"},
	{regexp.MustCompile(`bias$`), "beta"},
	{regexp.MustCompile(`\blayer(\d+)\.(\d+)\.`), "stage$1.block$2."},
	{regexp.MustCompile(`(block\d+)\.bn(\d)\.`), "$1.norm$2."},
	{regexp.MustCompile(`downsample\.0\.`), "shortcut.conv."},
	{regexp.MustCompile(`downsample\.1\.`), "shortcut.norm."},
	{regexp.MustCompile(`^(.*\.)?conv1\.`), "${1}conv."},
	{regexp.MustCompile(`^(.*\.)?bn1\.`), "${1}norm."},
	{regexp.MustCompile(`^`), "resnet."},
}

// formerName returns the name that a parameter had in f before it was renamed, or "".
func formerName(f *safetensors.File, name string) string {
	names := []string{name}
	for _, r := range former {
		for _, n := range names {
			if was := r.now.ReplaceAllString(n, r.was); was != n {
				if f.Has(was) {
					return was
				}
				names = append(names, was)
			}
		}
	}
	return ""
}

// renamed reports parameters that f has by the names they had before.
func renamed(f *safetensors.File, params []*nn.Param) error {
	for _, p := range params {
		if p == nil || f.Has(p.Name) {
			continue
		}
		if was := formerName(f, p.Name); was != "" {
			return errors.Wrapf(ErrCheckpoint, "parameter %q was called %q when this file was written, before "+
				"parameters had PyTorch's names (weight, bias, running_mean, running_var; layer1.0.bn1, "+
				"downsample.0): "+
				"give its tensors the new names", p.Name, was)
		}
	}
	return nil
}
