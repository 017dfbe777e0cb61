// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where a cell is full and empty: at a cut-off, or where an electrode has no more room or lithium.

import NumericalMethods

/// Where a cell is full and empty.
///
/// State of charge 1 and 0 are where the open-circuit voltage equals the upper and lower cut-off for
/// the lithium that the set's initial concentrations hold. In a cell whose electrodes do not match
/// (a coating thinner than designed, lithium that was lost) an electrode can have no more room or no
/// more lithium before that: the end is then there, and ``isLimited`` says so. Charging on from such
/// an end raises the overpotential until a cut-off ends the step.
public struct StateOfChargeWindow: Sendable {
  /// What ends the window on one side.
  public enum End: String, Hashable, Sendable {
    /// The open-circuit voltage meets the cut-off.
    case cutOff = "the cut-off"
    /// The negative electrode has no more room.
    case negativeFull = "the negative electrode is full"
    /// The negative electrode has no more lithium.
    case negativeEmpty = "the negative electrode is empty"
    /// The positive electrode has no more room.
    case positiveFull = "the positive electrode is full"
    /// The positive electrode has no more lithium.
    case positiveEmpty = "the positive electrode is empty"
  }

  /// Stoichiometry of the negative electrode at state of charge 0.
  public let empty: Double
  /// The same at state of charge 1.
  public let full: Double
  /// What ends discharge.
  public let emptyEnd: End
  /// What ends charge.
  public let fullEnd: End
  /// Open-circuit voltage at state of charge 0 and 1, in volts.
  public let voltages: (empty: Double, full: Double)
  private let lithium: Double
  private let hosts: (negative: Double, positive: Double)

  /// Room or lithium that is left in an electrode at an end that is not a cut-off, as a share of the
  /// host: with none at all no current could start.
  public static let margin = 1e-3

  /// Finds the window.
  ///
  /// - Parameter set: The cell.
  /// - Throws: ``ParameterError`` when the lithium does not fit the hosts, when a cut-off is beyond
  ///   the potentials of the materials whatever the lithium, or when no state lies between the two.
  public init(_ set: CellParameters) throws(ParameterError) {
    let hosts = set.hostCapacity
    let lithium =
      hosts.negative * set.negative.initialStoichiometry
      + hosts.positive * set.positive.initialConcentration / set.positive.maximumConcentration
    func other(_ x: Double) -> Double { (lithium - hosts.negative * x) / hosts.positive }
    func voltage(_ x: Double) -> Double {
      set.openCircuitVoltage(negative: x, positive: other(x))
    }
    func bounds(_ room: Double) -> (low: Double, high: Double) {
      (
        max(room, (lithium - hosts.positive * (1 - room)) / hosts.negative),
        min(1 - room, (lithium - hosts.positive * room) / hosts.negative)
      )
    }
    let whole = bounds(1e-6)
    let inner = bounds(Self.margin)
    guard inner.low < inner.high else {
      throw .outOfRange(
        key: "Initial concentration in negative electrode [mol.m-3]",
        value: set.negative.initialConcentration, allowed: "such that the lithium fits the hosts")
    }
    let lowest = set.openCircuitVoltage(negative: 1e-6, positive: 1 - 1e-6)
    let highest = set.openCircuitVoltage(negative: 1 - 1e-6, positive: 1e-6)
    func find(_ cutOff: Double, _ key: String) throws(ParameterError) -> Double? {
      let place = try? RootFinding.brent(in: whole.low...whole.high) { voltage($0) - cutOff }
      guard place != nil || (cutOff > lowest && cutOff < highest) else {
        throw .outOfRange(
          key: key, value: cutOff,
          allowed: "\(Self.rounded(lowest)) to \(Self.rounded(highest)) V, the potentials of the "
            + "materials")
      }
      return place
    }
    let lower = "Lower voltage cut-off [V]"
    let upper = "Upper voltage cut-off [V]"
    let atEmpty = try find(set.lowerCutOff, lower)
    let atFull = try find(set.upperCutOff, upper)
    // A cell that is above the lower cut-off everywhere ends discharge where an electrode does; one
    // that is below it everywhere has no state between the cut-offs.
    guard atEmpty != nil || voltage(whole.low) > set.lowerCutOff,
      atFull != nil || voltage(whole.high) < set.upperCutOff
    else {
      let isLow = atEmpty == nil && voltage(whole.low) <= set.lowerCutOff
      throw .outOfRange(
        key: isLow ? lower : upper, value: isLow ? set.lowerCutOff : set.upperCutOff,
        allowed: "\(Self.rounded(voltage(whole.low))) to \(Self.rounded(voltage(whole.high))) V, "
          + "which the lithium of the initial concentrations reaches")
    }
    self.hosts = (hosts.negative, hosts.positive)
    self.lithium = lithium
    empty = atEmpty ?? inner.low
    full = atFull ?? inner.high
    emptyEnd =
      atEmpty != nil
      ? .cutOff : inner.low > Self.margin ? .positiveFull : .negativeEmpty
    fullEnd =
      atFull != nil
      ? .cutOff : inner.high < 1 - Self.margin ? .positiveEmpty : .negativeFull
    voltages = (voltage(empty), voltage(full))
    guard empty < full else {
      throw .outOfRange(
        key: upper, value: set.upperCutOff,
        allowed: "above the lower cut-off with lithium that can move between the electrodes")
    }
  }

  /// Whether an electrode and not a cut-off ends the window on either side.
  public var isLimited: Bool { emptyEnd != .cutOff || fullEnd != .cutOff }

  /// What a user should know of an end that is not a cut-off; empty when both are cut-offs.
  ///
  /// - Parameter set: The cell, for its cut-offs.
  /// - Returns: At most two sentences without a full stop.
  public func notes(for set: CellParameters) -> [String] {
    var notes: [String] = []
    if fullEnd != .cutOff {
      notes.append(
        "\(fullEnd.rawValue) at an open-circuit voltage of \(Self.rounded(voltages.full)) V, before "
          + "the upper cut-off of \(set.upperCutOff) V: state of charge 1 is there")
    }
    if emptyEnd != .cutOff {
      notes.append(
        "\(emptyEnd.rawValue) at an open-circuit voltage of \(Self.rounded(voltages.empty)) V, "
          + "before the lower cut-off of \(set.lowerCutOff) V: state of charge 0 is there")
    }
    return notes
  }

  /// Stoichiometries at a state of charge.
  ///
  /// - Parameter stateOfCharge: 0 to 1.
  /// - Returns: Those of the negative and the positive electrode.
  public func stoichiometries(at stateOfCharge: Double) -> (negative: Double, positive: Double) {
    let x = empty + stateOfCharge * (full - empty)
    return (x, (lithium - hosts.negative * x) / hosts.positive)
  }

  private static func rounded(_ volts: Double) -> Double { (1e3 * volts).rounded() / 1e3 }
}
