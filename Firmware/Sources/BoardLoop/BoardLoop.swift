// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The closed loop with its report on the console of a board.

public import BMSCore
import CBoard
public import ClosedLoop

/// Cycles of 10 ms: 100 s, the fault in the last ten.
let cycleCount: UInt32 = 10_000

func report(_ item: board_item, _ value: UInt32) {
  board_report(Int32(bitPattern: item.rawValue), value)
}

/// Runs the closed loop of sixteen cells and reports digest, decisions, instructions and stack.
///
/// - Parameters:
///   - loop: In static memory; before its first cycle.
///   - isDouble: How the digest is named.
public func runOnBoard<Real: CoreReal>(_ loop: inout ClosedLoop<16, 8, Real>, isDouble: Bool) {
  let start = board_stack_used()
  board_stack_paint()
  var worst: UInt32 = 0
  var sum: UInt32 = 0
  for _ in 0..<cycleCount {
    loop.prepare(faultAfter: 90)
    board_count_begin()
    loop.decide()
    let count = board_count_end()
    loop.note()
    // Tens, so that ten thousand cycles fit 32 bits.
    sum &+= count / 10
    if count > worst { worst = count }
  }
  report(BOARD_CYCLES, cycleCount)
  report(isDouble ? BOARD_DOUBLE_DIGEST : BOARD_FLOAT_DIGEST, loop.digest)
  report(BOARD_TRIPS, loop.core.diagnosis.state.tripCount)
  report(BOARD_OPENINGS, loop.openings)
  report(BOARD_MEAN_INSTRUCTIONS, sum / (cycleCount / 10))
  report(BOARD_WORST_INSTRUCTIONS, worst)
  report(
    BOARD_STATE_BYTES, UInt32(truncatingIfNeeded: MemoryLayout<PackController<16, 8, Real>>.size))
  report(BOARD_STACK_BYTES, board_stack_used())
  report(BOARD_START_STACK_BYTES, start)
}
