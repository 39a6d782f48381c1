/* Allocations of the software device. */
#pragma once
#include "fake.h"

typedef struct {
  char *base, *at;
  size_t whole, size;
  int device, pinned, live;
} Allocation;

Allocation *fake_allocate(size_t size, int device, int pinned);
Allocation *fake_find(Dev p);
int fake_release(Allocation *a);
int fake_check_guards(void);
size_t fake_used(int device, int *n);
