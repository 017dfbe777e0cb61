// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the C library would bring into a page, which has neither a heap to grow nor files.

#if defined(__wasm__)
#include <stddef.h>

// Nothing in the core allocates or draws random numbers: an attempt ends the run with a trap.
int posix_memalign(void **pointer, size_t alignment, size_t size) {
  (void)pointer, (void)alignment, (void)size;
  __builtin_trap();
}
void free(void *pointer) { (void)pointer; }
void arc4random_buf(void *bytes, size_t count) {
  (void)bytes, (void)count;
  __builtin_trap();
}
#endif
