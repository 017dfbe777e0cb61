// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of chemistry names as people write them.

import BatteryDomain
import Testing

@Suite("Chemistry names")
struct ChemistryNamesTests {
  @Test("every raw value names its chemistry", arguments: Chemistry.allCases)
  func rawValues(chemistry: Chemistry) {
    #expect(Chemistry(name: chemistry.rawValue) == chemistry)
    #expect(Chemistry(name: chemistry.rawValue.uppercased()) == chemistry)
  }

  @Test(
    "names of data sheets",
    arguments: zip(
      ["NMC 811", "NCM-523", "nmc532", "LiFePO4", "LiCoO2", "Li-S", "VRLA", "Lead-Acid", "NMC333"],
      [
        Chemistry.ncm811, .ncm523, .ncm523, .lfp, .lco, .lithiumSulfur, .vrla, .vrla, .ncm111,
      ]))
  func dataSheets(name: String, chemistry: Chemistry) {
    #expect(Chemistry(name: name) == chemistry)
  }

  @Test(
    "names that say too little are refused",
    arguments: [
      "", "NMC", "lithium", "NMC 9 ½ ½", "811", "sodium ion", "Li polymer", "polymer", "oxide",
      "SiC",
    ])
  func refused(name: String) { #expect(Chemistry(name: name) == nil) }
}
