// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of UTC dates against Foundation's calendar and against known instants.

import BatteryDomain
import Foundation
import Testing

@Suite("UTC dates")
struct UTCDateTests {
  @Test(
    "known instants",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
      (951_782_400, "2000-02-29T00:00:00Z"), (1_562_889_600, "2019-07-12T00:00:00Z"),
      (1_562_889_600.125, "2019-07-12T00:00:00.125Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
      (-62_135_596_800, "0001-01-01T00:00:00Z"), (1.001, "1970-01-01T00:00:01.001Z"),
      (-68_000_000_000, "-0185-03-02T23:06:40Z"),
    ])
  func known(seconds: Double, text: String) throws {
    let date = try #require(UTCDate(secondsSinceEpoch: seconds))
    #expect(date.iso8601 == text)
    #expect(date.secondsSinceEpoch == seconds)
    #expect(UTCDate(iso8601: text) == date)
  }

  @Test("Foundation's Gregorian calendar gives the same date from 1900 to 2200")
  func againstFoundation() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    var generator = SplitMix(state: 11)
    for _ in 0..<2_000 {
      let seconds = Double(Int64.random(in: -2_208_988_800...7_258_118_400, using: &generator))
      let date = try #require(UTCDate(secondsSinceEpoch: seconds))
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: seconds))
      #expect(
        [date.year, date.month, date.day, date.hour, date.minute, date.second]
          == [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second])
      #expect(date.secondsSinceEpoch == seconds)
    }
  }

  @Test(
    "time zones and short forms are read",
    arguments: [
      ("2019-07-12", 1_562_889_600.0), ("2019-07-12 08:05", 1_562_918_700),
      ("2019-07-12T08:00:00+08:00", 1_562_889_600), ("2019-07-11T18:30:00-05:30", 1_562_889_600),
      ("2019-07-12T00:00:00.5Z", 1_562_889_600.5),
      ("2019-07-12T00:00:00.123456789Z", 1_562_889_600.123),
    ])
  func read(text: String, seconds: Double) {
    #expect(UTCDate(iso8601: text)?.secondsSinceEpoch == seconds)
  }

  @Test(
    "text that is no date is refused",
    arguments: [
      "", "2019", "2019-02-29", "2019-13-01", "2019-00-10", "2019-07-32", "2019-07-12T24:00:00Z",
      "2019-07-12T08:60Z", "2019-07-12T08:05:30.Z", "2019-07-12X08:05", "2019-07-12T08:05:30ZZ",
      " 2019-07-12", "2019-7-12", "1900-02-29", "2019-07-12T08:05+8", "٢٠١٩-٠٧-١٢",
    ])
  func refused(text: String) { #expect(UTCDate(iso8601: text) == nil) }

  @Test("Instants without a date are refused")
  func withoutDate() {
    for seconds in [Double.nan, .infinity, -.infinity, 1e300, 3e11, -4e11] {
      #expect(UTCDate(secondsSinceEpoch: seconds) == nil)
    }
    #expect(UTCDate.iso8601(.nan) == nil)
  }

  @Test("Labels")
  func labels() throws {
    let date = try #require(UTCDate(iso8601: "2019-07-12T08:05:30Z"))
    #expect(date.dayText == "2019-07-12")
    #expect(date.minuteText == "2019-07-12 08:05")
    #expect(UTCDate.length(ofMonth: 2, year: 2_000) == 29)
    let later = try #require(UTCDate(iso8601: "2019-07-12T08:05:31Z"))
    #expect(date < later)
  }
}
