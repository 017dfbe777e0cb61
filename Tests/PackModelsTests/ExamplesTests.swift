// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The example files of packs: each is read without a fault and runs.

import BatteryDomain
import Foundation
import PackModels
import StructuredInput
import Testing

/// Example files by name.
enum PackExamples {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples/packs")

  static let names = [
    "blade", "fused-18650", "housing", "module-12", "pack-96", "pouch-stack",
    "published/lfp-block-8", "published/line-18650", "published/module-6",
    "published/prismatic-12",
  ]

  /// The pack of an example, with values replaced.
  static func pack(_ name: String, _ overrides: [(path: String, value: String)] = []) throws
    -> PackDescription
  {
    let text = try String(contentsOf: folder.appending(path: name + ".yaml"), encoding: .utf8)
    let document = try InputDocument(text, file: name, overrides: overrides)
    let pack = PackDescription(reading: document.root)
    if let study = document.root.table("study") {
      for key in study.keys { _ = study.value(key) }
    }
    try document.finish()
    return try #require(pack)
  }
}

@Suite struct ExamplesTests {
  @Test(arguments: PackExamples.names)
  func `an example is read without a fault and runs`(name: String) throws {
    let shortened = [("duration_s", "60"), ("interval_s", "10"), ("nodes_per_cell", "3")]
    var simulation = PackSimulation(
      try PackExamples.pack(name, shortened.map { (path: $0.0, value: $0.1) }))
    let result = simulation.run()
    #expect(result.duration > 59.9 && result.rows.count > 5)
    #expect(result.energy.imbalance < 1e-9)
  }

  @Test func `every example is listed`() throws {
    let files = try #require(
      FileManager.default.enumerator(at: PackExamples.folder, includingPropertiesForKeys: nil))
    let found = files.compactMap { ($0 as? URL)?.lastPathComponent }.filter {
      $0.hasSuffix(".yaml")
    }
    #expect(
      Set(found)
        == Set(PackExamples.names.map { ($0.split(separator: "/").last ?? "") + ".yaml" }))
  }

  @Test func `every measure has its maturity or says that it has none`() throws {
    let housing = try PackExamples.pack("housing")
    let words = housing.measures.map { "\($0.words): \($0.maturity)" }
    #expect(words.contains("4 mm of aerogel between the cells: IMRL 5"), "\(words)")
    #expect(words.contains("a cold plate: not graded"))
    #expect(words.contains("a vent with a burst panel: not graded"))
    let fused = try PackExamples.pack("fused-18650").measures.map { "\($0.words): \($0.maturity)" }
    #expect(fused.contains("paraffin-graphite in the gaps: IMRL 3–4"), "\(fused)")
    #expect(fused.contains("a fuse in each cell: IMRL 5"))
    #expect(fused.contains("a current interrupt device in each cell: IMRL 5"))
    #expect(fused.contains("contactors that open when hot: not graded"))
    let blade = try PackExamples.pack("blade").measures
    #expect(blade.contains { $0.words == "long thin cells" && $0.maturity == "IMRL 5" })
  }

  @Test func `coupling rules warn of conducting phase-change material and of barriers`() throws {
    let bare = try PackExamples.pack("fused-18650").couplingWarnings.map(\.first)
    #expect(bare == ["phase-change material of high conductivity"])
    let barrier = try PackExamples.pack("housing").couplingWarnings.map(\.first)
    #expect(barrier == ["thermal barrier"])
  }
}
