// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity and a first open-circuit voltage, from a slow test or from rests.

public import CellModels
import Foundation
import NumericalMethods

/// Capacity, a first open-circuit voltage and the size of the resistances, before the fit.
public struct StartingPoint: Sendable {
  /// Charge between state of charge 0 and 1, in coulombs.
  public let capacity: Double
  /// First open-circuit voltage.
  public let openCircuit: MonotoneCurve
  /// The slow tests, that of the reference temperature first.
  public let tests: [OpenCircuitTest]
  /// Cut-off voltages seen, in volts.
  public let cutOff: ClosedRange<Double>
  /// Median resistance of a jump of the current, in ohms.
  public let stepResistance: Double
  /// Number of jumps.
  public let jumpCount: Int

  /// Temperature that a cell is characterised at if there is a choice, in kelvin.
  static let referenceTemperature = 298.15

  /// Charge that a recording may move one way over the capacity: offsets of the current add up.
  static let largestSwing = 1.5
  /// Largest error of a fit, as a share of the voltage between empty and full.
  static let poorShare = 0.2

  /// Largest root-mean-square error of a fit to recordings of one cell, in volts.
  var poorFit: Double { Self.poorShare * (openCircuit.value(at: 1) - openCircuit.value(at: 0)) }

  /// Finds the starting point.
  ///
  /// - Parameter recordings: All recordings to be fitted.
  /// - Throws: ``IdentificationError``.
  public init(_ recordings: [Recording]) throws(IdentificationError) {
    try OpenCircuitTest.checkSigns(recordings)
    let found = recordings.compactMap { OpenCircuitTest($0) }
    let longest = found.map(\.capacity).max() ?? 0
    // A slow partial discharge is no capacity test.
    tests = found.filter { $0.capacity > 0.8 * longest }.sorted {
      abs($0.temperature - Self.referenceTemperature)
        < abs($1.temperature - Self.referenceTemperature)
    }
    let largest = recordings.flatMap(\.currents).map(abs).max() ?? 0
    let steps = recordings.flatMap { recording in
      recording.jumps(above: max(0.05 * largest, longest / 36_000)).map {
        (recording.name, $0.resistance)
      }
    }
    jumpCount = steps.count
    let sizes = steps.map(\.1)
    stepResistance = max(1e-6, RobustStatistics.median(sizes.isEmpty ? [1e-2] : sizes))
    if steps.count >= 5, RobustStatistics.median(sizes) < 0 {
      throw .wrongSign(recording: steps[0].0)
    }
    let lowest = recordings.flatMap(\.voltages).min() ?? 0
    let highest = recordings.flatMap(\.voltages).max() ?? 1
    if let first = tests.first {
      capacity = first.capacity
      openCircuit = first.openCircuit
      for recording in recordings where recording.chargeSwing > Self.largestSwing * first.capacity {
        throw .chargeMismatch(
          recording: recording.name, moved: recording.chargeSwing, slow: first.name,
          capacity: first.capacity)
      }
      cutOff = first.limits.lowerBound...max(first.limits.upperBound, highest)
      return
    }
    guard let rests = RestCurve(recordings, resistance: stepResistance) else {
      throw .noStartingPoint(reason: "no slow discharge and no pulse test with long rests")
    }
    capacity = rests.capacity
    openCircuit = rests.curve
    cutOff = lowest...highest
  }

  /// State of charge at the start of a recording.
  ///
  /// A recording that starts within 30 mV of full (after the loss under a current at the start) is
  /// taken as full, since a cell rests some millivolts below its charge voltage.
  public func initialStateOfCharge(_ recording: Recording) -> Double {
    guard let voltage = recording.voltages.first, let current = recording.currents.first else {
      return 1
    }
    let rested = voltage + current * stepResistance
    let full = openCircuit.value(at: 1)
    return rested >= full - 0.03 ? 1 : openCircuit.place(of: rested)
  }
}

/// Capacity and open-circuit voltage from the ends of long rests of a test from full to empty.
struct RestCurve {
  let capacity: Double
  let curve: MonotoneCurve

  init?(_ recordings: [Recording], resistance: Double) {
    var best: (recording: Recording, charge: Double)?
    for recording in recordings {
      let charge = recording.discharged.max() ?? 0
      if charge > best?.charge ?? 0 { best = (recording, charge) }
    }
    guard let best, best.charge > 0 else { return nil }
    let recording = best.recording
    let discharged = recording.discharged
    let largest = recording.currents.map(abs).max() ?? 0
    var points: [(place: Double, voltage: Double)] = []
    var restStart: Int?
    func close(_ end: Int) {
      guard let start = restStart, end - 1 > start else { return }
      guard recording.times[end - 1] - recording.times[start] >= 1_200 else { return }
      points.append((1 - discharged[end - 1] / best.charge, recording.voltages[end - 1]))
    }
    for row in 0..<recording.count {
      if abs(recording.currents[row]) < 0.01 * largest {
        if restStart == nil { restStart = row }
      } else {
        close(row)
        restStart = nil
      }
    }
    close(recording.count)
    guard points.count >= 4 else { return nil }
    // Ends without a rest: the voltage there without the loss of a jump.
    let emptiest = discharged.indices.max { discharged[$0] < discharged[$1] } ?? 0
    let empty = recording.voltages[emptiest] + recording.currents[emptiest] * resistance
    if let full = recording.voltages.first, points.allSatisfy({ $0.place < 0.995 }) {
      points.append((1, full + (recording.currents.first ?? 0) * resistance))
    }
    if points.allSatisfy({ $0.place > 0.005 }) { points.append((0, empty)) }
    points.sort { $0.place < $1.place }
    var places: [Double] = []
    var voltages: [Double] = []
    for point in points {
      if let last = places.last, point.place - last < 2e-3 { continue }
      places.append(point.place)
      voltages.append(point.voltage)
    }
    let rising = MonotoneFit.rising(voltages, step: 1e-6)
    guard let cubic = try? MonotoneCubic(places, rising) else { return nil }
    capacity = best.charge
    curve = MonotoneCurve(count: OpenCircuitTest.nodeCount, sampling: cubic.value)
  }
}
