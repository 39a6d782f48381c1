package main

// proximal is one step of a proximal gradient method with momentum.
func proximal(s isa, in, c []vector) []vector {
	v, z, last := in[0], in[1], in[2]
	s.op("VMUL", c[0], z, z)
	s.op("VFMADD231", c[1], v, z)
	s.op("VFMADD231", c[2], last, z)
	return soft(s, []vector{z, c[3]}, nil)
}

// sgd is one step of descent with momentum.
func sgd(s isa, in, c []vector) []vector {
	p, m, g := in[0], in[1], in[2]
	keep, add, grad, trace, lr, l2 := c[0], c[1], c[2], c[3], c[4], c[5]
	s.op("VFMADD231", l2, p, g)
	s.op("VMUL", keep, m, m)
	s.op("VFMADD231", add, g, m)
	s.op("VMUL", grad, g, g)
	s.op("VFMADD231", trace, m, g)
	s.op("VFNMADD231", lr, g, p)
	return []vector{p, m}
}

// adam is one step of Adam.
func adam(s isa, in, c []vector) []vector {
	p, m, v, g := in[0], in[1], in[2], in[3]
	w1, b2, w2, root, eps, lr, l2, decay := c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]
	d := s.reg()
	s.op("VFMADD231", l2, p, g)
	s.op("VSUB", m, g, d)
	s.op("VFMADD231", w1, d, m) // m += w1(g − m)
	s.op("VMUL", b2, v, v)
	s.op("VMUL", g, g, g)
	s.op("VFMADD231", w2, g, v)
	s.op("VSQRT", v, d)
	s.op("VFMADD213", eps, root, d) // d = d·root + eps
	s.op("VDIV", d, m, d)
	s.op("VMUL", decay, p, p)
	s.op("VFNMADD231", lr, d, p)
	return []vector{p, m, v}
}
