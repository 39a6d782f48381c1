/* Memory of the software device: every allocation ends where a page begins that may
 * not be touched, is full of NaNs at first, and is never used again after it is
 * freed. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "memory.h"

enum { PAGE = 4096, ALIGN = 4 };

static Allocation *all;
static int count, room;

static size_t pages(size_t n) { return (n + PAGE - 1) / PAGE * PAGE; }

Allocation *fake_allocate(size_t size, int device, int pinned) {
  size_t body = pages(size), whole = body + 2 * PAGE;
  char *base = mmap(0, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return 0;
  mprotect(base + PAGE, body, PROT_READ | PROT_WRITE);
  memset(base + PAGE, 0xff, body);
  if (count == room) {
    room = room ? 2 * room : 256;
    all = realloc(all, room * sizeof *all);
  }
  Allocation *a = &all[count++];
  *a = (Allocation){.base = base, .whole = whole, .size = size, .device = device, .pinned = pinned, .live = 1};
  a->at = base + PAGE + body - size;
  a->at -= (uintptr_t)a->at % ALIGN; /* so that what is as large as its elements are has no slack */
  return a;
}

static Allocation *find(Dev p) {
  for (int i = count - 1; i >= 0; i--)
    if (p >= (Dev)(uintptr_t)all[i].base && p < (Dev)(uintptr_t)(all[i].base + all[i].whole)) return &all[i];
  return 0;
}

Allocation *fake_find(Dev p) { return find(p); }

int fake_inside(Dev p, size_t size) {
  Allocation *a = find(p);
  return a && a->live && p >= (Dev)(uintptr_t)a->at && p + size <= (Dev)(uintptr_t)(a->at + a->size);
}

int fake_misaligned(Dev p, size_t n) {
  Allocation *a = find(p);
  return !a || (p - (Dev)(uintptr_t)a->at) % n != 0;
}

/* spoilt reports a byte around an allocation that is not as it was. */
static int spoilt(Allocation *a) {
  unsigned char *lo = (unsigned char *)a->base + PAGE, *hi = (unsigned char *)a->base + a->whole - PAGE;
  for (unsigned char *p = lo; p < hi; p++) {
    if ((char *)p == a->at) p += a->size;
    if (p < hi && *p != 0xff) return 1;
  }
  return 0;
}

int fake_check_guards(void) {
  for (int i = 0; i < count; i++)
    if (all[i].live && spoilt(&all[i])) {
      all[i].live = 2; /* once */
      return fake_violation(700, "something wrote next to an allocation of %zu bytes", all[i].size);
    }
  return 0;
}

int fake_release(Allocation *a) {
  int bad = a->live == 1 && spoilt(a);
  size_t size = a->size;
  a->live = 0;
  mprotect(a->base, a->whole, PROT_NONE);
  madvise(a->base, a->whole, MADV_DONTNEED);
  if (count > 4096) { /* forget the dead ones at the front, whose addresses stay reserved */
    int kept = 0;
    for (int i = 0; i < count; i++)
      if (all[i].live || i >= count - 1024) all[kept++] = all[i];
    count = kept;
  }
  return bad ? fake_violation(700, "something wrote next to an allocation of %zu bytes, now freed", size) : 0;
}

size_t fake_used(int device, int *n) {
  size_t sum = 0;
  *n = 0;
  for (int i = 0; i < count; i++)
    if (all[i].live && all[i].device == device) {
      ++*n;
      if (!all[i].pinned) sum += all[i].size;
    }
  return sum;
}
