package civic

import (
	"cmp"
	"slices"
)

// Order is a long list in an order by a number that few values have (deadlines
// end with days), of which pages show a stretch: it is counted, and only the
// stretch is sorted. It is good for as long as the state is not moved on.
type Order[T any] struct {
	of    []T
	each  func(yield func(key int64, at int))
	steps []orderStep // by key
	found int
}

// orderStep is how many come with a key, and how many before them.
type orderStep struct {
	key       int64
	n, before int
}

// orderOf makes an order of those that each yields, with the keys it gives;
// equal ones stay in the order in which they come. each gives the same every
// time.
func orderOf[T any](of []T, each func(yield func(key int64, at int))) Order[T] {
	o := Order[T]{of: of, each: each}
	places := map[int64]int{}
	last := -1
	each(func(key int64, _ int) {
		// Most follow one of the same key.
		if last < 0 || o.steps[last].key != key {
			at, known := places[key]
			if !known {
				at = len(o.steps)
				places[key] = at
				o.steps = append(o.steps, orderStep{key: key})
			}
			last = at
		}
		o.steps[last].n++
		o.found++
	})
	slices.SortFunc(o.steps, func(a, b orderStep) int { return cmp.Compare(a.key, b.key) })
	before := 0
	for i := range o.steps {
		o.steps[i].before = before
		before += o.steps[i].n
	}
	return o
}

// Len is how many there are.
func (o Order[T]) Len() int { return o.found }

// Slice gives those from first (from 0) up to and without last.
func (o Order[T]) Slice(first, last int) []T {
	first, last = max(first, 0), min(last, o.found)
	if first >= last {
		return nil
	}
	from := slices.IndexFunc(o.steps, func(s orderStep) bool { return s.before+s.n > first })
	until := from
	for until+1 < len(o.steps) && o.steps[until+1].before < last {
		until++
	}
	type entry struct {
		key int64
		at  int
	}
	low, high, base := o.steps[from].key, o.steps[until].key, o.steps[from].before
	var some []entry
	o.each(func(key int64, at int) {
		if key >= low && key <= high {
			some = append(some, entry{key, at})
		}
	})
	slices.SortStableFunc(some, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	slice := make([]T, 0, last-first)
	for _, e := range some[first-base : last-base] {
		slice = append(slice, o.of[e.at])
	}
	return slice
}
