// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One to three resistor–capacitor pairs, stepped exactly.

public import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One resistor in parallel with one capacitor.
public struct ResistorCapacitorPair: Hashable, Sendable {
  /// Resistance in ohms, at the reference temperature.
  public let resistance: Double
  /// Time constant in seconds, at the reference temperature.
  public let timeConstant: Double

  /// Creates a pair.
  ///
  /// - Parameters:
  ///   - resistance: Resistance at the reference temperature; not negative.
  ///   - timeConstant: Resistance times capacitance at the reference temperature; positive.
  public init(resistance: Resistance, timeConstant: Duration) {
    precondition(resistance.value >= 0, "a resistance cannot be negative")
    precondition(timeConstant.value > 0, "a time constant must be positive")
    self.resistance = resistance.value
    self.timeConstant = timeConstant.value
  }
}

/// One to three resistor–capacitor pairs in series.
///
/// `C·dv/dt = i − v/R` has the exact solution `v(t) = R·i + (v₀ − R·i)·exp(−t/τ)` for constant
/// current, so any step length gives the same result.
public struct ResistorCapacitorPolarisation: Polarisation {
  /// The pairs, at most three; unused places have no resistance.
  public let pairs: [ResistorCapacitorPair]
  private let resistances: SIMD4<Double>
  private let timeConstants: SIMD4<Double>

  /// Creates a polarisation.
  ///
  /// - Parameter pairs: One to three pairs.
  public init(pairs: [ResistorCapacitorPair]) {
    precondition((1...3).contains(pairs.count), "one to three pairs are needed")
    self.pairs = pairs
    var resistances = SIMD4<Double>(repeating: 0)
    var timeConstants = SIMD4<Double>(repeating: 1)
    for (place, pair) in pairs.enumerated() {
      resistances[place] = pair.resistance
      timeConstants[place] = pair.timeConstant
    }
    self.resistances = resistances
    self.timeConstants = timeConstants
  }

  /// No overpotential.
  public var restState: SIMD4<Double> { .zero }

  /// The sum of the overpotentials, in volts.
  public func overpotential(_ state: SIMD4<Double>) -> Double { state.sum() }

  /// `Σ C·v²/2` in joules.
  public func storedEnergy(_ state: SIMD4<Double>, factor: Double) -> Double {
    var energy = 0.0
    for (place, pair) in pairs.enumerated() where pair.resistance > 0 {
      // The capacitance does not depend on the factor.
      energy += pair.timeConstant / pair.resistance * state[place] * state[place] / 2
    }
    return energy
  }

  /// Advances every pair and returns `Σ ∫ v²/R dt`, both exactly.
  public func advance(
    _ state: inout SIMD4<Double>, current: Double, duration: Double, factor: Double
  ) -> Double {
    var heat = 0.0
    for (place, pair) in pairs.enumerated() where pair.resistance > 0 {
      let resistance = pair.resistance * factor
      let timeConstant = pair.timeConstant * factor
      let final = current * resistance
      let excess = state[place] - final
      let decay = exp(-duration / timeConstant)
      let squares =
        final * final * duration + 2 * final * excess * timeConstant * (1 - decay)
        + excess * excess * timeConstant / 2 * (1 - decay * decay)
      heat += squares / resistance
      state[place] = final + excess * decay
    }
    return heat
  }
}
