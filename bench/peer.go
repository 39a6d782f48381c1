package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/pkg/errors"
)

// readLines reads the lines of a peer.
func readLines(path string) ([]Line, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer f.Close()
	return parseLines(f, path)
}

// parseLines reads lines of a peer from r, which errors call path.
func parseLines(r io.Reader, path string) ([]Line, error) {
	var lines []Line
	s := bufio.NewScanner(r)
	for n := 1; s.Scan(); n++ {
		if strings.TrimSpace(s.Text()) == "" {
			continue
		}
		var l Line
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return nil, errors.Wrapf(err, "%s:%d", path, n)
		}
		if l.Workload == "" || !(l.MinMS > 0) {
			return nil, errors.Errorf("%s:%d: want a workload and a min_ms above 0", path, n)
		}
		lines = append(lines, l)
	}
	return lines, errors.Wrap(s.Err(), path)
}
