// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Counts the memory allocations of the calling thread, for tests that allow none.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// Allocations of the calling thread since it began; -1 where they cannot be counted.
long anodyne_allocation_count(void);

#endif
