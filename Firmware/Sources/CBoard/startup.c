// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Start-up, console and cycle counter of a Cortex-M7 under an emulator (semihosting).

#if defined(__arm__) && !defined(__linux__) && !defined(__APPLE__)
#include <stddef.h>
#include "CBoard.h"

extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_top;
int main(int argc, char **argv);

static int semihost(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void board_put(const char *text) { semihost(0x04, text); }

static void board_exit(int code) {
  uint32_t arguments[2] = {0x20026, (uint32_t)code};
  semihost(0x20, arguments);
  for (;;) {
  }
}

// The stack below the reset handler's own frame is painted, and searched for the paint later.
#define STACK_PAINT 0x5AFE5AFEu
#define STACK_BYTES (512u * 1024u)

void board_reset(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;  // full access to the floating-point unit
  __asm__ volatile("dsb\n isb");
  uint32_t *from = &data_load;
  for (uint32_t *to = &data_start; to < &data_end;) *to++ = *from++;
  for (uint32_t *to = &bss_start; to < &bss_end;) *to++ = 0;
  uint32_t *top = &stack_top;
  for (uint32_t *to = top - STACK_BYTES / 4; to < top - 64; to++) *to = STACK_PAINT;
  board_exit(main(0, NULL));
}

void board_stack_paint(void) {
  uint32_t *here;
  __asm__ volatile("mov %0, sp" : "=r"(here));
  for (uint32_t *to = &stack_top - STACK_BYTES / 4; to < here - 16; to++) *to = STACK_PAINT;
}

uint32_t board_stack_used(void) {
  uint32_t *top = &stack_top;
  uint32_t *at = top - STACK_BYTES / 4;
  while (at < top && *at == STACK_PAINT) at++;
  return (uint32_t)(top - at) * 4;
}

static void board_fault(void) {
  board_put("fault\n");
  board_exit(70);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    &stack_top,  board_reset, board_fault, board_fault, board_fault, board_fault,
    board_fault, board_fault, board_fault, board_fault, board_fault, board_fault,
    board_fault, board_fault, board_fault, board_fault,
};

// SysTick at 25 MHz; the emulator runs one instruction a nanosecond, so 40 a tick.
void board_count_begin(void) {
  *(volatile uint32_t *)0xE000E014 = 0xFFFFFF;
  *(volatile uint32_t *)0xE000E018 = 0;
  *(volatile uint32_t *)0xE000E010 = 5;
}

uint32_t board_count_end(void) {
  return (0xFFFFFF - *(volatile uint32_t *)0xE000E018) * 40;
}

// What the C library asks for. Nothing in the core allocates: an attempt ends the run.
static int error_number;
int *__errno(void) { return &error_number; }
int posix_memalign(void **pointer, size_t alignment, size_t size) {
  (void)pointer, (void)alignment, (void)size;
  board_put("allocation\n");
  board_exit(71);
  return 12;
}
void arc4random_buf(void *bytes, size_t count) {
  (void)bytes, (void)count;
  board_put("random numbers\n");
  board_exit(73);
}
void free(void *pointer) { (void)pointer; }
uintptr_t __stack_chk_guard = 0x5AFEC0DE;
void __stack_chk_fail(void) {
  board_put("stack overrun\n");
  board_exit(72);
}
#endif
