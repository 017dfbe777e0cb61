// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the firmware needs of a board: a console, a cycle counter, an end.
#ifndef CBOARD_H
#define CBOARD_H

#include <stdint.h>

/// What a reported number means; the words are in board.c.
enum board_item {
  BOARD_FLOAT_DIGEST,
  BOARD_DOUBLE_DIGEST,
  BOARD_CYCLES,
  BOARD_TRIPS,
  BOARD_OPENINGS,
  BOARD_MEAN_INSTRUCTIONS,
  BOARD_WORST_INSTRUCTIONS,
  BOARD_STATE_BYTES,
  BOARD_STACK_BYTES,
  BOARD_START_STACK_BYTES,
  BOARD_ITEM_COUNT
};

/// Prints one line: the words of the item and its value, digests in hexadecimal.
void board_report(int32_t item, uint32_t value);

/// Starts counting instructions (emulator with one instruction a nanosecond).
void board_count_begin(void);

/// Instructions since board_count_begin, to 40; 0 where they cannot be counted.
uint32_t board_count_end(void);

/// Greatest depth of the stack since the start or the last board_stack_paint, in bytes; 0 where it cannot be told.
uint32_t board_stack_used(void);

/// Forgets how deep the stack was, but for what is in use now.
void board_stack_paint(void);

#endif
