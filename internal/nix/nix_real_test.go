package nix

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTry(t *testing.T) {
	n, err := Find(context.Background(), os.Environ())
	require.NoError(t, err)
	style, err := n.Probe(context.Background())
	require.NoError(t, err)
	t.Log(n.Version, style)
	p := NewPool(n, style, PoolOptions{Workers: 2})
	defer p.Close()
	f := Flake{Ref: "path:/tmp/fl"}
	found, err := p.Discover(context.Background(), f, []string{"checks"}, 2, 0)
	require.NoError(t, err)
	for _, x := range found {
		if x.Err != nil {
			t.Log(x.Path, x.Err)
			continue
		}
		facts, err := p.Evaluate(context.Background(), Attribute{Flake: f, FlakeAttr: []string{"checks"}, Path: x.Path, MetaKeys: []string{"broken"}})
		require.NoError(t, err)
		t.Logf("%q %+v %+v", x.Path, facts.Drv, facts.Err)
	}
	for _, attr := range []string{"nope"} {
		_, err = p.Discover(context.Background(), f, []string{attr}, 2, 0)
		t.Log(err)
	}
	_, err = p.Discover(context.Background(), Flake{Ref: "path:/tmp/nonexistent"}, []string{"checks"}, 2, 0)
	t.Log(err)
}
