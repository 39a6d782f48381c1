// Twin of kernel.go: one thread an element.
#include "device.cuh"

// mix is the finaliser of SplitMix64.
DEVICE u64 mix(u64 z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

// dropout stores c·x, or 0 where the draw is below the bar; out may be x.
template <typename T>
DEVICE void dropout(int n, T* out, const T* x, const double* step, u64 stream, u64 bar, T c) {
  u64 seed = mix(stream ^ mix((u64)*step));
  EACH(i, n) out[i] = mix(seed + (u64)i * 0x9e3779b97f4a7c15ull) >> 11 < bar ? 0 : c * x[i];
}

#define KERNELS(T, S)                                                                                           \
  KERNEL dropout_dropout_##S(int n, T* out, const T* x, const double* step, u64 stream, u64 bar, T c) {         \
    dropout(n, out, x, step, stream, bar, c);                                                                   \
  }
BOTH(KERNELS)
