// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Voltage error of a circuit on a recording.

public import CellModels

/// Voltage error of a circuit on a recording, beside that of its open-circuit voltage alone.
public struct CircuitValidation: Sendable {
  /// Error over samples.
  public struct VoltageError: Hashable, Sendable {
    /// Number of samples.
    public var count = 0
    /// Root mean square, in volts.
    public var rootMeanSquare = 0.0
    /// Largest size, in volts.
    public var largest = 0.0
    /// Mean of model minus measurement, in volts.
    public var mean = 0.0

    /// Error of differences in volts.
    public init(_ differences: [Double]) {
      count = differences.count
      guard count > 0 else { return }
      var square = 0.0
      for value in differences {
        mean += value
        square += value * value
        largest = max(largest, abs(value))
      }
      mean /= Double(count)
      rootMeanSquare = (square / Double(count)).squareRoot()
    }
  }

  /// Name of the recording.
  public let name: String
  /// Median temperature in kelvin.
  public let temperature: Double
  /// Seconds from start to end.
  public let duration: Double
  /// Share of the duration that the model could follow: less than one where it ran out of lithium
  /// or salt that the cell still had.
  public private(set) var reached = 1.0
  /// State of charge at the start, and the lowest reached.
  public let charge: ClosedRange<Double>
  /// Error of the circuit.
  public let error: VoltageError
  /// Error of the open-circuit voltage alone.
  public let openCircuitError: VoltageError
  /// Error by state of charge.
  public let bands: [(range: ClosedRange<Double>, error: VoltageError)]
  /// Time in seconds, measured and model voltage at no more than two thousand samples.
  public let curve: [(time: Double, measured: Double, model: Double)]

  /// Limits of the bands of the state of charge.
  public static let bandLimits = [0, 0.1, 0.2, 0.5, 0.8, 1]

  /// Runs a circuit through the currents and temperatures of a recording, from a rested start.
  ///
  /// Nothing is fitted to the recording: its first voltage tells the state of charge at the start.
  ///
  /// - Parameters:
  ///   - circuit: The circuit.
  ///   - recording: Measured current, voltage and temperature.
  ///   - start: What was identified before the fit.
  public init(_ circuit: CircuitParameters, on recording: Recording, start: StartingPoint) {
    let initial = start.initialStateOfCharge(recording)
    let cell = CircuitCell(circuit)
    var state = CircuitCell.State(
      stateOfCharge: initial, temperature: recording.temperatures.first ?? 298.15,
      hysteresis: 0)
    var model: [Double] = []
    var open: [Double] = []
    var charges: [Double] = []
    for row in recording.times.indices {
      let current = recording.currents[row]
      let step = row > 0 ? recording.times[row] - recording.times[row - 1] : 0
      cell.advance(
        &state, current: current, duration: step, temperature: recording.temperatures[row])
      model.append(cell.voltage(state, current: current))
      open.append(
        circuit.openCircuit.voltage(
          at: state.stateOfCharge, temperature: recording.temperatures[row]))
      charges.append(state.stateOfCharge)
    }
    self.init(recording, model: model, openCircuit: open, charges: charges)
  }

  /// Runs a single-particle model through the currents and temperatures of a recording.
  ///
  /// - Parameters:
  ///   - found: The model at its standard mesh.
  ///   - recording: Measured current, voltage and temperature.
  /// - Throws: `ParameterError` of the model.
  public init(_ found: SingleParticleIdentification, on recording: Recording) throws {
    let rows = FitRows(
      recording, initialCharge: found.start.initialStateOfCharge(recording),
      capacity: found.start.capacity)
    let segment = SegmentedRecording(rows, range: -1...2, all: true)
    let balance = found.balancing.balance
    let voltages = try segment.voltages(
      found.parameters, balance: balance, resolution: .singleParticle)
    let kept = voltages.indices.filter { voltages[$0].isFinite }
    let part = Recording(
      name: recording.name, times: kept.map { recording.times[segment.rows[$0]] },
      currents: kept.map { recording.currents[segment.rows[$0]] },
      voltages: kept.map { recording.voltages[segment.rows[$0]] },
      temperatures: kept.map { recording.temperatures[segment.rows[$0]] })
    self.init(
      part, model: kept.map { voltages[$0] },
      openCircuit: kept.map {
        found.parameters.openCircuitVoltage(
          negative: balance.negativeStoichiometry(at: segment.charges[$0]),
          positive: balance.positiveStoichiometry(at: segment.charges[$0]))
      }, charges: kept.map { segment.charges[$0] })
    let last = kept.last.map { recording.times[segment.rows[$0]] } ?? 0
    if kept.count < voltages.count { reached = last / max(1e-9, recording.duration) }
  }

  /// Compares voltages with a recording.
  ///
  /// - Parameters:
  ///   - recording: What was measured.
  ///   - model: Voltage of the model at every sample.
  ///   - openCircuit: Open-circuit voltage at every sample.
  ///   - charges: State of charge at every sample.
  init(_ recording: Recording, model: [Double], openCircuit: [Double], charges: [Double]) {
    let measured = recording.voltages
    let differences = zip(model, measured).map { $0 - $1 }
    let stride = max(1, recording.count / 2_000)
    curve = recording.times.indices.filter { $0 % stride == 0 }.map {
      (recording.times[$0], measured[$0], model[$0])
    }
    let initial = charges.first ?? 1
    name = recording.name
    temperature = recording.medianTemperature
    duration = recording.duration
    charge = min(initial, charges.min() ?? initial)...max(initial, charges.max() ?? initial)
    error = VoltageError(differences)
    openCircuitError = VoltageError(zip(openCircuit, measured).map { $0 - $1 })
    bands = zip(Self.bandLimits, Self.bandLimits.dropFirst()).map { low, high in
      let inside = differences.indices.filter {
        (charges[$0] >= low || low == 0) && (charges[$0] < high || high == 1)
      }
      return (low...high, VoltageError(inside.map { differences[$0] }))
    }
  }
}
