// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of quantities: arithmetic, conversions and ordering.

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
  }

  @Test("A quantity occupies eight bytes")
  func size() {
    #expect(MemoryLayout<Voltage>.size == 8)
    #expect(MemoryLayout<[Voltage]>.stride == MemoryLayout<[Double]>.stride)
  }
}
