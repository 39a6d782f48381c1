/* Kernels on the host: the threads of a block are fibres, which take turns at the
 * barriers; every second launch they go backwards, so that a missing barrier, or a
 * block that relies on another, shows as other bits. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include "fake.h"

double *fake_shared;
int fake_thread, fake_threads, fake_block, fake_blocks;

enum { MOST = 512 /* threads, see device.cuh */, STACK = 1 << 16, PAGE = 4096, SHARED = 1 << 18 };

static struct {
  Kernel *k;
  void *main, *fibre[MOST];
  char at_barrier[MOST], done[MOST];
  char *stacks, *shared;
  uint64_t launches;
} now;

/* switch_to saves the stack pointer at *from and continues at to. */
void fake_switch(void **from, void *to);
#if defined(__x86_64__)
__asm__(".text\n.globl fake_switch\n.hidden fake_switch\n.type fake_switch,@function\nfake_switch:\n"
        "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
        "mov %rsp,(%rdi)\nmov %rsi,%rsp\n"
        "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n");
static void *fresh(char *top, void (*f)(void)) {
  void **sp = (void **)top;
  *--sp = 0; /* where f would return to; it does not */
  *--sp = (void *)f;
  for (int i = 0; i < 6; i++) *--sp = 0;
  return sp;
}
#elif defined(__aarch64__)
__asm__(".text\n.globl fake_switch\n.hidden fake_switch\n.type fake_switch,@function\nfake_switch:\n"
        "sub sp,sp,#160\nstp x19,x20,[sp]\nstp x21,x22,[sp,#16]\nstp x23,x24,[sp,#32]\nstp x25,x26,[sp,#48]\n"
        "stp x27,x28,[sp,#64]\nstp x29,x30,[sp,#80]\nstp d8,d9,[sp,#96]\nstp d10,d11,[sp,#112]\n"
        "stp d12,d13,[sp,#128]\nstp d14,d15,[sp,#144]\nmov x2,sp\nstr x2,[x0]\nmov sp,x1\n"
        "ldp x19,x20,[sp]\nldp x21,x22,[sp,#16]\nldp x23,x24,[sp,#32]\nldp x25,x26,[sp,#48]\n"
        "ldp x27,x28,[sp,#64]\nldp x29,x30,[sp,#80]\nldp d8,d9,[sp,#96]\nldp d10,d11,[sp,#112]\n"
        "ldp d12,d13,[sp,#128]\nldp d14,d15,[sp,#144]\nadd sp,sp,#160\nret\n");
static void *fresh(char *top, void (*f)(void)) {
  void **sp = (void **)(top - 160);
  memset(sp, 0, 160);
  sp[11] = (void *)f;
  return sp;
}
#endif

/* invoke calls the kernel: integers go to one set of registers and floating-point
 * numbers to another, each in their order, on x86-64 and on arm64. */
static void invoke(Kernel *k) {
  uint64_t i[24] = {0};
  double d[8] = {0};
  int ni = 0, nd = 0;
  for (int j = 0; j < k->count; j++) {
    if (k->types[j] == 'f' || k->types[j] == 'd')
      memcpy(&d[nd++], &k->args[j], 8);
    else
      i[ni++] = k->types[j] == 'i' ? (uint64_t)(int64_t)(int32_t)k->args[j] : k->args[j];
  }
  ((void (*)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
             double, double, double, double, double, double, double, double))k->entry)(
      i[0], i[1], i[2], i[3], i[4], i[5], i[6], i[7], i[8], i[9], i[10], i[11], i[12], i[13], i[14], i[15], i[16], i[17], i[18], i[19], i[20], i[21], i[22], i[23],
      d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]);
}

static void fibre_main(void) {
  int t = fake_thread;
  invoke(now.k);
  now.done[t] = 1;
  fake_switch(&now.fibre[t], now.main);
}

void fake_barrier(void) {
  int t = fake_thread;
  now.at_barrier[t] = 1;
  fake_switch(&now.fibre[t], now.main);
}

