// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Paths in, a report document out: every file on its own, no failure stops another.

public import BatteryFiles
import CellAnalytics
public import Foundation
import Synchronization

/// Analyses files and folders into a ``ReportDocument``.
///
/// Each file is opened, recognised and analysed on its own, several at a time; a file that cannot
/// be analysed becomes a ``ReportDocument/Failure`` and stops no other. Results stand in the
/// order of the call, whatever order they finish in.
///
/// A file is one subject: tables of one cell within it (cycles and impedance) join into one
/// analysis, but two files of the same vehicle or cell stay apart, because nothing in a file says
/// that their clocks and calibrations agree.
public struct AnalysisRun: Sendable {
  /// What a caller can set.
  public struct Options: Sendable {
    /// What the caller knows about the files that their content does not say.
    public var reading: ReadOptions
    /// Nominal capacity of tested cells in coulombs; nil to take it from the data.
    public var nominalCapacity: Double?
    /// Discharge cut-off of tested cells in volts; nil to take it from the data.
    public var cutoffVoltage: Double?
    /// Capacity at which the life of a tested cell ends, in coulombs; nil for 80 % of its baseline.
    public var endOfLifeCapacity: Double?
    /// Most files in work at the same time.
    public var parallelFiles: Int

    /// Creates options; the defaults let the content decide and use every core.
    public init(
      reading: ReadOptions = .init(), nominalCapacity: Double? = nil,
      cutoffVoltage: Double? = nil, endOfLifeCapacity: Double? = nil,
      parallelFiles: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
      self.reading = reading
      self.nominalCapacity = nominalCapacity
      self.cutoffVoltage = cutoffVoltage
      self.endOfLifeCapacity = endOfLifeCapacity
      self.parallelFiles = max(1, parallelFiles)
    }
  }

  /// How far a run has come.
  public struct Progress: Sendable {
    /// Share of all bytes that have been read, from 0 to 1.
    public var share: Double
    /// Files that are done.
    public var filesDone: Int
    /// Files of the run.
    public var fileCount: Int
  }

  private let paths: [String]
  private let options: Options

  /// Prepares a run.
  ///
  /// - Parameters:
  ///   - paths: Files and folders; folders are searched through.
  ///   - options: What the caller sets.
  public init(paths: [String], options: Options = .init()) {
    self.paths = paths
    self.options = options
  }

  /// Analyses everything.
  ///
  /// - Parameters:
  ///   - generatedAt: Time of writing in seconds since the Unix epoch; nil for a reproducible
  ///     document.
  ///   - progress: Called after every batch, from several threads but one at a time.
  /// - Returns: The document; files that failed are among its failures.
  public func run(
    generatedAt: Double? = nil, progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async -> ReportDocument {
    let inputs = InputPaths(paths)
    let files = inputs.files
    let meter = ProgressMeter(sizes: files.map(\.size), report: progress)
    let options = options
    var outcomes = [FileOutcome?](repeating: nil, count: files.count)
    await withTaskGroup(of: (Int, FileOutcome).self) { group in
      var next = 0
      func start() {
        guard next < files.count else { return }
        let index = next
        next += 1
        group.addTask {
          let outcome = FileAnalysis(file: files[index], options: options).run { share in
            meter.update(file: index, share: share)
          }
          meter.finish(file: index)
          return (index, outcome)
        }
      }
      for _ in 0..<options.parallelFiles { start() }
      while let (index, outcome) = await group.next() {
        outcomes[index] = outcome
        start()
      }
    }
    return document(
      outcomes.compactMap { $0 }, emptyFolders: inputs.emptyFolders, generatedAt: generatedAt)
  }

  private func document(
    _ outcomes: [FileOutcome], emptyFolders: [String], generatedAt: Double?
  ) -> ReportDocument {
    var inputs: [ReportDocument.Input] = []
    var vehicles: [ReportDocument.VehicleResult] = []
    var cellTests: [ReportDocument.CellTestResult] = []
    var failures: [ReportDocument.Failure] = []
    var skipped: [String] = []
    for outcome in outcomes {
      switch outcome {
      case .analysed(let subjects):
        for subject in subjects {
          switch subject.result {
          case .vehicle(let assessment):
            vehicles.append(.init(input: inputs.count, assessment: assessment))
          case .cellTest(let assessment):
            cellTests.append(.init(input: inputs.count, assessment: assessment))
          }
          inputs.append(subject.input)
        }
      case .failed(let failure): failures.append(failure)
      case .skipped(let path): skipped.append(path)
      }
    }
    for folder in emptyFolders {
      failures.append(
        .init(
          file: folder, code: "empty_folder", expected: "at least one file of measurements",
          message: "\(folder): the folder holds no file of measurements.",
          nextStep: "Check the path.", exitCode: 65))
    }
    return ReportDocument(
      inputs: inputs, vehicles: vehicles, cellTests: cellTests, failures: failures,
      skipped: skipped, generatedAt: generatedAt)
  }
}

extension AnalysisRun.Options {
  /// The settings of cell tests.
  var cellSettings: CellTestSettings {
    var settings = CellTestSettings()
    settings.nominalCapacity = nominalCapacity
    settings.cutOffVoltage = cutoffVoltage
    settings.endOfLifeCapacity = endOfLifeCapacity
    return settings
  }
}

/// Adds up the progress of several files.
private final class ProgressMeter: Sendable {
  private struct State {
    var shares: [Double]
    var done = 0
  }

  private let weights: [Double]
  private let state: Mutex<State>
  private let report: @Sendable (AnalysisRun.Progress) -> Void

  init(sizes: [Int], report: @escaping @Sendable (AnalysisRun.Progress) -> Void) {
    let total = Double(sizes.reduce(0) { $0 + max(1, $1) })
    weights = sizes.map { Double(max(1, $0)) / total }
    state = Mutex(State(shares: Array(repeating: 0, count: sizes.count)))
    self.report = report
  }

  func update(file: Int, share: Double) {
    // Called under the lock, so that the caller sees one call at a time.
    state.withLock { state in
      state.shares[file] = max(state.shares[file], min(1, share))
      tell(state)
    }
  }

  func finish(file: Int) {
    state.withLock { state in
      state.shares[file] = 1
      state.done += 1
      tell(state)
    }
  }

  private func tell(_ state: State) {
    let share = zip(state.shares, weights).reduce(0) { $0 + $1.0 * $1.1 }
    report(.init(share: share, filesDone: state.done, fileCount: state.shares.count))
  }
}
