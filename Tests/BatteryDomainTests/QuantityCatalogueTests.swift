// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the quantity catalogue: complete, consistent and stated.

import BatteryDomain
import Testing

@Suite("Quantity catalogue")
struct QuantityCatalogueTests {
  @Test("every quantity has one complete row", arguments: QuantityKey.allCases)
  func complete(key: QuantityKey) {
    let row = QuantityCatalogue.descriptor(of: key)
    #expect(row.key == key)
    #expect(!row.name.isEmpty && !row.description.isEmpty && !row.source.isEmpty)
    #expect(row.validRange.lowerBound < row.validRange.upperBound)
  }
}
