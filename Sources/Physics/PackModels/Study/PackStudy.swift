// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A design study: variants of a pack, each run many times with its tolerances.

public import StructuredInput

/// A design study: every combination of varied values, each run with many seeds.
public struct PackStudy: Sendable {
  /// A combination of values.
  public struct Variant: Sendable {
    /// Path and value of each varied key, in the order of the file.
    public var values: [(path: String, value: String)]
    /// The pack.
    public var pack: PackDescription

    /// The values as text, for example `barrier.thickness_mm 2, soc 0.8`.
    public var label: String {
      values.isEmpty
        ? "as described" : values.map { "\($0.path) \($0.value)" }.joined(separator: ", ")
    }
  }

  /// The variants.
  public var variants: [Variant]
  /// Runs of each variant.
  public var runs: Int

  /// Most variants of a study.
  static let mostVariants = 2_000

  /// Reads a study from the text of a pack file with a `study` table.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON.
  ///   - file: Name for messages.
  /// - Throws: `InputFaults` with all faults of the base and of every varied
  ///   value.
  public init(_ text: String, file: String) throws(InputFaults) {
    let document = try InputDocument(text, file: file)
    let root = document.root
    _ = PackDescription(reading: root)
    var runs = 100
    var axes: [(path: String, values: [String])] = []
    if let keys = root.table("study") {
      runs = keys.integer("runs", in: 1...100_000, default: 100)
      if let vary = keys.table("vary") {
        for key in vary.keys {
          let values = vary.list(key).compactMap { $0.text() }
          if values.isEmpty { vary.note("names no value to try", at: key) }
          axes.append((key, values))
        }
      }
    } else {
      root.note("is missing; a table with 'runs' and 'vary' is expected", at: "study")
    }
    let count = axes.map(\.values.count).reduce(1, *)
    if count > Self.mostVariants {
      root.note("\(count) combinations are more than \(Self.mostVariants)", at: "study")
    }
    try document.finish()
    self.runs = runs

    var combinations: [[(path: String, value: String)]] = [[]]
    for axis in axes {
      combinations = combinations.flatMap { head in
        axis.values.map { head + [(axis.path, $0)] }
      }
    }
    var variants: [Variant] = []
    var faults: [InputFault] = []
    for values in combinations {
      let label = values.map { "\($0.path)=\($0.value)" }.joined(separator: " ")
      do throws(InputFaults) {
        let document = try InputDocument(text, file: "\(file) with \(label)", overrides: values)
        let root = document.root
        let pack = PackDescription(reading: root)
        if let keys = root.table("study") { Self.skip(keys) }
        try document.finish()
        if let pack { variants.append(Variant(values: values, pack: pack)) }
      } catch {
        faults += error.faults
      }
    }
    guard faults.isEmpty else { throw InputFaults(faults) }
    self.variants = variants
  }

  private static func skip(_ keys: InputTable) {
    for key in keys.keys { _ = keys.value(key) }
  }

  /// Runs the study on all cores.
  ///
  /// Run `r` of every variant has the seed `base + r`, so that variants meet the same cells and
  /// results do not depend on how work is shared.
  ///
  /// - Parameter progress: Called with the part done, 0 to 1, from one task at a time.
  /// - Returns: A result for each variant, in order.
  public func run(progress: @Sendable (Double) async -> Void = { _ in }) async -> [StudyResult] {
    let total = variants.count * runs
    let chunk = max(1, min(16, runs / 4))
    var outcomes = [[StudyRun?]](
      repeating: Array(repeating: nil, count: runs), count: variants.count)
    await withTaskGroup(of: (Int, Int, [StudyRun]).self) { group in
      for (v, variant) in variants.enumerated() {
        var first = 0
        while first < runs {
          let range = first..<min(runs, first + chunk)
          group.addTask {
            var results: [StudyRun] = []
            for r in range where !Task.isCancelled {
              var pack = variant.pack
              pack.seed = variant.pack.seed &+ UInt64(r)
              pack.interval = max(pack.interval, pack.duration / 20)
              var simulation = PackSimulation(pack)
              results.append(StudyRun(simulation.run()))
            }
            return (v, range.lowerBound, results)
          }
          first = range.upperBound
        }
      }
      var done = 0
      for await (v, first, results) in group {
        for (offset, result) in results.enumerated() { outcomes[v][first + offset] = result }
        done += results.count
        await progress(Double(done) / Double(total))
      }
    }
    return zip(variants, outcomes).map { variant, runs in
      StudyResult(variant: variant, runs: runs.compactMap { $0 })
    }
  }
}
