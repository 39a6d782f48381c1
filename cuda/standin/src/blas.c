/* libcublas of the software device: the plain loops, on column-major matrices. */
#include <stdlib.h>
#include <string.h>
#include "standin.h"

typedef struct {
  void *stream;
  int magic;
} Handle;

enum { MAGIC = 0xb1a5 };

int cublasCreate_v2(Handle **h) {
  int e = standin_enter("cublasCreate_v2", 0);
  if (e) return standin_leave(1);
  *h = calloc(1, sizeof **h);
  (*h)->magic = MAGIC;
  return standin_leave(0);
}
int cublasDestroy_v2(Handle *h) { free(h); return 0; }
int cublasSetStream_v2(Handle *h, void *s) { h->stream = s; return 0; }
int cublasSetMathMode(Handle *h, int mode) { (void)h; return mode != 0 && mode != 3; }

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

typedef struct {
  Work f;
  Product p;
} Guarded;
static int guarded(void *args) {
  Guarded *g = args;
  uintptr_t at;
  int code = standin_guarded(g->f, &g->p, 700, &at);
  if (code) return standin_violation(code, "cuBLAS, m %d, n %d, k %d, touches %#zx, which is no memory of the device", g->p.m, g->p.n, g->p.k, (size_t)at);
  return 0;
}

static int enqueue(const char *call, Handle *h, Work f, Product p) {
  int e = standin_enter(call, 0);
  if (e) return standin_leave(13);
  int rows_a = p.ta ? p.k : p.m, rows_b = p.tb ? p.n : p.k;
  if (!h || h->magic != MAGIC) return standin_leave(standin_violation(1, "%s without a handle", call));
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.lda < (rows_a > 1 ? rows_a : 1) || (p.b && p.ldb < (rows_b > 1 ? rows_b : 1)) || p.ldc < (p.m > 1 ? p.m : 1)) {
    standin_violation(7, "%s: m %d, n %d, k %d, lda %d, ldb %d, ldc %d", call, p.m, p.n, p.k, p.lda, p.ldb, p.ldc);
    return standin_leave(7);
  }
  Guarded g = {f, p};
  return standin_leave(standin_enqueue(h->stream, guarded, &g, sizeof g) ? 13 : 0);
}

#define ENTRY(T, X)                                                                                                                        \
  int cublas##X##gemm_v2(Handle *h, int ta, int tb, int m, int n, int k, const T *alpha, const T *a, int lda, const T *b, int ldb,         \
                         const T *beta, T *c, int ldc) {                                                                                   \
    Product p = {ta, tb, m, n, k, 1, *alpha, *beta, a, b, c, lda, ldb, ldc, 0, 0, 0};                                                      \
    return enqueue("cublas" #X "gemm_v2", h, sizeof(T) == 4 ? gemm_float : gemm_double, p);                                                \
  }                                                                                                                                        \
  int cublas##X##gemmStridedBatched(Handle *h, int ta, int tb, int m, int n, int k, const T *alpha, const T *a, int lda, long long sa,     \
                                    const T *b, int ldb, long long sb, const T *beta, T *c, int ldc, long long sc, int batch) {            \
    Product p = {ta, tb, m, n, k, batch, *alpha, *beta, a, b, c, lda, ldb, ldc, sa, sb, sc};                                               \
    return enqueue("cublas" #X "gemmStridedBatched", h, sizeof(T) == 4 ? gemm_float : gemm_double, p);                                     \
  }
ENTRY(float, S)
ENTRY(double, D)

int cublasDsyrk_v2(Handle *h, int uplo, int t, int n, int k, const double *alpha, const double *a, int lda, const double *beta, double *c, int ldc) {
  if (uplo != 1) return 15;
  Product p = {t, 0, n, n, k, 1, *alpha, *beta, a, 0, c, lda, 0, ldc, 0, 0, 0};
  return enqueue("cublasDsyrk_v2", h, syrk_double, p);
}
