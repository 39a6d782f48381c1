/* The software device: what its libraries share. See doc.go. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef uint64_t Dev; /* a device address, which is an address of the host */

/* A piece of work, queued until somebody waits for it. */
typedef int (*Work)(void *args);

/* The current device's queue gets work with a copy of its arguments. */
int standin_enqueue(void *stream, Work f, const void *args, size_t size);

/* standin_enter begins a call: 0, or the code that it has to return at once. */
int standin_enter(const char *call, int capturing_ok);
int standin_leave(int code);

/* standin_violation notes what a strict device refuses, and returns code. */
int standin_violation(int code, const char *format, ...);

/* standin_context is the number of the thread's device, or −1. */
int standin_context(void);

/* standin_capturing reports whether a stream of the context is captured. */
int standin_capturing(void);

/* standin_object counts an object that has to be freed, or with −1 one that is. */
void standin_object(int n);

/* standin_misaligned reports whether a real device, whose allocations begin at a
 * multiple of 256, would find p at no multiple of n. */
int standin_misaligned(Dev p, size_t n);

/* standin_inside reports whether size bytes at p lie in one live allocation. */
int standin_inside(Dev p, size_t size);

/* standin_run runs a kernel. */
typedef struct {
  void *entry;
  char name[128];
  int barriers, count;
  char types[32]; /* i: 32 bits, l: 64 bits, f, d */
  int blocks, threads;
  size_t shared;
  uint64_t args[32];
} Kernel;
int standin_run(Kernel *k);

/* standin_guarded calls f and returns its result, or code if it touches memory that
 * is not there, and address gets where; MISALIGNED after a trap of the kernels. */
enum { MISALIGNED = 716 };
int standin_guarded(Work f, void *args, int code, uintptr_t *address);
