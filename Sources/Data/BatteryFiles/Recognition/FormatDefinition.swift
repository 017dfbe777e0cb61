// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a known export looks like: the row type of the format table.

import BatteryDomain

/// Which sign the source gives to a charging current.
enum CurrentConvention: Sendable, Hashable {
  /// Charge is positive in the source; the reader flips the sign.
  case chargePositive
  /// Discharge is positive in the source, as in this project.
  case dischargePositive
  /// The source prints magnitudes; a text column says the direction by its first letter.
  case state(column: [String], discharge: [Character])
}

/// One column that a format may have.
struct ColumnRule: Sendable {
  /// Names without unit, as ``HeaderName/name`` folds them; `#` stands for a number, a final `*`
  /// for anything.
  let names: [String]
  /// What the column holds; nil for a column whose text form must be known although no quantity is.
  let quantity: QuantityKey?
  /// Unit when the header prints none.
  let unit: String
  /// Whether the sign is flipped whatever the current convention says.
  let flipped: Bool
  /// Added to the number of the file before its unit counts, for raw bytes with an offset.
  let rawOffset: Double
  /// The form when no unit in the header says it.
  let form: NumberForm?
  /// Whether the unit of the rule wins over a unit in the header, where headers are known to lie.
  let overrulesHeader: Bool

  init(
    _ names: [String], _ quantity: QuantityKey?, _ unit: String = "", flipped: Bool = false,
    rawOffset: Double = 0, form: NumberForm? = nil, overrulesHeader: Bool = false
  ) {
    self.names = names
    self.quantity = quantity
    self.unit = unit
    self.flipped = flipped
    self.rawOffset = rawOffset
    self.form = form
    self.overrulesHeader = overrulesHeader
  }
}

/// What a known export looks like: how it is recognised and what its columns hold.
struct FormatDefinition: Sendable {
  /// Machine name, for example `arbin`.
  let name: String
  /// Name for people.
  let title: String
  let kind: DataFile.Kind
  /// Each entry lists alternatives of which one must be among the folded names.
  let requires: [[String]]
  /// Folded names that rule the format out.
  let forbids: [String]
  /// Text one of which must occur before the header; empty for no demand.
  let preamble: [String]
  let currents: CurrentConvention
  let timeReference: TimeReference
  /// Seconds that the wall clock of dates is ahead of UTC.
  let wallClockOffset: Double
  /// Seconds between rows where the format has no time column.
  let rowInterval: Double?
  let columns: [ColumnRule]
  /// Where the layout is documented.
  let source: String
  /// What a reader of the data should know.
  let notes: [String]

  init(
    name: String, title: String, kind: DataFile.Kind = .cellTest, requires: [[String]],
    forbids: [String] = [], preamble: [String] = [], currents: CurrentConvention,
    timeReference: TimeReference = .testStart, wallClockOffset: Double = 0,
    rowInterval: Double? = nil, columns: [ColumnRule], source: String, notes: [String] = []
  ) {
    self.name = name
    self.title = title
    self.kind = kind
    self.requires = requires
    self.forbids = forbids
    self.preamble = preamble
    self.currents = currents
    self.timeReference = timeReference
    self.wallClockOffset = wallClockOffset
    self.rowInterval = rowInterval
    self.columns = columns
    self.source = source
    self.notes = notes
  }

  /// Whether a header belongs to this format.
  ///
  /// - Parameters:
  ///   - names: Folded names of the header, with and without their trailing numbers.
  ///   - text: The text before the header.
  /// - Returns: True when everything required is there and nothing forbidden.
  func recognises(names: Set<String>, preambleText text: String) -> Bool {
    for alternatives in requires where !alternatives.contains(where: names.contains) {
      return false
    }
    if forbids.contains(where: names.contains) { return false }
    return preamble.isEmpty || preamble.contains { text.contains($0) }
  }
}
