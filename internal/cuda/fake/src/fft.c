/* libcufft of the software device: sums by the definition, in double. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"

enum { R2C = 0x2a, C2R = 0x2c, D2Z = 0x6a, Z2D = 0x6c, PLANS = 1 << 12 };

typedef struct {
  int live, made, own_work, context, rank, n[2], batch, type;
  void *stream, *work;
  size_t work_size;
} Plan;
static Plan plans[PLANS]; /* a handle is an index, never used twice */
static int next = 1;

static Plan *find(const char *call, int h) {
  if (h > 0 && h < next && plans[h].live && plans[h].context == fake_context()) return &plans[h];
  fake_violation(1, "%s: %d is no plan of the context", call, h);
  return 0;
}
#define PLAN(call, h)                        \
  int e = fake_enter(call, 0);            \
  if (e) return fake_leave(5);            \
  Plan *p = find(call, h);                   \
  if (!p) return fake_leave(1);

int cufftCreate(int *h) {
  int e = fake_enter("cufftCreate", 0);
  if (e || next == PLANS) return fake_leave(7);
  plans[next] = (Plan){.live = 1, .own_work = 1, .context = fake_context()};
  *h = next++;
  fake_object(1);
  return fake_leave(0);
}
int cufftDestroy(int h) {
  int e = fake_enter("cufftDestroy", 0);
  Plan *p = find("cufftDestroy", h);
  if (!p) return fake_leave(1);
  p->live = 0;
  fake_object(-1);
  return fake_leave(e ? 5 : 0);
}
int cufftSetAutoAllocation(int h, int on) {
  PLAN("cufftSetAutoAllocation", h)
  if (p->made) return fake_leave(fake_violation(4, "cufftSetAutoAllocation after the plan is made"));
  p->own_work = on;
  return fake_leave(0);
}
int cufftSetStream(int h, void *s) {
  PLAN("cufftSetStream", h)
  p->stream = s;
  return fake_leave(0);
}
static size_t real_size(const Plan *p) { return p->type == D2Z || p->type == Z2D ? 8 : 4; }
static size_t reals(const Plan *p) { return (size_t)p->n[0] * p->n[1] * p->batch; }
static size_t complexes(const Plan *p) { return (size_t)p->n[0] * (p->n[1] / 2 + 1) * p->batch; }

int cufftMakePlanMany(int h, int rank, int *n, int *inembed, int istride, int idist, int *onembed, int ostride, int odist, int type, int batch, size_t *work) {
  PLAN("cufftMakePlanMany", h)
  if (fake_capturing()) return fake_leave(fake_violation(7, "cufftMakePlanMany while a stream is captured"));
  if (p->made || inembed || onembed || p->own_work) return fake_leave(fake_violation(4, "cufftMakePlanMany: made twice, with a layout, or with memory of its own"));
  if (rank < 1 || rank > 2 || n[0] < 1 || n[rank - 1] < 1 || batch < 1) return fake_leave(fake_violation(8, "cufftMakePlanMany: rank %d, side %d, batch %d", rank, n[0], batch));
  if (type != R2C && type != C2R && type != D2Z && type != Z2D) return fake_leave(3);
  p->rank = rank, p->n[0] = rank == 2 ? n[0] : 1, p->n[1] = n[rank - 1], p->type = type, p->batch = batch;
  p->work_size = 2 * complexes(p) * real_size(p); /* and the work does use it */
  *work = p->work_size;
  p->made = 1;
  return fake_leave(0);
}
int cufftSetWorkArea(int h, void *work) {
  PLAN("cufftSetWorkArea", h)
  if (!p->made || !fake_inside((Dev)(uintptr_t)work, p->work_size)) return fake_leave(fake_violation(4, "cufftSetWorkArea: %zu bytes do not lie in one allocation", p->work_size));
  if (fake_misaligned((Dev)(uintptr_t)work, 256)) return fake_leave(fake_violation(4, "cufftSetWorkArea: not at a multiple of 256"));
  p->work = work;
  return fake_leave(0);
}

typedef struct {
  Plan p;
  void *in, *out;
} Exec;

static double get(const Plan *p, const void *x, size_t i) { return real_size(p) == 8 ? ((const double *)x)[i] : ((const float *)x)[i]; }
static void put(const Plan *p, void *x, size_t i, double v) {
  if (real_size(p) == 8)
    ((double *)x)[i] = v;
  else
    ((float *)x)[i] = (float)v;
}
static void wave(long a, int n, double *c, double *s) {
  double angle = 2 * M_PI * (double)(a % n) / n;
  *c = cos(angle), *s = sin(angle);
}

