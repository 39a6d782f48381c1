/* libcusolver of the software device: Cholesky factors A = UᴴU in the upper triangle
 * of column-major matrices. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include "fake.h"

typedef double complex Z;
typedef struct {
  void *stream;
  int magic;
} Handle;

enum { MAGIC = 0x501e };

int cusolverDnCreate(Handle **h) {
  int e = fake_enter("cusolverDnCreate", 0);
  if (e) return fake_leave(1);
  *h = calloc(1, sizeof **h);
  (*h)->magic = MAGIC;
  return fake_leave(0);
}
int cusolverDnDestroy(Handle *h) {
  if (!h || h->magic != MAGIC) return 1;
  h->magic = 0; /* and is never freed, so that a use of it shows */
  return 0;
}
int cusolverDnSetStream(Handle *h, void *s) { h->stream = s; return 0; }
static int size_of(const char *call, Handle *h, int uplo, int n, double *a, int lda, int *size, int of) {
  int e = fake_enter(call, 0);
  if (e) return fake_leave(6);
  if (!h || h->magic != MAGIC || uplo != 1 || n < 1 || lda < n || !a) return fake_leave(fake_violation(3, "%s: uplo %d, n %d, lda %d, or no address", call, uplo, n, lda));
  *size = of;
  return fake_leave(0);
}
int cusolverDnDpotrf_bufferSize(Handle *h, int uplo, int n, double *a, int lda, int *size) { return size_of("cusolverDnDpotrf_bufferSize", h, uplo, n, a, lda, size, n); }
int cusolverDnDpotri_bufferSize(Handle *h, int uplo, int n, double *a, int lda, int *size) { return size_of("cusolverDnDpotri_bufferSize", h, uplo, n, a, lda, size, n * n); }

typedef struct {
  int n, lda, batch, room;
  void *a, **array;
  double *work;
  int *info;
} Args;

#define A(i, j) a[(i) + (size_t)(j)*lda]
#define FACTOR(T, NAME, CONJ)                                                            \
  static int NAME(T *a, int n, int lda) {                                                \
    for (int j = 0; j < n; j++) {                                                        \
      for (int i = 0; i < j; i++) {                                                      \
        T s = A(i, j);                                                                   \
        for (int l = 0; l < i; l++) s -= CONJ(A(l, i)) * A(l, j);                        \
        A(i, j) = s / CONJ(A(i, i));                                                     \
      }                                                                                  \
      double s = creal(A(j, j));                                                         \
      for (int l = 0; l < j; l++) s -= creal(CONJ(A(l, j)) * A(l, j));                   \
      if (!(s > 0)) return j + 1;                                                        \
      A(j, j) = sqrt(s);                                                                 \
    }                                                                                    \
    return 0;                                                                            \
  }                                                                                      \
  static int NAME##_batched(void *p) {                                                   \
    Args *x = p;                                                                         \
    int lda = x->lda;                                                                    \
    for (int m = 0; m < x->batch; m++) {                                                 \
      T *a = x->array[m];                                                                \
      if (!fake_inside((Dev)(uintptr_t)a, sizeof(T) * ((size_t)(x->n - 1) * lda + x->n)) || fake_misaligned((Dev)(uintptr_t)a, sizeof(T))) \
        return fake_violation(700, "cuSOLVER, n %d, matrix %d of %d is not in one allocation, or misaligned", x->n, m, x->batch);                 \
      x->info[m] = NAME(a, x->n, lda);                                                   \
      for (int j = 0; j < x->n; j++) /* the other triangle is its scratch */             \
        for (int i = j + 1; i < x->n; i++) A(i, j) = NAN;                                \
    }                                                                                    \
    return 0;                                                                            \
  }
#define SAME(x) (x)
FACTOR(double, factor, SAME)
FACTOR(Z, factor_complex, conj)

