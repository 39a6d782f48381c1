// What kernels need, and no header of CUDA: the index of a thread, a barrier, sums
// over a block, exp and log. It is compiled by clang for a GPU, and by a compiler
// of C++ for the host, where internal/cuda/fake runs the threads one after the other.
//
// A kernel has KERNEL before its name, which is <op>_<function>_<f32 or f64>, and
// takes addresses, ints, unsigned long longs, floats and doubles. A block has at most
// 512 threads, so a kernel may use 128 registers (ptx.sh check). Sums have a fixed
// order, which depends on sizes and on the shape of the launch alone.
#pragma once

typedef unsigned long long u64;

#ifdef __CUDA__
#define KERNEL extern "C" __attribute__((global)) void
#define DEVICE static inline __attribute__((device))
#define DEVICE_MEMBER __attribute__((device))
extern __attribute__((shared)) double shared[];
DEVICE int thread() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int threads() { return __nvvm_read_ptx_sreg_ntid_x(); }
DEVICE int block() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE int blocks() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE void barrier() { __syncthreads(); }
DEVICE double root(double x) { return __nvvm_sqrt_rn_d(x); }
#define ROLLED _Pragma("clang loop unroll(disable)")  // before a loop: one turn is enough text
#else
#define KERNEL extern "C" void
#define DEVICE static inline
#define DEVICE_MEMBER
extern "C" {
extern double* fake_shared;
extern int fake_thread, fake_threads, fake_block, fake_blocks;
void fake_barrier();
}
#define shared fake_shared
DEVICE int thread() { return fake_thread; }
DEVICE int threads() { return fake_threads; }
DEVICE int block() { return fake_block; }
DEVICE int blocks() { return fake_blocks; }
DEVICE void barrier() { fake_barrier(); }
DEVICE double root(double x) { return __builtin_sqrt(x); }
#define ROLLED
#endif

// Both types of a graph: KERNELS(T, S) is to be defined before.
#define BOTH(KERNELS) KERNELS(float, f32) KERNELS(double, f64)

// EACH is a loop over the elements 0, …, n−1, shared by all threads.
#define EACH(i, n) for (int i = block() * threads() + thread(); i < (n); i += blocks() * threads())

// ROW is a loop over the rows 0, …, n−1, shared by all blocks.
#define ROW(i, n) for (int i = block(); i < (n); i += blocks())

// LANE is a loop over the elements 0, …, d−1 of a row, shared by a block.
#define LANE(j, d) for (int j = thread(); j < (d); j += threads())

DEVICE double infinity() { return __builtin_bit_cast(double, 0x7ff0000000000000ull); }
DEVICE double nan_() { return __builtin_bit_cast(double, 0x7ff8000000000000ull); }

// block_sum returns the sum of v over the threads of the block, a power of two, to
// each of them.
DEVICE double block_sum(double v) {
  shared[thread()] = v;
  barrier();
  for (int half = threads() / 2; half > 0; half /= 2) {
    if (thread() < half) shared[thread()] += shared[thread() + half];
    barrier();
  }
  v = shared[0];
  barrier();
  return v;
}

// larger returns the larger of two numbers, NaN if one is.
DEVICE double larger(double a, double b) { return a > b || a != a ? a : b; }

// block_max is block_sum of the largest.
DEVICE double block_max(double v) {
  shared[thread()] = v;
  barrier();
  for (int half = threads() / 2; half > 0; half /= 2) {
    if (thread() < half) shared[thread()] = larger(shared[thread()], shared[thread() + half]);
    barrier();
  }
  v = shared[0];
  barrier();
  return v;
}

// exponential returns exp(x) to about one unit in the last place: with x = k·log 2
// + r, 2ᵏ times Taylor's series of exp(r), |r| ≤ ½ log 2, to r¹³/13!.
DEVICE double exponential(double x) {
  if (x != x) return x;
  if (x > 709.79) return infinity();
  if (x < -745.14) return 0;
  const double shift = 6755399441055744.0;  // 1.5·2⁵²: adding it rounds to an integer
  double k = (x * 1.4426950408889634074 + shift) - shift;
  double r = __builtin_fma(-k, 6.93147180369123816490e-01, x);  // log 2 in two parts
  r = __builtin_fma(-k, 1.90821492927058770002e-10, r);
  double p = 1.0 / 6227020800.0;
  p = __builtin_fma(p, r, 1.0 / 479001600.0);
  p = __builtin_fma(p, r, 1.0 / 39916800.0);
  p = __builtin_fma(p, r, 1.0 / 3628800.0);
  p = __builtin_fma(p, r, 1.0 / 362880.0);
  p = __builtin_fma(p, r, 1.0 / 40320.0);
  p = __builtin_fma(p, r, 1.0 / 5040.0);
  p = __builtin_fma(p, r, 1.0 / 720.0);
  p = __builtin_fma(p, r, 1.0 / 120.0);
  p = __builtin_fma(p, r, 1.0 / 24.0);
  p = __builtin_fma(p, r, 1.0 / 6.0);
  p = __builtin_fma(p, r, 0.5);
  p = __builtin_fma(p, r, 1.0);
  p = __builtin_fma(p, r, 1.0);
  int e = (int)k, half = e / 2;  // in two steps, for 2ᵉ alone may be out of range
  double a = __builtin_bit_cast(double, (u64)(half + 1023) << 52);
  double b = __builtin_bit_cast(double, (u64)(e - half + 1023) << 52);
  return p * a * b;
}

