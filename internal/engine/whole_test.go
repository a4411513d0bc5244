package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
)

func TestWholeIsNotSplit(t *testing.T) {
	in := make(chan int, 8)
	for i := range 8 {
		in <- i
	}
	close(in)
	gone := errors.New("nobody is there")
	calls := 0
	results := engine.Batch(t.Context(), engine.Stage{Name: "upload"}, in, 0, func(context.Context, []int) error {
		calls++
		return engine.Whole(gone)
	})
	failed := 0
	for r := range results {
		assert.ErrorIs(t, r.Err, gone)
		failed++
	}
	assert.Equal(t, 8, failed)
	assert.Equal(t, 1, calls, "the whole batch failed at once")
}