static int potrf(void *p) {
  Args *x = p;
  *x->info = factor(x->a, x->n, x->lda);
  for (int i = 0; i < x->room; i++) x->work[i] = NAN;
  return 0;
}
static int potri(void *p) { /* column by column: UᵀU x = e, in work */
  Args *x = p;
  int n = x->n, lda = x->lda;
  double *a = x->a, *w = x->work;
  for (int c = 0; c < n; c++) {
    double *b = w + (size_t)c * n;
    for (int i = 0; i < n; i++) {
      double s = i == c;
      for (int l = 0; l < i; l++) s -= A(l, i) * b[l];
      b[i] = s / A(i, i);
    }
    for (int i = n - 1; i >= 0; i--) {
      double s = b[i];
      for (int l = i + 1; l < n; l++) s -= A(i, l) * b[l];
      b[i] = s / A(i, i);
    }
  }
  for (int c = 0; c < n; c++)
    for (int i = 0; i <= c; i++) A(i, c) = w[i + (size_t)c * n];
  *x->info = 0;
  return 0;
}

typedef struct {
  Work f;
  Args x;
} Guarded;
static int guarded(void *args) {
  Guarded *g = args;
  uintptr_t at;
  int code = fake_guarded(g->f, &g->x, 700, &at);
  return code ? fake_violation(code, "cuSOLVER, n %d, touches %#zx, which is no memory of the device", g->x.n, (size_t)at) : 0;
}

/* outside reports an operand that is not in one allocation, or misaligned. */
static int outside(const void *p, size_t size, size_t align) {
  return !fake_inside((Dev)(uintptr_t)p, size) || fake_misaligned((Dev)(uintptr_t)p, align);
}
static int enqueue(const char *call, Handle *h, Work f, int uplo, int need, Args x) {
  int e = fake_enter(call, 0);
  if (e) return fake_leave(6);
  if (!h || h->magic != MAGIC) return fake_leave(fake_violation(1, "%s without a handle", call));
  if (uplo != 1 || x.n < 1 || x.lda < x.n || x.room < need || x.batch < 1) {
    fake_violation(3, "%s: uplo %d, n %d, lda %d, scratch %d, want %d, batch %d", call, uplo, x.n, x.lda, x.room, need, x.batch);
    return fake_leave(3);
  }
  size_t size = 8 * ((size_t)(x.n - 1) * x.lda + x.n);
  if (outside(x.info, 4 * (size_t)x.batch, 4) || (x.a && outside(x.a, size, 8)) || (x.array && outside(x.array, 8 * (size_t)x.batch, 8)) || (x.work && outside(x.work, 8 * (size_t)x.room, 8)))
    return fake_leave(fake_violation(3, "%s: n %d, lda %d, scratch %d, batch %d: an operand is not in one allocation, or misaligned", call, x.n, x.lda, x.room, x.batch));
  Guarded g = {f, x};
  return fake_leave(fake_enqueue(h->stream, guarded, &g, sizeof g) ? 6 : 0);
}
int cusolverDnDpotrf(Handle *h, int uplo, int n, double *a, int lda, double *work, int room, int *info) {
  return enqueue("cusolverDnDpotrf", h, potrf, uplo, n, (Args){n, lda, 1, room, a, 0, work, info});
}
int cusolverDnDpotri(Handle *h, int uplo, int n, double *a, int lda, double *work, int room, int *info) {
  return enqueue("cusolverDnDpotri", h, potri, uplo, n * n, (Args){n, lda, 1, room, a, 0, work, info});
}
int cusolverDnDpotrfBatched(Handle *h, int uplo, int n, double **array, int lda, int *info, int batch) {
  return enqueue("cusolverDnDpotrfBatched", h, factor_batched, uplo, 0, (Args){n, lda, batch, 0, 0, (void **)array, 0, info});
}
int cusolverDnZpotrfBatched(Handle *h, int uplo, int n, Z **array, int lda, int *info, int batch) {
  return enqueue("cusolverDnZpotrfBatched", h, factor_complex_batched, uplo, 0, (Args){n, lda, batch, 0, 0, (void **)array, 0, info});
}
