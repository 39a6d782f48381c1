package arch

import (
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A rule is one thing that holds for the module.
type rule struct {
	name  string
	why   string
	check func(m *module, report reporter)

	// bites are small modules, by path. The rule must report each line that holds
	// the word BAD, and no other.
	bites []map[string]string
}

// A reporter takes a violation, in a line of a file.
type reporter func(at token.Position, format string, args ...any)

// rules are all the rules.
func rules() []rule {
	return slices.Concat(importRules, callRules, globalRules, catchRules, opRules, deviceRules, internalsRules,
		docRules, exampleRules, namedRules, textRules, assemblyRules)
}

func TestTheModuleKeepsTheRules(t *testing.T) {
	m := load(t, "../..")
	for _, file := range []string{"LICENSE", ".ci/run", "internal/arch/arch.go", "internal/arch/rule_test.go",
		"nn/graph.go"} {
		require.Contains(t, m.texts, file)
	}
	require.Greater(t, len(m.packages), 10)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			r.check(m, func(at token.Position, format string, args ...any) {
				t.Errorf("%s:%d: "+format+"\n\t%s", append(append([]any{at.Filename, at.Line}, args...), r.why)...)
			})
		})
	}
}

func TestEveryRuleBites(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			require.NotEmpty(t, r.bites)
			some := false
			for _, texts := range r.bites {
				m, err := newModule(texts)
				require.NoError(t, err)
				got := map[token.Position]bool{}
				r.check(m, func(at token.Position, _ string, _ ...any) {
					got[token.Position{Filename: at.Filename, Line: at.Line}] = true
				})
				want := marked(texts)
				assert.Equal(t, want, got)
				some = some || len(want) > 0
			}
			assert.True(t, some, "no line is BAD")
		})
	}
}

// marked returns the lines that hold the word BAD.
func marked(texts map[string]string) map[token.Position]bool {
	lines := map[token.Position]bool{}
	for file, text := range texts {
		for i, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "BAD") {
				lines[token.Position{Filename: file, Line: i + 1}] = true
			}
		}
	}
	return lines
}
