package opinion

import (
	"runtime"
	"sync"
)

// stream places every row of the votes, chunk by chunk, keeping no more than
// the grouping does.
func (f *Fit) stream(v *Votes, g *Grouping, planes []border) {
	chunks := make(chan int)
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(v.chunks)) {
		wait.Go(func() {
			for c := range chunks {
				f.streamChunk(v, g, planes, c)
			}
		})
	}
	for c := range v.chunks {
		chunks <- c
	}
	close(chunks)
	wait.Wait()
}

func (f *Fit) streamChunk(v *Votes, g *Grouping, planes []border, c int) {
	prob := make([]float64, g.K)
	rows := len(v.chunks[c].start) - 1
	for i := range rows {
		if p := c*chunkRows + i; p < len(g.Group) {
			if pos := f.Place(v.Row(p)); pos.Votes > 0 {
				g.put(p, &pos.Point, &pos.Covariance, planes, prob)
			}
		}
	}
}
