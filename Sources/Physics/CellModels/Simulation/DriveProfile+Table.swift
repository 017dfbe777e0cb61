// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Drive cycles from small tables of text.

extension DriveProfile {
  /// Reads a table of text with a column of times and one of currents or powers.
  ///
  /// The first line names the columns, each a quantity with its unit: `time_s,current_A`,
  /// `Time [min];Power [kW]`, `t/h,I/mA`. Columns are separated by commas, semicolons or tabs;
  /// further columns are passed over; of a current and a power the current counts. Discharge is
  /// positive. Empty lines and lines that start with `#` are passed over.
  ///
  /// Nil when the first line does not name such columns, so that another reader may know the table.
  ///
  /// - Parameter text: The table.
  /// - Throws: ``DriveProfileError`` with the line of the first value that is not a number or of a
  ///   time that runs backward.
  public init?(table text: String) throws(DriveProfileError) {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated().filter { _, line in
        !line.allSatisfy(\.isWhitespace) && !line.hasPrefix("#")
      }[...]
    guard let head = lines.popFirst() else { return nil }
    let separator: Character =
      [";", "\t", ","].first { head.element.contains($0) } ?? ","
    let names = head.element.split(separator: separator, omittingEmptySubsequences: false)
      .map(Self.column)
    guard let timeColumn = names.firstIndex(where: { $0?.quantity == .time }),
      let valueColumn = names.firstIndex(where: { $0?.quantity == .current })
        ?? names.firstIndex(where: { $0?.quantity == .power }),
      let time = names[timeColumn], let value = names[valueColumn]
    else { return nil }
    var times: [Double] = []
    var values: [Double] = []
    for (number, line) in lines {
      let fields = line.split(separator: separator, omittingEmptySubsequences: false)
      func field(_ index: Int, _ name: String) throws(DriveProfileError) -> Double {
        let word = index < fields.count ? Self.trimmed(fields[index]) : ""
        guard let number = Double(word), number.isFinite else {
          throw DriveProfileError(
            point: nil, reason: "has on line \(number + 1) a \(name) '\(word)' that is not a number"
          )
        }
        return number
      }
      let now = try field(timeColumn, "time") * time.factor
      if let before = times.last, now < before {
        throw DriveProfileError(
          point: nil,
          reason: "has on line \(number + 1) time \(now) s before the \(before) s above it")
      }
      times.append(now)
      values.append(try field(valueColumn, value.quantity.rawValue) * value.factor)
    }
    try self.init(
      kind: value.quantity == .power ? .power : .current, times: times, values: values)
  }

  private enum Quantity: String { case time, current, power }

  private static let quantities: [String: Quantity] = [
    "time": .time, "t": .time, "testtime": .time, "current": .current, "i": .current,
    "power": .power, "p": .power,
  ]
  private static let units: [String: (Quantity, Double)] = [
    "s": (.time, 1), "sec": (.time, 1), "second": (.time, 1), "seconds": (.time, 1),
    "min": (.time, 60), "minute": (.time, 60), "minutes": (.time, 60), "h": (.time, 3_600),
    "hour": (.time, 3_600), "hours": (.time, 3_600), "a": (.current, 1),
    "ampere": (.current, 1), "ma": (.current, 1e-3), "w": (.power, 1), "watt": (.power, 1),
    "mw": (.power, 1e-3), "kw": (.power, 1e3),
  ]

  /// What a heading names: letters of the quantity, then letters of the unit.
  private static func column(
    _ heading: Substring
  ) -> (quantity: Quantity, factor: Double)? {
    let words = heading.lowercased().split { !$0.isLetter }.map(String.init)
    guard words.count >= 2, let unitWord = words.last, let unit = units[unitWord],
      let quantity = quantities[words.dropLast().joined()], quantity == unit.0
    else { return nil }
    return (quantity, unit.1)
  }

  private static func trimmed(_ field: Substring) -> String {
    String(field.filter { !$0.isWhitespace && $0 != "\"" })
  }
}