// logarithm returns log(x) to about one unit in the last place: with x = 2ᵉ·m, m
// near 1, and s = (m − 1)/(m + 1), e·log 2 + 2(s + s³/3 + s⁵/5 + …).
DEVICE double logarithm(double x) {
  if (x != x || x < 0) return nan_();
  if (x == 0) return -infinity();
  if (x == infinity()) return x;
  int e = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984.0;  // 2⁵⁴
    e = -54;
  }
  u64 bits = __builtin_bit_cast(u64, x);
  e += (int)(bits >> 52) - 1023;
  double m = __builtin_bit_cast(double, (bits & 0xfffffffffffffull) | 0x3ff0000000000000ull);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e++;
  }
  double f = m - 1, s = f / (2 + f), z = s * s;
  double p = 1.0 / 23;
  for (int n = 21; n >= 3; n -= 2) p = __builtin_fma(p, z, 1.0 / n);
  double tail = s * z * p;  // s³/3 + s⁵/5 + …
  return __builtin_fma((double)e, 6.93147180369123816490e-01, 2 * s + __builtin_fma((double)e, 1.90821492927058770002e-10, 2 * tail));
}

// row_sum returns the sum of term(j), j below d, to every thread of the block.
template <typename F>
DEVICE double row_sum(int d, F term) {
  double s = 0;
  LANE(j, d) s += term(j);
  return block_sum(s);
}

// column_sums calls store(j, Σᵢ term(i, j)), i below n, for every column j below d.
// A block takes 32 columns at a time; the threads are a multiple of 32.
template <typename F, typename G>
DEVICE void column_sums(int n, int d, F term, G store) {
  int lane = thread() / 32, lanes = threads() / 32;
  for (int first = block() * 32; first < d; first += blocks() * 32) {
    int j = first + thread() % 32;
    double s = 0;
    if (j < d)
      for (int i = lane; i < n; i += lanes) s += term(i, j);
    shared[thread()] = s;
    barrier();
    if (lane == 0 && j < d) {
      for (int l = 1; l < lanes; l++) s += shared[l * 32 + thread()];
      store(j, s);
    }
    barrier();
  }
}

// partial_sums stores the sum of term(i), i below n, in parts, one a block.
template <typename F>
DEVICE void partial_sums(int n, double* parts, F term) {
  double s = 0;
  EACH(i, n) s += term(i);
  s = block_sum(s);
  if (thread() == 0) parts[block()] = s;
}

// report notes that the data are wrong: a number from 0 that says how, and a value.
// Of several reports the one of the least number stays, whichever came first.
DEVICE void report(u64* status, int number, float value) {
  u64 word = (u64)~(unsigned)number << 32 | __builtin_bit_cast(unsigned, value);
#ifdef __CUDA__
  __nvvm_atom_max_gen_ull(status, word);
#else
  if (*status < word) *status = word;
#endif
}

// A CLASS and j is the number of a report about class j, where others are about
// samples.
const int CLASS = 1 << 30;

// first_bad returns the least i below n for which bad(i), or n, to every thread. It
// is for one block.
template <typename F>
DEVICE int first_bad(int n, F bad) {
  double found = n;
  LANE(i, n) if (i < found && bad(i)) found = i;
  return (int)-block_max(-found);
}

// is_class reports whether a label is an integer from 0 to k−1.
template <typename T>
DEVICE bool is_class(T label, int k) {
  return label >= 0 && label < (T)k && (T)(int)label == label;
}

// A Part is some elements of the operands of one of many tensors: of a cuda.Table,
// which has the same layout. A block computes on one part at a time.
template <typename T>
struct Part {
  T* at[4];
  long long n, first;  // elements; the number of the first, among those of all tensors
  double factor;
};

// each_part calls f(part, k) for every element k of every part.
template <typename T, typename F>
DEVICE void each_part(int parts, const Part<T>* table, F f) {
  ROW(j, parts) {
    Part<T> t = table[j];
    LANE(k, (int)t.n) f(t, k);
  }
}

