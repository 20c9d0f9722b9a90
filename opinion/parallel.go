package opinion

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// workers is how many goroutines share so many tasks.
func workers(tasks int) int { return max(1, min(tasks, runtime.GOMAXPROCS(0))) }

// parallel does every task once, with the number of the worker that does it.
// Which worker does which task is left to chance, so that nothing that is
// computed may depend on it: tasks write to places of their own, or add whole
// numbers.
func parallel(tasks int, do func(worker, task int)) {
	n := workers(tasks)
	if n == 1 {
		for i := range tasks {
			do(0, i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for worker := range n {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= tasks {
					return
				}
				do(worker, i)
			}
		})
	}
	wait.Wait()
}
