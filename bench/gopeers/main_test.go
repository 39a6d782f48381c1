package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestALineAWorkloadOfEachLibrary runs the smallest product of both.
func TestALineAWorkloadOfEachLibrary(t *testing.T) {
	var b bytes.Buffer
	if err := all(&b, "gemm_nn_128", 2, 1); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for i, impl := range []string{"gomlx-go", "gorgonia"} {
		var l line
		if err := json.Unmarshal([]byte(lines[i]), &l); err != nil {
			t.Fatal(err)
		}
		if l.Workload != "gemm_nn_128" || l.Impl != impl || !(l.MinMS > 0) || l.MS < l.MinMS {
			t.Errorf("%+v", l)
		}
	}
	if err := all(&b, "", 0, 1); err == nil {
		t.Error("0 threads were taken")
	}
}

// TestOtherWorkloadsRunSmall runs what is not timed there.
func TestOtherWorkloadsRunSmall(t *testing.T) {
	for name, prepare := range map[string]func() (func() error, error){
		"gomlx convolution":    func() (func() error, error) { return gomlxConvolution(2, 4, 8) },
		"gorgonia convolution": func() (func() error, error) { return gorgoniaConvolution(2, 4, 8) },
		"gomlx step":           func() (func() error, error) { return gomlxStep(4) },
		"gorgonia step":        func() (func() error, error) { return gorgoniaStep(4) },
	} {
		run, err := prepare()
		for range 2 {
			if err == nil {
				err = run()
			}
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
