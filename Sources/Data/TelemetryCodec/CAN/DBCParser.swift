// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads a DBC file: messages, signals, multiplexing, value tables, comments, cycle times.

extension DBCDatabase {
  /// Reads a DBC file.
  ///
  /// Statements that say nothing about decoding (environment variables, groups, transmitters) are
  /// passed over. Texts may be UTF-8 or Latin-1.
  ///
  /// - Parameter bytes: The file.
  /// - Throws: ``DBCError`` with the line.
  /// - Complexity: O(n) in the length of the file.
  public init(dbc bytes: [UInt8]) throws(DBCError) {
    var parser = DBCParser(bytes)
    try parser.run()
    self = parser.database
  }
}

/// The parser's state.
struct DBCParser {
  private var tokens: DBCTokens
  private var token: DBCToken = .end
  private var startsLine = true
  private var line = 1
  var database = DBCDatabase()
  private var places: [UInt32: Int] = [:]
  private var tables: [String: [Int64: String]] = [:]
  private var cycleTimeDefault: Double?

  init(_ bytes: [UInt8]) {
    tokens = DBCTokens(bytes)
    advance()
  }

  private mutating func advance() {
    token = tokens.next()
    startsLine = tokens.startsLine
    line = tokens.line
  }

  private func fault(_ expected: String) -> DBCError { DBCError(line: line, expected: expected) }

  mutating func run() throws(DBCError) {
    while token != .end {
      guard case .word(let keyword) = token else { throw fault("a statement") }
      advance()
      switch keyword {
      case "VERSION": database.version = try text()
      case "NS_", "BS_": skipNames(of: keyword)
      case "BU_": try nodes()
      case "BO_": try message()
      case "SG_": try signal()
      case "CM_": try comment()
      case "VAL_TABLE_":
        let name = try word()
        tables[name] = try labels()
      case "VAL_": try valueLabels()
      case "SIG_VALTYPE_": try encoding()
      case "SG_MUL_VAL_": try selection()
      case "BA_": try attribute()
      case "BA_DEF_DEF_": try attributeDefault()
      default: skipStatement()
      }
    }
    for place in database.messages.indices
    where database.messages[place].cycleTimeMilliseconds == nil {
      database.messages[place].cycleTimeMilliseconds = cycleTimeDefault
    }
  }

  private mutating func word() throws(DBCError) -> String {
    guard case .word(let name) = token else { throw fault("a name") }
    advance()
    return name
  }

  private mutating func text() throws(DBCError) -> String {
    guard case .text(let content) = token else { throw fault("a text in quotes") }
    advance()
    return content
  }

  private mutating func number() throws(DBCError) -> Double {
    guard case .number(let value, _) = token else { throw fault("a number") }
    advance()
    return value
  }

