// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Entropy coding of residuals: asymmetric numeral systems with tables by context.

import Foundation

/// Frequencies of symbols that sum to 4,096.
///
/// Source of the coder: Duda (2013), "Asymmetric numeral systems", arXiv:1311.2540, range variant
/// with a state of 32 bits and output in words of 16.
struct SymbolTable {
  static let bits: UInt32 = 12
  static let total: UInt32 = 1 << bits

  /// Frequency of each symbol; 0 where it does not occur.
  private(set) var frequency: [UInt16]
  /// Sum of the frequencies before each.
  private(set) var start: [UInt16]

  /// Scales counts.
  init(counts: ArraySlice<UInt32>) {
    let all = counts.reduce(0) { $0 + UInt64($1) }
    let length = (counts.lastIndex { $0 > 0 }.map { $0 - counts.startIndex + 1 }) ?? 0
    var scaled = [UInt32](repeating: 0, count: length)
    var sum: UInt32 = 0
    var largest = 0
    for index in 0..<length {
      let count = UInt64(counts[counts.startIndex + index])
      if count == 0 { continue }
      scaled[index] = max(1, UInt32(count * UInt64(Self.total) / all))
      sum += scaled[index]
      if scaled[index] > scaled[largest] { largest = index }
    }
    // Rounding goes to the most frequent symbols, which notice it least.
    while sum > Self.total {
      let place = scaled.indices.max { scaled[$0] < scaled[$1] } ?? largest
      let take = min(sum - Self.total, max(1, scaled[place] / 4))
      scaled[place] -= take
      sum -= take
    }
    if length > 0 { scaled[largest] += Self.total - sum }
    frequency = scaled.map { UInt16($0) }
    start = Self.starts(frequency)
  }

  private static func starts(_ frequency: [UInt16]) -> [UInt16] {
    var next: UInt16 = 0
    return frequency.map { frequency in
      defer { next &+= frequency }
      return next
    }
  }

  /// Whether no symbol occurs.
  var isEmpty: Bool { frequency.isEmpty }

  func write(to sink: inout ByteSink) {
    sink.count(frequency.count)
    var zeros = 0
    for value in frequency {
      if value == 0 {
        zeros += 1
        continue
      }
      if zeros > 0 {
        // A zero, then how many more of them.
        sink.bytes.append(0)
        sink.count(zeros - 1)
        zeros = 0
      }
      sink.varint(UInt64(value))
    }
  }

  init(_ source: inout ByteSource) throws(MalformedBytes) {
    let count = try source.count(upTo: 256)
    var values: [UInt16] = []
    values.reserveCapacity(count)
    var sum: UInt64 = 0
    while values.count < count {
      let value = try source.varint()
      if value == 0 {
        let more = try source.count(upTo: 256)
        guard values.count + more + 1 <= count else { throw MalformedBytes() }
        values += [UInt16](repeating: 0, count: more + 1)
      } else {
        guard value <= UInt64(Self.total) else { throw MalformedBytes() }
        sum += value
        values.append(UInt16(value))
      }
    }
    guard count == 0 || sum == UInt64(Self.total) else { throw MalformedBytes() }
    frequency = values
    start = Self.starts(values)
  }

  /// The symbol of each of the 4,096 slots.
  func symbols() -> [UInt8] {
    var slots = [UInt8](repeating: 0, count: Int(Self.total))
    var place = 0
    for (symbol, frequency) in frequency.enumerated() where frequency > 0 {
      for slot in place..<place + Int(frequency) { slots[slot] = UInt8(symbol) }
      place += Int(frequency)
    }
    return slots
  }

  /// About how many bytes it takes in a block.
  static func size(of counts: ArraySlice<UInt32>) -> Double {
    var used = 0
    for count in counts where count > 0 { used += 1 }
    return used == 0 ? 0.5 : 1 + 1.4 * Double(used)
  }
}

/// How a residual becomes a symbol and some plain bits.
enum ResidualToken {
  /// Symbols that there are.
  static let count = 136

  /// Symbol, number of plain bits, and these.
  @inline(__always)
  static func of(_ value: UInt64) -> (symbol: Int, bits: UInt32, rest: UInt64) {
    if value < 16 { return (Int(value), 0, 0) }
    let exponent = 63 - value.leadingZeroBitCount
    let bits = UInt32(exponent - 1)
    let half = Int((value >> UInt64(bits)) & 1)
    return (16 + (exponent - 4) * 2 + half, bits, value & (1 << UInt64(bits) - 1))
  }

