package opinion

// The two loops in which nearly all the time of a map goes. They are written
// out, and in halves, so that what is summed stays in registers. All that is
// added is a multiple of one quantum and stays below 2^53 quanta, so the sums
// are exact: they do not depend on the order of the votes or of the people.

// gather sums what the votes of a row add to its person.
func gather(row []Word, looks []look, pair *[pairs]float64, pull *point) {
	gatherFirst(row, looks, pair)
	gatherSecond(row, looks, pair, pull)
}

func gatherFirst(row []Word, looks []look, pair *[pairs]float64) {
	var a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12 float64
	for _, w := range row {
		t := &looks[w>>2]
		a0 += t.pair[0]
		a1 += t.pair[1]
		a2 += t.pair[2]
		a3 += t.pair[3]
		a4 += t.pair[4]
		a5 += t.pair[5]
		a6 += t.pair[6]
		a7 += t.pair[7]
		a8 += t.pair[8]
		a9 += t.pair[9]
		a10 += t.pair[10]
		a11 += t.pair[11]
		a12 += t.pair[12]
	}
	pair[0] = a0
	pair[1] = a1
	pair[2] = a2
	pair[3] = a3
	pair[4] = a4
	pair[5] = a5
	pair[6] = a6
	pair[7] = a7
	pair[8] = a8
	pair[9] = a9
	pair[10] = a10
	pair[11] = a11
	pair[12] = a12
}

func gatherSecond(row []Word, looks []look, pair *[pairs]float64, pull *point) {
	var a13, a14, a15, a16, a17, a18, a19, a20, b0, b1, b2, b3, b4, b5 float64
	for _, w := range row {
		t := &looks[w>>2]
		a13 += t.pair[13]
		a14 += t.pair[14]
		a15 += t.pair[15]
		a16 += t.pair[16]
		a17 += t.pair[17]
		a18 += t.pair[18]
		a19 += t.pair[19]
		a20 += t.pair[20]
		c := &t.pull[w&3]
		b0 += c[0]
		b1 += c[1]
		b2 += c[2]
		b3 += c[3]
		b4 += c[4]
		b5 += c[5]
	}
	pair[13] = a13
	pair[14] = a14
	pair[15] = a15
	pair[16] = a16
	pair[17] = a17
	pair[18] = a18
	pair[19] = a19
	pair[20] = a20
	pull[0] = b0
	pull[1] = b1
	pull[2] = b2
	pull[3] = b3
	pull[4] = b4
	pull[5] = b5
}

// scatter adds a person's position and its square to the statements of its row.
func scatter(row []Word, sums []sums, pair *[pairs]float64, z *point) {
	scatterFirst(row, sums, pair)
	scatterSecond(row, sums, pair, z)
}

func scatterFirst(row []Word, sums []sums, pair *[pairs]float64) {
	a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12 := pair[0], pair[1], pair[2], pair[3], pair[4], pair[5], pair[6], pair[7], pair[8], pair[9], pair[10], pair[11], pair[12]
	for _, w := range row {
		t := &sums[w>>2]
		t.pair[0] += a0
		t.pair[1] += a1
		t.pair[2] += a2
		t.pair[3] += a3
		t.pair[4] += a4
		t.pair[5] += a5
		t.pair[6] += a6
		t.pair[7] += a7
		t.pair[8] += a8
		t.pair[9] += a9
		t.pair[10] += a10
		t.pair[11] += a11
		t.pair[12] += a12
	}
}

func scatterSecond(row []Word, sums []sums, pair *[pairs]float64, z *point) {
	a13, a14, a15, a16, a17, a18, a19, a20 := pair[13], pair[14], pair[15], pair[16], pair[17], pair[18], pair[19], pair[20]
	b0, b1, b2, b3, b4, b5 := z[0], z[1], z[2], z[3], z[4], z[5]
	for _, w := range row {
		t := &sums[w>>2]
		t.pair[13] += a13
		t.pair[14] += a14
		t.pair[15] += a15
		t.pair[16] += a16
		t.pair[17] += a17
		t.pair[18] += a18
		t.pair[19] += a19
		t.pair[20] += a20
		c := &t.code[w&3]
		c[0] += b0
		c[1] += b1
		c[2] += b2
		c[3] += b3
		c[4] += b4
		c[5] += b5
	}
}

// gatherPull and scatterCode are the parts of both that a Lanczos pass needs.
func gatherPull(row []Word, looks []look, pull *point) {
	var b0, b1, b2, b3, b4, b5 float64
	for _, w := range row {
		c := &looks[w>>2].pull[w&3]
		b0 += c[0]
		b1 += c[1]
		b2 += c[2]
		b3 += c[3]
		b4 += c[4]
		b5 += c[5]
	}
	*pull = point{b0, b1, b2, b3, b4, b5}
}

func scatterCode(row []Word, sums []sums, z *point) {
	b0, b1, b2, b3, b4, b5 := z[0], z[1], z[2], z[3], z[4], z[5]
	for _, w := range row {
		c := &sums[w>>2].code[w&3]
		c[0] += b0
		c[1] += b1
		c[2] += b2
		c[3] += b3
		c[4] += b4
		c[5] += b5
	}
}
