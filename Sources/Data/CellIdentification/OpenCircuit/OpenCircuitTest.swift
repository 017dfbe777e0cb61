// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity, open-circuit voltage and hysteresis out of a slow discharge and charge.

public import CellModels
import Foundation
import NumericalMethods

/// What a slow (C/20) test tells: capacity, open-circuit voltage, width of the loop.
///
/// Each branch is placed by its own charge, so that an offset of the current does not shift one
/// against the other; ``coulombicOffset`` states it. The open-circuit voltage is the mean of both
/// branches, or the discharge branch alone where there is no charge.
public struct OpenCircuitTest: Sendable {
  /// Name of the recording.
  public let name: String
  /// Charge from full to the lower cut-off, in coulombs.
  public let capacity: Double
  /// Charge that went back in, in coulombs; nil without a charge branch.
  public let charged: Double?
  /// Mean discharge current in amperes.
  public let current: Double
  /// Median temperature in kelvin.
  public let temperature: Double
  /// First and last voltage of the discharge, in volts.
  public let limits: ClosedRange<Double>
  /// Uniform states of charge, 0 to 1.
  public let nodes: [Double]
  /// Voltage on discharge at the nodes.
  public let discharge: [Double]
  /// Voltage on charge at the nodes; nil without a charge branch.
  public let charge: [Double]?
  /// What was assumed of the recording, in words.
  let assumption: String?
  /// Noise of the discharge branch about its curve; nil where there were too few samples.
  let noise: CurveNoise?

  /// Number of nodes.
  static let nodeCount = 201

  /// Charge that went in over charge that came out, minus one; nil without a charge branch.
  public var coulombicOffset: Double? { charged.map { $0 / capacity - 1 } }

  /// Half the distance of the branches at the nodes: hysteresis and the losses at the test's
  /// current; nil without a charge branch.
  public var halfWidth: [Double]? {
    charge.map { zip($0, discharge).map { ($0 - $1) / 2 } }
  }

  /// The open-circuit voltage, rising everywhere.
  public var openCircuit: MonotoneCurve {
    let mean = charge.map { zip($0, discharge).map { ($0 + $1) / 2 } } ?? discharge
    return MonotoneCurve(values: MonotoneFit.rising(mean, step: 1e-6))
  }

  /// Voltages at which `dQ/dV` of the discharge branch peaks, highest first: an independent look
  /// at the curve, since plateaus that both branches share must show in the mean as well.
  public var differentialPeaks: [Double] {
    let smooth = 4
    var peaks: [(voltage: Double, height: Double)] = []
    let slopes = discharge.indices.map { index -> Double in
      let low = max(0, index - smooth)
      let high = min(discharge.count - 1, index + smooth)
      let rise = max(1e-6, discharge[high] - discharge[low])
      return (nodes[high] - nodes[low]) / rise
    }
    for index in smooth..<max(smooth, slopes.count - smooth)
    where slopes[index] == slopes[index - smooth...index + smooth].max() {
      peaks.append((discharge[index], slopes[index]))
    }
    return peaks.sorted { $0.height > $1.height }.map(\.voltage)
  }

  /// Finds a slow discharge in a recording, and the charge after it; nil when the recording holds
  /// no discharge of that length.
  ///
  /// - Parameters:
  ///   - recording: A test; its slow discharge must start full and end empty.
  ///   - shortest: Shortest duration of the discharge, in seconds.
  public init?(_ recording: Recording, shortest: Double = 8 * 3_600) {
    guard let out = Self.longestRun(recording, sign: 1), out.duration >= shortest else {
      return nil
    }
    name = recording.name
    assumption = Recording.assumptions(of: [recording]).first
    capacity = out.charge
    current = out.charge / out.duration
    temperature = RobustStatistics.median(Array(recording.temperatures[out.rows]))
    nodes = (0..<Self.nodeCount).map { Double($0) / Double(Self.nodeCount - 1) }
    let branch = Self.branch(recording, out, from: 1, to: 0)
    let measured = Self.sampled(branch, at: nodes)
    let smooth = CurveSmoothing.curve(branch, count: nodes.count)
    discharge = smooth?.values ?? measured
    limits = (measured.min() ?? 0)...(measured.max() ?? 0)
    noise = smooth.map {
      CurveNoise(
        white: $0.noise, points: $0.points, freedom: $0.freedom, duration: out.duration)
    }
    var back: [Double]?
    var chargedCapacity: Double?
    let rest = out.rows.upperBound..<recording.count
    if let run = Self.longestRun(recording, sign: -1, in: rest), run.duration >= shortest / 2,
      -run.charge > 0.8 * out.charge, -run.charge < 1.25 * out.charge
    {
      chargedCapacity = -run.charge
      // Noise of the slow test would stay in every voltage that is computed from its curve.
      let points = Self.branch(recording, run, from: 0, to: 1)
      back =
        CurveSmoothing.curve(points, count: nodes.count)?.values
        ?? Self.sampled(points, at: nodes)
    }
    charge = back
    charged = chargedCapacity
  }

