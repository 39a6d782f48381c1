package arch

import (
	"go/token"
	"path"
	"regexp"
	"strings"
)

// namedTest is a test or a fuzz target that a page names, and madeTest one in a file.
var (
	namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")
	madeTest  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
)

var namedRules = []rule{{
	name:  "tests that pages name are there",
	why:   "a page that promises a test which was renamed promises nothing: name the one that there is",
	check: checkNamedTests,
	bites: []map[string]string{{
		"docs/a.md":    "`TestOne` and `FuzzTwo` hold it.\nSo does `TestThree`. BAD\nTestFour is no name.\n",
		"nn/a_test.go": "package nn\n\nfunc TestOne(t T) {}\n\nfunc FuzzTwo(f F) {}\n",
		"nn/a.go":      "package nn\n\nfunc TestThree(t T) {}\n",
		"CHANGELOG.md": "`TestThree` was there then.\n",
	}},
}}

// checkNamedTests reports names of tests in pages, but for those of the past, that no
// test file has.
func checkNamedTests(m *module, report reporter) {
	made := make(map[string]bool)
	for file, text := range m.texts {
		if strings.HasSuffix(file, "_test.go") {
			for _, t := range madeTest.FindAllStringSubmatch(text, -1) {
				made[t[1]] = true
			}
		}
	}
	for file, text := range m.texts {
		if path.Ext(file) != ".md" || file == "CHANGELOG.md" {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			for _, t := range namedTest.FindAllStringSubmatch(line, -1) {
				if !made[t[1]] {
					report(token.Position{Filename: file, Line: i + 1}, "no file has %s", t[1])
				}
			}
		}
	}
}
