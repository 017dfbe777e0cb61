// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A batch of cells as a table: a row for each cell.

/// A batch of cells as a table with a row for each cell.
///
/// Columns: `name`; `initial_soc` (0 to 1); `ambient_celsius`; parameters by PyBaMM's names, with
/// values (`5e-6`) or factors on the set's value (`*1.1`); and any word that a step holds in braces
/// (`Discharge at {rate}C until 2.5 V` takes the column `rate`). An empty field keeps what the
/// experiment has.
public struct CellBatchTable: Sendable {
  /// Names of the cells; the number of the row from 1 where none is given.
  public let names: [String]
  /// The batch.
  public let batch: CellBatch

  /// Reads a table in comma-separated text.
  ///
  /// - Parameters:
  ///   - text: Header and rows; fields may be in double quotes.
  ///   - steps: Steps in words, with columns in braces.
  ///   - experiment: What all cells have in common.
  ///   - profiles: Reads the file of a step that follows one.
  /// - Throws: ``ParameterError`` naming the column, and the row where a field is wrong.
  public init(
    csv text: String, steps: [String], experiment: Experiment,
    profiles: (String) throws(ExperimentError) -> DriveProfile = ExperimentStep.noProfiles
  ) throws(ParameterError) {
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
      .filter { !$0.allSatisfy(\.isWhitespace) }
    guard let first = lines.first else { throw .malformed(reason: "the table is empty") }
    let header = Self.fields(first)
    if let twice = Dictionary(grouping: header, by: \.self).first(where: { $0.value.count > 1 }) {
      throw .malformed(reason: "the column \"\(twice.key)\" is there twice")
    }
    let used = Set(steps.flatMap(Self.placeholders))
    for word in used.sorted() where !header.contains(word) {
      throw .malformed(
        reason: "a step has {\(word)}, but the table has no column \"\(word)\"")
    }
    let known = Set(["name", "initial_soc", "ambient_celsius"])
    for column in header where !known.contains(column) && !used.contains(column) {
      guard experiment.circuit == nil else {
        throw .unsupported(
          key: column, reason: "cannot be changed in a circuit that was read from a file")
      }
      var probe = experiment.parameters
      try probe.change(column, .multiply(1))
    }
    var cells: [CellBatch.Cell] = []
    var names: [String] = []
    for (index, line) in lines.dropFirst().enumerated() {
      let fields = Self.fields(line)
      guard fields.count == header.count else {
        throw .malformed(
          reason: "row \(index + 1) has \(fields.count) fields; the header has \(header.count)")
      }
      let row = Dictionary(uniqueKeysWithValues: zip(header, fields))
      cells.append(try Self.cell(row, index + 1, steps, known.union(used), experiment, profiles))
      names.append(row["name"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(index + 1)")
    }
    guard !cells.isEmpty else { throw .malformed(reason: "the table has no row of a cell") }
    self.names = names
    batch = CellBatch(experiment, cells: cells)
  }

  private static func cell(
    _ row: [String: String], _ number: Int, _ steps: [String], _ words: Set<String>,
    _ experiment: Experiment, _ profiles: (String) throws(ExperimentError) -> DriveProfile
  ) throws(ParameterError) -> CellBatch.Cell {
    var cell = CellBatch.Cell(experiment.parameters)
    cell.initialStateOfCharge = try value(row, "initial_soc", number)
    if let celsius = try value(row, "ambient_celsius", number) {
      cell.ambientTemperature = celsius + 273.15
    }
    for (key, field) in row.sorted(by: { $0.key < $1.key })
    where !words.contains(key) && !field.isEmpty {
      guard let change = ParameterChange(field) else {
        throw .malformed(
          reason: "row \(number), \"\(key)\": \"\(field)\" is not a number or a factor like *1.1")
      }
      try cell.parameters.change(key, change)
    }
    var texts: [String] = []
    for step in steps {
      var text = step
      for word in placeholders(step) {
        guard let field = row[word], !field.isEmpty else {
          throw .malformed(reason: "row \(number), \"\(word)\": a step needs a value")
        }
        text = text.replacing("{\(word)}", with: field)
      }
      texts.append(text)
    }
    do { cell.blocks = try ExperimentBlock.blocks(texts, profiles: profiles) } catch {
      throw .malformed(reason: "row \(number), \(error)")
    }
    return cell
  }

  private static func value(
    _ row: [String: String], _ column: String, _ number: Int
  ) throws(ParameterError) -> Double? {
    guard let field = row[column], !field.isEmpty else { return nil }
    guard let value = Double(field), value.isFinite else {
      throw .malformed(reason: "row \(number), \"\(column)\": \"\(field)\" is not a number")
    }
    return value
  }

  /// The words in braces.
  ///
  /// - Parameter step: A step in words.
  /// - Returns: Each word once, in order.
  public static func placeholders(_ step: String) -> [String] {
    var words: [String] = []
    var rest = Substring(step)
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let word = String(rest[rest.index(after: open)..<close])
      if !words.contains(word) { words.append(word) }
      rest = rest[rest.index(after: close)...]
    }
    return words
  }

  /// Fields of a line, trimmed; two double quotes inside quotes stand for one.
  static func fields(_ line: String) -> [String] {
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var previous: Character?
    for character in line {
      switch character {
      case "\"":
        if !isQuoted && previous == "\"" { field.append("\"") }
        isQuoted.toggle()
      case "," where !isQuoted:
        fields.append(field.trimmingWhitespace())
        field = ""
      default: field.append(character)
      }
      previous = character
    }
    fields.append(field.trimmingWhitespace())
    return fields
  }
}

extension String {
  fileprivate func trimmingWhitespace() -> String {
    let head = drop(while: \.isWhitespace)
    guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(head[...last])
  }
}