// exponential_m1 returns exp(x) − 1, without cancellation about 0: (u − 1)·x/log u of
// u = exp(x), in which the error of u cancels.
DEVICE double exponential_m1(double x) {
  double u = exponential(x), less = u - 1;
  if (u == 1) return x;
  return less == -1 || u == infinity() || u != u ? less : less * (x / logarithm(u));
}

// logarithm_1p returns log(1 + x), without cancellation about 0, likewise.
DEVICE double logarithm_1p(double x) {
  double u = 1 + x;
  if (u == 1) return x;
  return u > 0 && u != infinity() ? logarithm(u) * (x / (u - 1)) : logarithm(u);
}

// power returns xᵉ: by repeated squaring for integers e up to 64, to |e| units in the
// last place, and by exp(e log x) for others, to 2 + |e log x| of them.
DEVICE double power(double x, double e) {
  if (e == 0 || x == 1) return 1;
  if (x != x || e != e) return nan_();
  bool whole = e > 9e15 || e < -9e15 || e == (double)(long long)e;
  bool odd = whole && e < 9e15 && e > -9e15 && ((long long)e & 1);
  bool negative = __builtin_bit_cast(u64, x) >> 63;
  double m = negative ? -x : x, v;
  if (m == 0 || m == infinity()) {
    v = (m == 0) == (e < 0) ? infinity() : 0;
  } else if (negative && !whole) {
    return nan_();
  } else if (whole && e <= 64 && e >= -64) {
    double f = m;
    v = 1;
    ROLLED for (int n = e < 0 ? -e : e; n > 0; n /= 2) {
      if (n & 1) v *= f;
      f *= f;
    }
    if (e < 0) v = 1 / v;
  } else {
    double l = logarithm(m), p = e * l, less = __builtin_fma(e, l, -p);  // e·l = p + less
    v = exponential(p);
    if (v > 0 && v < infinity()) v += v * less;
  }
  return negative && odd ? -v : v;
}

// hyperbolic_tangent returns tanh(x).
DEVICE double hyperbolic_tangent(double x) {
  if (x != x) return x;
  double m = x < 0 ? -x : x;
  double e = exponential_m1(2 * (m < 20 ? m : 20)), t = m < 20 ? e / (e + 2) : 1;
  return x < 0 ? -t : t;
}

// sigmoid returns 1/(1 + exp(−x)).
DEVICE double sigmoid(double x) {
  double e = exponential(x < 0 ? x : -x);  // at most 1
  return (x < 0 ? e : 1) / (1 + e);
}

// softplus returns log(1 + exp(x)).
DEVICE double softplus(double x) {
  double tail = logarithm_1p(exponential(x < 0 ? x : -x));
  return x < 0 ? tail : x + tail;
}

// density returns φ(x) of a standard normal number.
DEVICE double density(double x) { return exponential(-0.5 * x * x) * 0.39894228040143267794; }

// normal_series returns Φ(x) − ½ for |x| below 4: φ(x)(x + x³/3 + x⁵/(3·5) + …).
DEVICE double normal_series(double x) {
  double term = x, sum = x;
  ROLLED for (int n = 3; n < 140; n += 2) sum += term *= x * x / n;
  return density(x) * sum;
}

// normal_tail returns Φ(−m) for m of 1.5 and above: φ(m)/(m + 1/(m + 2/(m + …))).
DEVICE double normal_tail(double m) {
  if (m > 40) return 0;
  double f = 0;
  int terms = m < 4 ? 200 : 40;
  ROLLED for (int n = terms; n >= 1; n--) f = n / (m + f);
  return density(m) / (m + f);
}

// normal returns Φ(x).
DEVICE double normal(double x) {
  if (x != x) return x;
  if (x > -1.5 && x < 4) return 0.5 + normal_series(x);
  return x < 0 ? normal_tail(-x) : 1 - normal_tail(x);
}

// error_function returns erf(x) = 2Φ(√2x) − 1.
DEVICE double error_function(double x) {
  if (x != x) return x;
  double z = 1.4142135623730950488 * x;
  if (z > -4 && z < 4) return 2 * normal_series(z);
  return x < 0 ? 2 * normal_tail(-z) - 1 : 1 - 2 * normal_tail(z);
}

// error_complement returns erfc(x) = 1 − erf(x) = 2Φ(−√2x).
DEVICE double error_complement(double x) { return 2 * normal(-1.4142135623730950488 * x); }

