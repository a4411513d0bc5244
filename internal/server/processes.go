package server

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

// maxWait is the longest that a request may wait for the end of a build.
const maxWait = 5 * time.Minute

func (s *Server) createProcesses(w http.ResponseWriter, r *http.Request) {
	orders, err := readOrders(w, r)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, err.Error())
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	processes, ok := s.submit(orders)
	if !ok {
		refuse(w, http.StatusServiceUnavailable, "the server is about to end")
		return
	}
	reply(w, http.StatusOK, processes)
}

func (s *Server) listProcesses(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	list := showAll(s.processes)
	s.mu.Unlock()
	reply(w, http.StatusOK, list)
}

func showAll(processes []*process) []api.Process {
	list := make([]api.Process, len(processes))
	for i, p := range processes {
		list[i] = p.show()
	}
	return list
}

// showProcess answers at once, or with ?wait=SECONDS when the build is over, but no later than that.
func (s *Server) showProcess(w http.ResponseWriter, r *http.Request) {
	wait, ok := readWait(r.FormValue("wait"))
	if !ok {
		refuse(w, http.StatusBadRequest, "wait is not a number of seconds")
		return
	}
	s.mu.Lock()
	p := s.byID[r.PathValue("id")]
	s.mu.Unlock()
	if p == nil {
		refuse(w, http.StatusNotFound, "there is no such process")
		return
	}
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-p.build.done:
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
	s.mu.Lock()
	shown := p.show()
	s.mu.Unlock()
	reply(w, http.StatusOK, shown)
}

func readWait(value string) (time.Duration, bool) {
	if value == "" {
		return 0, true
	}
	seconds, err := strconv.ParseUint(value, 10, 31)
	return min(time.Duration(seconds)*time.Second, maxWait), err == nil
}
