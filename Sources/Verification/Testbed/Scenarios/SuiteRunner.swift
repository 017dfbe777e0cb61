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
  ///   - progress: Told the share done; called from one task at a time.
  /// - Returns: The records in the order of scenarios and seeds, whatever the number of workers.
  public func run(
    workers: Int, progress: (@Sendable (Double) -> Void)? = nil
  ) async -> [RunRecord] {
    var jobs: [(scenario: Int, seed: UInt64)] = []
    for (index, scenario) in suite.scenarios.enumerated() {
      for seed in 0..<scenario.seeds { jobs.append((index, firstSeed + UInt64(seed))) }
    }
    var records = [RunRecord?](repeating: nil, count: jobs.count)
    await withTaskGroup(of: (Int, RunRecord).self) { group in
      var next = 0
      var done = 0
      func start() {
        guard next < jobs.count, !Task.isCancelled else { return }
        let number = next
        let job = jobs[number]
        next += 1
        group.addTask { [self] in (number, one(job.scenario, job.seed)) }
      }
      for _ in 0..<max(1, workers) { start() }
      for await (number, record) in group {
        records[number] = record
        done += 1
        progress?(Double(done) / Double(jobs.count))
        start()
      }
    }
    return records.compactMap { $0 }
  }

  private func one(_ scenario: Int, _ seed: UInt64) -> RunRecord {
    var run = VehicleRun(suite.scenarios[scenario], seed: seed)
    return run.run(detectors: detectors, controller: controller(run.context))
  }
}
