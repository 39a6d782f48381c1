/* Allocations of the software device. */
#pragma once
#include "standin.h"

typedef struct {
  char *base, *at;
  size_t whole, size;
  int device, pinned, live;
} Allocation;

Allocation *standin_allocate(size_t size, int device, int pinned);
Allocation *standin_find(Dev p);
int standin_release(Allocation *a);
int standin_check_guards(void);
size_t standin_used(int device, int *n);
