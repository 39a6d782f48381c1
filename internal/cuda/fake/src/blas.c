/* libcublas of the software device: the plain loops, on column-major matrices. */
#include <complex.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"

typedef double complex Z;
typedef struct {
  void *stream, *work;
  size_t room;
  int magic;
} Handle;

enum { MAGIC = 0xb1a5 };

int cublasCreate_v2(Handle **h) {
  int e = fake_enter("cublasCreate_v2", 0);
  if (e) return fake_leave(1);
  *h = calloc(1, sizeof **h);
  (*h)->magic = MAGIC;
  return fake_leave(0);
}
int cublasDestroy_v2(Handle *h) {
  if (!h || h->magic != MAGIC) return 1;
  h->magic = 0; /* and is never freed, so that a use of it shows */
  return 0;
}
int cublasSetStream_v2(Handle *h, void *s) { h->stream = s, h->work = 0; return 0; } /* takes the workspace away */
int cublasSetMathMode(Handle *h, int mode) {
  int e = fake_enter("cublasSetMathMode", 0);
  return fake_leave(!h || e || (mode != 0 && mode != 3) ? 7 : 0);
}
int cublasSetWorkspace_v2(Handle *h, void *work, size_t size) {
  int e = fake_enter("cublasSetWorkspace_v2", 0);
  if (e) return fake_leave(1);
  if (!fake_inside((Dev)(uintptr_t)work, size) || fake_misaligned((Dev)(uintptr_t)work, 256))
    return fake_leave(fake_violation(7, "cublasSetWorkspace: %zu bytes are not in one allocation, or not at a multiple of 256", size));
  h->work = work, h->room = size;
  return fake_leave(0);
}

/* A Product, or a triangular system: b is then the unknowns. */
typedef struct {
  int ta, tb, m, n, k, batch;
  double alpha, beta;
  const void *a, *b;
  void *c;
  int lda, ldb, ldc;
  long long sa, sb, sc;
} Product;

#define GEMM(T, NAME)                                                                                                   \
  static int NAME(void *args) {                                                                                         \
    Product *p = args;                                                                                                  \
    for (int z = 0; z < p->batch; z++) {                                                                                \
      const T *a = (const T *)p->a + z * p->sa, *b = (const T *)p->b + z * p->sb;                                       \
      T *c = (T *)p->c + z * p->sc, alpha = (T)p->alpha, beta = (T)p->beta;                                             \
      for (int j = 0; j < p->n; j++)                                                                                    \
        for (int i = 0; i < p->m; i++) {                                                                                \
          T sum = 0;                                                                                                    \
          for (int l = 0; l < p->k; l++)                                                                                \
            sum += (p->ta ? a[l + (size_t)i * p->lda] : a[i + (size_t)l * p->lda]) * (p->tb ? b[j + (size_t)l * p->ldb] : b[l + (size_t)j * p->ldb]); \
          T *at = &c[i + (size_t)j * p->ldc];                                                                           \
          *at = beta == 0 ? alpha * sum : alpha * sum + beta * *at;                                                     \
        }                                                                                                               \
    }                                                                                                                   \
    return 0;                                                                                                           \
  }
GEMM(float, gemm_float)
GEMM(double, gemm_double)

static int syrk_double(void *args) { /* the upper triangle; ta: AᵀA, else AAᵀ */
  Product *p = args;
  const double *a = p->a;
  double *c = p->c;
  for (int j = 0; j < p->n; j++)
    for (int i = 0; i <= j; i++) {
      double sum = 0;
      for (int l = 0; l < p->k; l++)
        sum += p->ta ? a[l + (size_t)i * p->lda] * a[l + (size_t)j * p->lda] : a[i + (size_t)l * p->lda] * a[j + (size_t)l * p->lda];
      double *at = &c[i + (size_t)j * p->ldc];
      *at = p->beta == 0 ? p->alpha * sum : p->alpha * sum + p->beta * *at;
    }
  return 0;
}

/* TRSM solves op(U) X = B for the upper triangle U: op is 0, 1 or 2 for none, the
 * transpose and the conjugate one. */
