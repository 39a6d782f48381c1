/* libcusolver of the software device: Cholesky factors A = UᵀU in the upper triangle
 * of column-major matrices. */
#include <math.h>
#include <stdlib.h>
#include "standin.h"

typedef struct {
  void *stream;
} Handle;

int cusolverDnCreate(Handle **h) {
  int e = standin_enter("cusolverDnCreate", 0);
  if (!e) *h = calloc(1, sizeof **h);
  return standin_leave(e ? 1 : 0);
}
int cusolverDnDestroy(Handle *h) { free(h); return 0; }
int cusolverDnSetStream(Handle *h, void *s) { h->stream = s; return 0; }
int cusolverDnDpotrf_bufferSize(Handle *h, int uplo, int n, double *a, int lda, int *size) { (void)h, (void)uplo, (void)a, (void)lda; *size = n; return 0; }
int cusolverDnDpotri_bufferSize(Handle *h, int uplo, int n, double *a, int lda, int *size) { (void)h, (void)uplo, (void)a, (void)lda; *size = n * n; return 0; }

typedef struct {
  int n, lda, batch, room;
  double *a, **array, *work;
  int *info;
} Args;

static int factor(double *a, int n, int lda) {
#define A(i, j) a[(i) + (size_t)(j)*lda]
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < j; i++) {
      double s = A(i, j);
      for (int l = 0; l < i; l++) s -= A(l, i) * A(l, j);
      A(i, j) = s / A(i, i);
    }
    double s = A(j, j);
    for (int l = 0; l < j; l++) s -= A(l, j) * A(l, j);
    if (!(s > 0)) return j + 1;
    A(j, j) = sqrt(s);
  }
  return 0;
}
static int potrf(void *p) {
  Args *x = p;
  *x->info = factor(x->a, x->n, x->lda);
  return 0;
}
static int batched(void *p) {
  Args *x = p;
  for (int i = 0; i < x->batch; i++) x->info[i] = factor(x->array[i], x->n, x->lda);
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
  int code = standin_guarded(g->f, &g->x, 700, &at);
  return code ? standin_violation(code, "cuSOLVER, n %d, touches %#zx, which is no memory of the device", g->x.n, (size_t)at) : 0;
}
static int enqueue(const char *call, Handle *h, Work f, int uplo, int need, Args x) {
  int e = standin_enter(call, 0);
  if (e) return standin_leave(6);
  if (uplo != 1 || x.n < 1 || x.lda < x.n || x.room < need) {
    standin_violation(3, "%s: uplo %d, n %d, lda %d, scratch %d, want %d", call, uplo, x.n, x.lda, x.room, need);
    return standin_leave(3);
  }
  Guarded g = {f, x};
  return standin_leave(standin_enqueue(h->stream, guarded, &g, sizeof g) ? 6 : 0);
}
int cusolverDnDpotrf(Handle *h, int uplo, int n, double *a, int lda, double *work, int room, int *info) {
  return enqueue("cusolverDnDpotrf", h, potrf, uplo, n, (Args){n, lda, 1, room, a, 0, work, info});
}
int cusolverDnDpotri(Handle *h, int uplo, int n, double *a, int lda, double *work, int room, int *info) {
  return enqueue("cusolverDnDpotri", h, potri, uplo, n * n, (Args){n, lda, 1, room, a, 0, work, info});
}
int cusolverDnDpotrfBatched(Handle *h, int uplo, int n, double **array, int lda, int *info, int batch) {
  return enqueue("cusolverDnDpotrfBatched", h, batched, uplo, 0, (Args){n, lda, batch, 0, 0, array, 0, info});
}
