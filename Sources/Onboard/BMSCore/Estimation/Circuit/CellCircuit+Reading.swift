// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values of a circuit at a state of charge and a temperature.

/// A circuit at one state of charge, temperature and direction.
public struct CircuitPoint<Real: CoreReal>: Sendable {
  /// Open-circuit voltage in the middle of the loop, in volts.
  public var openCircuit: Real = 0
  /// Slope of the open-circuit voltage, in volts per unit of the state of charge.
  public var slope: Real = 0
  /// Half the width of the loop, in volts.
  public var hysteresis: Real = 0
  /// Change of the open-circuit voltage with temperature, in volts per kelvin.
  public var entropy: Real = 0
  /// Resistance that acts at once, in ohms.
  public var series: Real = 0
  /// Resistances of the pairs, in ohms.
  public var pairs = InlineArray<3, Real>(repeating: 0)
  /// Time constants of the pairs, in seconds.
  public var timeConstants = InlineArray<3, Real>(repeating: 1)

  /// Sum of all resistances, in ohms.
  @inlinable
  public var total: Real { series + pairs[0] + pairs[1] + pairs[2] }

  @inlinable
  init() {}
}

/// Where a number lies among ascending nodes.
@usableFromInline
struct TablePlace<Real: CoreReal> {
  @usableFromInline var index = 0
  @usableFromInline var weight: Real = 0

  @inlinable
  init(index: Int = 0, weight: Real = 0) {
    self.index = index
    self.weight = weight
  }
}

extension CellCircuit {
  /// Open-circuit voltage in the middle of the loop, in volts; straight beyond 0 and 1.
  ///
  /// - Parameters:
  ///   - stateOfCharge: 0…1; held between −0.2 and 1.2.
  ///   - temperature: In kelvin.
  /// - Returns: The voltage in volts.
  @inlinable
  public func openCircuitVoltage(_ stateOfCharge: Real, temperature: Real) -> Real {
    var circuit = self
    return circuit.openVoltage(at: stateOfCharge, temperature: temperature)
  }

  /// Slope of the open-circuit voltage about a place, in volts per unit of the state of charge; at
  /// least 1 mV.
  ///
  /// - Parameters:
  ///   - stateOfCharge: 0…1.
  ///   - temperature: In kelvin.
  ///   - reach: Half the length of the chord; a tangent would jump from node to node.
  /// - Returns: The slope in volts.
  @inlinable
  public func slope(_ stateOfCharge: Real, temperature: Real, reach: Real = 0.02) -> Real {
    var circuit = self
    return circuit.slope(at: stateOfCharge, temperature: temperature, reach: reach)
  }

  /// State of charge at which the cell rests at a voltage, by bisection; 0 or 1 beyond the curve.
  ///
  /// - Parameters:
  ///   - voltage: In volts, without hysteresis.
  ///   - temperature: In kelvin.
  /// - Returns: The state of charge, 0…1.
  /// - Complexity: O(1): 24 readings.
  @inlinable
  public func stateOfCharge(resting voltage: Real, temperature: Real) -> Real {
    var circuit = self
    return circuit.charge(restingAt: voltage, temperature: temperature)
  }

  /// Everything the circuit says at a place.
  ///
  /// - Parameters:
  ///   - stateOfCharge: 0…1.
  ///   - temperature: In kelvin; held between 200 K and 400 K for the resistances.
  ///   - discharging: Whether the tables of the discharge count.
  /// - Returns: The circuit there.
  /// - Complexity: O(nodes + temperatures).
  @inlinable
  public func point(_ stateOfCharge: Real, temperature: Real, discharging: Bool)
    -> CircuitPoint<Real>
  {
    var circuit = self
    return circuit.point(at: stateOfCharge, temperature: temperature, discharging: discharging)
  }
}

// The same for the cycle, on the stored tables: mutating so that they are read where they lie, not
// copied for each reading (decision 0189). Nothing is changed.
extension CellCircuit {
  /// Place on the even grid of 101 nodes; beyond the ends the first or last interval goes on.
  @inlinable
  static func gridPlace(_ stateOfCharge: Real) -> TablePlace<Real> {
    let position = stateOfCharge.clamped(-0.2, 1.2) * 100
    let index = Int(position.clamped(0, 99))
    return TablePlace(index: index, weight: position - Real(index))
  }

  /// As ``openCircuitVoltage(_:temperature:)``.
  @inlinable
  mutating func openVoltage(at stateOfCharge: Real, temperature: Real) -> Real {
    let at = Self.gridPlace(stateOfCharge)
    let shift = temperature - referenceTemperature
    let low = openCircuit[at.index] + shift * entropy[at.index]
    let high = openCircuit[at.index + 1] + shift * entropy[at.index + 1]
    return low + at.weight * (high - low)
  }

  /// As ``slope(_:temperature:reach:)``.
  @inlinable
  mutating func slope(at stateOfCharge: Real, temperature: Real, reach: Real = 0.02) -> Real {
    let high = openVoltage(at: stateOfCharge + reach, temperature: temperature)
    let low = openVoltage(at: stateOfCharge - reach, temperature: temperature)
    return max(1e-3, ((high - low) / (2 * reach)).finite(or: 1))
  }

