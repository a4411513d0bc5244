package engine

// gather holds the items of in and hands out all that wait, at most limit (below 1 means no limit), as soon as somebody
// takes them. It never stops whoever feeds in.
func gather[In any](in <-chan In, limit int) <-chan []In {
	batches := make(chan []In)
	go func() {
		defer close(batches)
		var waiting []In
		for in != nil || len(waiting) > 0 {
			next, offer := first(waiting, limit), batches
			if len(next) == 0 {
				offer = nil
			}
			select {
			case offer <- next:
				waiting = waiting[len(next):]
			case item, ok := <-in:
				if !ok {
					in = nil
					continue
				}
				waiting = takeBuffered(append(waiting, item), in)
			}
		}
	}()
	return batches
}

// first is the head of waiting, cut off so that appending to either never reaches the other.
func first[In any](waiting []In, limit int) []In {
	n := len(waiting)
	if limit > 0 {
		n = min(n, limit)
	}
	return waiting[:n:n]
}

// takeBuffered adds what lies in the channel already, so that an idle worker gets a burst as one batch and not its first
// item alone. It takes no more than that: an endless feeder must not keep the workers waiting.
func takeBuffered[In any](waiting []In, in <-chan In) []In {
	for range len(in) {
		item, ok := <-in
		if !ok {
			break
		}
		waiting = append(waiting, item)
	}
	return waiting
}
