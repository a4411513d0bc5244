package api

// Build is an entry of GET /builds: the fields of nixbuild.net's that our own server has real data for.
type Build struct {
	ID             string            `json:"build_id"`
	CreateTime     string            `json:"create_time"`
	StartTime      *string           `json:"start_time"`
	QueueSeconds   *float64          `json:"queue_time_seconds"`
	Duration       *float64          `json:"duration_seconds"`
	Status         Status            `json:"status"` // the documentation has build_status, the real answers this
	Message        *string           `json:"status_message"`
	DerivationPath string            `json:"derivation_path"`
	Outputs        []BuildOutput     `json:"outputs"`
	Tags           map[string]string `json:"tags"`
}

// BuildOutput is one output of a build.
type BuildOutput struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// Summary is the answer of GET /builds/summary. There is no bill, and what was discarded is nothing.
type Summary struct {
	Builds             int     `json:"build_count"`
	Successful         int     `json:"successful_build_count"`
	Failed             int     `json:"failed_build_count"`
	Discarded          int     `json:"discarded_build_count"`
	BillableCPUSeconds float64 `json:"billable_cpu_seconds"`
}

// Error is the body of an answer that our own server refuses a request with.
type Error struct {
	Error string `json:"error"`
}
