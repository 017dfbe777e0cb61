// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of non-SI values: known pairs and round trips of random numbers.

import Quantities
import Testing

/// One named non-SI unit: its way in, its way out and one pair known from its definition.
struct NamedConversion: Sendable, CustomTestStringConvertible {
  let name: String
  let number: Double
  let si: Double
  let wrap: @Sendable (Double) -> Double
  let unwrap: @Sendable (Double) -> Double

  var testDescription: String { name }
}

@Suite("Conversions")
struct ConversionTests {
  static let all: [NamedConversion] = [
    .init(
      name: "°C", number: 25, si: 298.15, wrap: { Temperature(celsius: $0).value },
      unwrap: { Temperature($0).celsius }),
    .init(
      name: "mV", number: 3_700, si: 3.7, wrap: { Voltage(millivolts: $0).value },
      unwrap: { Voltage($0).millivolts }),
    .init(
      name: "mA", number: 500, si: 0.5, wrap: { Current(milliamperes: $0).value },
      unwrap: { Current($0).milliamperes }),
    .init(
      name: "mΩ", number: 25, si: 0.025, wrap: { Resistance(milliohms: $0).value },
      unwrap: { Resistance($0).milliohms }),
    .init(
      name: "kΩ", number: 500, si: 5e5, wrap: { Resistance(kilohms: $0).value },
      unwrap: { Resistance($0).kilohms }),
    .init(
      name: "Ah", number: 2, si: 7_200, wrap: { Charge(ampereHours: $0).value },
      unwrap: { Charge($0).ampereHours }),
    .init(
      name: "mAh", number: 2_000, si: 7_200, wrap: { Charge(milliampereHours: $0).value },
      unwrap: { Charge($0).milliampereHours }),
    .init(
      name: "Wh", number: 1, si: 3_600, wrap: { Energy(wattHours: $0).value },
      unwrap: { Energy($0).wattHours }),
    .init(
      name: "kWh", number: 1, si: 3.6e6, wrap: { Energy(kilowattHours: $0).value },
      unwrap: { Energy($0).kilowattHours }),
    .init(
      name: "kJ", number: 1, si: 1_000, wrap: { Energy(kilojoules: $0).value },
      unwrap: { Energy($0).kilojoules }),
    .init(
      name: "kW", number: 1, si: 1_000, wrap: { Power(kilowatts: $0).value },
      unwrap: { Power($0).kilowatts }),
    .init(
      name: "ms", number: 100, si: 0.1, wrap: { Duration(milliseconds: $0).value },
      unwrap: { Duration($0).milliseconds }),
    .init(
      name: "min", number: 2, si: 120, wrap: { Duration(minutes: $0).value },
      unwrap: { Duration($0).minutes }),
    .init(
      name: "h", number: 2, si: 7_200, wrap: { Duration(hours: $0).value },
      unwrap: { Duration($0).hours }),
    .init(
      name: "d", number: 2, si: 172_800, wrap: { Duration(days: $0).value },
      unwrap: { Duration($0).days }),
    .init(
      name: "km/h", number: 36, si: 10, wrap: { Speed(kilometresPerHour: $0).value },
      unwrap: { Speed($0).kilometresPerHour }),
    .init(
      name: "bar", number: 1, si: 1e5, wrap: { Pressure(bar: $0).value },
      unwrap: { Pressure($0).bar }),
    .init(
      name: "kPa", number: 1, si: 1e3, wrap: { Pressure(kilopascals: $0).value },
      unwrap: { Pressure($0).kilopascals }),
    .init(
      name: "mm", number: 18, si: 0.018, wrap: { Length(millimetres: $0).value },
      unwrap: { Length($0).millimetres }),
    .init(
      name: "µm", number: 75, si: 75e-6, wrap: { Length(micrometres: $0).value },
      unwrap: { Length($0).micrometres }),
    .init(
      name: "km", number: 3, si: 3_000, wrap: { Length(kilometres: $0).value },
      unwrap: { Length($0).kilometres }),
    .init(
      name: "cm²", number: 10_000, si: 1, wrap: { Area(squareCentimetres: $0).value },
      unwrap: { Area($0).squareCentimetres }),
    .init(
      name: "L", number: 1_000, si: 1, wrap: { Volume(litres: $0).value },
      unwrap: { Volume($0).litres }),
    .init(
      name: "g", number: 48, si: 0.048, wrap: { Mass(grams: $0).value }, unwrap: { Mass($0).grams }),
    .init(
      name: "L/min", number: 60_000, si: 1, wrap: { VolumeFlow(litresPerMinute: $0).value },
      unwrap: { VolumeFlow($0).litresPerMinute }),
    .init(
      name: "K/min", number: 60, si: 1, wrap: { TemperatureRate(kelvinPerMinute: $0).value },
      unwrap: { TemperatureRate($0).kelvinPerMinute }),
    .init(
      name: "L/Ah", number: 3.6, si: 1e-6, wrap: { GasYield(litresPerAmpereHour: $0).value },
      unwrap: { GasYield($0).litresPerAmpereHour }),
    .init(
      name: "%", number: 50, si: 0.5, wrap: { Ratio(percent: $0).value },
      unwrap: { Ratio($0).percent }),
    .init(
      name: "ppm", number: 30, si: 30e-6, wrap: { Ratio(partsPerMillion: $0).value },
      unwrap: { Ratio($0).partsPerMillion }),
  ]

  @Test("one pair from the definition of the unit", arguments: all)
  func known(conversion: NamedConversion) {
    let si = conversion.wrap(conversion.number)
    #expect((si - conversion.si).magnitude <= 2 * conversion.si.ulp)
    #expect(
      (conversion.unwrap(conversion.si) - conversion.number).magnitude <= 1e-13
        * max(conversion.number, 273.15))
  }

  @Test("random numbers come back", arguments: all)
  func roundTrip(conversion: NamedConversion) {
    var generator = Xorshift(state: 17)
    for _ in 0..<200 {
      let number = (generator.double() - 0.5) * 2e4
      let back = conversion.unwrap(conversion.wrap(number))
      // Each way rounds once; the offset of °C costs the digits of 273.15.
      #expect((back - number).magnitude <= 4 * max(number.magnitude, 273.15).ulp)
    }
  }
}
