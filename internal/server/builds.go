package server

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

// tagPrefix is what the attributes that tag a build begin with.
const tagPrefix = "NIXBUILDNET_TAG_"

func (s *Server) listBuilds(w http.ResponseWriter, r *http.Request) {
	builds, err := s.selectBuilds(r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	reply(w, http.StatusOK, builds)
}

func (s *Server) summariseBuilds(w http.ResponseWriter, r *http.Request) {
	builds, err := s.selectBuilds(r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	sum := api.Summary{Builds: len(builds)}
	for _, b := range builds {
		switch {
		case b.Status == api.Built:
			sum.Successful++
		case b.Status.Final():
			sum.Failed++
		}
	}
	reply(w, http.StatusOK, sum)
}

// filter is a query of GET /builds.
type filter struct {
	tags     map[string]string
	from, to time.Time
	statuses []string
	drv      string
	limit    int // 0 is none
}

// selectBuilds finds the builds that a query asks for, the newest first.
func (s *Server) selectBuilds(query url.Values) ([]api.Build, error) {
	f, err := readFilter(query)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	builds := []api.Build{}
	for _, b := range slices.Backward(s.builds) {
		if f.limit > 0 && len(builds) == f.limit {
			break
		}
		if f.matches(b) {
			builds = append(builds, b.show())
		}
	}
	return builds, nil
}

func readFilter(query url.Values) (filter, error) {
	f := filter{drv: query.Get("derivation_path"), tags: map[string]string{}}
	var err error
	for name, values := range query {
		value := values[0]
		switch name {
		case "tags":
			for pair := range strings.SplitSeq(value, ",") {
				tag, wanted, _ := strings.Cut(pair, ":")
				f.tags[tagPrefix+tag] = wanted
			}
		case "create_time_from":
			f.from, err = readTime(value)
		case "create_time_to":
			f.to, err = readTime(value)
		case "status":
			f.statuses = strings.Split(value, ",")
		case "limit":
			f.limit, err = strconv.Atoi(value)
		}
		if err != nil || f.limit < 0 {
			return filter{}, fmt.Errorf("%s=%q cannot be read", name, value)
		}
	}
	return f, nil
}

func readTime(value string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, value); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, value)
}

func (f filter) matches(b *build) bool {
	for name, wanted := range f.tags {
		if value, ok := b.tags[name]; !ok || value != wanted {
			return false
		}
	}
	return (f.drv == "" || f.drv == b.drv) &&
		(f.statuses == nil || slices.Contains(f.statuses, string(b.status))) &&
		!b.created.Before(f.from) && (f.to.IsZero() || b.created.Before(f.to))
}

// show is the build as the API tells of it; hold the lock.
func (b *build) show() api.Build {
	shown := api.Build{
		ID: b.id, CreateTime: timestamp(b.created), Status: b.status, DerivationPath: b.drv,
		Outputs: []api.BuildOutput{}, Tags: map[string]string{},
	}
	if b.message != "" {
		shown.Message = &b.message
	}
	if !b.started.IsZero() {
		start, queued := timestamp(b.started), b.started.Sub(b.created).Seconds()
		shown.StartTime, shown.QueueSeconds = &start, &queued
	}
	if !b.started.IsZero() && !b.ended.IsZero() {
		duration := b.ended.Sub(b.started).Seconds()
		shown.Duration = &duration
	}
	for _, path := range b.result.Outputs {
		shown.Outputs = append(shown.Outputs, api.BuildOutput{Name: outputName(b.drv, path), Path: path})
	}
	for name, value := range b.tags {
		shown.Tags[strings.TrimPrefix(name, tagPrefix)] = value
	}
	return shown
}

// outputName reads the output's name off its path: NAME is "out", NAME-dev is "dev".
func outputName(drv, path string) string {
	_, name, _ := strings.Cut(filepath.Base(path), "-")
	return cmp.Or(strings.TrimPrefix(strings.TrimPrefix(name, drvName(drv)), "-"), "out")
}
