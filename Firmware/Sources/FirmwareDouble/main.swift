// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The closed loop on a board in double precision.

import BoardLoop

runOnBoard(Double.self, isDouble: true)
