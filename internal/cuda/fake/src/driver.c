/* libcuda of the software device. Work is queued and done as late as the interface
 * allows: when the host waits for it. So a read without a wait finds the old
 * bytes, a staging buffer that is written too early spoils the copy, and an event
 * that is missing leaves the other stream's work undone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "memory.h"

enum { DEVICES = 2, MAGIC_STREAM = 0x57, MAGIC_EVENT = 0xe7 };

typedef struct {
  Work f;
  size_t size;
  char args[]; /* size bytes */
} Op;

typedef struct {
  Op **op;
  int n, room;
} List;

typedef struct Stream {
  int magic, device, capturing, spoilt; /* spoilt: the capture is of no use */
  List queue, captured;
  int done; /* how many of the queue */
  long base; /* number of the queue's first op since the stream was made */
} Stream;

typedef struct {
  int magic, device, recorded;
  Stream *stream;
  long at;
} Event;

typedef struct { char text[1]; } Image;
typedef struct {
  int device;
  char *ptx;
  void *kernels; /* the library that has them */
} Module;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread int context = -1; /* the device of the thread's context */
static int retained[DEVICES], lost[DEVICES];
static int version = 12020, live_objects[DEVICES], violations;
static size_t memory = (size_t)8 << 30;
static char report[4096];
static long launched, bytes_in, bytes_out;
static struct { char call[64]; int nth, code; } fault;
static int hasty, noting;
static char notes[1 << 16];

/* ---- control, for tests ---- */
void fake_reset(void) {
  version = 12020, memory = (size_t)8 << 30, violations = 0, fault.nth = 0;
  launched = bytes_in = bytes_out = 0;
  memset(lost, 0, sizeof lost);
  report[0] = notes[0] = 0;
  hasty = noting = 0;
}
void fake_hasty(int on) { hasty = on; }
void fake_note(int on) { noting = on, notes[0] = 0; }
const char *fake_notes(void) { return notes; }
void fake_set_version(int v) { version = v; }
void fake_set_memory(size_t n) { memory = n; }
void fake_fail(const char *call, int nth, int code) {
  snprintf(fault.call, sizeof fault.call, "%s", call);
  fault.nth = nth, fault.code = code;
}
int fake_violations(void) { return violations; }
const char *fake_report(void) { return report; }
int fake_live(void) {
  int sum = 0, n;
  for (int d = 0; d < DEVICES; d++) fake_used(d, &n), sum += n + live_objects[d];
  return sum;
}
long fake_launched(void) { return launched; }
long fake_in(void) { return bytes_in; }
long fake_out(void) { return bytes_out; }

/* fatal reports whether a context is of no use after a code. */
static int fatal(int code) { return code >= 700 && code < 720 && code != 701; }

int fake_violation(int code, const char *format, ...) {
  size_t used = strlen(report);
  va_list v;
  va_start(v, format);
  vsnprintf(report + used, sizeof report - used, format, v);
  va_end(v);
  strncat(report, "\n", sizeof report - strlen(report) - 1);
  violations++;
  if (fatal(code) && context >= 0) lost[context] = code;
  return code;
}

static Stream **streams;
static int stream_count;
/* spoil makes what is captured of no use, as a call that fails meanwhile does. */
static void spoil(void) {
  for (int i = 0; i < stream_count; i++)
    if (streams[i]->device == context && streams[i]->capturing) streams[i]->spoilt = 1;
}

int fake_enter(const char *call, int without_context) {
  pthread_mutex_lock(&lock);
  if (noting && strlen(notes) + strlen(call) + 2 < sizeof notes) strcat(strcat(notes, call), "\n");
  if (fault.nth && strcmp(fault.call, call) == 0 && --fault.nth == 0) {
    if (fatal(fault.code) && context >= 0) lost[context] = fault.code;
    spoil();
    return fault.code;
  }
  if (without_context) return 0;
  if (context < 0) return fake_violation(201, "%s without a context", call);
  return lost[context];
}
int fake_leave(int code) {
  pthread_mutex_unlock(&lock);
  return code;
}
#define ENTER(call) { int e = fake_enter(call, 0); if (e) return fake_leave(e); }
#define FREELY(call) { int e = fake_enter(call, 1); if (e) return fake_leave(e); }
#define DONE(code) return fake_leave(code)

