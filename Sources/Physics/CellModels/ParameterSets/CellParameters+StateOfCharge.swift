// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stoichiometries of a cell by its state of charge.

import NumericalMethods

extension CellParameters {
  /// Open-circuit voltage of two stoichiometries, in volts, as the models use it.
  public func openCircuitVoltage(negative x: Double, positive y: Double) -> Double {
    positive.openCircuitPotential.value(y) - negative.restPotential(x)
  }

  /// Stoichiometries of both electrodes at a state of charge.
  ///
  /// State of charge 1 and 0 are where the open-circuit voltage equals the upper and lower cut-off
  /// for the lithium that the set's initial concentrations hold.
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
    let hosts = hostCapacity
    let lithium =
      hosts.negative * negative.initialStoichiometry
      + hosts.positive * positive.initialConcentration / positive.maximumConcentration
    // Both stoichiometries stay strictly between 0 and 1.
    let lowest = max(1e-6, (lithium - hosts.positive * (1 - 1e-6)) / hosts.negative)
    let highest = min(1 - 1e-6, (lithium - hosts.positive * 1e-6) / hosts.negative)
    guard lowest < highest else {
      throw .outOfRange(
        key: "Initial concentration in negative electrode [mol.m-3]",
        value: negative.initialConcentration, allowed: "such that the lithium fits the hosts")
    }
    func other(_ x: Double) -> Double { (lithium - hosts.negative * x) / hosts.positive }
    func find(_ voltage: Double, _ key: String) throws(ParameterError) -> Double {
      do {
        return try RootFinding.brent(in: lowest...highest) { x in
          openCircuitVoltage(negative: x, positive: other(x)) - voltage
        }
      } catch {
        throw .outOfRange(
          key: key, value: voltage,
          allowed:
            "\(openCircuitVoltage(negative: lowest, positive: other(lowest))) to "
            + "\(openCircuitVoltage(negative: highest, positive: other(highest))) V")
      }
    }
    let empty = try find(lowerCutOff, "Lower voltage cut-off [V]")
    let full = try find(upperCutOff, "Upper voltage cut-off [V]")
    let x = empty + stateOfCharge * (full - empty)
    return (x, other(x))
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
