// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A recording as stretches of constant current, and the model's voltage along it.

import CellModels
import NumericalMethods

/// A recording as stretches of constant current and temperature, with the rows to be compared.
struct SegmentedRecording {
  /// A stretch.
  struct Part {
    var start: Double
    var duration: Double
    var current: Double
    var temperature: Double
    /// Places in ``SegmentedRecording/rows`` that lie in it.
    var samples: Range<Int>
  }

  let recording: Recording
  /// State of charge at the start.
  let initialCharge: Double
  /// Rows that are compared, ascending.
  let rows: [Int]
  /// Cluster of each of them.
  let cluster: [Int]
  /// State of charge of each of them.
  let charges: [Double]
  let parts: [Part]

  /// Cuts a recording where current or temperature change.
  ///
  /// - Parameters:
  ///   - fit: State of charge and rows.
  ///   - range: States of charge of rows that are compared.
  ///   - all: Whether all rows a second apart are compared instead of those chosen for a fit.
  init(_ fit: FitRows, range: ClosedRange<Double>, all: Bool = false) {
    recording = fit.recording
    initialCharge = fit.charge.first ?? 1
    var rows: [Int] = []
    var cluster: [Int] = []
    if all {
      var next = -Double.infinity
      for row in recording.times.indices.dropFirst() where recording.times[row] >= next {
        rows.append(row)
        cluster.append(0)
        next = recording.times[row] + 0.95
      }
    } else {
      for (row, number) in zip(fit.kept, fit.cluster)
      where row > 0 && range.contains(fit.charge[row]) {
        rows.append(row)
        cluster.append(number)
      }
    }
    self.rows = rows
    self.cluster = cluster
    charges = rows.map { fit.charge[$0] }
    let (times, currents) = (recording.times, recording.currents)
    let band = 0.005 * (currents.map(abs).max() ?? 0)
    var parts: [Part] = []
    var moved = 0.0
    var sample = 0
    for row in times.indices.dropFirst() {
      let span = times[row] - times[row - 1]
      let temperature = recording.temperatures[row]
      let isLike =
        parts.last.map {
          abs(currents[row] - $0.current) <= band + 0.01 * abs($0.current)
            && abs(temperature - $0.temperature) < 1
        } ?? false
      let isCompared = sample < rows.count && rows[sample] == row
      if isLike {
        var part = parts[parts.count - 1]
        moved += currents[row] * span
        part.duration += span
        part.current = moved / part.duration
        parts[parts.count - 1] = part
      } else {
        moved = currents[row] * span
        parts.append(
          Part(
            start: times[row - 1], duration: span, current: currents[row],
            temperature: temperature, samples: sample..<sample))
      }
      if isCompared {
        sample += 1
        parts[parts.count - 1].samples = parts[parts.count - 1].samples.lowerBound..<sample
      }
    }
    self.parts = parts
  }

  /// Voltage of a model at the compared rows; NaN from where it cannot follow the current.
  ///
  /// - Parameters:
  ///   - set: The cell.
  ///   - balance: Its window.
  ///   - resolution: Mesh and modes.
  /// - Returns: Volts, one a compared row.
  /// - Throws: `ParameterError` of the cell.
  func voltages(
    _ set: CellParameters, balance: ElectrodeBalance, resolution: CellResolution
  ) throws -> [Double] {
    var model = try SingleParticleModel(set, withElectrolyte: true, resolution: resolution)
    var integrator = StiffIntegrator(
      unknownCount: model.unknownCount, eventCount: model.eventCount,
      options: StiffOptions(relativeTolerance: 5e-5))
    let state = DoubleWorkspace(count: model.unknownCount)
    let within = DoubleWorkspace(count: model.unknownCount)
    model.fillRest(
      negative: balance.negativeStoichiometry(at: initialCharge),
      positive: balance.positiveStoichiometry(at: initialCharge),
      temperature: recording.temperatures.first ?? 298.15, into: state.base)
    var result = [Double](repeating: .nan, count: rows.count)
    for part in parts {
      model.control = .current(part.current)
      model.setTemperature(part.temperature, in: state.base)
      guard
        integrator.start(&model, at: 0, from: UnsafePointer(state.base), span: part.duration)
      else { return result }
      var sample = part.samples.lowerBound
      var steps = 0
      while true {
        let outcome = integrator.step(&model, until: part.duration)
        steps += 1
        switch outcome {
        // The salt runs out, or no step is short enough.
        case .failed, .event: return result
        case .accepted, .reachedEnd: if steps > 5_000 { return result }
        }
        while sample < part.samples.upperBound {
          let time = recording.times[rows[sample]] - part.start
          guard time <= integrator.time + 1e-9 * part.duration else { break }
          integrator.interpolate(at: min(time, integrator.time), into: within.base)
          let voltage = model.observe(UnsafePointer(within.base)).voltage
          // Next to no salt or lithium is left at a surface: the cell has long been elsewhere.
          guard abs(voltage - recording.voltages[rows[sample]]) < 1 else { return result }
          result[sample] = voltage
          sample += 1
        }
        if outcome == .reachedEnd { break }
      }
      for n in 0..<model.unknownCount { state.base[n] = integrator.state[n] }
    }
    return result
  }
}