/* run_block runs the threads of a block, backwards or not. */
static int run_block(Kernel *k, int backwards) {
  if (!k->barriers) {
    for (int t = 0; t < k->threads; t++) {
      fake_thread = backwards ? k->threads - 1 - t : t;
      invoke(k);
    }
    return 0;
  }
  for (int t = 0; t < k->threads; t++) {
    now.fibre[t] = fresh(now.stacks + (size_t)(t + 1) * STACK, fibre_main);
    now.done[t] = 0;
  }
  for (;;) {
    int waiting = 0, done = 0;
    for (int i = 0; i < k->threads; i++) {
      int t = backwards ? k->threads - 1 - i : i;
      if (now.done[t]) {
        done++;
        continue;
      }
      now.at_barrier[t] = 0;
      fake_thread = t;
      fake_switch(&now.main, now.fibre[t]);
      now.done[t] ? done++ : waiting++;
    }
    if (!waiting) return 0;
    if (done) return fake_violation(719, "%s: %d threads of a block wait at a barrier that %d have passed by", k->name, waiting, done);
  }
}

static int run_grid(void *args) {
  Kernel *k = args;
  int backwards = now.launches++ & 1;
  fake_threads = k->threads;
  fake_blocks = k->blocks;
  char *lo = now.shared + SHARED - (k->shared + 15) / 16 * 16;
  fake_shared = (double *)lo;
  for (int b = 0; b < k->blocks; b++) {
    fake_block = backwards ? k->blocks - 1 - b : b;
    memset(lo, 0xff, k->shared);
    int code = run_block(k, backwards);
    if (code) return code;
  }
  return 0;
}

int fake_run(Kernel *k) {
  if (!now.stacks) {
    now.stacks = mmap(0, (size_t)MOST * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    now.shared = mmap(0, SHARED + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(now.shared + SHARED, PAGE, PROT_NONE);
  }
  if (k->threads > MOST || k->threads < 1 || k->blocks < 1 || k->shared > 49152)
    return fake_violation(1, "%s: %d blocks of %d threads with %zu bytes shared", k->name, k->blocks, k->threads, k->shared);
  now.k = k;
  uintptr_t at = 0;
  int code = fake_guarded(run_grid, k, 700, &at);
  if (code == MISALIGNED) return fake_violation(code, "%s: block %d, thread %d has an address that is not aligned for what it loads or stores", k->name, fake_block, fake_thread);
  if (code == 700) return fake_violation(700, "%s: block %d, thread %d touches %#zx, which is no memory of the device", k->name, fake_block, fake_thread, (size_t)at);
  return code;
}

static sigjmp_buf back;
static volatile int guarded;
static volatile uintptr_t fault;
static __thread int mine;
/* A touch of what is not there, and a trap at a misaligned address, for which the
 * kernels are compiled (fake.go). */
static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
static struct sigaction before[4];

static void on_fault(int sig, siginfo_t *info, void *context) {
  if (guarded && mine) {
    fault = (uintptr_t)info->si_addr;
    siglongjmp(back, sig == SIGILL || sig == SIGTRAP ? 2 : 1);
  }
  for (int i = 0; i < 4; i++)
    if (signals[i] == sig && before[i].sa_flags & SA_SIGINFO && before[i].sa_sigaction) before[i].sa_sigaction(sig, info, context);
}

int fake_guarded(Work f, void *args, int code, uintptr_t *address) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_sigaction = on_fault;
  sa.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigfillset(&sa.sa_mask);
  for (int i = 0; i < 4; i++) sigaction(signals[i], &sa, &before[i]);
  int result;
  mine = 1;
  switch (sigsetjmp(back, 1)) {
  case 0:
    guarded = 1;
    result = f(args);
    break;
  case 1:
    *address = fault;
    result = code;
    break;
  default:
    result = MISALIGNED;
  }
  guarded = mine = 0;
  for (int i = 0; i < 4; i++) sigaction(signals[i], &before[i], 0);
  return result;
}
