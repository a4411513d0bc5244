// Package api holds the JSON types of nixbuild.net's HTTP API, used by client and server alike.
package api

// The attributes of a process that make nixbuild.net report it as a GitHub Check Run.
const (
	HookGitHubCheckRun  = "NIXBUILDNET_HOOK_GITHUB_CHECK_RUN"
	GitHubCheckRunName  = "NIXBUILDNET_GITHUB_CHECK_RUN_NAME"
	GitHubCheckRunTitle = "NIXBUILDNET_GITHUB_CHECK_RUN_TITLE"
)

// Headers that every request, or every request of a CI job, carries.
const (
	AuthorizationHeader = "Authorization"             // "Bearer " and the nixbuild.net token
	OIDCTokenHeader     = "NIXBUILDNET-OIDC-ID-TOKEN" // the CI's id token, audience nixbuild.net
)

// OIDCAudience is the audience that nixbuild.net wants in an id token.
const OIDCAudience = "nixbuild.net"

// ProcessRequest asks for one build. POST /processes takes a list of them.
type ProcessRequest struct {
	Installable string      `json:"installable"` // /nix/store/….drv^*
	Attributes  [][2]string `json:"attributes"`
}

// NewCheckRun is the request for a build that is shown as a Check Run of this name and title.
func NewCheckRun(drvPath, name, title string) ProcessRequest {
	return ProcessRequest{
		Installable: drvPath + "^*",
		Attributes: [][2]string{
			{HookGitHubCheckRun, ""},
			{GitHubCheckRunName, name},
			{GitHubCheckRunTitle, title},
		},
	}
}

// Process is what our own server tells of a build (POST /processes answers a list of them, GET /processes/ID one).
// What nixbuild.net itself answers is not documented.
type Process struct {
	ID          string `json:"id"`
	Installable string `json:"installable"`
	Name        string `json:"name"`
	Title       string `json:"title"`
	Status      Status `json:"status"`
	Message     string `json:"status_message,omitempty"`
	// FailedDependency is the .drv of the dependency that failed, where the build failed because of one.
	FailedDependency string   `json:"failed_dependency,omitempty"`
	Outputs          []string `json:"outputs,omitempty"`           // store paths
	BuiltDerivations []string `json:"built_derivations,omitempty"` // .drv paths that were really built for it, dependencies included
	LogFile          string   `json:"log_file,omitempty"`          // on the server's machine
	LogTail          []string `json:"log_tail,omitempty"`          // the last lines of a failing log
	CreateTime       string   `json:"create_time"`                 // RFC 3339
	StartTime        string   `json:"start_time,omitempty"`
	EndTime          string   `json:"end_time,omitempty"`
}

// Status is where a build stands.
type Status string

// The statuses of nixbuild.net's API.
const (
	Pending           Status = "pending"
	Running           Status = "running"
	Built             Status = "built"
	BuildFailed       Status = "build_failed"
	Cancelled         Status = "cancelled"
	Timeout           Status = "timeout"
	InternalError     Status = "internal_error"
	OutOfMemory       Status = "out_of_memory"
	MaxMemoryExceeded Status = "max_memory_exceeded"
	ClientDisconnect  Status = "client_disconnect"
	ClientError       Status = "client_error"
)

// Final tells whether the build is over.
func (s Status) Final() bool { return s != Pending && s != Running }
