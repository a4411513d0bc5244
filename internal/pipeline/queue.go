package pipeline

// queue holds what is not taken yet, so that whoever feeds it is never stopped: one job's slow submissions must not
// hold up another's, nor the uploads of both.
func queue[T any](in <-chan T) <-chan T {
	out := make(chan T)
	go func() {
		defer close(out)
		var waiting []T
		for in != nil || len(waiting) > 0 {
			var next T
			offer := out
			if len(waiting) > 0 {
				next = waiting[0]
			} else {
				offer = nil
			}
			select {
			case offer <- next:
				waiting = waiting[1:]
			case one, ok := <-in:
				if !ok {
					in = nil
					continue
				}
				waiting = append(waiting, one)
			}
		}
	}()
	return out
}
