package api

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNewCheckRunJSON has the body of POST /processes be what nixbuild.net documents, byte by byte.
func TestNewCheckRunJSON(t *testing.T) {
	got, err := json.Marshal([]ProcessRequest{NewCheckRun("/nix/store/abc-hello.drv", `🚧 "hello"`, "Build it")})
	require.NoError(t, err)
	assert.Equal(t, `[{"installable":"/nix/store/abc-hello.drv^*","attributes":[`+
		`["NIXBUILDNET_HOOK_GITHUB_CHECK_RUN",""],`+
		`["NIXBUILDNET_GITHUB_CHECK_RUN_NAME","🚧 \"hello\""],`+
		`["NIXBUILDNET_GITHUB_CHECK_RUN_TITLE","Build it"]]}]`, string(got))
}

func TestProcessRoundTrip(t *testing.T) {
	tests := map[string]struct {
		process Process
		json    string
	}{
		"only what is always there": {
			Process{ID: "1", Installable: "/nix/store/a.drv^*", Name: "n", Title: "t", Status: Pending, CreateTime: "2026-01-02T03:04:05Z"},
			`{"id":"1","installable":"/nix/store/a.drv^*","name":"n","title":"t","status":"pending","create_time":"2026-01-02T03:04:05Z"}`,
		},
		"everything": {
			Process{
				ID: "2", Installable: "i", Name: "n", Title: "t", Status: BuildFailed, Message: "m", FailedDependency: "/d.drv",
				Outputs: []string{"/o"}, BuiltDerivations: []string{"/b.drv"}, LogFile: "/log", LogTail: []string{"x", ""},
				CreateTime: "c", StartTime: "s", EndTime: "e",
			},
			`{"id":"2","installable":"i","name":"n","title":"t","status":"build_failed","status_message":"m","failed_dependency":"/d.drv",` +
				`"outputs":["/o"],"built_derivations":["/b.drv"],"log_file":"/log","log_tail":["x",""],` +
				`"create_time":"c","start_time":"s","end_time":"e"}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(test.process)
			require.NoError(t, err)
			assert.Equal(t, test.json, string(got))
			var back Process
			require.NoError(t, json.Unmarshal(got, &back))
			assert.Equal(t, test.process, back)
		})
	}
}

// TestBuildJSON has what is not known be null, as nixbuild.net has it, and not left out.
func TestBuildJSON(t *testing.T) {
	got, err := json.Marshal(Build{ID: "1", Status: Built, Outputs: []BuildOutput{{Name: "out", Path: "/o"}}, Tags: map[string]string{"k": "v"}})
	require.NoError(t, err)
	assert.Equal(t, `{"build_id":"1","create_time":"","start_time":null,"queue_time_seconds":null,"duration_seconds":null,"status":"built",`+
		`"status_message":null,"derivation_path":"","outputs":[{"name":"out","path":"/o"}],"tags":{"k":"v"}}`, string(got))
	got, err = json.Marshal(Summary{Builds: 6, Successful: 3, Failed: 2, Discarded: 1})
	require.NoError(t, err)
	assert.Equal(t, `{"build_count":6,"successful_build_count":3,"failed_build_count":2,"discarded_build_count":1,"billable_cpu_seconds":0}`, string(got))
}

func TestStatusFinal(t *testing.T) {
	for status, final := range map[Status]bool{
		"pending": false, "running": false, "built": true, "build_failed": true, "cancelled": true, "timeout": true,
		"internal_error": true, "out_of_memory": true, "max_memory_exceeded": true, "client_disconnect": true, "client_error": true,
		"one that is new": true,
	} {
		assert.Equal(t, final, status.Final(), string(status))
	}
}

// TestConstants holds what goes over the wire against a change by mistake.
func TestConstants(t *testing.T) {
	assert.Equal(t, "NIXBUILDNET-OIDC-ID-TOKEN", OIDCTokenHeader)
	assert.Equal(t, "nixbuild.net", OIDCAudience)
	assert.Equal(t, []Status{
		"pending", "running", "built", "build_failed", "cancelled", "timeout", "internal_error", "out_of_memory",
		"max_memory_exceeded", "client_disconnect", "client_error",
	}, []Status{
		Pending, Running, Built, BuildFailed, Cancelled, Timeout, InternalError, OutOfMemory, MaxMemoryExceeded, ClientDisconnect, ClientError,
	})
}
