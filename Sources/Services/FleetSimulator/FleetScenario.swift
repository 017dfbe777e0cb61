// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a simulated fleet is and does: vehicles, climate, radio, faults.

import NumericalMethods
public import Testbed

/// What a simulated fleet is and does.
public struct FleetScenario: Hashable, Sendable {
  /// A fault that a part of the vehicles get.
  public struct Fault: Hashable, Sendable {
    /// Share of the vehicles, 0 to 1; at least one vehicle for every share above zero.
    public var share: Double
    /// What is wrong; the place is drawn for each vehicle.
    public var kind: InjectedFault.Kind
    /// Days after the start at which it begins.
    public var onsetDay: Double

    /// Creates a fault.
    public init(share: Double, kind: InjectedFault.Kind, onsetDay: Double) {
      self.share = share
      self.kind = kind
      self.onsetDay = onsetDay
    }
  }

  /// Name for messages.
  public var name = "commuters"
  /// How each pack is built.
  public var design = PackDesign()
  /// How the vehicles are used on average; drivers differ around it.
  public var usage = UsagePattern()
  /// How often rows are taken.
  public var sampling = SimulatedVehicle.Sampling(active: 10, parked: 300)
  /// What happens to the reports on their way.
  public var radio = RadioConditions()
  /// Faults put in.
  public var faults: [Fault] = []

  /// Creates the default scenario: healthy commuters with a good radio.
  public init() {}

  /// The vehicles at their start.
  ///
  /// The same seed gives the same vehicles, and a vehicle does not change when others are added.
  ///
  /// - Parameters:
  ///   - count: How many; at most 10,000,000.
  ///   - start: Time of the start in seconds since the Unix epoch.
  ///   - seed: Seed of everything random.
  /// - Returns: The vehicles in order; their ``SimulatedVehicle/faults`` are the ground truth.
  /// - Complexity: O(n) in the number of vehicles, times the cells of a pack.
  public func vehicles(count: Int, start: Double, seed: UInt64) -> [SimulatedVehicle] {
    (0..<count).map { vehicle($0, of: count, start: start, seed: seed) }
  }

  /// One of the vehicles, as ``vehicles(count:start:seed:)`` gives it.
  ///
  /// - Parameters:
  ///   - index: Position from 0.
  ///   - count: How many vehicles there are.
  ///   - start: Time of the start in seconds since the Unix epoch.
  ///   - seed: Seed of everything random.
  /// - Returns: The vehicle.
  public func vehicle(
    _ index: Int, of count: Int, start: Double, seed: UInt64
  ) -> SimulatedVehicle {
    var draw = SplitMix64(seed: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
    var usage = usage
    usage.tripDuration *= 0.6 + 0.8 * Double.random(in: 0..<1, using: &draw)
    usage.eveningChargeProbability = min(
      1, usage.eveningChargeProbability * 2 * Double.random(in: 0..<1, using: &draw))
    let place = draw
    let injected = faults.enumerated().compactMap { number, fault -> InjectedFault? in
      guard has(number, fault.share, index, count, seed) else { return nil }
      var place = place
      return InjectedFault(
        fault.kind.placed(in: design, using: &place), onset: start + fault.onsetDay * 86_400)
    }
    return SimulatedVehicle(
      identity: Self.identity(index), design: design, usage: usage, sampling: sampling,
      faults: injected, seed: draw.next(), start: start)
  }

  /// The VIN of a vehicle: 17 characters that no real vehicle has.
  public static func identity(_ index: Int) -> String {
    let digits = String(index + 1)
    return "ANSIM" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  /// Whether a vehicle is among those with a fault: every 1/share-th, from a drawn start.
  private func has(
    _ number: Int, _ share: Double, _ index: Int, _ count: Int, _ seed: UInt64
  ) -> Bool {
    guard share > 0, count > 0 else { return false }
    let wanted = max(1, Int((share * Double(count)).rounded()))
    var draw = SplitMix64(seed: seed ^ (UInt64(number + 1) &* 0xD1B5_4A32_D192_ED03))
    let first = Int(draw.next() % UInt64(count))
    let place = (index - first + count) % count
    // The k-th of the wanted ones sits at ⌊k·count/wanted⌋.
    let next = (place * wanted + count - 1) / count
    return next < wanted && next * count / wanted == place
  }
}

extension InjectedFault.Kind {
  /// The fault at a drawn place of a pack.
  fileprivate func placed(in design: PackDesign, using draw: inout SplitMix64) -> Self {
    let cell = 1 + Int(draw.next() % UInt64(design.cellCount))
    let module = 1 + Int(draw.next() % UInt64(design.moduleCount))
    let probe = 1 + Int(draw.next() % UInt64(design.probeCount))
    switch self {
    case .internalShort(_, let resistance, let halvingDays):
      return .internalShort(cell: cell, resistance: resistance, halvingDays: halvingDays)
    case .looseConnection(_, let resistance, let rampDays):
      return .looseConnection(cell: cell, resistance: resistance, rampDays: rampDays)
    case .weakCell(_, let loss, let rampDays):
      return .weakCell(cell: cell, capacityLoss: loss, rampDays: rampDays)
    case .drainedCell(_, let depth): return .drainedCell(cell: cell, depth: depth)
    case .hotModule(_, let power): return .hotModule(module: module, power: power)
    case .coolingFailure: return .coolingFailure(module: module)
    case .insulationLoss: return self
    case .stuckVoltage: return .stuckVoltage(cell: cell)
    case .stuckTemperature: return .stuckTemperature(probe: probe)
    }
  }
}
