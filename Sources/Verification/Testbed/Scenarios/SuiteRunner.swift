// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// All seeds of all scenarios, in parallel, in a fixed order.

/// Runs all seeds of all scenarios of a suite over the cores.
public struct SuiteRunner: Sendable {
  /// The suite.
  public var suite: ScenarioSuite
  /// The detectors that see every run.
  public var detectors: [DetectorKind]
  /// Added to every seed, for independent repetitions.
  public var firstSeed: UInt64 = 1
  /// Creates the controller of a vehicle.
  public var controller: @Sendable (DetectorContext) -> any TestbedController = {
    ReferenceController($0)
  }

  /// Creates a runner.
  public init(_ suite: ScenarioSuite, detectors: [DetectorKind]) {
    self.suite = suite
    self.detectors = detectors
  }

  /// Runs everything.
  ///
  /// - Parameters:
  ///   - workers: Runs at the same time.
  ///   - known: Records of earlier runs by ``RunJournal/key(_:_:)``, which are not run again.
  ///   - finished: Told each new record; called from one task at a time.
  ///   - progress: Told the share done; called from one task at a time.
  /// - Returns: The records in the order of scenarios and seeds, whatever the number of workers.
  public func run(
    workers: Int, known: [String: RunRecord] = [:],
    finished: (@Sendable (RunRecord) -> Void)? = nil,
    progress: (@Sendable (Double) -> Void)? = nil
  ) async -> [RunRecord] {
    var jobs: [(scenario: Int, seed: UInt64)] = []
    for (index, scenario) in suite.scenarios.enumerated() {
      for seed in 0..<scenario.seeds { jobs.append((index, firstSeed + UInt64(seed))) }
    }
    var records = jobs.map { job in
      known[RunJournal.key(suite.scenarios[job.scenario].name, job.seed)]
    }
    await withTaskGroup(of: (Int, RunRecord).self) { group in
      var next = 0
      var done = records.count { $0 != nil }
      func start() {
        while next < jobs.count, records[next] != nil { next += 1 }
        guard next < jobs.count, !Task.isCancelled else { return }
        let number = next
        let job = jobs[number]
        next += 1
        group.addTask { [self] in (number, one(job.scenario, job.seed)) }
      }
      for _ in 0..<max(1, workers) { start() }
      for await (number, record) in group {
        records[number] = record
        finished?(record)
        done += 1
        progress?(Double(done) / Double(jobs.count))
        start()
      }
    }
    return records.compactMap { $0 }
  }

  private func one(_ scenario: Int, _ seed: UInt64) -> RunRecord {
    var run = VehicleRun(suite.scenarios[scenario], seed: seed)
    var bound = DetectionBound(run)
    guard bound != nil else {
      return run.run(detectors: detectors, controller: controller(run.context))
    }
    var record = run.run(detectors: detectors, controller: controller(run.context)) {
      bound?.follow($0)
    }
    record.detectableFrom = bound?.time
    return record
  }
}
