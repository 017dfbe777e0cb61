// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the quantity catalogue: complete, consistent and stated.

import BatteryDomain
import Foundation
import Testing

@Suite("Quantity catalogue")
struct QuantityCatalogueTests {
  @Test("every quantity has one complete row", arguments: QuantityKey.allCases)
  func complete(key: QuantityKey) {
    let row = QuantityCatalogue.descriptor(of: key)
    #expect(row.key == key)
    #expect(!row.name.isEmpty && !row.description.isEmpty && !row.source.isEmpty)
    #expect(row.validRange.lowerBound < row.validRange.upperBound)
    #expect(row.description.hasSuffix("."))
  }

  @Test("Names are unique and rows are in the order of the keys")
  func unique() {
    #expect(QuantityCatalogue.all.map(\.key) == QuantityKey.allCases)
    #expect(Set(QuantityCatalogue.all.map(\.name)).count == QuantityKey.allCases.count)
  }

  @Test("machine names are snake_case", arguments: QuantityKey.allCases)
  func snakeCase(key: QuantityKey) {
    #expect(key.rawValue.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_") })
  }

  @Test("plausibility includes the ends and excludes NaN", arguments: QuantityKey.allCases)
  func plausible(key: QuantityKey) {
    let row = QuantityCatalogue.descriptor(of: key)
    #expect(row.isPlausible(row.validRange.lowerBound))
    #expect(row.isPlausible(row.validRange.upperBound))
    #expect(!row.isPlausible(row.validRange.upperBound.nextUp))
    #expect(!row.isPlausible(row.validRange.lowerBound.nextDown))
    #expect(!QuantityCatalogue.isPlausible(.nan, as: key))
    #expect(!QuantityCatalogue.isPlausible(.infinity, as: key))
  }

  @Test("Known sentinels are not plausible values")
  func sentinels() {
    // 65535 mV, 6.06 V and 0 V of broken cell monitors; −58.8 °C of an open thermistor.
    for volts in [65.535, 6.06, 0] {
      #expect(!QuantityCatalogue.isPlausible(volts, as: .cellVoltage))
    }
    #expect(!QuantityCatalogue.isPlausible(273.15 - 58.8, as: .probeTemperature))
    #expect(QuantityCatalogue.isPlausible(3.7, as: .cellVoltage))
  }

  @Test("display units convert there and back", arguments: QuantityKey.allCases)
  func displayRoundTrip(key: QuantityKey) {
    let row = QuantityCatalogue.descriptor(of: key)
    var generator = SplitMix(state: 3)
    for unit in [row.displayUnit, key.deviationDisplayUnit] {
      for _ in 0..<50 {
        let value = Double.random(in: row.validRange, using: &generator)
        let back = unit.si(fromNumber: unit.number(fromSI: value))
        // Two roundings of numbers no larger than the value and the offset in SI units.
        let scale = max(value.magnitude, (unit.offset / unit.perUnit).magnitude, 1e-300)
        #expect((back - value).magnitude <= 4 * scale.ulp)
      }
    }
  }

  @Test("Labels in the units people read")
  func labels() {
    #expect(QuantityKey.cellTemperature.displayUnit.text(fromSI: 298.15) == "25.0 °C")
    #expect(QuantityKey.capacity.displayUnit.text(fromSI: 7_200) == "2.000 Ah")
    #expect(QuantityKey.vehicleSpeed.displayUnit.text(fromSI: 10) == "36.0 km/h")
    #expect(QuantityKey.insulationResistance.displayUnit.text(fromSI: 2e6) == "2000 kΩ")
    #expect(QuantityKey.stateOfCharge.displayUnit.text(fromSI: 0.5) == "50.0 %")
    #expect(QuantityKey.cellVoltage.deviationDisplayUnit.text(fromSI: -0.026) == "-26.0 mV")
    #expect(QuantityKey.cellTemperature.deviationDisplayUnit.text(fromSI: 4.5) == "4.5 K")
    #expect(QuantityKey.cellVoltage.displayUnit.text(fromSI: .nan) == "–")
  }

  @Test(
    "fixed decimals",
    arguments: [
      (0.0, 2, "0.00"), (-0.001, 2, "0.00"), (1.005, 0, "1"), (-1.5, 0, "-2"), (2.5, 0, "3"),
      (12.3456, 3, "12.346"), (0.05, 1, "0.1"), (-7.05, 4, "-7.0500"), (1e18, 2, "1e+18"),
      (.infinity, 1, "–"), (3.999, 2, "4.00"), (123_456_789, 9, "123456789.0"),
    ] as [(Double, Int, String)])
  func fixed(value: Double, digits: Int, text: String) {
    #expect(DecimalText.fixed(value, fractionDigits: digits) == text)
  }

  @Test("schema fragments are valid JSON with the right bounds", arguments: QuantityKey.allCases)
  func schema(key: QuantityKey) throws {
    let row = QuantityCatalogue.descriptor(of: key)
    let parsed = try JSONSerialization.jsonObject(with: Data(row.jsonSchema.utf8))
    let object = try #require(parsed as? [String: Any])
    #expect(object["x-unit"] as? String == row.unit)
    #expect(object["description"] as? String == row.description)
    let bounds =
      row.shape == .scalar ? object : try #require(object["items"] as? [String: Any])
    #expect((bounds["minimum"] as? NSNumber)?.doubleValue == row.validRange.lowerBound)
    #expect((bounds["maximum"] as? NSNumber)?.doubleValue == row.validRange.upperBound)
  }

  @Test("Schema definitions and help name every quantity once")
  func wholeCatalogue() throws {
    let parsed = try JSONSerialization.jsonObject(
      with: Data(QuantityCatalogue.jsonSchemaDefinitions.utf8))
    let object = try #require(parsed as? [String: Any])
    #expect(Set(object.keys) == Set(QuantityKey.allCases.map(\.rawValue)))
    let lines = QuantityCatalogue.helpText.split(separator: "\n")
    #expect(lines.count == QuantityKey.allCases.count)
    #expect(lines.contains { $0.hasPrefix("cell_voltage (0.5…5 V, one per cell): ") })
    #expect(lines.contains { $0.hasPrefix("vehicle_speed (0…") && $0.contains("km/h") })
  }

  @Test("Descriptors survive a JSON round trip")
  func codable() throws {
    for row in QuantityCatalogue.all {
      let data = try JSONEncoder().encode(row)
      #expect(try JSONDecoder().decode(QuantityDescriptor.self, from: data) == row)
    }
  }
}
