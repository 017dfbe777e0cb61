// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The closed loop on a board in double precision.

import BoardLoop
import ClosedLoop

// Static memory, as in firmware: what is left for the stack is what a cycle needs.
nonisolated(unsafe) var loop = ClosedLoop<16, 8, Double>()
runOnBoard(&loop, isDouble: true)
