package opinion

import "math/bits"

// threshold is what four of five hashes are below.
const threshold = uint64(1<<64/5) * 4

// permuted is the votes with those on each statement dealt anew to the same
// voters: nothing divides people, and the statements are as popular as before.
func (o *ordered) permuted(seed uint64) *ordered {
	n := *o
	n.words = append([]Word(nil), o.words...)
	next := make([]int32, len(o.statements)+1)
	for s, c := range o.count {
		next[s+1] = next[s] + c[0] + c[1] + c[2]
	}
	place := make([]int32, len(o.words))
	for i, w := range o.words {
		place[next[w>>2]] = int32(i)
		next[w>>2]++
	}
	from := int32(0)
	for s := range o.statements {
		own := place[from:next[s]]
		from = next[s]
		for i := len(own) - 1; i > 0; i-- {
			seed += 0x9e3779b97f4a7c15
			j, _ := bits.Mul64(mix(seed), uint64(i+1))
			a, b := own[i], own[j]
			n.words[a], n.words[b] = n.words[b], n.words[a]
		}
	}
	return &n
}

// peoplePart is the votes of some 80 % of the people; part[i] is the ordered
// number in o of person i of it.
func (o *ordered) peoplePart(seed uint64) (n *ordered, part []int32) {
	n = &ordered{statements: o.statements, colour: o.colour, count: make([][4]int32, len(o.statements)), start: make([]int32, 1, len(o.start))}
	n.words = make([]Word, 0, len(o.words))
	for p := range o.people {
		if mix(seed+uint64(p)) >= threshold {
			continue
		}
		part = append(part, int32(p))
		n.people = append(n.people, o.people[p])
		n.words = append(n.words, o.row(p)...)
		n.start = append(n.start, int32(len(n.words)))
	}
	for _, w := range n.words {
		n.count[w>>2][w&3]++
	}
	return n, part
}

// votesPart is some 80 % of the votes, and apart the others: out holds those of
// person i of the part in out.row(i). Somebody none of whose votes is in the
// part is in neither.
func (o *ordered) votesPart(seed uint64) (n, out *ordered, part []int32) {
	n = &ordered{statements: o.statements, colour: o.colour, count: make([][4]int32, len(o.statements)), start: make([]int32, 1, len(o.start))}
	out = &ordered{statements: o.statements, start: make([]int32, 1, len(o.start))}
	n.words = make([]Word, 0, len(o.words))
	out.words = make([]Word, 0, len(o.words)/4)
	for p := range o.people {
		own := mix(seed + uint64(p))
		for _, w := range o.row(p) {
			if mix(own^o.colour[w>>2]) < threshold {
				n.words = append(n.words, w)
				n.count[w>>2][w&3]++
			} else {
				out.words = append(out.words, w)
			}
		}
		if int32(len(n.words)) == n.start[len(n.people)] {
			out.words = out.words[:out.start[len(n.people)]]
			continue
		}
		part = append(part, int32(p))
		n.people = append(n.people, o.people[p])
		n.start = append(n.start, int32(len(n.words)))
		out.start = append(out.start, int32(len(out.words)))
	}
	return n, out, part
}
