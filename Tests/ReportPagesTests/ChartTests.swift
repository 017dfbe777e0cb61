// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the usual charts: rounding, thinning, ranges, frames.

import Foundation
import ReportPages
import Testing

@Suite("Charts")
struct ChartTests {
  @Test("values keep digits whatever their size")
  func digits() throws {
    func json(_ values: ChartValues) throws -> String {
      String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
    }
    #expect(try json(.significant([4.123456789, 0.1])) == "[4.12346,0.1]")
    let thickness = [5.123456e-9, .nan]
    let read = try JSONDecoder().decode(
      [Double?].self, from: JSONEncoder().encode(ChartValues.significant(thickness)))
    #expect(abs((read[0] ?? 0) - 5.123456e-9) < 1e-14 && read[1] == nil)
    #expect(try json(.significant([123_456.7, 0])) == "[123457,0]")
  }

  @Test("thinning keeps both ends and every extreme")
  func thinning() {
    var values = (0..<10_000).map { sin(Double($0) / 700) }
    values[4_321] = 9
    values[4_322] = -9
    let kept = CurveThinning.indices([values], limit: 200)
    #expect(kept.count <= 204 && kept.first == 0 && kept.last == 9_999)
    #expect(kept.contains(4_321) && kept.contains(4_322))
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0 < $1 })
    #expect(CurveThinning.indices([[1, 2, 3]], limit: 200) == [0, 1, 2])
    #expect(CurveThinning.indices([[.nan, .nan, .nan, 1, 2]], limit: 2).contains(4))
  }

  @Test("axes of a chart with a slider are wide enough for every position")
  func fixedRanges() throws {
    let frames = [1.0, 10, -5].map { (label: "\($0)", lines: [(x: [0.0, 2], y: [0.0, $0])]) }
    let chart = try #require(
      Chart.profiles(
        ChartWords(name: "p", title: "t", caption: "c"), x: "x", y: "y", names: ["a"],
        frames: frames, initial: 1))
    #expect(chart.layout.xaxis.range == .significant([0, 2]))
    #expect(chart.layout.yaxis.range == .significant([-5.9, 10.9]))
    #expect(chart.frames.count == 3 && chart.initialFrame == 1)
    #expect(chart.traces[0].y == .significant([0, 10]))
    #expect(try chart.json().contains("\"frames\":["))
  }

  @Test("a heat map spans all its times, and a neutral value stays in the middle")
  func heatMaps() throws {
    let words = ChartWords(name: "m", title: "t", caption: "c")
    let axis = HeatMapAxis("x", positions: .numbers([1, 2]))
    let map = try #require(
      Chart.heatMap(
        words, x: axis, y: axis,
        frames: [("a", [[1, 2], [3, 4]]), ("b", [[1, 9], [.nan, 4]])],
        colours: HeatMapColours(unit: "K")))
    #expect(map.traces[0].zmin == 1 && map.traces[0].zmax == 9 && map.frames.count == 2)
    let still = try #require(
      Chart.heatMap(
        words, x: axis, y: axis, values: [[1, 2], [3, 4]],
        colours: HeatMapColours(unit: "mV", neutral: 2)))
    #expect(still.traces[0].zmin == 0 && still.traces[0].zmax == 4 && still.frames.isEmpty)
    #expect(
      Chart.heatMap(
        words, x: axis, y: axis, values: [[.nan]], colours: HeatMapColours(unit: "K")) == nil)
  }
}