  /// Plain bits behind a symbol, and the value without them.
  @inline(__always)
  static func base(_ symbol: Int) -> (bits: UInt32, value: UInt64) {
    if symbol < 16 { return (0, UInt64(symbol)) }
    let exponent = (symbol - 16) / 2 + 4
    let half = UInt64((symbol - 16) & 1)
    let bits = UInt32(exponent - 1)
    return (bits, (2 | half) << UInt64(bits))
  }
}

/// Residuals with their contexts, ready to be coded.
struct CodedResiduals {
  var values: [UInt64]
  var contexts: [UInt8]
}

/// The tables of one column or of several that share them.
struct ContextTables {
  /// Contexts of the finest division: six magnitudes of late, times three distances to the guess.
  static let fine = 18
  /// How the fine contexts are put together; each says how many there are.
  static let groupings: [(count: Int, map: [UInt8])] = [
    (1, [UInt8](repeating: 0, count: fine)),
    (3, (0..<fine).map { UInt8($0 % 3) }),
    (6, (0..<fine).map { UInt8($0 / 3) }),
    (18, (0..<fine).map { UInt8($0) }),
  ]

  let grouping: Int
  let tables: [SymbolTable]

  /// Counts the symbols of columns and chooses the grouping that takes least.
  init(_ columns: [CodedResiduals]) {
    let width = ResidualToken.count
    var counts = [UInt32](repeating: 0, count: Self.fine * width)
    counts.withUnsafeMutableBufferPointer { counts in
      for column in columns {
        column.values.withUnsafeBufferPointer { values in
          column.contexts.withUnsafeBufferPointer { contexts in
            for index in values.indices {
              let symbol = ResidualToken.of(values[index]).symbol
              counts[Int(contexts[index]) * width + symbol] += 1
            }
          }
        }
      }
    }
    var best: (cost: Double, grouping: Int, counts: [UInt32])?
    for (number, grouping) in Self.groupings.enumerated() {
      var merged = [UInt32](repeating: 0, count: grouping.count * width)
      for context in 0..<Self.fine {
        let target = Int(grouping.map[context]) * width
        for symbol in 0..<width { merged[target + symbol] += counts[context * width + symbol] }
      }
      var cost = 0.0
      for context in 0..<grouping.count {
        let part = merged[context * width..<(context + 1) * width]
        let sum = part.reduce(0) { $0 + Double($1) }
        for count in part where count > 0 {
          cost += Double(count) * log2(sum / Double(count)) / 8
        }
        cost += SymbolTable.size(of: part)
      }
      if best.map({ cost < $0.cost }) ?? true { best = (cost, number, merged) }
    }
    let merged = best?.counts ?? counts
    grouping = best?.grouping ?? 0
    tables = (0..<Self.groupings[grouping].count).map {
      SymbolTable(counts: merged[$0 * width..<($0 + 1) * width])
    }
  }

  func write(to sink: inout ByteSink) {
    sink.bytes.append(UInt8(grouping))
    for table in tables { table.write(to: &sink) }
  }

  init(_ source: inout ByteSource) throws(MalformedBytes) {
    grouping = Int(try source.byte())
    guard Self.groupings.indices.contains(grouping) else { throw MalformedBytes() }
    var tables: [SymbolTable] = []
    for _ in 0..<Self.groupings[grouping].count { tables.append(try SymbolTable(&source)) }
    self.tables = tables
  }

  // MARK: - Encoding

