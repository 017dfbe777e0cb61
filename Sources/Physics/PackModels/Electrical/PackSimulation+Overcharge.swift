// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells beyond full and empty: what is stored, what is plated, what turns to heat.

import RunawayModels

extension PackSimulation {
  /// Charge above which more lithium is plated instead of stored, as of the abuse tests.
  static var platingCharge: Double { 1.05 }
  /// Charge above which current decomposes electrolyte instead of being stored.
  static var oxidationCharge: Double { 1.2 }

  /// What of a current cannot be stored.
  ///
  /// A reversed cell turns what the others give it to heat; an overcharged one does so with a part of
  /// the current that grows from none at 120 % to all at 140 %.
  ///
  /// - Parameters:
  ///   - cell: The cell.
  ///   - current: In amperes, discharge positive.
  ///   - voltage: Open-circuit voltage, in volts.
  /// - Returns: Heat in watts, and the current that changes the charge.
  func surplus(_ cell: Int, current: Double, voltage: Double) -> (heat: Double, stored: Double) {
    if voltage < 0, current > 0 { return (-voltage * current, current) }
    guard current < 0, stateOfCharge[cell] > Self.oxidationCharge else { return (0, current) }
    let x = min(1, (stateOfCharge[cell] - Self.oxidationCharge) / 0.2)
    let share = x * x * (3 - 2 * x)
    return (-current * voltage * share, current * (1 - share))
  }

  /// Moves the lithium above ``platingCharge`` from the anode's content to that of plated lithium.
  mutating func plate(_ cell: Int) {
    let kernel = pack.cell.kinetics
    guard let anode = kernel.roles.firstIndex(of: .anodeLithium),
      let metal = kernel.roles.firstIndex(of: .platedLithium)
    else { return }
    let now = stateOfCharge[cell] - Self.platingCharge
    let more = kernel.freshContents[anode] * (now - plated[cell])
    guard more > 0 else { return }
    initial[cell * contentCount + anode] -= more
    initial[cell * contentCount + metal] += more
    plated[cell] = now
    // Sleeping nodes do not know of it yet.
    for node in heat.nodes(ofCell: cell) { nodes.asleepBelow[node] = 0 }
  }
}
