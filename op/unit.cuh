// Division by a norm, whatever the magnitude: the twin of internal/simd/unit.go. A row
// is what x(j), j below d, reads and store(j, v) writes, by one block.
#pragma once

// times_power returns v·2ᵉ.
DEVICE double times_power(double v, int e) {
  for (; e > 1000; e -= 1000) v *= 1.0715086071862673e301;    // 2¹⁰⁰⁰
  for (; e < -1000; e += 1000) v *= 9.332636185032189e-302;  // 2⁻¹⁰⁰⁰
  return v * __builtin_bit_cast(double, (u64)(e + 1023) << 52);
}

// exponent returns the e for which v is in [2ᵉ⁻¹, 2ᵉ); v is finite and above 0.
DEVICE int exponent(double v) {
  int e = 0;
  if (v < 2.2250738585072014e-308) v *= 18014398509481984.0, e = -54;  // 2⁵⁴
  return e + (int)(__builtin_bit_cast(u64, v) >> 52 & 0x7ff) - 1022;
}

DEVICE double absolute(double v) { return v < 0 ? -v : v; }

// row_max_abs returns max |x(j)|, NaN if one is, to every thread of the block.
template <typename F>
DEVICE double row_max_abs(int d, F x) {
  double most = 0;
  LANE(j, d) most = larger(absolute(x(j)), most);
  return block_max(most);
}

// unit stores x/‖x‖. It returns false, and leaves in bad the largest of a row, that is 0
// or not finite, and stores nothing.
template <typename F, typename G>
DEVICE bool unit(int d, F x, G store, double* bad) {
  typedef decltype(x(0)) T;
  bool single = sizeof(T) == 4;
  double r = root(row_sum(d, [=](int j) { return (double)x(j) * x(j); }));
  if (r >= (single ? 0x1p-125 : 0x1p-450) && r <= (single ? 0x1p125 : 0x1p500)) {
    T c = 1 / r;
    LANE(j, d) store(j, c * x(j));
    return true;
  }
  double most = row_max_abs(d, x);
  *bad = most;
  if (!(most > 0 && most < infinity())) return false;
  int e = exponent(most);
  r = root(row_sum(d, [=](int j) { return times_power(x(j), -e) * times_power(x(j), -e); }));
  LANE(j, d) store(j, (T)(times_power(x(j), -e) / r));
  return true;
}

// unit_grad stores (D − ⟨D, y⟩y)/‖x‖, y being x/‖x‖, and 0 where x is 0.
template <typename T, typename D, typename F, typename G>
DEVICE void unit_grad(int d, D dout, F x, G store) {
  bool single = sizeof(T) == 4;
  double dot = row_sum(d, [=](int j) { return (double)dout(j) * x(j); });
  double r = root(row_sum(d, [=](int j) { return (double)x(j) * x(j); }));
  double along = dot / (r * r * r), a = absolute(along);
  if (r >= 0x1p-30 && r <= 0x1p30 && a >= (single ? 0x1p-100 : 0x1p-800) && a <= (single ? 0x1p100 : 0x1p800)) {
    T c = 1 / r, b = along;
    LANE(j, d) store(j, c * dout(j) - b * x(j));
    return;
  }
  double most = row_max_abs(d, x), top = row_max_abs(d, dout);
  if (most == 0) {
    LANE(j, d) store(j, 0);
    return;
  }
  int e = most > 0 && most < infinity() ? exponent(most) : 0, ed = top > 0 && top < infinity() ? exponent(top) : 0;
  r = root(row_sum(d, [=](int j) { return times_power(x(j), -e) * times_power(x(j), -e); }));
  along = row_sum(d, [=](int j) { return times_power(dout(j), -ed) * times_power(x(j), -e); }) / r / r;
  LANE(j, d) store(j, (T)times_power((times_power(dout(j), -ed) - along * times_power(x(j), -e)) / r, ed - e));
}
