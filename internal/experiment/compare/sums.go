package compare

import (
	"bufio"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// readSums reads the file of -sums, none for no name.
func readSums(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "-sums")
	}
	defer f.Close()
	sums, err := parseSums(f)
	return sums, errors.WithMessagef(err, "-sums %s", path)
}

// parseSums reads lines of a checksum, in hex, and the name of a file, of which the
// folders are left out, as sha256sum and md5sum print them. Empty lines and those of #
// say nothing.
func parseSums(r io.Reader) (map[string]string, error) {
	sums := make(map[string]string)
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		sum, name, ok := strings.Cut(line, " ")
		name = filepath.Base(strings.TrimPrefix(strings.TrimLeft(name, " "), "*"))
		digits, err := hex.DecodeString(sum)
		switch {
		case !ok || err != nil || len(digits) != 32 && len(digits) != 16:
			return nil, errors.Errorf(
				"line %d is %.80q, want a SHA-256 or an MD5 in hex, and the name of a file",
				n,
				line,
			)
		case sums[name] != "" && !strings.EqualFold(sums[name], sum):
			return nil, errors.Errorf("line %d: %.80q has two checksums", n, name)
		}
		sums[name] = strings.ToLower(sum)
	}
	if err := lines.Err(); err != nil {
		return nil, errors.WithStack(err)
	}
	if len(sums) == 0 {
		return nil, errors.New("it has no checksums")
	}
	return sums, nil
}