#define TRSM(T, NAME, CONJ)                                                                                             \
  static int NAME(void *args) {                                                                                         \
    Product *p = args;                                                                                                  \
    int n = p->m;                                                                                                       \
    for (int z = 0; z < p->batch; z++) {                                                                                \
      const T *u = p->batch > 1 || p->sa ? ((const T *const *)p->a)[z] : p->a;                                          \
      T *x = p->batch > 1 || p->sa ? ((T *const *)p->c)[z] : p->c;                                                      \
      if (!fake_inside((Dev)(uintptr_t)u, sizeof(T) * ((size_t)(n - 1) * p->lda + n)) || !fake_inside((Dev)(uintptr_t)x, sizeof(T) * ((size_t)(p->n - 1) * p->ldc + n)) || \
          fake_misaligned((Dev)(uintptr_t)u, sizeof(T)) || fake_misaligned((Dev)(uintptr_t)x, sizeof(T)))         \
        return fake_violation(700, "cuBLAS trsm, n %d, system %d of %d is not in one allocation, or misaligned", n, z, p->batch); \
      for (int j = 0; j < p->n; j++)                                                                                    \
        for (int t = 0; t < n; t++) {                                                                                   \
          int i = p->ta ? t : n - 1 - t;                                                                                \
          T sum = x[i + (size_t)j * p->ldc];                                                                            \
          if (p->ta)                                                                                                    \
            for (int l = 0; l < i; l++) sum -= (p->ta == 2 ? CONJ(u[l + (size_t)i * p->lda]) : u[l + (size_t)i * p->lda]) * x[l + (size_t)j * p->ldc]; \
          else                                                                                                          \
            for (int l = i + 1; l < n; l++) sum -= u[i + (size_t)l * p->lda] * x[l + (size_t)j * p->ldc];               \
          T pivot = u[i + (size_t)i * p->lda];                                                                          \
          x[i + (size_t)j * p->ldc] = sum / (p->ta == 2 ? CONJ(pivot) : pivot);                                         \
        }                                                                                                               \
    }                                                                                                                   \
    return 0;                                                                                                           \
  }
#define SAME(x) (x)
TRSM(double, trsm_double, SAME)
TRSM(Z, trsm_complex, conj)

typedef struct {
  Work f;
  Product p;
} Guarded;
static int guarded(void *args) {
  Guarded *g = args;
  uintptr_t at;
  int code = fake_guarded(g->f, &g->p, 700, &at);
  if (code) return fake_violation(code, "cuBLAS, m %d, n %d, k %d, touches %#zx, which is no memory of the device", g->p.m, g->p.n, g->p.k, (size_t)at);
  return 0;
}

/* ready begins a call: 0, or the status that it has to return after it has left. */
static int ready(const char *call, Handle *h) {
  int e = fake_enter(call, 0);
  if (e) return 13;
  if (!h || h->magic != MAGIC) return fake_violation(1, "%s without a handle", call);
  if (!h->work && fake_capturing()) return fake_violation(14, "%s without a workspace while a stream is captured, where it must not allocate", call);
  return 0;
}

/* outside reports matrices, batch of them, that are not in one allocation, or misaligned. */
static int outside(const void *p, int rows, int columns, int ld, long long stride, int batch, size_t elem) {
  if (rows == 0 || columns == 0) return 0;
  size_t size = elem * ((size_t)(columns - 1) * ld + rows + (batch > 1 ? (size_t)(batch - 1) * stride : 0));
  return !fake_inside((Dev)(uintptr_t)p, size) || fake_misaligned((Dev)(uintptr_t)p, elem);
}

static int enqueue(const char *call, Handle *h, Work f, Product p, size_t elem) {
  int e = ready(call, h);
  if (e) return fake_leave(e);
  int rows_a = p.ta ? p.k : p.m, rows_b = p.tb ? p.n : p.k;
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.batch < 0 || p.batch > 65535 || p.lda < (rows_a > 1 ? rows_a : 1) || (p.b && p.ldb < (rows_b > 1 ? rows_b : 1)) || p.ldc < (p.m > 1 ? p.m : 1)) {
    fake_violation(7, "%s: m %d, n %d, k %d, lda %d, ldb %d, ldc %d, batch %d", call, p.m, p.n, p.k, p.lda, p.ldb, p.ldc, p.batch);
    return fake_leave(7);
  }
  if (outside(p.a, rows_a, p.ta ? p.m : p.k, p.lda, p.sa, p.batch, elem) || (p.b && outside(p.b, rows_b, p.tb ? p.k : p.n, p.ldb, p.sb, p.batch, elem)) ||
      outside(p.c, p.m, p.n, p.ldc, p.sc, p.batch, elem))
    return fake_leave(fake_violation(7, "%s: m %d, n %d, k %d, lda %d, ldb %d, ldc %d, batch %d: an operand is not in one allocation, or misaligned", call, p.m, p.n, p.k, p.lda, p.ldb, p.ldc, p.batch));
  Guarded g = {f, p};
  return fake_leave(fake_enqueue(h->stream, guarded, &g, sizeof g) ? 13 : 0);
}