int fake_context(void) { return context; }
void fake_object(int n) { live_objects[context] += n; }

/* ---- queues ---- */
static void push(List *l, Op *op) {
  if (l->n == l->room) l->op = realloc(l->op, (l->room = l->room ? 2 * l->room : 64) * sizeof *l->op);
  l->op[l->n++] = op;
}

static int put(Stream *s, Work f, const void *args, size_t size) {
  if (!s || s->magic != MAGIC_STREAM) return fake_violation(400, "work for what is no stream");
  if (s->device != context) return fake_violation(400, "work for a stream of device %d in a context of device %d", s->device, context);
  Op *op = malloc(sizeof *op + size);
  op->f = f, op->size = size;
  memcpy(op->args, args, size);
  push(s->capturing ? &s->captured : &s->queue, op);
  return 0;
}

int fake_enqueue(void *stream, Work f, const void *args, size_t size) {
  launched++;
  return put(stream, f, args, size);
}

/* run does the work of a stream up to number upto. */
static int run(Stream *s, long upto) {
  if (lost[s->device]) { /* nothing more is done */
    while (s->done < s->queue.n) free(s->queue.op[s->done++]);
    s->base += s->done, s->done = s->queue.n = 0;
    return lost[s->device];
  }
  while (s->done < s->queue.n && s->base + s->done < upto) {
    Op *op = s->queue.op[s->done++];
    int code = op->f(op->args);
    free(op);
    if (!code && lost[s->device]) code = lost[s->device];
    if (code) {
      if (!lost[s->device]) lost[s->device] = code;
      return code;
    }
  }
  if (s->done == s->queue.n) s->base += s->done, s->done = s->queue.n = 0;
  return 0;
}
static int run_all(Stream *s) { return run(s, s->base + s->queue.n); }

/* ---- devices and contexts ---- */
int cuInit(unsigned flags) { FREELY("cuInit"); DONE(flags != 0); }
int cuDriverGetVersion(int *v) { FREELY("cuDriverGetVersion"); *v = version; DONE(0); }
int cuDeviceGetCount(int *n) { FREELY("cuDeviceGetCount"); *n = DEVICES; DONE(0); }
int cuDeviceGet(int *d, int i) { FREELY("cuDeviceGet"); if (i < 0 || i >= DEVICES) DONE(101); *d = i; DONE(0); }
int cuDeviceGetName(char *s, int n, int d) { FREELY("cuDeviceGetName"); snprintf(s, n, "software device %d", d); DONE(0); }
int cuDeviceTotalMem_v2(size_t *n, int d) { FREELY("cuDeviceTotalMem_v2"); *n = memory; DONE(0); }
int cuDeviceGetAttribute(int *v, int attribute, int d) {
  FREELY("cuDeviceGetAttribute");
  *v = attribute == 75 ? 7 : attribute == 76 ? 0 : 4;
  DONE(0);
}
int cuDevicePrimaryCtxRetain(void **c, int d) { FREELY("cuDevicePrimaryCtxRetain"); retained[d]++; *c = (void *)(intptr_t)(d + 1); DONE(0); }
int cuDevicePrimaryCtxRelease_v2(int d) {
  FREELY("cuDevicePrimaryCtxRelease_v2");
  int n;
  fake_used(d, &n);
  if (--retained[d] < 0) DONE(fake_violation(201, "the context of device %d is released too often", d));
  if (retained[d] == 0) {
    lost[d] = 0; /* the next context is a new one */
    if (n + live_objects[d] > 0) DONE(fake_violation(1, "the context of device %d is released with %d allocations and %d objects", d, n, live_objects[d]));
  }
  DONE(0);
}
int cuCtxSetCurrent(void *c) {
  FREELY("cuCtxSetCurrent");
  int d = (int)(intptr_t)c - 1;
  if (c && (d < 0 || d >= DEVICES || !retained[d])) DONE(fake_violation(201, "a context that is not retained"));
  context = d;
  DONE(0);
}

/* unsafe refuses a call that may not be made while a stream is captured, and spoils
 * the capture, as the driver does. */
