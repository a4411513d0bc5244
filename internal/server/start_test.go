package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild"
	"github.com/nixbuild/nixbuild-checks/internal/server"
)

func created(t *testing.T, c *nixbuild.Client, name string) api.Process {
	t.Helper()
	return createdDrv(t, c, drvPath(name))
}

func createdDrv(t *testing.T, c *nixbuild.Client, drv string) api.Process {
	t.Helper()
	answer, err := c.CreateProcess(t.Context(), api.NewCheckRun(drv, "name", "title"))
	require.NoError(t, err)
	var processes []api.Process
	require.NoError(t, json.Unmarshal(answer, &processes))
	require.Len(t, processes, 1)
	return processes[0]
}

func TestOurClientSpeaksToOurServer(t *testing.T) {
	r, err := server.Start(t.Context(), server.Options{Build: good, LogDir: t.TempDir()})
	require.NoError(t, err)
	c := nixbuild.New(nixbuild.Options{Base: r.URL, Token: r.Token})
	defer c.Close()
	p, err := c.Process(t.Context(), created(t, c, "x").ID)
	require.NoError(t, err)
	assert.Equal(t, api.Built, p.Status)
	_, err = nixbuild.New(nixbuild.Options{Base: r.URL, Token: "other", HTTP: http.DefaultClient}).Process(t.Context(), p.ID)
	require.ErrorContains(t, err, "401")
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, r.Close())
	require.NoError(t, r.Close(), "twice does no harm")
}

func TestTheEndOfTheContextIsTheEndOfTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	r, err := server.Start(ctx, server.Options{LogDir: t.TempDir(), Token: "mine", Build: func(ctx context.Context, _ string, _ logFunc) (nix.BuildResult, error) {
		defer close(ended)
		cancel()
		<-ctx.Done()
		return nix.BuildResult{}, ctx.Err()
	}})
	require.NoError(t, err)
	assert.Equal(t, "mine", r.Token)
	c := nixbuild.New(nixbuild.Options{Base: r.URL, Token: r.Token})
	defer c.Close()
	created(t, c, "x")
	<-ended
	require.NoError(t, r.Close())
	_, err = c.Process(t.Context(), "x")
	require.True(t, engine.IsTransient(err), "%v", err)
}

func TestStartWhenAllIsOverAlready(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := server.Start(ctx, server.Options{Build: good})
	if err == nil {
		require.NoError(t, r.Close())
	}
}