/* one transforms a signal along both axes by way of the work area. */
static void forward(const Plan *p, const void *in, void *out, size_t in0, size_t out0) {
  int h = p->n[0], w = p->n[1], f = w / 2 + 1;
  for (int t = 0; t < h; t++)
    for (int q = 0; q < f; q++) { /* along the rows, to work */
      double re = 0, im = 0, c, s;
      for (int b = 0; b < w; b++) wave((long)q * b, w, &c, &s), re += get(p, in, in0 + (size_t)t * w + b) * c, im -= get(p, in, in0 + (size_t)t * w + b) * s;
      put(p, p->work, 2 * (out0 + (size_t)t * f + q), re), put(p, p->work, 2 * (out0 + (size_t)t * f + q) + 1, im);
    }
  for (int u = 0; u < h; u++)
    for (int q = 0; q < f; q++) {
      double re = 0, im = 0, c, s;
      for (int t = 0; t < h; t++) {
        size_t at = 2 * (out0 + (size_t)t * f + q);
        double x = get(p, p->work, at), y = get(p, p->work, at + 1);
        wave((long)u * t, h, &c, &s), re += x * c + y * s, im += y * c - x * s;
      }
      put(p, out, 2 * (out0 + (size_t)u * f + q), re), put(p, out, 2 * (out0 + (size_t)u * f + q) + 1, im);
    }
}
static void backward(const Plan *p, const void *in, void *out, size_t in0, size_t out0) {
  int h = p->n[0], w = p->n[1], f = w / 2 + 1;
  for (int t = 0; t < h; t++)
    for (int q = 0; q < f; q++) {
      double re = 0, im = 0, c, s;
      for (int u = 0; u < h; u++) {
        size_t at = 2 * (in0 + (size_t)u * f + q);
        double x = get(p, in, at), y = get(p, in, at + 1);
        wave((long)u * t, h, &c, &s), re += x * c - y * s, im += y * c + x * s;
      }
      put(p, p->work, 2 * (in0 + (size_t)t * f + q), re), put(p, p->work, 2 * (in0 + (size_t)t * f + q) + 1, im);
    }
  for (int t = 0; t < h; t++)
    for (int b = 0; b < w; b++) {
      double sum = 0, c, s;
      for (int q = 0; q < f; q++) {
        size_t at = 2 * (in0 + (size_t)t * f + q);
        wave((long)q * b, w, &c, &s);
        sum += (q == 0 || 2 * q == w ? 1 : 2) * (get(p, p->work, at) * c - (q == 0 || 2 * q == w ? 0 : get(p, p->work, at + 1) * s));
      }
      put(p, out, out0 + (size_t)t * w + b, sum);
    }
}
static int exec(void *args) {
  Exec *x = args;
  Plan *p = &x->p;
  int inverse = p->type == C2R || p->type == Z2D;
  size_t r = (size_t)p->n[0] * p->n[1], c = (size_t)p->n[0] * (p->n[1] / 2 + 1);
  for (int i = 0; i < p->batch; i++) inverse ? backward(p, x->in, x->out, i * c, i * r) : forward(p, x->in, x->out, i * r, i * c);
  if (inverse) memset(x->in, 0xff, 2 * real_size(p) * complexes(p)); /* the input is spoilt */
  memset(p->work, 0xff, p->work_size);
  return 0;
}
static int guarded(void *args) {
  uintptr_t at;
  int code = fake_guarded(exec, args, 700, &at);
  return code ? fake_violation(code, "cuFFT touches %#zx, which is no memory of the device", (size_t)at) : 0;
}
static int enqueue(const char *call, int h, int type, void *in, void *out) {
  PLAN(call, h)
  size_t r = reals(p) * real_size(p), c = 2 * complexes(p) * real_size(p);
  int inverse = type == C2R || type == Z2D;
  if (!p->made || p->type != type) return fake_leave(fake_violation(3, "%s: the plan is for %#x", call, p->type));
  if (!p->work) return fake_leave(fake_violation(13, "%s without a work area", call));
  if (!fake_inside((Dev)(uintptr_t)in, inverse ? c : r) || !fake_inside((Dev)(uintptr_t)out, inverse ? r : c) || in == out)
    return fake_leave(fake_violation(4, "%s: %zu bytes of signals and %zu of spectra do not lie in an allocation each", call, r, c));
  if (fake_misaligned((Dev)(uintptr_t)in, 2 * real_size(p)) || fake_misaligned((Dev)(uintptr_t)out, 2 * real_size(p)))
    return fake_leave(fake_violation(9, "%s: an operand is not aligned for complex numbers", call));
  Exec x = {*p, in, out};
  return fake_leave(fake_enqueue(p->stream, guarded, &x, sizeof x) ? 6 : 0);
}
int cufftExecR2C(int h, void *in, void *out) { return enqueue("cufftExecR2C", h, R2C, in, out); }
int cufftExecC2R(int h, void *in, void *out) { return enqueue("cufftExecC2R", h, C2R, in, out); }
int cufftExecD2Z(int h, void *in, void *out) { return enqueue("cufftExecD2Z", h, D2Z, in, out); }
int cufftExecZ2D(int h, void *in, void *out) { return enqueue("cufftExecZ2D", h, Z2D, in, out); }
