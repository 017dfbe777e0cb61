// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One line a person can act on, for every error of a file.

extension FileError {
  /// The file the error is about.
  public var file: String {
    switch self {
    case .unreadable(let file, _), .empty(let file), .truncated(let file, _, _),
      .unrecognised(let file, _), .malformed(let file, _, _, _, _), .tooLarge(let file, _, _, _),
      .library(let file, _, _, _), .unwritable(let file, _):
      file
    }
  }

  /// Whether the trouble lies in the data and not in reaching the file.
  public var isBadData: Bool {
    switch self {
    case .unreadable, .unwritable: false
    default: true
    }
  }

  /// One line: file, row and column where known, what was expected, and what to do next.
  public var message: String {
    Self.singleLine(text)
  }

  private var text: String {
    switch self {
    case .unreadable(let file, let reason):
      return "\(file): cannot be read: \(reason). Check the path and its permissions."
    case .empty(let file):
      return "\(file): has no rows of data. Expected a header and at least one row; "
        + "check that the export finished."
    case .truncated(let file, let row, let expected):
      let place = row > 0 ? "row \(row): " : ""
      return "\(file): \(place)the file ends too early. Expected \(expected); "
        + "copy or export it again."
    case .unrecognised(let file, let hint):
      return "\(file): is not a table that can be read: \(hint)."
    case .malformed(let file, let row, let column, let expected, let found):
      var place = ""
      if let row { place += "row \(row): " }
      if let column { place += "column \(column): " }
      return "\(file): \(place)expected \(expected), found \(found)."
    case .tooLarge(let file, let what, let value, let limit):
      return "\(file): \(value) \(what) are more than the limit of \(limit). "
        + "Check the separator, or split the file."
    case .library(let file, let name, let code, let message):
      return "\(file): is damaged: \(message) (\(name), code \(code)). Copy or export it again."
    case .unwritable(let file, let reason):
      return "\(file): cannot be written: \(reason). Check the folder and the space left on it."
    }
  }

  /// Control characters would break the one line, or the terminal.
  private static func singleLine(_ text: String) -> String {
    var line = String(
      text.unicodeScalars.map { scalar in
        scalar.value < 0x20 || scalar.value == 0x7F ? "·" : Character(scalar)
      })
    if line.count > 600 { line = line.prefix(597) + "…" }
    return line
  }
}
