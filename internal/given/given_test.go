package given_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/whitebox-nn/whitebox/internal/given"
)

func TestNil(t *testing.T) {
	var w io.Writer
	assert.True(t, given.Nil(w))
	w = (*bytes.Buffer)(nil)
	assert.True(t, given.Nil(w))
	assert.True(t, given.Nil((func())(nil)))
	assert.False(t, given.Nil(&bytes.Buffer{}))
	assert.False(t, given.Nil(struct{}{}))
	assert.False(t, given.Nil([]int(nil)), "an empty list is one")
}
