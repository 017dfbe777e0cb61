// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads the words of an experiment step.

/// Reads the words of an experiment step from left to right.
struct ExperimentReader {
  let text: String
  let words: [String]
  private var position = 0

  init(_ text: String) {
    self.text = text
    words = text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private func failure(_ word: String?, _ allowed: String) -> ExperimentError {
    ExperimentError(text: text, word: word ?? "", allowed: allowed)
  }

  private mutating func next() -> String? {
    guard position < words.count else { return nil }
    position += 1
    return words[position - 1]
  }

  private mutating func expect(_ word: String) throws(ExperimentError) {
    let found = next()
    guard found?.lowercased() == word else { throw failure(found, "\"\(word)\"") }
  }

  mutating func readDrive() throws(ExperimentError) -> ExperimentStep.Drive {
    let verb = next()
    switch verb?.lowercased() {
    case "rest": return .rest
    case "hold":
      try expect("at")
      guard case .voltage(let volts) = try readQuantity("a voltage such as 4.2 V") else {
        throw failure(words[position - 1], "a voltage such as 4.2 V")
      }
      return .voltage(volts)
    case "charge", "discharge":
      try expect("at")
      let sign: Double = verb?.lowercased() == "charge" ? -1 : 1
      let allowed = "a current (2 A), a rate (1C, C/2) or a power (10 W)"
      switch try readQuantity(allowed) {
      case .current(let amperes): return .current(sign * amperes)
      case .rate(let rate): return .rate(sign * rate)
      case .power(let watts): return .power(sign * watts)
      case .voltage, .time: throw failure(words[position - 1], allowed)
      }
    default: throw failure(verb, "Charge, Discharge, Hold or Rest")
    }
  }

  mutating func readClauses(
    _ drive: ExperimentStep.Drive
  ) throws(ExperimentError) -> (duration: Double?, stop: ExperimentStep.Stop?) {
    var duration: Double?
    var stop: ExperimentStep.Stop?
    while let word = next() {
      switch word.lowercased() {
      case "or" where duration != nil || stop != nil: continue
      case "for" where duration == nil:
        guard case .time(let seconds) = try readQuantity("a time such as 30 minutes") else {
          throw failure(words[position - 1], "a time such as 30 minutes")
        }
        duration = seconds
      case "until" where stop == nil && drive != .rest: stop = try readStop(drive)
      default:
        let ends = drive == .rest ? "\"for\" a time" : "\"for\" a time, \"until\" a limit, \"or\""
        throw failure(word, ends)
      }
    }
    if duration == nil, stop == nil {
      let ends = drive == .rest ? "\"for\" a time" : "\"for\" a time or \"until\" a limit"
      throw failure(nil, ends)
    }
    return (duration, stop)
  }

  private mutating func readStop(
    _ drive: ExperimentStep.Drive
  ) throws(ExperimentError) -> ExperimentStep.Stop {
    let holds: Bool
    if case .voltage = drive { holds = true } else { holds = false }
    let allowed = holds ? "a current (50 mA) or a rate (C/20)" : "a voltage such as 2.5 V"
    let quantity = try readQuantity(allowed)
    switch quantity {
    case .voltage(let volts) where !holds: return .voltage(volts)
    case .current(let amperes) where holds: return .current(amperes)
    case .rate(let rate) where holds: return .rate(rate)
    default: throw failure(words[position - 1], allowed)
    }
  }

  private enum Quantity {
    case current(Double)
    case rate(Double)
    case power(Double)
    case voltage(Double)
    case time(Double)
  }

  /// Factors of the units by their lower-case spelling.
  private static let units: [String: @Sendable (Double) -> Quantity] = [
    "a": { .current($0) }, "ma": { .current(1e-3 * $0) }, "w": { .power($0) },
    "mw": { .power(1e-3 * $0) }, "kw": { .power(1e3 * $0) }, "v": { .voltage($0) },
    "mv": { .voltage(1e-3 * $0) }, "c": { .rate($0) }, "s": { .time($0) },
    "second": { .time($0) }, "seconds": { .time($0) }, "min": { .time(60 * $0) },
    "minute": { .time(60 * $0) }, "minutes": { .time(60 * $0) }, "h": { .time(3_600 * $0) },
    "hour": { .time(3_600 * $0) }, "hours": { .time(3_600 * $0) },
  ]

  private mutating func readQuantity(_ allowed: String) throws(ExperimentError) -> Quantity {
    guard let word = next() else { throw failure(nil, allowed) }
    let lower = word.lowercased()
    if lower.hasPrefix("c/") {
      guard let divisor = Double(lower.dropFirst(2)), divisor > 0, divisor.isFinite else {
        throw failure(word, allowed)
      }
      return .rate(1 / divisor)
    }
    let digits = lower.prefix { $0.isNumber || $0 == "." || $0 == "+" || $0 == "-" }
    guard let value = Double(digits), value > 0, value.isFinite else {
      throw failure(word, allowed + ", above 0")
    }
    var unit = String(lower.dropFirst(digits.count))
    if unit.isEmpty {
      guard let following = next() else { throw failure(nil, "a unit: \(allowed)") }
      unit = following.lowercased()
    }
    guard let make = Self.units[unit] else { throw failure(words[position - 1], allowed) }
    return make(value)
  }
}
