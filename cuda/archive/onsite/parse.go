package onsite

import (
	"regexp"
	"strings"
)

// An outcome is what came out of a package's tests.
type outcome struct {
	passed        int      // tests, not what they are made of
	failures      []string // also of what they are made of
	skips         []skip   // likewise
	failed, unrun bool
	seconds       float64
	note          string
	current, last string // the test that ran last, and the last line
}

type skip struct{ name, why string }

// parse reads what tests print with -test.v.
func parse(text []byte) (o outcome) {
	starts := regexp.MustCompile(`^=== (?:RUN|NAME|CONT) +(\S+)`)
	ends := regexp.MustCompile(`^( *)--- (PASS|FAIL|SKIP): (\S+) \(`)
	says := regexp.MustCompile(`^ +\S+\.go:\d+: (.*)`)
	said := make(map[string]string) // the last words of a test
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) != "" {
			o.last = strings.TrimSpace(line)
		}
		if m := starts.FindStringSubmatch(line); m != nil {
			o.current = m[1]
		} else if m := says.FindStringSubmatch(line); m != nil {
			said[o.current] = m[1]
		} else if m := ends.FindStringSubmatch(line); m != nil {
			o.end(m[2], m[3], m[1] == "", said[m[3]])
		}
	}
	return o
}

// end counts a test that is over.
func (o *outcome) end(how, name string, whole bool, said string) {
	switch {
	case how == "FAIL":
		o.failures, o.failed = append(o.failures, name), true
	case how == "SKIP":
		o.skips = append(o.skips, skip{name, said})
	case whole:
		o.passed++
	}
}
