// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of cells, modules and packs.

import BatteryDomain
import Foundation
import Quantities
import Testing

@Suite("Cells, modules and packs")
struct StructureTests {
  static let cell = CellSpecification(
    name: "test cell", chemistry: .ncm523, geometry: .size18650, mass: Mass(grams: 48),
    nominalCapacity: Charge(ampereHours: 2.5), nominalVoltage: Voltage(3.6),
    source: Source("test data sheet"))

  @Test("Geometry: volume and surface of known bodies")
  func geometry() {
    let round = CellGeometry.cylindrical(diameter: Length(2), height: Length(3))
    #expect(round.volume.isApproximatelyEqual(to: Volume(3 * Double.pi)))
    #expect(round.surface.isApproximatelyEqual(to: Area(8 * Double.pi)))
    let box = CellGeometry.prismatic(width: Length(1), thickness: Length(2), height: Length(3))
    #expect(box.volume == Volume(6) && box.surface == Area(22))
    // 16.5 cm³ of an 18650 cell.
    #expect((CellGeometry.size18650.volume.value * 1e6 - 16.54).magnitude < 0.01)
    #expect(!CellGeometry.pouch(width: Length(1), thickness: Length(0), height: Length(1)).isValid)
    #expect(!CellGeometry.cylindrical(diameter: Length(.nan), height: Length(1)).isValid)
  }

  @Test("A cell takes the limits of its chemistry unless told otherwise")
  func limits() {
    #expect(Self.cell.limits == .defaults(for: .ncm523))
    #expect(Self.cell.nominalEnergy.isApproximatelyEqual(to: Energy(wattHours: 9)))
    #expect(Self.cell.current(atRate: 2).isApproximatelyEqual(to: Current(5)))
  }

  @Test("Cells are numbered through the modules")
  func numbering() {
    let layout = PackLayout(
      modules: [.init(seriesCount: 4), .init(seriesCount: 6), .init(seriesCount: 4)],
      probes: [.init(module: 2), .init(cell: 11), .init()])
    #expect(layout.seriesCount == 14)
    #expect(layout.cells(ofModule: 2) == 5..<11)
    #expect(layout.cells(ofModule: 0).isEmpty && layout.cells(ofModule: 4).isEmpty)
    #expect(layout.module(ofCell: 10) == 2 && layout.module(ofCell: 11) == 3)
    #expect(layout.module(ofCell: 0) == nil && layout.module(ofCell: 15) == nil)
    #expect(layout.siblings(ofCell: 2) == [1, 3, 4])
    #expect(layout.siblings(ofCell: 99).isEmpty)
    #expect(layout.probes(ofModule: 3) == [2] && layout.probes(ofModule: 2) == [1])
    #expect(layout.probes(ofModule: 1).isEmpty)
    for cell in 1...layout.seriesCount {
      let module = layout.module(ofCell: cell)
      #expect(module.map { layout.cells(ofModule: $0).contains(cell) } == true)
    }
  }

  @Test("A pack adds voltages in series and capacities in parallel")
  func pack() throws {
    let pack = PackSpecification(
      name: "test pack", cell: Self.cell,
      layout: PackLayout(modules: 8, cellsPerModule: 12, parallelCount: 3))
    #expect(pack.layout.cellCount == 288)
    #expect(pack.nominalVoltage.isApproximatelyEqual(to: Voltage(345.6)))
    #expect(pack.nominalCapacity.isApproximatelyEqual(to: Charge(ampereHours: 7.5)))
    #expect(pack.nominalEnergy.isApproximatelyEqual(to: Self.cell.nominalEnergy * 288))
    #expect(pack.cellCurrent(atPackCurrent: Current(30)) == Current(10))
    let window = try #require(pack.voltageWindow)
    #expect(window.upperBound.isApproximatelyEqual(to: Voltage(96 * 4.2)))
    let gas = try #require(pack.largestGasVolume(failingCells: 2))
    #expect(gas.isApproximatelyEqual(to: Volume(litres: 25)))
    let data = try JSONEncoder().encode(pack)
    #expect(try JSONDecoder().decode(PackSpecification.self, from: data) == pack)
  }

  @Test(
    "layouts that make no sense are refused when read",
    arguments: [
      #"{"modules":[],"probes":[]}"#,
      #"{"modules":[{"series_count":0,"parallel_count":1}],"probes":[]}"#,
      #"{"modules":[{"series_count":9223372036854775807,"parallel_count":1}],"probes":[]}"#,
      #"{"modules":[{"series_count":2,"parallel_count":1},{"series_count":2,"parallel_count":2}],"probes":[]}"#,
      #"{"modules":[{"series_count":2,"parallel_count":1}],"probes":[{"cell":3}]}"#,
      #"{"modules":[{"series_count":2,"parallel_count":1}],"probes":[{"module":0}]}"#,
    ])
  func refusedLayout(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(PackLayout.self, from: Data(text.utf8))
    }
  }

  @Test("A cell without capacity is refused when read, one without limits gets the defaults")
  func refusedCell() throws {
    let text = String(decoding: try JSONEncoder().encode(Self.cell), as: UTF8.self)
    let empty = text.replacingOccurrences(of: ":9000", with: ":-9000")
    #expect(empty != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(CellSpecification.self, from: Data(empty.utf8))
    }
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    object["limits"] = nil
    let short = try JSONSerialization.data(withJSONObject: object)
    #expect(try JSONDecoder().decode(CellSpecification.self, from: short) == Self.cell)
  }
}
