// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A stopped suite goes on where it was, and says when the file is another's.

import Foundation
import Synchronization
import Testbed
import Testing

struct RunJournalTests {
  private var suite: ScenarioSuite {
    var scenario = Scenario(name: "short runs", cell: .ncm60Ah)
    scenario.layout = PlantLayout(modules: 2, cellsPerModule: 6)
    scenario.duration = 3 * 3_600
    scenario.step = 60
    scenario.seeds = 3
    return ScenarioSuite(name: "journal", scenarios: [scenario])
  }

  private func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  @Test func `A suite stopped in the middle of a line ends as one that was never stopped`()
    async throws
  {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "runs.jsonl")
    let runner = SuiteRunner(suite, detectors: [.siblings])
    let whole = await runner.run(workers: 1)

    let journal = try RunJournal(file, suite: "journal", text: "a", detectors: ["siblings"])
    #expect(journal.known.isEmpty)
    try journal.append(whole[0])
    try journal.append(whole[1])
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"scenario\":\"short r".utf8))
    try handle.close()

    let again = try RunJournal(file, suite: "journal", text: "a", detectors: ["siblings"])
    #expect(again.known.count == 2)
    let fresh = Mutex<[UInt64]>([])
    let resumed = await runner.run(workers: 1, known: again.known) { record in
      fresh.withLock { $0.append(record.seed) }
    }
    #expect(fresh.withLock { $0 } == [3])
    #expect(resumed.map(\.seed) == [1, 2, 3])
    #expect(resumed[2] == whole[2])
    #expect(resumed.map(\.duration) == whole.map(\.duration))
    #expect(resumed.map(\.chargeError) == whole.map(\.chargeError))
  }

  @Test func `A journal of another file or of other detectors is refused by name`() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "runs.jsonl")
    _ = try RunJournal(file, suite: "journal", text: "a", detectors: ["siblings"])
    #expect(throws: RunJournalError.otherSuite(path: file.path)) {
      try RunJournal(file, suite: "journal", text: "b", detectors: ["siblings"])
    }
    #expect(throws: RunJournalError.otherSuite(path: file.path)) {
      try RunJournal(file, suite: "journal", text: "a", detectors: ["siblings", "rules"])
    }
  }
}