  /// Codes a column.
  ///
  /// - Complexity: O(n).
  func encode(_ column: CodedResiduals) -> [UInt8] {
    let map = Self.groupings[grouping].map
    var words: [UInt16] = []
    words.reserveCapacity(column.values.count / 4 + 16)
    var state: UInt32 = 1 << 16
    @inline(__always) func put(_ start: UInt32, _ frequency: UInt32) {
      if UInt64(state) >= UInt64(frequency) << 20 {
        words.append(UInt16(truncatingIfNeeded: state))
        state >>= 16
      }
      let (quotient, rest) = state.quotientAndRemainder(dividingBy: frequency)
      state = quotient << SymbolTable.bits &+ rest &+ start
    }
    let width = ResidualToken.count
    // All tables in one array, so that the loop touches no others.
    var codes = [UInt32](repeating: 0, count: tables.count * width)
    for (context, table) in tables.enumerated() {
      for symbol in table.frequency.indices {
        codes[context * width + symbol] =
          UInt32(table.start[symbol]) << 16 | UInt32(table.frequency[symbol])
      }
    }
    // The decoder takes from the end what was put last: everything goes in backwards.
    codes.withUnsafeBufferPointer { codes in
      column.values.withUnsafeBufferPointer { values in
        column.contexts.withUnsafeBufferPointer { contexts in
          var index = values.count - 1
          while index >= 0 {
            let (symbol, bits, rest) = ResidualToken.of(values[index])
            // Plain bits come after the symbol, twelve at a time, the lowest first.
            var chunk = bits == 0 ? 0 : (bits - 1) / SymbolTable.bits * SymbolTable.bits
            var left = bits
            while left > 0 {
              let size = left - chunk
              let part = UInt32((rest >> UInt64(chunk)) & ((1 << UInt64(size)) - 1))
              let unit: UInt32 = 1 << (SymbolTable.bits - size)
              put(part * unit, unit)
              left = chunk
              chunk = chunk >= SymbolTable.bits ? chunk - SymbolTable.bits : 0
            }
            let code = codes[Int(map[Int(contexts[index])]) * width + symbol]
            put(code >> 16, code & 0xFFFF)
            index -= 1
          }
        }
      }
    }
    var sink = ByteSink()
    sink.bytes.reserveCapacity(words.count * 2 + 4)
    sink.fixed(state)
    for word in words.reversed() { sink.fixed(word) }
    return sink.bytes
  }
}

/// Takes the residuals of one column out of its bytes, one after the other.
struct ResidualDecoder {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place: Int
  private let end: Int
  private var state: UInt32
  /// Whether the bytes said something that cannot be.
  private(set) var isBroken = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, length: Int) {
    self.bytes = bytes
    end = start + length
    if length < 4 {
      place = end
      state = 1 << 16
      isBroken = true
      return
    }
    state =
      UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
      | UInt32(bytes[start + 3]) << 24
    place = start + 4
  }

  /// Whether everything was taken, and nothing else was there.
  var isFinished: Bool { !isBroken && place == end && state == 1 << 16 }

  @inline(__always) private mutating func refill() {
    if state >= 1 << 16 { return }
    guard place + 1 < end else {
      isBroken = true
      state |= 1 << 16
      return
    }
    state = state << 16 | UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8
    place += 2
  }

  /// The next residual.
  @inline(__always)
  mutating func next(
    _ slots: UnsafeBufferPointer<UInt8>, _ codes: UnsafeBufferPointer<UInt32>, context: Int
  ) -> UInt64 {
    let slot = state & (SymbolTable.total - 1)
    let symbol = Int(slots[context << Int(SymbolTable.bits) + Int(slot)])
    let code = codes[context * ResidualToken.count + symbol]
    state = (code & 0xFFFF) &* (state >> SymbolTable.bits) &+ slot &- (code >> 16)
    refill()
    if symbol < 16 { return UInt64(symbol) }
    let (bits, base) = ResidualToken.base(symbol)
    var value = base
    var done: UInt32 = 0
    while done < bits {
      let size = min(SymbolTable.bits, bits - done)
      let slot = state & (SymbolTable.total - 1)
      let unit = SymbolTable.bits - size
      let part = slot >> unit
      state = (state >> SymbolTable.bits) << unit &+ slot &- part << unit
      refill()
      value &+= UInt64(part) << UInt64(done)
      done += size
    }
    return value
  }
}

/// Tables laid out for decoding.
struct DecodingTables {
  let slots: [UInt8]
  let codes: [UInt32]
  let map: [UInt8]

  init(_ tables: ContextTables) {
    var slots: [UInt8] = []
    var codes = [UInt32](repeating: 0, count: tables.tables.count * ResidualToken.count)
    slots.reserveCapacity(tables.tables.count << Int(SymbolTable.bits))
    for (context, table) in tables.tables.enumerated() {
      slots += table.symbols()
      for symbol in table.frequency.indices {
        codes[context * ResidualToken.count + symbol] =
          UInt32(table.start[symbol]) << 16 | UInt32(table.frequency[symbol])
      }
    }
    self.slots = slots
    self.codes = codes
    map = ContextTables.groupings[tables.grouping].map
  }
}
