package main

import "github.com/mmcloughlin/avo/operand"

// numbersOf are the constants of the kernels, by the bytes of an element.
var numbersOf = map[int]*table{}

// numbers returns the constants of a type, written at the first call.
func (s isa) numbers() *table {
	if t, ok := numbersOf[s.bytes]; ok {
		return t
	}
	single := s.bytes == 4
	pick := func(f32, f64 float64) float64 {
		if single {
			return f32
		}
		return f64
	}
	t := &table{isa: s, symbol: operand.NewStaticSymbol("special" + s.typ)}
	values := []float64{}
	add := func(name string, v float64) { t.names, values = append(t.names, name), append(values, v) }
	add("one", 1)
	add("minusHalf", -0.5)
	add("two", 2)
	add("about", 0.75)             // 1/(1 + E), off by a quarter
	add("tanhTop", pick(10, 20))   // tanh is 1 from here on
	add("gone", pick(-110, -760))  // exp is 0 from here on
	add("normalTop", pick(16, 39)) // Φ(−x) is 0 from here on
	add("shift", pick(1.5, 4))     // K of the tail
	add("fewshift", 1.5)
	add("density", 0.3989422804014327)        // 1/√(2π)
	add("twice", 1.5957691216057308)          // 2√(2/π)
	add("cubic", 1.5957691216057308*0.044715) // the same times 0.044715
	add("few", -50)
	add("many", 50)
	tail := tail32
	if !single {
		tail = tail64
	}
	for i, v := range tail {
		add(term(i), v)
	}
	t.degree = len(tail) - 1
	for i, v := range tail32 {
		add("few"+term(i), v)
	}
	numbersOf[s.bytes] = t
	t.signs(values)
	return t
}

// The polynomials P of degree 11 and 22, highest first, with
//
//	x exp(x²/2)·Φ(−x) = u·P(u),   u = x/(x + K),   P(0) = K/2,   K = 1.5 or 4,
//
// which interpolate at Chebyshev's points for x from 0 to 14.5 and to 39: off by 3e-8 and
// 2e-16 at most.
var (
	tail32 = []float64{0.2628859063858637311, -0.9980098321069830726, 1.524614486873155289, -1.308664328873853268,
		0.7108719335940378465, -0.1903176656677156925, 0.08267825373541534426, -0.001475204991702877155,
		-0.08451691220135702804, -0.2014973002734531408, -0.1476201045103743299, 0.75}
	tail64 = []float64{-0.0015099910119360301, 0.01967356468472198772, -0.1060664635602326058, 0.3236451732333546124,
		-0.6368248099485324446, 0.8742285638145799598, -0.888429848213716627, 0.6903414045452032285,
		-0.4057586278623729656, 0.1888066771150961106, -0.08600797054130726317, 0.005485966046667342481,
		0.02046746861256531625, 0.07121797142284030636, -0.002047715749894698296, -0.2178572393331512725,
		-0.1203169572776788338, 0.7160329506869581628, 0.2953956765578302758, -3.192304053513970565,
		5.233847027154095584, -4.383076486422922792, 2.0}
)
