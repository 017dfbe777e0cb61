// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reports as text, on every board alike.

#include "CBoard.h"

void board_put(const char *text);

static const char *const words[BOARD_ITEM_COUNT] = {
    "float digest",        "double digest",        "cycles",
    "trips",               "contactor openings",   "instructions a cycle, mean",
    "instructions a cycle, worst", "bytes of state", "bytes of stack",
    "bytes of stack at the start",
};

static void put_number(uint32_t value, uint32_t base) {
  char digits[12];
  int at = 11;
  digits[at] = 0;
  do {
    digits[--at] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value);
  board_put(digits + at);
}

void board_report(int32_t item, uint32_t value) {
  if (item < 0 || item >= BOARD_ITEM_COUNT) return;
  board_put(words[item]);
  board_put(": ");
  int is_digest = item == BOARD_FLOAT_DIGEST || item == BOARD_DOUBLE_DIGEST;
  if (is_digest) board_put("0x");
  put_number(value, is_digest ? 16 : 10);
  board_put("\n");
}

#if defined(__linux__) || defined(__APPLE__)
// A machine with an operating system.
#include <stdio.h>

void board_put(const char *text) { fputs(text, stdout); }
void board_count_begin(void) {}
uint32_t board_count_end(void) { return 0; }
uint32_t board_stack_used(void) { return 0; }
void board_stack_paint(void) {}
#endif
