package opinion

import "math"

// AgreementOf is the adjusted Rand index of two partitions of the same things:
// 1 for the same partition whatever the labels, about 0 for unrelated ones.
// Things with a negative label in either do not count; labels are below 127. Two partitions that both
// leave everything together agree.
func AgreementOf(a, b []int8) float64 {
	k := int8(0)
	for i := range a {
		k = max(k, a[i]+1, b[i]+1)
	}
	cell := make([]int64, int(k)*int(k))
	rows, columns := make([]int64, k), make([]int64, k)
	n := int64(0)
	for i := range a {
		if a[i] >= 0 && b[i] >= 0 {
			cell[int(a[i])*int(k)+int(b[i])]++
			rows[a[i]]++
			columns[b[i]]++
			n++
		}
	}
	two := func(x int64) float64 { return float64(x*(x-1)) / 2 }
	var both, inA, inB float64
	for _, x := range cell {
		both += two(x)
	}
	for i := range rows {
		inA += two(rows[i])
		inB += two(columns[i])
	}
	if n < 2 || inA+inB == 0 || inA == two(n) && inB == two(n) {
		return 1
	}
	expected := inA * inB / two(n)
	most := (inA + inB) / 2
	if most == expected {
		return 1
	}
	return (both - expected) / (most - expected)
}

// matched gives to each group of the part the group of the whole that it is
// the most like: the renaming under which the most people keep theirs.
func matched(k int, whole, part []int8) (name [maxGroups]int8) {
	var cell [maxGroups][maxGroups]int
	for i := range whole {
		if whole[i] >= 0 && part[i] >= 0 {
			cell[part[i]][whole[i]]++
		}
	}
	best := -1
	var try [maxGroups]int8
	var walk func(at, used, sum int)
	walk = func(at, used, sum int) {
		if at == k {
			if sum > best {
				best, name = sum, try
			}
			return
		}
		for j := range k {
			if used&(1<<j) == 0 {
				try[at] = int8(j)
				walk(at+1, used|1<<j, sum+cell[at][j])
			}
		}
	}
	walk(0, 0, 0)
	return name
}

// groupMeans predicts left-out votes by the mean of the person's group, shrunk
// by two votes at the statement's mean, itself shrunk so to the mean of all.
// It returns the root mean square error over people who have a group.
func groupMeans(n, out *ordered, group []int8, k int) float64 {
	type tally struct{ sum, count float64 }
	all := make([]tally, len(n.statements))
	own := make([]tally, k*len(n.statements))
	var total tally
	for p := range n.people {
		for _, w := range n.row(p) {
			y, s := float64(w&3)-1, int(w>>2)
			all[s].sum += y
			all[s].count++
			total.sum += y
			total.count++
			if group[p] >= 0 {
				t := &own[s*k+int(group[p])]
				t.sum += y
				t.count++
			}
		}
	}
	loss, count := 0.0, 0.0
	for p := range out.start[1:] {
		if group[p] < 0 {
			continue
		}
		for _, w := range out.row(p) {
			s := int(w >> 2)
			mean := (all[s].sum + startShrink*total.sum/max(1, total.count)) / (all[s].count + startShrink)
			t := &own[s*k+int(group[p])]
			d := float64(w&3) - 1 - (t.sum+startShrink*mean)/(t.count+startShrink)
			loss += quantize(d*d, mostSquare, sumMagic) // exact, in any order
			count++
		}
	}
	return math.Sqrt(loss / max(1, count))
}