int fake_capturing(void) {
  for (int i = 0; i < stream_count; i++)
    if (streams[i]->device == context && streams[i]->capturing) return 1;
  return 0;
}
static int unsafe(const char *call) {
  if (!fake_capturing()) return 0;
  spoil();
  return fake_violation(900, "%s while a stream is captured", call);
}
#define SAFE(call) { int e = unsafe(call); if (e) return fake_leave(e); }

/* ---- memory ---- */
int cuMemGetInfo_v2(size_t *available, size_t *total) {
  ENTER("cuMemGetInfo_v2");
  int n;
  *total = memory;
  *available = memory - fake_used(context, &n);
  DONE(0);
}
int cuMemAlloc_v2(Dev *p, size_t size) {
  ENTER("cuMemAlloc_v2");
  SAFE("cuMemAlloc")
  int n;
  if (size == 0) DONE(1);
  if (fake_used(context, &n) + size > memory) DONE(2);
  Allocation *a = fake_allocate(size, context, 0);
  if (!a) DONE(2);
  *p = (Dev)(uintptr_t)a->at;
  DONE(0);
}
static int release(Dev p, int pinned) {
  Allocation *a = fake_find(p);
  if (!a || (Dev)(uintptr_t)a->at != p) return fake_violation(1, "free of what is no allocation");
  if (!a->live) return fake_violation(1, "free of %zu bytes that are free", a->size);
  if (a->device != context || a->pinned != pinned) return fake_violation(1, "free of memory of device %d in a context of device %d", a->device, context);
  for (int i = 0; i < stream_count; i++) /* as cuMemFree, it waits */
    if (streams[i]->device == context) run_all(streams[i]);
  return fake_release(a);
}
int cuMemFree_v2(Dev p) {
  int e = fake_enter("cuMemFree_v2", 0); /* a lost device frees too, so that leaks show */
  SAFE("cuMemFree")
  int r = release(p, 0);
  DONE(e ? e : r);
}
int cuMemHostAlloc(void **p, size_t size, unsigned flags) {
  ENTER("cuMemHostAlloc");
  SAFE("cuMemHostAlloc")
  Allocation *a = fake_allocate(size, context, 1);
  if (!a) DONE(2);
  *p = a->at;
  DONE(0);
}
int cuMemFreeHost(void *p) {
  int e = fake_enter("cuMemFreeHost", 0);
  int r = release((Dev)(uintptr_t)p, 1);
  DONE(e ? e : r);
}

typedef struct {
  void *to;
  const void *from;
  size_t size;
  void *snapshot;
  int fill;
} Move;

