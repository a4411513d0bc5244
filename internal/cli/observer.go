package cli

import (
	"fmt"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

// observer shows the engine's events as progress.
type observer struct{ progress *report.Progress }

func (o observer) Observe(e engine.Event) {
	stage, item := stageTitles[pipeline.Stage(e.Stage)], fmt.Sprint(e.Item)
	switch e.Kind {
	case engine.Started:
	case engine.Retried:
		if e.Err != nil {
			o.progress.Retrying(stage, item, e.Attempt, e.Err, e.Wait)
		}
	case engine.Finished:
		o.progress.Done(stage, item, e.Err, e.Elapsed)
	}
}

// stageTitles are what progress calls the stages.
var stageTitles = map[pipeline.Stage]string{
	pipeline.Evaluate: "evaluated", pipeline.Upload: "uploaded",
	pipeline.Submit: "submitted", pipeline.Build: "built",
}

// announce tells progress which stages there will be.
func (s *session) announce(p pipeline.Ports) {
	s.progress.Stage(stageTitles[pipeline.Evaluate], s.draft.Wanted())
	if p.Upload != nil {
		s.progress.Stage(stageTitles[pipeline.Upload], 0)
		s.progress.Stage(stageTitles[pipeline.Submit], 0)
	}
	if p.Wait != nil {
		s.progress.Stage(stageTitles[pipeline.Build], 0)
	}
}
