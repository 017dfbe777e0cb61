// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads the words of an experiment step.

/// Reads the words of an experiment step from left to right.
struct ExperimentReader {
  let text: String
  private let words: [String]
  private var position = 0

  /// What a clause of a step says besides what is imposed.
  struct Clauses {
    var duration: Double?
    var stop: ExperimentStep.Stop?
    var ambient: Double?
    var interval: Double?
  }

  init(_ text: String) {
    self.text = text
    // Brackets around a temperature or a period, and @, are spellings of the same words.
    var spaced = ""
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() }
      switch character {
      case "[" where !isQuoted: spaced += " at "
      case "@" where !isQuoted: spaced += " at "
      case "]" where !isQuoted, ")" where !isQuoted: spaced += " "
      case "(" where !isQuoted: spaced += " every "
      default: spaced.append(character)
      }
    }
    words = Self.split(spaced)
  }

  /// The words as given, with single spaces.
  var tidyText: String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Words separated by spaces; what stands in quotes is one word.
  private static func split(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    var isOpen = false
    for character in text {
      if character == "\"" {
        isQuoted.toggle()
        isOpen = true
      } else if character.isWhitespace, !isQuoted {
        if isOpen { words.append(word) }
        word = ""
        isOpen = false
      } else {
        word.append(character)
        isOpen = true
      }
    }
    if isOpen { words.append(word) }
    return words
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

  private mutating func skip(_ word: String) {
    if position < words.count, words[position].lowercased() == word { position += 1 }
  }

  mutating func readDrive(
    _ profiles: (String) throws(ExperimentError) -> DriveProfile
  ) throws(ExperimentError) -> ExperimentStep.Drive {
    let verb = next()
    switch verb?.lowercased() {
    case "rest": return .rest
    case "hold":
      try expect("at")
      let allowed = "a voltage such as 4.2 V"
      guard case .voltage(let volts) = try readQuantity(allowed) else {
        throw failure(words[position - 1], allowed)
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
      case .voltage, .time, .temperature: throw failure(words[position - 1], allowed)
      }
    case "follow":
      guard let path = next() else { throw failure(nil, "the name of a drive-cycle file") }
      return .profile(try scaled(try profiles(path)))
    case "set":
      try expect("ambient")
      skip("temperature")
      try expect("to")
      return .ambient(try readTemperature())
    default: throw failure(verb, "Charge, Discharge, Hold, Rest, Follow or Set ambient")
    }
  }

  private mutating func scaled(
    _ profile: DriveProfile
  ) throws(ExperimentError) -> DriveProfile {
    guard position < words.count, words[position].lowercased() == "scaled" else { return profile }
    position += 1
    try expect("by")
    let word = next()
    guard let factor = word.flatMap(Double.init), factor.isFinite, factor != 0 else {
      throw failure(word, "a number other than 0, such as 0.01 or -1")
    }
    return profile.scaled(by: factor)
  }

  mutating func readClauses(
    _ drive: ExperimentStep.Drive
  ) throws(ExperimentError) -> Clauses {
    var clauses = Clauses()
    let isRest = drive == .rest
    var isSetting = false
    if case .ambient = drive { isSetting = true }
    while let word = next() {
      switch word.lowercased() {
      case _ where isSetting: throw failure(word, "nothing after the temperature")
      case "or" where clauses.duration != nil || clauses.stop != nil: continue
      case "for" where clauses.duration == nil:
        clauses.duration = try readTime("a time such as 30 minutes")
      case "until" where clauses.stop == nil && !isRest: clauses.stop = try readStop(drive)
      case "at" where clauses.ambient == nil: clauses.ambient = try readTemperature()
      case "every" where clauses.interval == nil:
        clauses.interval = try readTime("the spacing of rows, such as 10 second period")
        skip("period")
      default:
        let ends = isRest ? "\"for\" a time" : "\"for\" a time, \"until\" a limit, \"or\""
        throw failure(word, ends + ", \"at\" an ambient temperature")
      }
    }
    var endsByItself = isSetting
    if case .profile = drive { endsByItself = true }
    if clauses.duration == nil, clauses.stop == nil, !endsByItself {
      throw failure(nil, isRest ? "\"for\" a time" : "\"for\" a time or \"until\" a limit")
    }
    return clauses
  }

  private mutating func readTime(_ allowed: String) throws(ExperimentError) -> Double {
    guard case .time(let seconds) = try readQuantity(allowed) else {
      throw failure(words[position - 1], allowed)
    }
    return seconds
  }

  private mutating func readTemperature() throws(ExperimentError) -> Double {
    let allowed = "an ambient temperature such as 10 °C, 10 degC or 283 K"
    guard case .temperature(let kelvin) = try readQuantity(allowed) else {
      throw failure(words[position - 1], allowed)
    }
    guard (200...450).contains(kelvin) else {
      throw failure(words[position - 1], "an ambient temperature from -73 °C to 177 °C")
    }
    return kelvin
  }

  private mutating func readStop(
    _ drive: ExperimentStep.Drive
  ) throws(ExperimentError) -> ExperimentStep.Stop {
    let holds: Bool
    if case .voltage = drive { holds = true } else { holds = false }
    let allowed =
      (holds ? "a current (50 mA) or a rate (C/20)" : "a voltage such as 2.5 V")
      + ", or a temperature such as 45 °C"
    switch try readQuantity(allowed) {
    case .voltage(let volts) where !holds: return .voltage(volts)
    case .current(let amperes) where holds: return .current(amperes)
    case .rate(let rate) where holds: return .rate(rate)
    case .temperature(let kelvin): return .temperature(kelvin)
    default: throw failure(words[position - 1], allowed)
    }
  }

  private enum Quantity {
    case current(Double)
    case rate(Double)
    case power(Double)
    case voltage(Double)
    case time(Double)
    case temperature(Double)
  }

  /// Factors of the units by their lower-case spelling.
  private static let units: [String: @Sendable (Double) -> Quantity] = {
    var units: [String: @Sendable (Double) -> Quantity] = [
      "a": { .current($0) }, "ma": { .current(1e-3 * $0) }, "w": { .power($0) },
      "mw": { .power(1e-3 * $0) }, "kw": { .power(1e3 * $0) }, "v": { .voltage($0) },
      "mv": { .voltage(1e-3 * $0) }, "c": { .rate($0) }, "k": { .temperature($0) },
      "kelvin": { .temperature($0) },
    ]
    for (names, seconds) in [
      (["s", "sec", "secs", "second", "seconds"], 1.0),
      (["min", "mins", "minute", "minutes"], 60), (["h", "hr", "hrs", "hour", "hours"], 3_600),
      (["d", "day", "days"], 86_400),
    ] {
      for name in names { units[name] = { .time(seconds * $0) } }
    }
    for name in ["°c", "ºc", "℃", "degc", "oc", "celsius"] {
      units[name] = { .temperature($0 + 273.15) }
    }
    return units
  }()

  private mutating func readQuantity(_ allowed: String) throws(ExperimentError) -> Quantity {
    guard let word = next() else { throw failure(nil, allowed) }
    let lower = word.lowercased().replacing("\u{2212}", with: "-")
    if lower.hasPrefix("c/") {
      guard let divisor = Double(lower.dropFirst(2)), divisor > 0, divisor.isFinite else {
        throw failure(word, allowed)
      }
      return .rate(1 / divisor)
    }
    let digits = Self.number(lower)
    guard let value = Double(digits), value.isFinite else { throw failure(word, allowed) }
    var unit = String(lower.dropFirst(digits.count))
    if unit.isEmpty {
      guard let following = next() else { throw failure(nil, "a unit: \(allowed)") }
      unit = following.lowercased()
    }
    guard let make = Self.units[unit] else { throw failure(words[position - 1], allowed) }
    let quantity = make(value)
    // Temperatures alone may be negative; their range is checked where it is known.
    if case .temperature = quantity { return quantity }
    guard value > 0 else { throw failure(word, allowed + ", above 0") }
    return quantity
  }

  /// The number at the start of a word, with its exponent if it has one.
  private static func number(_ word: String) -> Substring {
    let plain = word.prefix { $0.isNumber || $0 == "." || $0 == "+" || $0 == "-" }
    let rest = word[plain.endIndex...]
    guard rest.first == "e" else { return plain }
    let exponent = rest.dropFirst().prefix { $0.isNumber || $0 == "+" || $0 == "-" }
    return exponent.contains(where: \.isNumber) ? word[..<exponent.endIndex] : plain
  }
}