static int bad_range(const char *call, const void *p, size_t size) {
  if (fake_inside((Dev)(uintptr_t)p, size) && fake_find((Dev)(uintptr_t)p)->device == context) return 0;
  return fake_violation(1, "%s of %zu bytes does not lie in one allocation", call, size);
}
static int do_move(void *args) {
  Move *m = args;
  if (m->fill) memset(m->to, m->fill - 1, m->size);
  else memmove(m->to, m->snapshot ? m->snapshot : m->from, m->size);
  return 0;
}
static int guarded_move(void *args) {
  uintptr_t at;
  int code = fake_guarded(do_move, args, 700, &at);
  return code ? fake_violation(code, "a copy of %zu bytes touches memory that is free", ((Move *)args)->size) : 0;
}
static int is_pinned(const void *p) {
  Allocation *a = fake_find((Dev)(uintptr_t)p);
  return a && a->pinned && a->live;
}
int cuMemcpyHtoDAsync_v2(Dev to, const void *from, size_t size, Stream *s) {
  ENTER("cuMemcpyHtoDAsync_v2");
  int e = bad_range("cuMemcpyHtoDAsync", (void *)(uintptr_t)to, size);
  if (e) DONE(e);
  Move m = {(void *)(uintptr_t)to, from, size, 0, 0};
  bytes_in += size;
  if (is_pinned(from)) {
    if ((e = bad_range("cuMemcpyHtoDAsync from pinned memory", from, size))) DONE(e);
  } else {
    if (s && s->capturing) DONE(fake_violation(900, "a copy of pageable memory is captured"));
    m.snapshot = malloc(size); /* of pageable memory the driver takes a copy at once */
    memcpy(m.snapshot, from, size);
  }
  e = put(s, guarded_move, &m, sizeof m);
  DONE(e || !hasty || s->capturing ? e : run_all(s));
}
int cuMemcpyDtoHAsync_v2(void *to, Dev from, size_t size, Stream *s) {
  ENTER("cuMemcpyDtoHAsync_v2");
  int e = bad_range("cuMemcpyDtoHAsync", (void *)(uintptr_t)from, size);
  if (e) DONE(e);
  Move m = {to, (void *)(uintptr_t)from, size, 0, 0};
  bytes_out += size;
  if (is_pinned(to)) {
    if ((e = bad_range("cuMemcpyDtoHAsync to pinned memory", to, size))) DONE(e);
    DONE(put(s, guarded_move, &m, sizeof m));
  }
  if (s && s->capturing) DONE(fake_violation(900, "a copy to pageable memory is captured"));
  e = put(s, guarded_move, &m, sizeof m);
  DONE(e ? e : run_all(s));
}
int cuMemcpyDtoDAsync_v2(Dev to, Dev from, size_t size, Stream *s) {
  ENTER("cuMemcpyDtoDAsync_v2");
  int e = bad_range("cuMemcpyDtoDAsync", (void *)(uintptr_t)to, size);
  if (!e) e = bad_range("cuMemcpyDtoDAsync", (void *)(uintptr_t)from, size);
  if (e) DONE(e);
  Move m = {(void *)(uintptr_t)to, (void *)(uintptr_t)from, size, 0, 0};
  launched++;
  DONE(put(s, guarded_move, &m, sizeof m));
}
int cuMemsetD8Async(Dev to, unsigned char value, size_t size, Stream *s) {
  ENTER("cuMemsetD8Async");
  int e = bad_range("cuMemsetD8Async", (void *)(uintptr_t)to, size);
  if (e) DONE(e);
  Move m = {(void *)(uintptr_t)to, 0, size, 0, value + 1};
  launched++;
  DONE(put(s, guarded_move, &m, sizeof m));
}

/* ---- streams and events ---- */
int cuStreamCreate(Stream **s, unsigned flags) {
  ENTER("cuStreamCreate");
  *s = calloc(1, sizeof **s);
  (*s)->magic = MAGIC_STREAM, (*s)->device = context;
  streams = realloc(streams, (stream_count + 1) * sizeof *streams);
  streams[stream_count++] = *s;
  live_objects[context]++;
  DONE(0);
}
int cuStreamDestroy_v2(Stream *s) {
  int e = fake_enter("cuStreamDestroy_v2", 0);
  if (!s || s->magic != MAGIC_STREAM) DONE(fake_violation(400, "destroys what is no stream"));
  if (!e) e = run_all(s);
  for (int i = 0; i < stream_count; i++)
    if (streams[i] == s) streams[i] = streams[--stream_count];
  live_objects[s->device]--;
  s->magic = 0; /* and is never freed, so that a use of it shows */
  DONE(e);
}
int cuStreamSynchronize(Stream *s) {
  ENTER("cuStreamSynchronize");
  if (!s || s->magic != MAGIC_STREAM || s->device != context) DONE(fake_violation(400, "waits for what is no stream of the context"));
  if (s->capturing) SAFE("cuStreamSynchronize")
  int e = run_all(s);
  DONE(e ? e : fake_check_guards());
}
int cuCtxSynchronize(void) {
  ENTER("cuCtxSynchronize");
  SAFE("cuCtxSynchronize")
  for (int i = 0; i < stream_count; i++)
    if (streams[i]->device == context) {
      int e = run_all(streams[i]);
      if (e) DONE(e);
    }
  DONE(fake_check_guards());
}
int cuEventCreate(Event **e, unsigned flags) {
  ENTER("cuEventCreate");
  *e = calloc(1, sizeof **e);
  (*e)->magic = MAGIC_EVENT, (*e)->device = context;
  live_objects[context]++;
  DONE(0);
}
int cuEventDestroy_v2(Event *e) {
  int c = fake_enter("cuEventDestroy_v2", 0);
  if (!e || e->magic != MAGIC_EVENT) DONE(fake_violation(400, "destroys what is no event"));
  live_objects[e->device]--;
  e->magic = 0;
  DONE(c);
}
int cuEventRecord(Event *e, Stream *s) {
  ENTER("cuEventRecord");
  if (!e || e->magic != MAGIC_EVENT || !s || s->magic != MAGIC_STREAM || e->device != context || s->device != context)
    DONE(fake_violation(400, "records an event or a stream that is not of the context"));
  if (s->capturing) DONE(fake_violation(905, "records an event in a stream that is captured"));
  e->recorded = 1, e->stream = s, e->at = s->base + s->queue.n;
  DONE(0);
}
typedef struct { Stream *s; long at; } Wait;
static int do_wait(void *args) {
  Wait *w = args;
  return w->s->magic == MAGIC_STREAM ? run(w->s, w->at) : 0;
}
int cuStreamWaitEvent(Stream *s, Event *e, unsigned flags) {
  ENTER("cuStreamWaitEvent");
  if (!e || e->magic != MAGIC_EVENT) DONE(fake_violation(400, "waits for what is no event"));
  if (s && s->capturing) DONE(fake_violation(905, "a stream that is captured waits for an event from outside"));
  if (!e->recorded) DONE(0);
  Wait w = {e->stream, e->at};
  DONE(put(s, do_wait, &w, sizeof w));
}
int cuEventElapsedTime(float *ms, Event *a, Event *b) {
  ENTER("cuEventElapsedTime");
  *ms = 0.001f;
  DONE(!a->recorded || !b->recorded ? 400 : 0);
}

