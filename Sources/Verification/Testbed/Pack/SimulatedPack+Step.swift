// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One time step of the series string, and the currents that limits allow.

import CellModels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What surrounds a pack during a step.
public struct PackSurroundings: Hashable, Sendable {
  /// Temperature of the air around the pack, in kelvin.
  public var ambient: Double
  /// Temperature of the coolant in kelvin; nil while it does not flow.
  public var coolant: Double?

  /// Creates surroundings.
  public init(ambient: Double, coolant: Double? = nil) {
    self.ambient = ambient
    self.coolant = coolant
  }
}

extension SimulatedPack {
  /// Longest step of the heat exchange between neighbours, in seconds; the explicit exchange is
  /// stable up to twenty minutes with the default design.
  private static let longestStep = 300.0

  /// Advances the pack over a duration of constant current.
  ///
  /// Each group loses the pack current, its self-discharge and its short's current `G·V`; each
  /// resistance heats the group it belongs to.
  ///
  /// - Parameters:
  ///   - current: In amperes, discharge positive.
  ///   - duration: In seconds, not negative; cut into pieces where needed.
  ///   - surroundings: What surrounds the pack.
  /// - Complexity: O(n) in the number of groups, for each piece.
  public mutating func advance(
    current: Double, duration: Double, surroundings: PackSurroundings
  ) {
    guard duration > 0 else { return }
    let pieces = (duration / Self.longestStep).rounded(.up)
    for _ in 0..<Int(pieces) {
      for module in 0..<design.moduleCount {
        advance(
          module: module, current: current, duration: duration / pieces,
          surroundings: surroundings)
      }
    }
  }

  private mutating func advance(
    module: Int, current: Double, duration: Double, surroundings: PackSurroundings
  ) {
    let first = module * design.cellsPerModule
    let last = first + design.cellsPerModule - 1
    var mean = 0.0
    for cell in first...last { mean += temperature[cell] }
    let factor = resistanceFactor.value(
      temperature: mean / Double(design.cellsPerModule), stateOfCharge: stateOfCharge[first])
    let negative = negativePair.resistance * factor
    let positive = positivePair.resistance * factor
    let negativeDecay = exp(-duration / (negativePair.timeConstant * factor))
    let positiveDecay = exp(-duration / (positivePair.timeConstant * factor))
    let flows = isCooled[module] ? surroundings.coolant : nil
    let conductance =
      design.passiveConductance + (flows == nil ? 0 : design.coolingConductance)
    let sink =
      (design.passiveConductance * surroundings.ambient
        + (flows.map { $0 * design.coolingConductance } ?? 0)) / conductance
    // expm1 keeps the change exact where the conductance is tiny.
    let approach = -expm1(-duration * conductance / heatCapacity)
    let share = moduleHeat[module] / Double(design.cellsPerModule)
    var left = temperature[first]
    for cell in first...last {
      let shortCurrent = shortConductance[cell] * max(0, voltage[cell])
      let leak = selfDischargeCurrent[cell] + shortCurrent
      let inner = current + leak
      let scale = resistanceScale[cell]
      let oldNegative = negativeDiffusion[cell]
      let oldPositive = positiveDiffusion[cell]
      let newNegative =
        inner * negative * scale + (oldNegative - inner * negative * scale) * negativeDecay
      let newPositive =
        inner * positive * scale + (oldPositive - inner * positive * scale) * positiveDecay
      negativeDiffusion[cell] = newNegative
      positiveDiffusion[cell] = newPositive
      stateOfCharge[cell] -= inner * duration / capacity[cell]
      lostCharge[cell] += leak * duration

      let series = seriesResistance * factor * scale
      let slow =
        (oldNegative * oldNegative + newNegative * newNegative) / (2 * negative * scale)
        + (oldPositive * oldPositive + newPositive * newPositive) / (2 * positive * scale)
      let shortHeat = shortCurrent * max(0, voltage[cell])
      let ohmic = inner * inner * series + current * current * connectionResistance[cell]
      let here = temperature[cell]
      let right = cell < last ? temperature[cell + 1] : here
      let exchange = design.neighbourConductance * (left + right - 2 * here)
      let power = ohmic + slow + shortHeat + share + exchange
      let final = sink + power / conductance
      left = here
      temperature[cell] = here + (final - here) * approach

      let open = openCircuit.curve.value(at: stateOfCharge[cell])
      voltage[cell] =
        open - inner * series - current * connectionResistance[cell] - newNegative - newPositive
    }
  }

  /// Voltage of each group without its immediate loss, and the resistance of that loss.
  private func source(_ cell: Int) -> (voltage: Double, resistance: Double) {
    let factor = resistanceFactor.value(
      temperature: temperature[cell], stateOfCharge: stateOfCharge[cell])
    let open = openCircuit.curve.value(at: stateOfCharge[cell])
    return (
      open - negativeDiffusion[cell] - positiveDiffusion[cell],
      seriesResistance * factor * resistanceScale[cell] + connectionResistance[cell]
    )
  }

  /// The current that delivers a power, in amperes; limited to what the pack can deliver.
  ///
  /// - Parameter power: At the terminals in watts, discharge positive.
  /// - Returns: The solution of `P = (E − I·R)·I`, in amperes.
  /// - Complexity: O(n) in the number of groups.
  public func current(forPower power: Double) -> Double {
    var voltage = 0.0
    var resistance = 0.0
    for cell in 0..<design.cellCount {
      let (open, inner) = source(cell)
      voltage += open
      resistance += inner
    }
    let root = max(0, voltage * voltage - 4 * resistance * power).squareRoot()
    return (voltage - root) / (2 * resistance)
  }

  /// The largest charge current that keeps every group at or below a voltage, as a positive
  /// number in amperes.
  public func chargeLimit(voltage limit: Double) -> Double {
    var allowed = Double.infinity
    for cell in 0..<design.cellCount {
      let (open, inner) = source(cell)
      allowed = min(allowed, (limit - open) / inner)
    }
    return max(0, allowed)
  }

  /// The largest discharge current that keeps every group at or above a voltage, in amperes.
  public func dischargeLimit(voltage limit: Double) -> Double {
    var allowed = Double.infinity
    for cell in 0..<design.cellCount {
      let (open, inner) = source(cell)
      allowed = min(allowed, (open - limit) / inner)
    }
    return max(0, allowed)
  }
}
