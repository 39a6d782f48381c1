package train

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// A record is what a program writes of a run.
type record struct {
	LR      float64 `json:"lr"`
	Batch   int     `json:"batch_size"`
	Out     string  `json:"out"`
	Nested  inner
	Dims    []int
	Seed    uint64
	Dropped *string `json:"dropped,omitempty"`
}

type inner struct{ Workers, KeepLast int }

func TestDifferencesSayWhatDiffers(t *testing.T) {
	gone := "was here"
	was := record{LR: 0.02, Batch: 100, Out: "a", Dims: []int{64, 32}, Seed: 1<<63 + 1, Dropped: &gone}
	is := record{LR: 0.001, Batch: 100, Out: "b", Dims: []int{64, 16}, Seed: 1 << 63,
		Nested: inner{Workers: 3, KeepLast: 1}}
	lines, err := Differences(was, is, "out", "Nested.Workers")
	require.NoError(t, err)
	require.Equal(t, []string{
		"dims [64 32] → [64 16]",
		"nested keep last 0 → 1",
		"seed 9223372036854775809 → 9223372036854775808",
		"dropped was here → none",
		"learning rate 0.02 → 0.001",
	}, lines)
	lines, err = Differences(was, was)
	require.NoError(t, err)
	require.Empty(t, lines)
	_, err = Differences(record{LR: math.NaN()}, was)
	require.ErrorContains(t, err, "the first record")
}

func TestDifferencesOfJSON(t *testing.T) {
	for _, c := range []struct {
		name, was, is string
		want          []string
	}{
		{"numbers by value", `{"a":1.0,"b":100,"c":1e-3}`, `{"a":1,"b":1e2,"c":0.001}`, nil},
		{"on one side", `{"a":1}`, `{"b":"x"}`, []string{"a 1 → none", "b none → x"}},
		{"null is none", `{"a":null}`, `{}`, nil},
		{"another kind", `{"optimizer":{"kind":"SGD","LearningRate":0.1,"Momentum":0.9}}`,
			`{"optimizer":{"kind":"Adam","LearningRate":0.001,"Beta1":0.9}}`,
			[]string{"optimizer SGD → Adam", "optimizer learning rate 0.1 → 0.001"}},
		{"lists by name",
			`{"parameters":[{"name":"a.w","shape":"3×4"},{"name":"b","shape":"2"},{"name":"c","shape":"5"}]}`,
			`{"parameters":[{"name":"a.w","shape":"3×2"},{"name":"c","shape":"5"},{"name":"d","shape":"7"}]}`,
			[]string{"parameter a.w shape 3×4 → 3×2", "parameter b 2 → none", "parameter none → d 7"}},
		{"lists by kind", `{"layers":[{"kind":"Linear"},{"kind":"ReLU"},{"kind":"Linear"}]}`,
			`{"layers":[{"kind":"Linear"},{"kind":"Tanh"},{"kind":"Linear","Out":3}]}`,
			[]string{"layer ReLU → Tanh", "layer Linear out none → 3"}},
		{"contents", `{"a":{"shape":"2×2","sha256":"0123456789"}}`, `{"a":{"shape":"2×2","sha256":"abcdefabcd"}}`,
			[]string{"a of SHA-256 01234567 → abcdefab"}},
		{"text", `{"rate":{"is":"0.1, then 0.01","sha256":"1"}}`, `{"rate":0.1}`,
			[]string{"rate 0.1, then 0.01 → 0.1"}},
		{"types", `{"a":[1],"b":{"c":1},"d":""}`, `{"a":1,"b":2,"d":false}`, []string{"a [1] → 1", `b {"c":1} → 2`,
			`d "" → false`}},
	} {
		lines, err := Differences([]byte(c.was), []byte(c.is))
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, lines, c.name)
		back, err := Differences([]byte(c.is), []byte(c.was))
		require.NoError(t, err)
		require.Len(t, back, len(c.want), c.name)
	}
	for _, bad := range []string{"", "{", "{} {}"} {
		_, err := Differences([]byte(bad), []byte("{}"))
		require.Error(t, err, bad)
		_, err = Differences([]byte("{}"), []byte(bad))
		require.Error(t, err, bad)
	}
}

func TestKeysAreWords(t *testing.T) {
	for key, want := range map[string]string{
		"lr": "learning rate", "LR": "learning rate", "LearningRate": "learning rate", "batch_size": "batch size",
		"Eps2":   "eps2",
		"NoBias": "no bias", "SNR": "SNR", "mlp.w_x": "mlp.w_x", "RobustPCA": "robust PCA", "wd": "weight decay",
		"": "",
	} {
		require.Equal(t, want, name(key), key)
	}
}