/* ---- graphs ---- */
int cuStreamBeginCapture_v2(Stream *s, int mode) {
  ENTER("cuStreamBeginCapture_v2");
  if (s->capturing) DONE(fake_violation(901, "captures twice"));
  s->capturing = 1, s->spoilt = 0;
  DONE(0);
}
int cuStreamEndCapture(Stream *s, List **g) {
  ENTER("cuStreamEndCapture");
  if (!s->capturing) DONE(fake_violation(903, "ends a capture that was not begun"));
  s->capturing = 0;
  if (s->spoilt) {
    for (int i = 0; i < s->captured.n; i++) free(s->captured.op[i]);
    s->captured.n = 0, *g = 0;
    DONE(901);
  }
  *g = malloc(sizeof **g);
  **g = s->captured;
  memset(&s->captured, 0, sizeof s->captured);
  live_objects[context]++;
  DONE(0);
}
int cuGraphInstantiateWithFlags(List **exec, List *g, unsigned long long flags) {
  ENTER("cuGraphInstantiateWithFlags");
  *exec = calloc(1, sizeof **exec);
  for (int i = 0; i < g->n; i++) {
    Op *op = malloc(sizeof *op + g->op[i]->size);
    memcpy(op, g->op[i], sizeof *op + g->op[i]->size);
    push(*exec, op);
  }
  live_objects[context]++;
  DONE(0);
}
int cuGraphGetNodes(List *g, Op **nodes, size_t *n) {
  ENTER("cuGraphGetNodes");
  if (nodes) memcpy(nodes, g->op, (*n < (size_t)g->n ? *n : (size_t)g->n) * sizeof *nodes);
  *n = g->n;
  DONE(0);
}
int cuGraphNodeGetType(Op *op, int *type) {
  ENTER("cuGraphNodeGetType");
  *type = op->f != guarded_move ? 0 : ((Move *)op->args)->fill ? 2 : 1;
  DONE(0);
}
int cuGraphMemcpyNodeGetParams(Op *op, uint32_t params[50]) {
  ENTER("cuGraphMemcpyNodeGetParams");
  Move *m = (Move *)op->args;
  memset(params, 0, 200);
  params[8] = is_pinned(m->from) ? 1 : 2, params[30] = is_pinned(m->to) ? 1 : 2; /* the kinds of memory */
  DONE(0);
}
static int drop(const char *call, List *g) {
  int e = fake_enter(call, 0);
  for (int i = 0; i < g->n; i++) free(g->op[i]);
  free(g->op), free(g);
  live_objects[context]--;
  DONE(e);
}
int cuGraphExecDestroy(List *g) { return drop("cuGraphExecDestroy", g); }
int cuGraphDestroy(List *g) { return drop("cuGraphDestroy", g); }
int cuGraphLaunch(List *g, Stream *s) {
  ENTER("cuGraphLaunch");
  launched++;
  for (int i = 0; i < g->n; i++) {
    int e = put(s, g->op[i]->f, g->op[i]->args, g->op[i]->size);
    if (e) DONE(e);
  }
  DONE(0);
}