// POINTWISE makes the kernels of a function of one number from double value(double)
// and double slope(double): NAME_value and NAME_slope, as op.Pointwise calls them.
// POINTWISE1 and POINTWISE2 are those of a function with attributes, Numbers, which
// come last: value(x, a), value(x, a, b).
#define POINTWISE(NAME) POINTWISE_OF(NAME, float, f32, CALL0) POINTWISE_OF(NAME, double, f64, CALL0)
#define POINTWISE1(NAME) POINTWISE_OF(NAME, float, f32, CALL1, , double a) POINTWISE_OF(NAME, double, f64, CALL1, , double a)
#define POINTWISE2(NAME) \
  POINTWISE_OF(NAME, float, f32, CALL2, , double a, double b) POINTWISE_OF(NAME, double, f64, CALL2, , double a, double b)
#define CALL0(f, ...) f(__VA_ARGS__)
#define CALL1(f, ...) f(__VA_ARGS__, a)
#define CALL2(f, ...) f(__VA_ARGS__, a, b)

#define POINTWISE_OF(NAME, T, S, CALL, ...)                                                                         \
  KERNEL NAME##_value_##S(int n, T* out, const T* x __VA_ARGS__) { EACH(i, n) out[i] = CALL(value, (double)x[i]); } \
  KERNEL NAME##_slope_##S(int n, T* out, const T* dout, const T* v __VA_ARGS__) {                                   \
    EACH(i, n) out[i] = dout[i] * CALL(slope, (double)v[i]);                                                        \
  }

// An Operand is one of an elementwise formula, and how it meets the first: 0 for one of
// its shape, 1 for a vector that meets every row, 2 for a number, 3 for none.
template <typename T>
struct Operand {
  const T* data;
  int form;
  DEVICE_MEMBER double at(int i, int d) const { return form == 3 ? 0 : data[form == 0 ? i : form == 1 ? i % d : 0]; }
};

// ELEMENTWISE makes the kernels of a function of up to four numbers, as op.Elementwise
// calls them, from double value(x, p, q, r) and double partial(k, x, p, q, r), the
// derivative by operand k. ELEMENTWISE1 and ELEMENTWISE2 are as POINTWISE1 and 2.
#define ELEMENTWISE(NAME) ELEMENTWISE_OF(NAME, float, f32, CALL0) ELEMENTWISE_OF(NAME, double, f64, CALL0)
#define ELEMENTWISE1(NAME) ELEMENTWISE_OF(NAME, float, f32, CALL1, , double a) ELEMENTWISE_OF(NAME, double, f64, CALL1, , double a)
#define ELEMENTWISE2(NAME) \
  ELEMENTWISE_OF(NAME, float, f32, CALL2, , double a, double b) ELEMENTWISE_OF(NAME, double, f64, CALL2, , double a, double b)

#define ELEMENTWISE_OF(NAME, T, S, CALL, ...)                                                           \
  KERNEL NAME##_value_##S(int n, int d, T* out, OPERANDS(T) __VA_ARGS__) {                              \
    OPERANDS_OF(T)                                                                                      \
    EACH(i, n) out[i] = CALL(value, (double)x[i], p.at(i, d), q.at(i, d), r.at(i, d));                  \
  }                                                                                                     \
  KERNEL NAME##_partial_##S(int n, int d, T* out, OPERANDS(T), const T* dout, int k __VA_ARGS__) {      \
    OPERANDS_OF(T)                                                                                      \
    EACH(i, n) out[i] = dout[i] * CALL(partial, k, (double)x[i], p.at(i, d), q.at(i, d), r.at(i, d));   \
  }                                                                                                     \
  KERNEL NAME##_columns_##S(int n, int d, T* out, OPERANDS(T), const T* dout, int k __VA_ARGS__) {      \
    OPERANDS_OF(T)                                                                                      \
    column_sums(n / d, d, [=](int row, int j) {                                                         \
      int i = row * d + j;                                                                              \
      return dout[i] * CALL(partial, k, (double)x[i], p.at(i, d), q.at(i, d), r.at(i, d));              \
    }, [=](int j, double s) { out[j] = s; });                                                           \
  }                                                                                                     \
  KERNEL NAME##_parts_##S(int n, int d, double* parts, OPERANDS(T), const T* dout, int k __VA_ARGS__) { \
    OPERANDS_OF(T)                                                                                      \
    partial_sums(n, parts, [=](int i) {                                                                 \
      return dout[i] * CALL(partial, k, (double)x[i], p.at(i, d), q.at(i, d), r.at(i, d));              \
    });                                                                                                 \
  }                                                                                                     \
  KERNEL NAME##_finish_##S(int n, T* out, const double* parts) {                                        \
    double s = row_sum(n, [=](int i) { return parts[i]; });                                             \
    if (thread() == 0) *out = s;                                                                        \
  }
#define OPERANDS(T) const T *x, const T *p_, const T *q_, const T *r_, int fp, int fq, int fr
#define OPERANDS_OF(T) Operand<T> p = {p_, fp}, q = {q_, fq}, r = {r_, fr};
