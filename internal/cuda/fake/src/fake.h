/* The software device: what its libraries share. See doc.go. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef uint64_t Dev; /* a device address, which is an address of the host */

/* A piece of work, queued until somebody waits for it. */
typedef int (*Work)(void *args);

/* The current device's queue gets work with a copy of its arguments. */
int fake_enqueue(void *stream, Work f, const void *args, size_t size);

/* fake_enter begins a call: 0, or the code that it has to return at once. */
int fake_enter(const char *call, int capturing_ok);
int fake_leave(int code);

/* fake_violation notes what a strict device refuses, and returns code. */
int fake_violation(int code, const char *format, ...);

/* fake_context is the number of the thread's device, or −1. */
int fake_context(void);

/* fake_capturing reports whether a stream of the context is captured. */
int fake_capturing(void);

/* fake_object counts an object that has to be freed, or with −1 one that is. */
void fake_object(int n);

/* fake_misaligned reports whether a real device, whose allocations begin at a
 * multiple of 256, would find p at no multiple of n. */
int fake_misaligned(Dev p, size_t n);

/* fake_inside reports whether size bytes at p lie in one live allocation. */
int fake_inside(Dev p, size_t size);

/* fake_run runs a kernel. */
typedef struct {
  void *entry;
  char name[128];
  int barriers, count;
  char types[32]; /* i: 32 bits, l: 64 bits, f, d */
  int blocks, threads;
  size_t shared;
  uint64_t args[32];
} Kernel;
int fake_run(Kernel *k);

/* fake_guarded calls f and returns its result, or code if it touches memory that
 * is not there, and address gets where; MISALIGNED after a trap of the kernels. */
enum { MISALIGNED = 716 };
int fake_guarded(Work f, void *args, int code, uintptr_t *address);
