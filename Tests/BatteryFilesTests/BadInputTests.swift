// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of bad input: one clear line each, never a trap.

import BatteryDomain
import BatteryFiles
import Foundation
import Testing

@Suite("Bad input")
struct BadInputTests {
  private func failure(_ bytes: [UInt8], name: String = "table.csv") -> FileError? {
    let scratch = Scratch(bytes, name: name)
    do throws(FileError) {
      for table in try DataFile.open(scratch.path).tables { _ = try WholeTable(table) }
      return nil
    } catch {
      return error
    }
  }

  private func failure(_ text: String) -> FileError? { failure(Array(text.utf8)) }

  private func check(_ error: FileError?, _ words: [String], bad: Bool = true) {
    let message = error?.message ?? "nothing was wrong"
    for word in words { #expect(message.contains(word), "\(message)") }
    #expect(!message.contains("\n"))
    #expect(error?.isBadData == bad)
  }

  @Test("a sheet asked of a file that is no workbook")
  func sheetOfText() {
    let scratch = Scratch(Array("time_s,voltage_V\n0,3.7\n1,3.6\n".utf8), name: "table.csv")
    do throws(FileError) {
      _ = try DataFile.open(scratch.path, options: ReadOptions(sheet: "Sheet2"))
      Issue.record("the sheet was ignored")
    } catch {
      check(error, ["table.csv", "Sheet2", "not a workbook", "leave the sheet out"])
    }
  }

  @Test("files that cannot be read")
  func unreadable() {
    #expect(throws: FileError.self) { try DataFile.open("/nonexistent/file.csv") }
    do {
      _ = try DataFile.open("/nonexistent/file.csv")
    } catch {
      check(error, ["/nonexistent/file.csv", "No such file"], bad: false)
    }
    do {
      _ = try DataFile.open("/")
    } catch {
      check(error, ["directory"], bad: false)
    }
  }

  @Test("empty files and files without rows")
  func empty() {
    check(failure(""), ["no rows"])
    check(failure("time,voltage,current\n"), ["no rows"])
    check(failure("\n\n\n"), ["no rows"])
  }

  @Test("a record cut in the middle")
  func cut() {
    check(
      failure("time,voltage,current\n0,3.7,1\n1,3."), ["row 3", "ends too early", "3 fields"])
    check(failure("time,voltage,comment\n0,3.7,x\n1,3.7,\"abc"), ["row 3", "quotation mark"])
  }

  @Test("a record with too many fields")
  func wide() {
    check(
      failure("time,voltage,current\n0,3.7,1\n1,3.7,1,9\n"),
      ["row 3", "column 4", "3 fields", "'9'"])
  }

  @Test(
    "wrong types are named",
    arguments: [
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0], "PNG"),
      ([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0], "ELF"),
      ([0xD0, 0xCF, 0x11, 0xE0, 0, 0], "Excel"), ([0xFF, 0xFE, 0x74, 0, 0x69, 0], "UTF-16"),
    ] as [([UInt8], String)])
  func types(bytes: [UInt8], name: String) {
    check(failure(bytes), [name])
  }

  @Test("prose is no table")
  func prose() {
    check(failure("It was a dark night.\nThe battery, it seems, slept.\n"), ["not a table"])
  }

  @Test("an unknown table asks for --columns")
  func unknown() {
    check(failure("alpha,beta\n1,2\n3,4\n"), ["'alpha'", "--columns"])
  }

  @Test("bytes that are not UTF-8 in a field of numbers")
  func encodings() {
    var bytes = Array("time,voltage,Temperature [°C]\n0,3.7,25\n1,".utf8)
    bytes += [0xB3, 0xAC, 0x37] + Array(",25\n".utf8)
    check(failure(bytes), ["row 3", "column voltage", "UTF-8", "b3 ac"])
    let rows = Array(("time,voltage\n" + (0..<2000).map { "\($0),3.7\n" }.joined()).utf8)
    check(failure(rows + Array("2000,".utf8) + [0, 0x33, 0, 0x0A]), ["row 2002", "NUL"])
  }

  @Test("a file of NaN")
  func notANumber() {
    let rows = (0..<100).map { "\($0),NaN,nan\n" }.joined()
    check(failure("time,voltage,current\n" + rows), ["voltage", "100 rows", "NaN"])
  }

  @Test("a file in reverse")
  func reversed() {
    let rows = (0..<100).map { "\(100 - $0),3.7,1\n" }.joined()
    check(
      failure("time,voltage,current\n" + rows), ["row 3", "column time", "increase", "99 of 99"])
  }

  @Test("rows in no order of time are not passed off as a short table")
  func shuffled() {
    let rows = (0..<99).map { "\($0 * 37 % 100),3.7,1\n" }.joined()
    check(failure("time,voltage,current\n" + rows), ["column time", "increase", "sort"])
  }

  @Test("a column of voltages that holds text")
  func text() {
    check(
      failure("time,voltage,current\n0,x,1\n1,y,1\n"),
      ["row 2", "column voltage", "numbers", "text"])
  }

  @Test("a vehicle table without one usable time")
  func timeless() {
    check(
      failure("tboxTime,BMSBatteryCurrent,V_1,V_2\n7,1,3.7,3.7\n8,1,3.7,3.7\n"),
      ["row 2", "column tboxTime", "Unix times", "--columns"])
  }

  @Test("ten million columns")
  func columns() {
    let titles = [UInt8](repeating: 0x2C, count: 10_000_000)
    check(failure(titles + Array("\n1,2\n".utf8)), ["columns", "limit of 16384"])
    let row = Array("time,voltage\n".utf8) + titles.prefix(4_500_000) + [0x0A]
    check(failure(row), ["line 2", "limit"])
  }

  @Test("a line without end")
  func longLine() {
    check(
      failure(Array("time,voltage\n1,\"".utf8) + [UInt8](repeating: 0x61, count: 4_500_000)),
      ["line 2", "limit"])
  }

  @Test("control characters in a title do not break the line")
  func control() {
    check(failure("al\u{1B}[31mpha,be\u{7}ta\n1,2\n3,4\n"), ["al·[31mpha"])
  }
}
