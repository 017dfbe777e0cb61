// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell whose temperature is a field: events and what can be measured.

import NumericalMethods

/// The temperatures of a cell at one time.
public struct TemperatureSummary: Hashable, Sendable {
  /// Mean, weighted by heat capacity, in kelvin.
  public var mean: Double
  /// Highest, in kelvin.
  public var highest: Double
  /// Place of the highest: through the thickness or along the radius or the width, and along the
  /// height, in metres.
  public var hottestPlace: SIMD2<Double>
  /// Lowest, in kelvin.
  public var lowest: Double
  /// Mean over the large faces or the mantle, in kelvin.
  public var surface: Double
  /// Temperatures and currents by place; set where the state is observed.
  public var profile: TemperatureProfile?
}

/// A temperature field at one time.
public struct TemperatureProfile: Hashable, Sendable {
  /// Middles of the volumes, in metres: through the thickness or along the radius or the width,
  /// and along the height; the first direction is fastest.
  public var positions: [SIMD2<Double>]
  /// Volumes in each direction.
  public var columns: Int
  /// Volumes along the height.
  public var rows: Int
  /// Temperatures, in kelvin.
  public var temperatures: [Double]
  /// Current of each zone over its share of the cell, in amperes; its mean is the current.
  public var zoneCurrents: [Double]
}

extension CellFieldModel where Zone: ~Copyable {
  /// Temperatures of a state in numbers.
  public func summary(_ state: UnsafePointer<Double>) -> TemperatureSummary {
    let nodes = state + nodeOffset
    var result = TemperatureSummary(
      mean: field.mean(nodes), highest: -.infinity, hottestPlace: .zero, lowest: .infinity,
      surface: field.surfaceMean(nodes, surroundings: surroundings))
    for i in 0..<field.count {
      if nodes[i] > result.highest {
        result.highest = nodes[i]
        result.hottestPlace = field.positions[i]
      }
      result.lowest = min(result.lowest, nodes[i])
    }
    for boundary in field.boundaries where boundary.conductance > 0 {
      let surface = field.surface(boundary, nodes, surroundings: surroundings)
      result.lowest = min(result.lowest, surface)
      if surface > result.highest {
        result.highest = surface
        result.hottestPlace = field.positions[boundary.node]
      }
    }
    return result
  }

  /// Temperatures and currents of a state by place.
  public func profile(_ state: UnsafePointer<Double>) -> TemperatureProfile {
    TemperatureProfile(
      positions: field.positions, columns: field.shape.0, rows: field.shape.1,
      temperatures: (0..<field.count).map { state[nodeOffset + $0] },
      zoneCurrents: (0..<zoneCount).map {
        state[$0 * zoneUnknowns + zones[$0].currentUnknown] / shares[$0]
      })
  }

  /// Heat generated and heat lost since the start, in joules.
  public func heatBalance(_ state: UnsafePointer<Double>) -> (generated: Double, lost: Double) {
    (capacity * state[generatedIndex], capacity * state[lostIndex])
  }

  /// Writes the distances to the limits; those inside the cell count at the worst zone.
  public mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    let own = scratch + 4 * zoneCount
    for event in CellEvent.allCases { values[event.rawValue] = .infinity }
    for k in 0..<zoneCount {
      zones[k].limits = limits
      zones[k].evaluateEvents(time: time, state: state + k * zoneUnknowns, into: own)
      for event in CellEvent.allCases {
        values[event.rawValue] = min(values[event.rawValue], own[event.rawValue])
      }
    }
    let voltage = state[voltageIndex] - state[currentIndex] * parameters.contactResistance
    values[CellEvent.lowerVoltage.rawValue] = voltage - max(limits.lowerVoltage, -1e3)
    values[CellEvent.upperVoltage.rawValue] = min(limits.upperVoltage, 1e3) - voltage
    values[CellEvent.currentBelow.rawValue] = abs(state[currentIndex]) - limits.currentBelow
    values[CellEvent.temperatureAbove.rawValue] =
      min(limits.temperatureAbove, 1e4) - summary(state).highest
  }

  /// What can be measured of a state; stoichiometries and films are means over the zones.
  public mutating func observe(_ state: UnsafePointer<Double>) -> CellObservation {
    var result = CellObservation()
    result.platingMargin = .infinity
    result.salt = .infinity
    for k in 0..<zoneCount {
      let zone = zones[k].observe(state + k * zoneUnknowns)
      result.platingMargin = min(result.platingMargin, zone.platingMargin)
      result.salt = min(result.salt, zone.salt)
      result.negativeStoichiometry += shares[k] * zone.negativeStoichiometry
      result.positiveStoichiometry += shares[k] * zone.positiveStoichiometry
      result.filmThickness += shares[k] * zone.filmThickness
      result.lostLithium += zone.lostLithium
      result.filmLithium += zone.filmLithium
      result.platedLithium += zone.platedLithium
      result.deadLithium += zone.deadLithium
      result.trappedLithium += zone.trappedLithium
      result.charge += zone.charge
      result.leakedCharge += zone.leakedCharge
      result.gas += zone.gas
      result.crackLength += shares[k] * zone.crackLength
      result.crackDepth = max(result.crackDepth, zone.crackDepth)
      result.negativeActive += shares[k] * (zone.negativeActive - 1)
      result.positiveActive += shares[k] * (zone.positiveActive - 1)
      result.wetFraction += shares[k] * (zone.wetFraction - 1)
      result.swelling += shares[k] * zone.swelling
      result.electrodeLithium += zone.electrodeLithium
      result.electrolyteLithium += zone.electrolyteLithium
    }
    var temperatures = summary(state)
    temperatures.profile = profile(state)
    result.current = state[currentIndex]
    result.voltage = state[voltageIndex] - result.current * parameters.contactResistance
    result.temperature = temperatures.mean
    result.temperatures = temperatures
    result.heat = heatRate
    return result
  }
}
