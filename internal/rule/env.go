// Package rule compiles and evaluates one expression of the configuration: a condition, a name or a title.
package rule

// Event is what started the run, as a CI system or git tells it.
type Event struct {
	Name          string `expr:"name" json:"name"`
	Ref           string `expr:"ref" json:"ref"`
	Branch        string `expr:"branch" json:"branch"`
	BaseBranch    string `expr:"base_branch" json:"base_branch"`
	DefaultBranch string `expr:"default_branch" json:"default_branch"`
	Actor         string `expr:"actor" json:"actor"`
	Repository    string `expr:"repository" json:"repository"`
	SHA           string `expr:"sha" json:"sha"`
	PullRequest   int    `expr:"pull_request" json:"pull_request"` // its number, 0 if there is none
	Fork          bool   `expr:"fork" json:"fork"`                 // the pull request comes from another repository
}

// Drv is what evaluation tells of a derivation. Path is that of its .drv file.
type Drv struct {
	Name                   string   `expr:"name"`
	Pname                  string   `expr:"pname"`
	Version                string   `expr:"version"`
	System                 string   `expr:"system"`
	Path                   string   `expr:"path"`
	Outputs                []string `expr:"outputs"`
	RequiredSystemFeatures []string `expr:"required_system_features"`
}

// Meta holds the keys of a derivation's meta that rules may name. A key that is absent, or that fails to
// evaluate, has the zero value of its type. Timeout is in seconds.
type Meta struct {
	Description string   `expr:"description"`
	MainProgram string   `expr:"main_program"`
	Platforms   []string `expr:"platforms"`
	Broken      bool     `expr:"broken"`
	Unfree      bool     `expr:"unfree"`
	Insecure    bool     `expr:"insecure"`
	Timeout     int      `expr:"timeout"`
}

// Env is everything an expression about a target may name.
type Env struct {
	Attr      string   `expr:"attr"`
	Path      []string `expr:"path"`
	AttrName  string   `expr:"attr_name"`
	System    string   `expr:"system"`
	FlakeAttr string   `expr:"flake_attr"`
	Job       string   `expr:"job"`
	Event     Event    `expr:"event"`
	Drv       Drv      `expr:"drv"`
	Meta      Meta     `expr:"meta"`
}

// JobEnv is everything the `if` of a job may name.
type JobEnv struct {
	Job   string `expr:"job"`
	Event Event  `expr:"event"`
}
