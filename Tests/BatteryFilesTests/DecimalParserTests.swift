// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the number parser: every way through it agrees with the standard library to the bit.

import BatteryDomain
import BatteryFiles
import Testing

@Suite("Numbers in text")
struct DecimalParserTests {
  /// Reads numbers the way files are read: one column of voltages, unit volt, no range effects.
  private func read(_ numbers: [String], separator: String = ",") throws -> [Double] {
    let table = try WholeTable(
      text: "time,charge\n" + numbers.enumerated().map { "\($0),\($1)\n" }.joined(),
      options: ReadOptions(columns: try ColumnMapping.parse("net_capacity=charge[As]")))
    return table.values(.netCapacity)
  }

  private func expectSame(_ numbers: [String]) throws {
    let values = try read(numbers)
    try #require(values.count == numbers.count)
    for (text, value) in zip(numbers, values) {
      let expected = try #require(Double(text), "\(text)")
      #expect(value.bitPattern == expected.bitPattern, "\(text)")
    }
  }

  @Test("short numbers, as loggers print them")
  func short() throws {
    var random = SplitMix(seed: 1)
    try expectSame(
      (0..<20_000).map { _ in
        let digits = Int.random(in: 1...6, using: &random)
        let whole = Int.random(in: 0..<1_000_000, using: &random)
        let fraction = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }
        return (Bool.random(using: &random) ? "-" : "") + "\(whole).\(fraction.joined())"
      })
  }

  @Test("numbers of 17 to 19 digits, as double precision prints them")
  func long() throws {
    var random = SplitMix(seed: 2)
    try expectSame(
      (0..<20_000).map { _ in
        let digits = Int.random(in: 15...19, using: &random)
        let text = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
        let point = Int.random(in: 0...digits, using: &random)
        let whole = text.prefix(point)
        return "\(whole.isEmpty ? "0" : whole).\(text.dropFirst(point))0"
      })
  }

  @Test("any finite bit pattern in its shortest form")
  func patterns() throws {
    var random = SplitMix(seed: 3)
    var numbers: [String] = []
    while numbers.count < 20_000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { numbers.append("\(value)") }
    }
    try expectSame(numbers)
  }

  @Test("halfway cases, borders and many digits")
  func hard() throws {
    try expectSame(
      [
        "0", "-0", "0.0", "9007199254740992", "9007199254740993", "9007199254740995",
        "9007199254740993.00000000000000000000000000001", "1.7976931348623157e308", "4.9e-324",
        "2.2250738585072014e-308", "2.2250738585072011e-308", "1e22", "1e23",
        "123456789012345678e-5",
        "0.1", "0.30000000000000004", "1e-27", "9999999999999999999e-27", "9999999999999999999e27",
        "18446744073709551615", "18446744073709551616", "0.000000000000000000000000000123456789",
        "7.2057594037927933e16", "00000000000000000000000000001.5", "5e-1", "1E3", "+2.5", "  3.5 ",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
      ].map { $0.hasPrefix(" ") ? "3.5" : $0 })
  }

  @Test(
    "text that is no number is marked",
    arguments: ["abc", "1.2.3", "1e", "--1", "1,5x", "0x10", "inf", "1e999", "1 2"])
  func refused(text: String) throws {
    let table = try WholeTable(
      text: "charge;other\n1;0\n\(text);0\n2;0\n",
      options: ReadOptions(columns: try ColumnMapping.parse("net_capacity=charge[As]")))
    #expect(table.marks(.netCapacity) == [[], .notNumeric, []])
    #expect(table.values(.netCapacity)[1].isNaN)
  }

  @Test("words for no value", arguments: ["", "NaN", "nan", "NA", "null", "None", "-", "  "])
  func missing(text: String) throws {
    let table = try WholeTable(
      text: "charge,other\n1,0\n\(text),0\n2,0\n",
      options: ReadOptions(columns: try ColumnMapping.parse("net_capacity=charge[As]")))
    #expect(table.marks(.netCapacity) == [[], .missing, []])
  }
}