/* ---- modules and kernels ---- */
int cuModuleLoadData(Module **m, const char *ptx) {
  ENTER("cuModuleLoadData");
  SAFE("cuModuleLoadData")
  if (!strstr(ptx, ".version") || !strstr(ptx, ".entry")) DONE(218);
  *m = malloc(sizeof **m);
  (*m)->device = context, (*m)->ptx = strdup(ptx), (*m)->kernels = 0;
  live_objects[context]++;
  DONE(0);
}
int cuModuleUnload(Module *m) {
  int e = fake_enter("cuModuleUnload", 0);
  free(m->ptx), free(m);
  live_objects[context]--;
  DONE(e);
}

/* parse reads the parameters of an entry, and whether it has barriers. */
static int parse(Kernel *k, const char *ptx, const char *name) {
  char head[200];
  snprintf(head, sizeof head, ".entry %s(", name);
  const char *p = strstr(ptx, head);
  if (!p) return 500;
  const char *end = strchr(p += strlen(head), ')');
  while ((p = strstr(p, ".param .")) && p < end) {
    p += 8;
    if (k->count == 28) return fake_violation(1, "%s has more parameters than the software device takes", name);
    k->types[k->count++] = !strncmp(p, "f32", 3) ? 'f' : !strncmp(p, "f64", 3) ? 'd' : !strncmp(p, "u64", 3) ? 'l' : 'i';
  }
  const char *next = strstr(end, ".entry "), *bar = strstr(end, "bar.sync");
  k->barriers = bar && (!next || bar < next);
  return 0;
}
/* library_of opens the library with the kernels of a PTX text: one of its own, that its
 * FNV-1a hash names, or else the common one. */
static void *library_of(const char *ptx) {
  Dl_info here;
  char path[4096];
  dladdr((void *)library_of, &here);
  snprintf(path, sizeof path - 64, "%s", here.dli_fname);
  char *file = strrchr(path, '/') + 1;
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char *p = ptx; *p; p++) hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
  sprintf(file, "libkernels-%016llx.so", (unsigned long long)hash);
  if (access(path, R_OK)) strcpy(file, "libkernels.so");
  return dlopen(path, RTLD_NOW);
}
int cuModuleGetFunction(Kernel **f, Module *m, const char *name) {
  ENTER("cuModuleGetFunction");
  Kernel *k = calloc(1, sizeof *k);
  int e = parse(k, m->ptx, name);
  if (e) DONE(e);
  if (!m->kernels && !(m->kernels = library_of(m->ptx))) DONE(fake_violation(500, "%s", dlerror()));
  k->entry = dlsym(m->kernels, name);
  if (!k->entry) DONE(fake_violation(500, "%s is in the PTX but not in the source", name));
  snprintf(k->name, sizeof k->name, "%s", name);
  *f = k; /* a function is not freed: it belongs to its module */
  DONE(0);
}
static int do_kernel(void *args) { return fake_run(args); }
int cuLaunchKernel(Kernel *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, Stream *s, void **params, void **extra) {
  ENTER("cuLaunchKernel");
  Kernel k = *f;
  if (gy != 1 || gz != 1 || by != 1 || bz != 1 || extra) DONE(fake_violation(1, "%s: a launch of more than one dimension", k.name));
  k.blocks = gx, k.threads = bx, k.shared = shared;
  for (int i = 0; i < k.count; i++) {
    if (!params[i]) DONE(fake_violation(1, "%s has %d parameters, the launch %d", k.name, k.count, i));
    memcpy(&k.args[i], params[i], k.types[i] == 'i' || k.types[i] == 'f' ? 4 : 8);
    Allocation *a = k.types[i] == 'l' ? fake_find(k.args[i]) : 0;
    if (a && (a->device != context || a->pinned || !a->live)) DONE(fake_violation(700, "%s is given memory that is not of device %d, not of a device, or free", k.name, context));
  }
  if (params[k.count]) DONE(fake_violation(1, "%s has %d parameters, the launch more", k.name, k.count));
  launched++;
  DONE(put(s, do_kernel, &k, sizeof k));
}
