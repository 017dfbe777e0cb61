// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of quantities: arithmetic, conversions and ordering.

import Foundation
import Quantities
import Testing

@Suite("Quantities")
struct QuantityTests {
  @Test("Celsius goes in and comes out")
  func celsius() {
    #expect(Temperature(celsius: 25).value == 298.15)
    #expect((Temperature(celsius: 25).celsius - 25).magnitude < 1e-12)
  }

  @Test("Products carry the right unit and value")
  func products() {
    let power: Power = Voltage(3.7) * Current(2)
    #expect(power == Power(7.4))
    let charge: Charge = Current(2) * Duration(hours: 0.5)
    #expect(charge.ampereHours == 1)
    #expect(charge / Duration(hours: 0.5) == Current(2))
    #expect(charge / Current(2) == Duration(minutes: 30))
    #expect(Energy(wattHours: 3.7) / Charge(ampereHours: 1) == Voltage(3.7))
    #expect(Voltage(4) / Resistance(milliohms: 2) == Current(2_000))
    #expect(Power(7.4) / Voltage(3.7) == Current(2))
    #expect(Resistance(2) * Current(3) == Current(3) * Resistance(2))
    let gas: Volume = GasYield(litresPerAmpereHour: 2) * Charge(ampereHours: 3)
    #expect(gas.isApproximatelyEqual(to: Volume(litres: 6), relativeTolerance: 4e-16))
  }

  @Test("A heat balance closes: what warms the cell equals what the warming holds")
  func heatBalance() {
    let capacity: HeatCapacity = Mass(grams: 50) * SpecificHeatCapacity(1_000)
    let surface: ThermalConductance = HeatTransferCoefficient(10) * Area(squareCentimetres: 40)
    let warm = Temperature(celsius: 20) + TemperatureDifference(5)
    let excess = warm.difference(from: Temperature(celsius: 20))
    #expect(
      excess.isApproximatelyEqual(to: TemperatureDifference(5), absoluteTolerance: .init(1e-13)))
    let heat: Energy = capacity * excess
    #expect(heat.isApproximatelyEqual(to: Energy(250)))
    #expect((heat / capacity).isApproximatelyEqual(to: excess))
    let loss: Power = surface * excess
    #expect(loss.isApproximatelyEqual(to: Power(0.2)))
    #expect((heat / (heat / loss)).isApproximatelyEqual(to: loss))
    let rate = TemperatureRate(kelvinPerMinute: 60)
    #expect((rate * Duration(3)) == TemperatureDifference(3))
    #expect(warm - excess == Temperature(celsius: 20))
  }

  @Test("A quantity occupies eight bytes")
  func size() {
    #expect(MemoryLayout<Voltage>.size == 8)
    #expect(MemoryLayout<[Voltage]>.stride == MemoryLayout<[Double]>.stride)
  }

  @Test("Text carries the unit, JSON is a bare SI number")
  func text() throws {
    #expect("\(Voltage(3.7))" == "3.7 V")
    #expect("\(HeatTransferCoefficient(5))" == "5.0 W/(m²·K)")
    #expect("\(Ratio(percent: 50))" == "0.5")
    let data = try JSONEncoder().encode([Charge(ampereHours: 1)])
    #expect(String(decoding: data, as: UTF8.self) == "[3600]")
    #expect(try JSONDecoder().decode([Charge].self, from: data) == [Charge(3_600)])
  }

  @Test("Quantities order and sum like numbers")
  func ordering() {
    var sum = Current.zero
    for current in [Current(3), Current(-1), Current(2)] { sum += current }
    sum -= Current(1)
    #expect(sum == Current(3))
    #expect([Current(3), Current(-1)].min() == Current(-1))
    #expect(Current(-4).magnitude == Current(4))
    #expect(-Current(2) * 2 == Current(-8) / 2)
    #expect(!Voltage(.nan).isFinite && Voltage(1) / Voltage(4) == 0.25)
  }

  @Test("NaN is neither below, above nor within anything")
  func notANumber() {
    let unknown = Temperature(.nan)
    let limit = Temperature(celsius: 60)
    #expect(!(unknown < limit) && !(unknown <= limit) && !(unknown > limit) && !(unknown >= limit))
    #expect(!(limit < unknown) && !(limit <= unknown) && !(limit > unknown) && !(limit >= unknown))
    #expect(!(Temperature(celsius: 0)...limit).contains(unknown))
    #expect(limit <= limit && limit >= limit && !(limit < limit) && !(limit > limit))
  }
}
