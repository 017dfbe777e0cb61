// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Wiring as people write it: nested lists under `series` and `parallel`.

import StructuredInput

extension Wiring {
  /// Reads a wiring such as `{series: [1, 2, {parallel: [3, 4]}]}`; cells count from 1.
  ///
  /// Faults are noted in the document: a cell number that is not in the pack, a table with other
  /// keys than one of `series` and `parallel`.
  init?(_ value: InputValue, cellCount: Int) {
    guard value.isTable else {
      guard let number = value.integer(in: 1...max(1, cellCount)) else { return nil }
      self = .cell(number - 1)
      return
    }
    guard let table = value.table() else { return nil }
    let series = table.list("series")
    let parallel = table.list("parallel")
    switch (series.isEmpty, parallel.isEmpty) {
    case (false, true): self = .series(series.compactMap { Wiring($0, cellCount: cellCount) })
    case (true, false): self = .parallel(parallel.compactMap { Wiring($0, cellCount: cellCount) })
    default:
      value.note("a table with either 'series' or 'parallel' and a list is expected")
      return nil
    }
  }

  /// What is wrong with a wiring of a number of cells, in words.
  func faults(cellCount: Int) -> [String] {
    var seen = [Int](repeating: 0, count: cellCount)
    for cell in cells where seen.indices.contains(cell) { seen[cell] += 1 }
    let missing = seen.indices.filter { seen[$0] == 0 }.map { $0 + 1 }
    let twice = seen.indices.filter { seen[$0] > 1 }.map { $0 + 1 }
    var faults: [String] = []
    if !missing.isEmpty {
      faults.append("disconnected: cell \(Self.list(missing)) is in no branch of the wiring")
    }
    if !twice.isEmpty { faults.append("cell \(Self.list(twice)) is wired more than once") }
    return faults
  }

  private static func list(_ numbers: [Int]) -> String {
    let shown = numbers.prefix(8).map(String.init).joined(separator: ", ")
    return numbers.count > 8 ? shown + " and \(numbers.count - 8) more" : shown
  }
}
