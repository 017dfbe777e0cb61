// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A fault with severity and time law, and what it does to plant and instruments.

public import BatteryDomain
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the severity of a fault grows from its onset to its full size.
public enum GrowthLaw: String, CaseIterable, Codable, Hashable, Sendable {
  /// At once.
  case step
  /// Evenly in time.
  case linear
  /// By equal factors in equal times: the resistance of a short falls by decades.
  case exponential
  /// The conductance grows with the square of time, as a thickening filament (see the abuse models).
  case filament
}

/// A fault put into the plant, with its time law.
public struct PlantFault: Codable, Hashable, Sendable {
  /// What is wrong.
  public var kind: FaultClass
  /// The part concerned, counted from 1.
  public var subject: Subject
  /// From when on, in seconds.
  public var onset: Double
  /// Time to full size in seconds.
  public var growth: Double
  /// How it grows.
  public var law: GrowthLaw
  /// Severity at the onset, in the unit of the kind (ohms for shorts).
  public var initial: Double
  /// Severity at full size, in the unit of the kind: ohms, relative loss, kelvin, volts, amperes,
  /// mol/s, watts or seconds.
  public var final: Double
  /// What a faulty sensor does.
  public var sensor = SensorFault.offset

  /// What a faulty sensor does.
  public enum SensorFault: String, CaseIterable, Codable, Hashable, Sendable {
    /// Reads too much by the severity.
    case offset
    /// Repeats its last value.
    case frozen
    /// Is exchanged with its neighbour.
    case swapped
  }

  /// Creates a fault.
  public init(
    _ kind: FaultClass, at subject: Subject, onset: Double, growth: Double = 0,
    law: GrowthLaw = .step, from initial: Double = 0, to final: Double = 0
  ) {
    self.kind = kind
    self.subject = subject
    self.onset = onset
    self.growth = growth
    self.law = law
    self.initial = initial
    self.final = final
  }

  /// Severity at a time; nil before the onset.
  public func severity(at time: Double) -> Double? {
    guard time >= onset else { return nil }
    guard growth > 0, law != .step else { return final }
    let share = min(1, (time - onset) / growth)
    switch law {
    case .step: return final
    case .linear: return initial + (final - initial) * share
    case .exponential: return initial * exp(log(final / initial) * share)
    case .filament: return 1 / (1 / initial + (1 / final - 1 / initial) * share * share)
    }
  }

  /// Cell from 0, where a cell is concerned.
  public var cell: Int? {
    if case .cell(let number) = subject { return number - 1 }
    return nil
  }

  /// Module from 0, where a module is concerned.
  public var module: Int? {
    if case .module(let number) = subject { return number - 1 }
    return nil
  }

  /// Probe from 0, where a probe is concerned.
  public var probe: Int? {
    if case .probe(let number) = subject { return number - 1 }
    return nil
  }
}