#define ENTRY(T, X)                                                                                                                        \
  int cublas##X##gemm_v2(Handle *h, int ta, int tb, int m, int n, int k, const T *alpha, const T *a, int lda, const T *b, int ldb,         \
                         const T *beta, T *c, int ldc) {                                                                                   \
    Product p = {ta, tb, m, n, k, 1, *alpha, *beta, a, b, c, lda, ldb, ldc, 0, 0, 0};                                                      \
    return enqueue("cublas" #X "gemm_v2", h, sizeof(T) == 4 ? gemm_float : gemm_double, p, sizeof(T));                                     \
  }                                                                                                                                        \
  int cublas##X##gemmStridedBatched(Handle *h, int ta, int tb, int m, int n, int k, const T *alpha, const T *a, int lda, long long sa,     \
                                    const T *b, int ldb, long long sb, const T *beta, T *c, int ldc, long long sc, int batch) {            \
    Product p = {ta, tb, m, n, k, batch, *alpha, *beta, a, b, c, lda, ldb, ldc, sa, sb, sc};                                               \
    return enqueue("cublas" #X "gemmStridedBatched", h, sizeof(T) == 4 ? gemm_float : gemm_double, p, sizeof(T));                          \
  }
ENTRY(float, S)
ENTRY(double, D)

int cublasDsyrk_v2(Handle *h, int uplo, int t, int n, int k, const double *alpha, const double *a, int lda, const double *beta, double *c, int ldc) {
  if (uplo != 1) return 15;
  Product p = {t, 0, n, n, k, 1, *alpha, *beta, a, 0, c, lda, 0, ldc, 0, 0, 0};
  return enqueue("cublasDsyrk_v2", h, syrk_double, p, 8);
}

static int solve(const char *call, Handle *h, Work f, int side, int uplo, int op, int diag, int m, int n, double alpha, const void *a, int lda, void *b, int ldb, int arrays, int batch) {
  int e = ready(call, h);
  if (e) return fake_leave(e);
  if (side != 0 || uplo != 1 || diag != 0 || op < 0 || op > 2 || alpha != 1 || m < 1 || n < 1 || lda < m || ldb < m || batch < 1)
    return fake_leave(fake_violation(7, "%s: side %d, uplo %d, op %d, diag %d, m %d, n %d, lda %d, ldb %d, batch %d", call, side, uplo, op, diag, m, n, lda, ldb, batch));
  if (arrays && (outside(a, batch, 1, batch, 0, 1, 8) || outside(b, batch, 1, batch, 0, 1, 8)))
    return fake_leave(fake_violation(7, "%s: an array of %d addresses is not in one allocation, or misaligned", call, batch));
  Guarded g = {f, {op, 0, m, n, m, batch, alpha, 0, a, 0, b, lda, 0, ldb, arrays, 0, 0}};
  return fake_leave(fake_enqueue(h->stream, guarded, &g, sizeof g) ? 13 : 0);
}
int cublasDtrsm_v2(Handle *h, int side, int uplo, int op, int diag, int m, int n, const double *alpha, const double *a, int lda, double *b, int ldb) {
  return solve("cublasDtrsm_v2", h, trsm_double, side, uplo, op, diag, m, n, *alpha, a, lda, b, ldb, 0, 1);
}
int cublasDtrsmBatched(Handle *h, int side, int uplo, int op, int diag, int m, int n, const double *alpha, const double **a, int lda, double **b, int ldb, int batch) {
  return solve("cublasDtrsmBatched", h, trsm_double, side, uplo, op, diag, m, n, *alpha, a, lda, b, ldb, 1, batch);
}
int cublasZtrsmBatched(Handle *h, int side, int uplo, int op, int diag, int m, int n, const Z *alpha, const Z **a, int lda, Z **b, int ldb, int batch) {
  return solve("cublasZtrsmBatched", h, trsm_complex, side, uplo, op, diag, m, n, creal(*alpha) + cimag(*alpha), a, lda, b, ldb, 1, batch);
}