  /// As ``stateOfCharge(resting:temperature:)``.
  @inlinable
  mutating func charge(restingAt voltage: Real, temperature: Real) -> Real {
    var low: Real = 0
    var high: Real = 1
    for _ in 0..<24 {
      let middle = (low + high) / 2
      if openVoltage(at: middle, temperature: temperature) < voltage {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// As ``point(_:temperature:discharging:)``.
  @inlinable
  mutating func point(at stateOfCharge: Real, temperature: Real, discharging: Bool)
    -> CircuitPoint<Real>
  {
    var point = CircuitPoint<Real>()
    let at = Self.gridPlace(stateOfCharge)
    point.slope = slope(at: stateOfCharge, temperature: temperature)
    point.openCircuit = openVoltage(at: stateOfCharge, temperature: temperature)
    let inside = at.weight.clamped(0, 1)
    point.hysteresis =
      hysteresis[at.index] + inside * (hysteresis[at.index + 1] - hysteresis[at.index])
    point.entropy = entropy[at.index] + inside * (entropy[at.index + 1] - entropy[at.index])
    let node = nodePlace(stateOfCharge)
    let warm = temperaturePlace(temperature)
    point.series = series.value(node, warm, discharging)
    for k in 0..<Int(min(3, pairCount)) {
      point.pairs[k] = pairs[k].value(node, warm, discharging)
      let low = timeConstants[k][warm.index]
      let high = timeConstants[k][warm.next]
      point.timeConstants[k] = (low * Self.power(high / low, warm.weight)).finite(or: 1)
    }
    return point
  }

  @inlinable
  mutating func nodePlace(_ stateOfCharge: Real) -> TablePlace<Real> {
    let last = Int(min(16, max(1, nodeCount))) - 1
    var index = 0
    while index < last, stateOfCharge >= nodes[index + 1] { index += 1 }
    guard index < last, stateOfCharge > nodes[index] else { return TablePlace(index: index) }
    let weight = (stateOfCharge - nodes[index]) / (nodes[index + 1] - nodes[index])
    return TablePlace(index: index, weight: weight.clamped(0, 1))
  }

  @inlinable
  mutating func temperaturePlace(_ temperature: Real) -> TemperatureBracket<Real> {
    let last = Int(min(6, max(1, temperatureCount))) - 1
    let bounded = temperature.clamped(200, 400)
    var bracket = TemperatureBracket<Real>()
    if bounded <= temperatures[0] || last == 0 {
      bracket.factor = arrhenius(bounded, from: temperatures[0])
    } else if bounded >= temperatures[last] {
      bracket.index = last
      bracket.next = last
      bracket.factor = arrhenius(bounded, from: temperatures[last])
    } else {
      while bracket.index < last - 1, temperatures[bracket.index + 1] <= bounded {
        bracket.index += 1
      }
      bracket.next = bracket.index + 1
      let low = 1 / temperatures[bracket.index]
      bracket.weight = ((low - 1 / bounded) / (low - 1 / temperatures[bracket.next])).clamped(0, 1)
    }
    return bracket
  }

  @inlinable
  func arrhenius(_ temperature: Real, from table: Real) -> Real {
    // 8.314462618 J/(mol K): the molar gas constant, exact in the SI of 2019.
    let exponent = activationEnergy / 8.314462618 * (1 / temperature - 1 / table)
    return Real.exponential(exponent.clamped(-6, 6))
  }

  @inlinable
  static func power(_ ratio: Real, _ weight: Real) -> Real {
    guard weight > 0, ratio > 0 else { return 1 }
    return Real.exponential(weight * Real.logarithm(ratio))
  }
}

/// Where a temperature lies among those of the tables.
@usableFromInline
struct TemperatureBracket<Real: CoreReal> {
  @usableFromInline var index = 0
  @usableFromInline var next = 0
  @usableFromInline var weight: Real = 0
  /// Factor of Arrhenius' law beyond the tables.
  @usableFromInline var factor: Real = 1

  @inlinable
  init() {}
}

extension ResistanceTable {
  @inlinable
  mutating func value(
    _ node: TablePlace<Real>, _ warm: TemperatureBracket<Real>, _ discharging: Bool
  ) -> Real {
    let low = row(warm.index, node, discharging)
    guard warm.weight > 0 else { return (low * warm.factor).finite(or: 0) }
    let high = row(warm.next, node, discharging)
    guard low > 0, high > 0 else { return (low + warm.weight * (high - low)).finite(or: 0) }
    return (low * CellCircuit<Real>.power(high / low, warm.weight)).finite(or: 0)
  }

  @inlinable
  mutating func row(_ temperature: Int, _ node: TablePlace<Real>, _ discharging: Bool) -> Real {
    let start = temperature * 16 + node.index
    let next = min(start + 1, 95)
    if discharging {
      return discharge[start] + node.weight * (discharge[next] - discharge[start])
    }
    return charge[start] + node.weight * (charge[next] - charge[start])
  }
}