  private mutating func whole(_ range: ClosedRange<Int64>) throws(DBCError) -> Int64 {
    guard case .number(let value, let digits) = token else { throw fault("a whole number") }
    let exact = Int64(digits)
    guard let parsed = exact ?? DecimalText.whole(value), range.contains(parsed) else {
      throw fault("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    advance()
    return parsed
  }

  private mutating func expect(_ mark: Character) throws(DBCError) {
    guard case .mark(let byte) = token, mark.asciiValue == byte else { throw fault("'\(mark)'") }
    advance()
  }

  private func isMark(_ mark: Character) -> Bool {
    if case .mark(let byte) = token { byte == mark.asciiValue } else { false }
  }

  /// Passes over the names behind `NS_:` and the numbers behind `BS_:`; names stand on indented
  /// lines.
  private mutating func skipNames(of keyword: String) {
    if isMark(":") { advance() }
    while true {
      switch token {
      case .word where !startsLine: advance()
      case .number, .mark: advance()
      default: return
      }
    }
  }

  /// Passes over a statement that ends with a semicolon.
  private mutating func skipStatement() {
    while token != .end {
      let isLast = isMark(";")
      advance()
      if isLast { return }
    }
  }

  private mutating func nodes() throws(DBCError) {
    try expect(":")
    while case .word(let name) = token, !startsLine {
      database.nodes.append(name)
      advance()
    }
    // Nodes may go on over the line end; a statement keyword ends with an underscore.
    while case .word(let name) = token, name.utf8.last != 0x5F {
      database.nodes.append(name)
      advance()
    }
  }

  private mutating func message() throws(DBCError) {
    let raw = UInt32(truncatingIfNeeded: try whole(0...0xFFFF_FFFF))
    let name = try word()
    try expect(":")
    let length = Int(try whole(0...65_535))
    let sender = try word()
    places[raw] = database.messages.count
    database.messages.append(
      DBCMessage(
        identifier: raw & 0x1FFF_FFFF, isExtended: raw & 0x8000_0000 != 0, name: name,
        length: length, sender: sender))
  }

  private mutating func signal() throws(DBCError) {
    let name = try word()
    var isSwitch = false
    var presence = DBCSignal.Presence.always
    if case .word(let mark) = token {
      (isSwitch, presence) = try Self.multiplexing(mark, line: line)
      advance()
    }
    try expect(":")
    let start = Int(try whole(0...65_535))
    try expect("|")
    let length = Int(try whole(1...64))
    try expect("@")
    // "1+" and "0-" may be one token or two.
    guard case .number(let order, _) = token, order == 0 || order == 1 else {
      throw fault("byte order 0 or 1")
    }
    advance()
    let isSigned = isMark("-")
    guard isSigned || isMark("+") else { throw fault("'+' or '-'") }
    advance()
    try expect("(")
    let factor = try number()
    try expect(",")
    let offset = try number()
    try expect(")")
    try expect("[")
    let minimum = try number()
    try expect("|")
    let maximum = try number()
    try expect("]")
    let unit = try text()
    var signal = DBCSignal(
      name: name, startBit: start, length: length, byteOrder: order == 1 ? .intel : .motorola,
      encoding: isSigned ? .signed : .unsigned, factor: factor, offset: offset, minimum: minimum,
      maximum: maximum, unit: unit)
    signal.isSwitch = isSwitch
    signal.presence = presence
    while case .word(let receiver) = token, !startsLine, receiver != "SG_", receiver != "BO_" {
      signal.receivers.append(receiver)
      advance()
      if isMark(",") { advance() }
    }
    guard !database.messages.isEmpty else { throw fault("a message (BO_) before its signals") }
    database.messages[database.messages.count - 1].signals.append(signal)
  }

  /// `M`, `m3` or `m3M`.
  private static func multiplexing(
    _ mark: String, line: Int
  ) throws(DBCError) -> (Bool, DBCSignal.Presence) {
    if mark == "M" { return (true, .always) }
    var digits = Array(mark.utf8)
    let isSwitch = digits.last == 0x4D
    if isSwitch { digits.removeLast() }
    guard digits.first == 0x6D, digits.count > 1,
      let value = UInt64(String(decoding: digits[1...], as: UTF8.self))
    else { throw DBCError(line: line, expected: "':' or a multiplexing mark such as M, m0, m0M") }
    return (isSwitch, .selected(by: "", ranges: [value...value]))
  }

  /// Raw values with their words, up to the semicolon.
  private mutating func labels() throws(DBCError) -> [Int64: String] {
    var labels: [Int64: String] = [:]
    while !isMark(";") {
      let value = try number()
      let label = try text()
      if let whole = DecimalText.whole(value) { labels[whole] = label }
    }
    advance()
    return labels
  }

  /// Changes the signal that a statement names; a signal that is not there is passed over.
  private mutating func change(
    _ identifier: Int64, _ name: String, _ body: (inout DBCSignal) -> Void
  ) {
    guard let place = places[UInt32(truncatingIfNeeded: identifier)] else { return }
    for index in database.messages[place].signals.indices
    where database.messages[place].signals[index].name == name {
      body(&database.messages[place].signals[index])
    }
  }

  private mutating func valueLabels() throws(DBCError) {
    // A word instead of a number names an environment variable.
    guard case .number = token else { return skipStatement() }
    let identifier = try whole(0...0xFFFF_FFFF)
    let name = try word()
    if case .word(let table) = token {
      advance()
      let known = tables[table] ?? [:]
      change(identifier, name) { $0.labels = known }
      return try expect(";")
    }
    let labels = try labels()
    change(identifier, name) { $0.labels = labels }
  }

  private mutating func encoding() throws(DBCError) {
    let identifier = try whole(0...0xFFFF_FFFF)
    let name = try word()
    if isMark(":") { advance() }
    let code = try whole(0...3)
    if isMark(";") { advance() }
    if code == 1 { change(identifier, name) { $0.encoding = .float32 } }
    if code == 2 { change(identifier, name) { $0.encoding = .float64 } }
  }

  private mutating func selection() throws(DBCError) {
    let identifier = try whole(0...0xFFFF_FFFF)
    let name = try word()
    let selector = try word()
    var ranges: [ClosedRange<UInt64>] = []
    while !isMark(";") {
      let low = try whole(0...Int64.max)
      // "3-5" gives the numbers 3 and −5, or a mark between them.
      if isMark("-") { advance() }
      let high = try whole(-Int64.max...Int64.max).magnitude
      guard high >= low else { throw fault("a range from low to high") }
      ranges.append(UInt64(low)...high)
      if isMark(",") { advance() }
    }
    advance()
    change(identifier, name) { $0.presence = .selected(by: selector, ranges: ranges) }
  }

  private mutating func comment() throws(DBCError) {
    switch token {
    case .text(let content):
      database.comment = content
      advance()
    case .word("BO_"):
      advance()
      let identifier = try whole(0...0xFFFF_FFFF)
      let content = try text()
      if let place = places[UInt32(truncatingIfNeeded: identifier)] {
        database.messages[place].comment = content
      }
    case .word("SG_"):
      advance()
      let identifier = try whole(0...0xFFFF_FFFF)
      let name = try word()
      let content = try text()
      change(identifier, name) { $0.comment = content }
    default: return skipStatement()
    }
    try expect(";")
  }

  private mutating func attribute() throws(DBCError) {
    let name = try text()
    guard name == "GenMsgCycleTime", token == .word("BO_") else { return skipStatement() }
    advance()
    let identifier = try whole(0...0xFFFF_FFFF)
    let value = try number()
    try expect(";")
    if let place = places[UInt32(truncatingIfNeeded: identifier)], value > 0 {
      database.messages[place].cycleTimeMilliseconds = value
    }
  }

  private mutating func attributeDefault() throws(DBCError) {
    let name = try text()
    if name == "GenMsgCycleTime", case .number(let value, _) = token, value > 0 {
      cycleTimeDefault = value
    }
    skipStatement()
  }
}
