// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The safety table of lithium-ion chemistries with liquid electrolyte.

import Quantities

extension ChemistrySafety {
  static let lithiumLiquid: [ChemistrySafety] = [
    .init(
      chemistry: .lfp,
      runawayTrigger: celsius(196, 280, .batterySafetyReview),
      runawayPeak: celsius(417, 511, .batterySafetyReview),
      gas: gas(0.6, 2.5, .batterySafetyReview),
      toxic: measuredHF,
      window: .init(
        voltage: volts(2.0, 3.65, .bpxLFP),
        chargeTemperature: celsius(0, 45, .lfpDataSheet, note: "ambient temperature"),
        dischargeTemperature: celsius(-30, 45, .lfpDataSheet, note: "ambient temperature"),
        storageTemperature: celsius(-30, 45, .lfpDataSheet, note: "10 to 20 °C for long storage")
      )),
    .init(
      chemistry: .ncm111,
      runawayTrigger: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      runawayPeak: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: carbonateGases,
      window: .init(
        voltage: volts(2.7, 4.2, .bpxNMC111),
        chargeTemperature: celsius(0, 45, .generic18650, .related),
        dischargeTemperature: celsius(-20, 60, .generic18650, .related),
        storageTemperature: celsius(-20, 60, .generic18650, .related)
      )),
    .init(
      chemistry: .ncm523,
      runawayTrigger: celsius(165, 253, .batterySafetyReview),
      runawayPeak: celsius(544, 850, .batterySafetyReview),
      gas: gas(1.74, 5.0, .batterySafetyReview),
      toxic: measuredHF,
      window: .init(
        voltage: volts(2.7, 4.2, .bpxNMC111, .related),
        chargeTemperature: celsius(0, 45, .generic18650, .related),
        dischargeTemperature: celsius(-20, 60, .generic18650, .related),
        storageTemperature: celsius(-20, 60, .generic18650, .related)
      )),
    .init(
      chemistry: .ncm622,
      runawayTrigger: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      runawayPeak: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: carbonateGases,
      window: .init(
        voltage: volts(2.7, 4.2, .bpxNMC111, .related),
        chargeTemperature: celsius(0, 45, .generic18650, .related),
        dischargeTemperature: celsius(-20, 60, .generic18650, .related),
        storageTemperature: celsius(-20, 60, .generic18650, .related)
      )),
    .init(
      chemistry: .ncm811,
      runawayTrigger: celsius(
        202, 263, .failureDatabank,
        note:
          "LG M50, 8 tests at 100 % SOC, fast external heating, mean cell temperature at the trigger; slow heating triggers lower"
      ),
      runawayPeak: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: carbonateGases,
      window: .init(
        voltage: volts(2.5, 4.2, .chen2020, .secondHand, note: "LG M50"),
        chargeTemperature: celsius(0, 45, .generic18650, .related),
        dischargeTemperature: celsius(-20, 60, .generic18650, .related),
        storageTemperature: celsius(-20, 60, .generic18650, .related)
      )),
    .init(
      chemistry: .nca,
      runawayTrigger: celsius(
        219, 315, .failureDatabank,
        note:
          "Saft VES16 and Panasonic BE, 11 tests at 100 % SOC, fast external heating, mean cell temperature at the trigger; slow heating triggers lower"
      ),
      runawayPeak: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: carbonateGases,
      window: .init(
        voltage: volts(2.5, 4.2, .panasonicNCR18650B, .secondHand),
        chargeTemperature: celsius(0, 45, .panasonicNCR18650B, .secondHand),
        dischargeTemperature: celsius(-20, 60, .panasonicNCR18650B, .secondHand),
        storageTemperature: celsius(-20, 50, .panasonicNCR18650B, .secondHand)
      )),
    .init(
      chemistry: .lco,
      runawayTrigger: celsius(
        147, 151, .golubkov2014, .secondHand,
        note:
          "18650 with a blend of LCO and NCM, 2.6 Ah, charged to 100 %; mean and scatter of the tests"
      ),
      runawayPeak: celsius(
        829, 877, .golubkov2014, .secondHand,
        note:
          "18650 with a blend of LCO and NCM, 2.6 Ah, charged to 100 %; mean and scatter of the tests"
      ),
      gas: .unknown(
        reason:
          "only amounts of substance of a blended 18650 cell were found, no volume per capacity"
      ),
      toxic: carbonateGases,
      window: .init(
        voltage: volts(2.7, 4.2, .calceCS2, .secondHand),
        chargeTemperature: celsius(0, 45, .generic18650, .related),
        dischargeTemperature: celsius(-20, 60, .generic18650, .related),
        storageTemperature: celsius(-20, 60, .generic18650, .related)
      )),
    .init(
      chemistry: .lmo,
      runawayTrigger: .unknown(
        reason:
          "more stable than LCO in the same calorimeter (\(Source.mendozaHernandez2015.text)), but no figure was read in its source"
      ),
      runawayPeak: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: carbonateGases,
      window: .init(
        voltage: .unknown(
          reason:
            "no data sheet of a pure LMO cell was read; commercial cells blend it with layered oxides"
        ),
        chargeTemperature: celsius(0, 45, .generic18650, .related),
        dischargeTemperature: celsius(-20, 60, .generic18650, .related),
        storageTemperature: celsius(-20, 60, .generic18650, .related)
      )),
    .init(
      chemistry: .lto,
      runawayTrigger: .unknown(
        reason:
          "depends on the cathode it is paired with; no figure was read in its source"
      ),
      runawayPeak: .unknown(
        reason:
          "depends on the cathode it is paired with; no figure was read in its source"
      ),
      gas: .unknown(
        reason: "depends on the cathode it is paired with; no figure was read in its source"),
      toxic: carbonateGases,
      window: .init(
        voltage: volts(1.5, 2.7, .toshibaSCiB, .secondHand),
        chargeTemperature: celsius(-30, 55, .toshibaSCiB, .secondHand),
        dischargeTemperature: celsius(-30, 55, .toshibaSCiB, .secondHand),
        storageTemperature: celsius(-30, 55, .toshibaSCiB, .secondHand)
      )),
    .init(
      chemistry: .siliconGraphite,
      runawayTrigger: celsius(
        202, 263, .failureDatabank,
        note:
          "LG M50, 8 tests at 100 % SOC, fast external heating, mean cell temperature at the trigger; slow heating triggers lower"
      ),
      runawayPeak: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: carbonateGases,
      window: .init(
        voltage: volts(2.5, 4.2, .chen2020, .secondHand, note: "LG M50"),
        chargeTemperature: celsius(0, 45, .generic18650, .related),
        dischargeTemperature: celsius(-20, 60, .generic18650, .related),
        storageTemperature: celsius(-20, 60, .generic18650, .related)
      )),
  ]
}