  /// The slow tests of recordings.
  ///
  /// - Parameter recordings: Of one cell.
  /// - Returns: At least one test.
  /// - Throws: ``IdentificationError`` when there is none, or when it cannot be right.
  public static func all(
    in recordings: [Recording]
  ) throws(IdentificationError) -> [OpenCircuitTest] {
    try Recording.check(recordings)
    try checkSigns(recordings)
    let tests = recordings.compactMap { OpenCircuitTest($0) }
    guard !tests.isEmpty else {
      throw .noOpenCircuitTest(longestHours: longestDischarge(recordings) / 3_600)
    }
    return tests
  }

  /// Refuses slow tests whose voltage rises on discharge or falls on charge.
  static func checkSigns(
    _ recordings: [Recording], shortest: Double = 8 * 3_600
  ) throws(IdentificationError) {
    for recording in recordings {
      for sign in [1.0, -1] {
        guard let run = longestRun(recording, sign: sign), run.duration >= shortest else {
          continue
        }
        let ends = (
          recording.voltages[run.rows.lowerBound], recording.voltages[run.rows.upperBound - 1]
        )
        guard sign * (ends.1 - ends.0) < 0 else { throw .wrongSign(recording: recording.name) }
      }
    }
  }

  /// Duration of the longest discharge without a break, in seconds.
  static func longestDischarge(_ recordings: [Recording]) -> Double {
    recordings.compactMap { longestRun($0, sign: 1)?.duration }.max() ?? 0
  }

  /// Capacities of single cells on the market, in coulombs, with room to either side: from button
  /// cells of some milliampere-hours to storage cells of 1,300 Ah.
  private static let usual = 3.6...1.08e7

  /// What is odd about the capacity, in words; nil when nothing is.
  public var doubt: String? {
    guard !Self.usual.contains(capacity) else { return nil }
    let hours = String(format: "%.3g", capacity / 3_600)
    return
      "\(name): \(hours) Ah is no usual capacity of a cell; is the unit of the current right? Name it with --columns, for example "
      + "--columns 'current=-I[mA]'"
  }

  private struct Run {
    var rows: Range<Int>
    var charge: Double
    var duration: Double
  }

  /// The longest stretch of one direction of current; noise around zero does not count.
  private static func longestRun(
    _ recording: Recording, sign: Double, in rows: Range<Int>? = nil
  ) -> Run? {
    let rows = rows ?? 0..<recording.count
    let largest = recording.currents[rows].map { sign * $0 }.max() ?? 0
    guard largest > 0 else { return nil }
    // A constant-voltage tail falls to a fraction of the current; rests lie far below that.
    let floor = 0.02 * largest
    var best: Run?
    var start: Int?
    func close(_ end: Int) {
      guard let first = start, end - first > 20 else { return }
      var charge = 0.0
      for row in max(1, first)..<end {
        charge +=
          recording.currents[row] * (recording.times[row] - recording.times[row - 1])
      }
      let duration = recording.times[end - 1] - recording.times[first]
      if duration > best?.duration ?? 0 {
        best = Run(rows: first..<end, charge: charge, duration: duration)
      }
    }
    for row in rows {
      if sign * recording.currents[row] > floor {
        if start == nil { start = row }
      } else if start != nil {
        close(row)
        start = nil
      }
    }
    if start != nil { close(rows.upperBound) }
    return best
  }

  /// State of charge and voltage of a run, averaged over blocks of a four-hundredth.
  private static func branch(
    _ recording: Recording, _ run: Run, from: Double, to: Double
  ) -> [(place: Double, voltage: Double)] {
    var points: [(place: Double, voltage: Double)] = []
    var moved = 0.0
    for row in run.rows {
      if row > 0 {
        moved += recording.currents[row] * (recording.times[row] - recording.times[row - 1])
      }
      points.append((from + (to - from) * moved / run.charge, recording.voltages[row]))
    }
    let block = max(1, points.count / 400)
    var means: [(place: Double, voltage: Double)] = [points[0]]
    for start in stride(from: 1, to: points.count - 1, by: block) {
      let part = points[start..<min(points.count - 1, start + block)]
      let size = Double(part.count)
      means.append(
        (
          part.reduce(0) { $0 + $1.place } / size, part.reduce(0) { $0 + $1.voltage } / size
        ))
    }
    means.append(points[points.count - 1])
    return means.sorted { $0.place < $1.place }
  }

  private static func sampled(
    _ points: [(place: Double, voltage: Double)], at nodes: [Double]
  ) -> [Double] {
    let x = points.map(\.place)
    let y = points.map(\.voltage)
    return nodes.map { Interpolation.linear(x, y, at: $0) }
  }
}
