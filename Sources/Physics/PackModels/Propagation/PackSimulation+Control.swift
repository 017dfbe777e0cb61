// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stepping a pack from outside, and reading it between steps.

import Quantities

extension PackSimulation {
  /// Advances the pack by a duration under the present ``control``.
  ///
  /// Steps inside are chosen as in ``run(progress:)``; a call may be as short as a controller's
  /// cycle. Read ``state(ofCell:)``, ``terminalVoltage`` and ``events`` between calls.
  ///
  /// ```swift
  /// var pack = PackSimulation(description)
  /// while pack.elapsed < 600 {
  ///   pack.control.load = .current(25)
  ///   pack.control.closesContactors = pack.state(ofCell: 3).temperature < 333.15
  ///   pack.advance(by: 0.1)
  /// }
  /// let result = pack.finish()
  /// ```
  ///
  /// - Parameter duration: In seconds; finite, at least 0.
  /// - Complexity: O(nodes · steps).
  public mutating func advance(by duration: Double) {
    precondition(duration >= 0 && duration.isFinite, "a pack advances by a time")
    begin()
    let end = time + duration
    while end - time > 1e-9 * max(1, end) { move(until: end) }
  }

  /// Time since the start, in seconds.
  public var elapsed: Double { time }

  /// Voltage of the terminals behind the contactors, in volts; 0 where they are open.
  public var terminalVoltage: Double { contactorsAreClosed ? terminal.voltage : 0 }

  /// Current of the terminals, in amperes, discharge positive.
  public var terminalCurrent: Double { terminal.current }

  /// Whether the contactors conduct: commanded, and not opened by the pack's own protection.
  public var contactorsAreClosed: Bool { !contactorsOpen && control.closesContactors }

  /// What a cell shows now.
  ///
  /// - Parameter cell: From 0.
  /// - Returns: Its state.
  /// - Complexity: O(nodes of a cell).
  public func state(ofCell cell: Int) -> PackCellState {
    precondition(cell >= 0 && cell < cellCount, "a cell of the pack")
    let range = heat.nodes(ofCell: cell)
    var mean = 0.0
    var hottest = 0.0
    for node in range {
      let t = heat.network.temperature[node]
      mean += t * heat.shares[node - range.lowerBound]
      hottest = max(hottest, t)
    }
    let behind = sourceResistance[cell]
    let drop = behind.isFinite ? current[cell] * behind : 0
    return PackCellState(
      temperature: mean, hottest: hottest, voltage: sourceVoltage[cell] - drop,
      current: current[cell], stateOfCharge: stateOfCharge[cell], pressure: pressure[cell],
      gasReleased: ventedAt[cell] < .infinity ? gasMade(cell) : 0, ejectedMass: ejected[cell],
      consumed: progress(cell), hasVented: ventedAt[cell] < .infinity,
      isInterrupted: interruptedAt[cell] < .infinity, isFuseMelted: hasMelted[cell],
      hasCollapsed: collapsedAt[cell] < .infinity, hasRunAway: runawayAt[cell] < .infinity)
  }

  /// Gas that has left all cells, in mol.
  public var gasReleased: Double {
    var sum = 0.0
    for cell in 0..<cellCount where ventedAt[cell] < .infinity { sum += gasMade(cell) }
    return sum
  }

  /// What happened so far and how it stands: events, peaks, heat balance, without recorded rows.
  public mutating func finish() -> PackResult { result([]) }
}
