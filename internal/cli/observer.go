package cli

import (
	"fmt"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

// observer shows the engine's events as progress.
type observer struct {
	progress *report.Progress
	local    bool // nothing is uploaded, and nothing said of it
}

func (o observer) Observe(e engine.Event) {
	if o.local && e.Stage == string(pipeline.Upload) {
		return
	}
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

// stagesOf are the stages that progress shows.
func (s *session) stagesOf(p pipeline.Ports) []pipeline.Stage {
	stages := []pipeline.Stage{pipeline.Evaluate}
	if p.Upload != nil && !s.flags.local {
		stages = append(stages, pipeline.Upload)
	}
	if p.Submit != nil {
		stages = append(stages, pipeline.Submit)
	}
	if p.Wait != nil {
		stages = append(stages, pipeline.Build)
	}
	return stages
}

// announce tells progress which stages there will be; how much comes to the later ones is not known yet.
func (s *session) announce(p pipeline.Ports) {
	for _, stage := range s.stagesOf(p) {
		s.progress.Stage(stageTitles[stage], 0)
	}
	s.progress.Stage(stageTitles[pipeline.Evaluate], s.draft.Wanted())
}

// settle tells progress how much came to the later stages in the end.
func (s *session) settle(p pipeline.Ports) {
	for _, stage := range s.stagesOf(p)[1:] {
		total := 0
		for _, item := range s.draft.Items {
			if item.Attempts[stage] > 0 {
				total++
			}
		}
		s.progress.Stage(stageTitles[stage], total)
	}
}
