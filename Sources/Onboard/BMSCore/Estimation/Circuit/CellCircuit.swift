// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The equivalent circuit of a cell in tables of fixed size.

/// The equivalent circuit of a cell: `V = U(z, T) + M(z)·h − i·R₀(z, T) − Σ vₖ`, in tables of fixed size.
///
/// Open-circuit voltage on 101 even nodes of the state of charge, resistances on up to 16 nodes and
/// 6 temperatures, apart for discharge and charge. Between the nodes all is linear in the state of
/// charge; between temperatures the logarithm of a resistance is linear in `1/T`, and beyond them
/// it goes on with one activation energy. Reading it never traps, whatever the tables hold: counts
/// are held inside the storage and places that are not numbers read as the lower end.
public struct CellCircuit<Real: CoreReal>: ConfigurationPart {
  /// Charge between state of charge 0 and 1, in coulombs.
  public var capacity: Real
  /// Share of the charge put in that can be taken out, 0.9…1.
  public var coulombicEfficiency: Real
  /// Lower cut-off, in volts.
  public var lowerVoltage: Real
  /// Upper cut-off, in volts.
  public var upperVoltage: Real
  /// Middle of the loop of open-circuit voltages at ``referenceTemperature``, in volts, on 101 even
  /// nodes from state of charge 0 to 1.
  public var openCircuit: InlineArray<101, Real>
  /// Change of the open-circuit voltage with temperature, in volts per kelvin, on the same nodes.
  public var entropy: InlineArray<101, Real>
  /// Half the distance of the charge branch from the discharge branch, in volts, on the same nodes.
  public var hysteresis: InlineArray<101, Real>
  /// Decay of the hysteresis per capacity moved.
  public var hysteresisRate: Real
  /// Temperature of ``openCircuit``, in kelvin.
  public var referenceTemperature: Real
  /// Ascending nodes of the resistances; ``nodeCount`` of them count.
  public var nodes: InlineArray<16, Real>
  /// Number of nodes in use, 1…16.
  public var nodeCount: UInt8
  /// Ascending temperatures of the resistances, in kelvin; ``temperatureCount`` of them count.
  public var temperatures: InlineArray<6, Real>
  /// Number of temperatures in use, 1…6.
  public var temperatureCount: UInt8
  /// Resistance that acts at once.
  public var series: ResistanceTable<Real>
  /// Resistances of the pairs, fastest first.
  public var pairs: InlineArray<3, ResistanceTable<Real>>
  /// Time constants of the pairs in seconds, `[pairs × temperatures]`.
  public var timeConstants: InlineArray<3, InlineArray<6, Real>>
  /// Number of pairs in use, 0…3.
  public var pairCount: UInt8
  /// Activation energy of all resistances beyond the temperatures, in J/mol.
  public var activationEnergy: Real

  /// A circuit without pairs and hysteresis whose open-circuit voltage is a straight line.
  ///
  /// - Parameters:
  ///   - capacity: In coulombs.
  ///   - lowerVoltage: Open-circuit voltage of the empty cell, in volts.
  ///   - upperVoltage: Open-circuit voltage of the full cell, in volts.
  ///   - resistance: In ohms, at every temperature.
  @inlinable
  public init(capacity: Real, lowerVoltage: Real, upperVoltage: Real, resistance: Real) {
    self.capacity = capacity
    coulombicEfficiency = 1
    self.lowerVoltage = lowerVoltage
    self.upperVoltage = upperVoltage
    openCircuit = InlineArray { lowerVoltage + (upperVoltage - lowerVoltage) * Real($0) / 100 }
    entropy = InlineArray(repeating: 0)
    hysteresis = InlineArray(repeating: 0)
    hysteresisRate = 50
    referenceTemperature = 298.15
    nodes = InlineArray(repeating: 0)
    nodeCount = 1
    temperatures = InlineArray(repeating: 298.15)
    temperatureCount = 1
    series = ResistanceTable(repeating: resistance)
    pairs = InlineArray(repeating: ResistanceTable(repeating: 0))
    timeConstants = InlineArray(repeating: InlineArray(repeating: 1))
    pairCount = 0
    activationEnergy = 0
  }

  /// Whether every number in use is finite, counts are inside the storage, nodes ascend and
  /// capacity, voltages and time constants are positive: what a configuration must pass.
  @inlinable
  public var isValid: Bool {
    guard capacity > 0, capacity.isFinite, coulombicEfficiency > 0.5, coulombicEfficiency <= 1,
      lowerVoltage > 0, upperVoltage > lowerVoltage, upperVoltage.isFinite,
      nodeCount >= 1, nodeCount <= 16, temperatureCount >= 1, temperatureCount <= 6,
      pairCount <= 3, hysteresisRate >= 0, hysteresisRate.isFinite,
      referenceTemperature > 0, activationEnergy >= 0, activationEnergy.isFinite
    else { return false }
    for k in 0..<101 {
      guard openCircuit[k].isFinite, entropy[k].isFinite, hysteresis[k] >= 0,
        hysteresis[k].isFinite, k == 0 || openCircuit[k] >= openCircuit[k - 1]
      else { return false }
    }
    for k in 0..<Int(nodeCount) where k > 0 {
      guard nodes[k] > nodes[k - 1] else { return false }
    }
    for t in 0..<Int(temperatureCount) {
      guard temperatures[t] > 0, t == 0 || temperatures[t] > temperatures[t - 1],
        series.isValid(temperature: t, nodes: Int(nodeCount))
      else { return false }
      for p in 0..<Int(pairCount) {
        guard timeConstants[p][t] > 0, timeConstants[p][t].isFinite,
          pairs[p].isValid(temperature: t, nodes: Int(nodeCount))
        else { return false }
      }
    }
    return nodes[0].isFinite && temperatures[0].isFinite
  }
}

/// Ohms over temperature and state of charge, apart for discharge and charge.
public struct ResistanceTable<Real: CoreReal>: ConfigurationPart {
  /// Ohms on discharge, `[6 temperatures × 16 nodes]`, node fastest.
  public var discharge: InlineArray<96, Real>
  /// Ohms on charge, of the same shape.
  public var charge: InlineArray<96, Real>

  /// One resistance everywhere.
  @inlinable
  public init(repeating ohms: Real) {
    discharge = InlineArray(repeating: ohms)
    charge = InlineArray(repeating: ohms)
  }

  @inlinable
  func isValid(temperature: Int, nodes: Int) -> Bool {
    for node in 0..<nodes {
      let place = temperature * 16 + node
      guard discharge[place] >= 0, discharge[place].isFinite, charge[place] >= 0,
        charge[place].isFinite
      else { return false }
    }
    return true
  }
}
