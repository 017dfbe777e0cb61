// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stoichiometries of a cell by its state of charge.

extension CellParameters {
  /// Open-circuit voltage of two stoichiometries, in volts, as the models use it.
  public func openCircuitVoltage(negative x: Double, positive y: Double) -> Double {
    positive.openCircuitPotential.value(y) - negative.restPotential(x)
  }

  /// Stoichiometries of both electrodes at a state of charge.
  ///
  /// See ``StateOfChargeWindow`` for what state of charge 0 and 1 are.
  ///
  /// - Parameter stateOfCharge: 0 to 1.
  /// - Returns: Stoichiometries of the negative and the positive electrode.
  /// - Throws: ``ParameterError`` when a cut-off is beyond the potentials of the set or the state of
  ///   charge is not from 0 to 1.
  public func stoichiometries(
    stateOfCharge: Double
  ) throws(ParameterError) -> (negative: Double, positive: Double) {
    guard (0...1).contains(stateOfCharge) else {
      throw .outOfRange(key: "initial state of charge", value: stateOfCharge, allowed: "0 to 1")
    }
    return try StateOfChargeWindow(self).stoichiometries(at: stateOfCharge)
  }

  /// The set that ships under a name, whatever its case.
  public static func named(_ name: String) -> CellParameters? {
    switch name.lowercased() {
    case "argyrodite-nmc811": .argyroditeNMC811
    case "chen2020": .chen2020
    case "chen2020-composite": .chen2020Composite
    case "ecker2015": .ecker2015
    case "marquis2019": .marquis2019
    case "okane2022": .okane2022
    case "prada2013": .prada2013
    default: nil
    }
  }

  /// Names of the sets that ship.
  public static let names = [
    "argyrodite-nmc811", "chen2020", "chen2020-composite", "ecker2015", "marquis2019", "okane2022",
    "prada2013",
  ]
}
