// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The safety table of sodium, potassium, solid-state, sulfur and lead-acid systems.

import Quantities

extension ChemistrySafety {
  static let otherSystems: [ChemistrySafety] = [
    .init(
      chemistry: .sodiumLayered,
      runawayTrigger: celsius(157, 271, .batterySafetyReview),
      runawayPeak: celsius(466, 794, .batterySafetyReview),
      gas: gas(1.8, 5.1, .batterySafetyReview),
      toxic: sodiumLayeredGases,
      window: .init(
        voltage: volts(
          1.8, 3.95, .sodium18650, .related, note: "cathode not named; nominal 3.05 V"),
        chargeTemperature: celsius(
          -20, 55, .sodium18650, .related, note: "cathode not named; nominal 3.05 V"),
        dischargeTemperature: celsius(
          -40, 60, .sodium18650, .related, note: "cathode not named; nominal 3.05 V"),
        storageTemperature: celsius(
          15, 35, .sodium18650, .related, note: "cathode not named; nominal 3.05 V")
      )),
    .init(
      chemistry: .sodiumPrussianBlue,
      runawayTrigger: celsius(157, 271, .batterySafetyReview),
      runawayPeak: celsius(466, 794, .batterySafetyReview),
      gas: gas(1.8, 5.1, .batterySafetyReview),
      toxic: prussianBlueGases,
      window: .init(
        voltage: .unknown(reason: "no data sheet of a Prussian-blue cell was read"),
        chargeTemperature: .unknown(
          reason: "no data sheet of a Prussian-blue cell was read"),
        dischargeTemperature: .unknown(
          reason: "no data sheet of a Prussian-blue cell was read"),
        storageTemperature: .unknown(
          reason: "no data sheet of a Prussian-blue cell was read")
      )),
    .init(
      chemistry: .potassiumIon,
      runawayTrigger: celsius(100, 120, .batterySafetyReview),
      runawayPeak: celsius(325, 500, .batterySafetyReview),
      gas: .known(.partOfCathodeMass(Ratio(percent: 51.4)), source: .batterySafetyReview),
      toxic: prussianBlueGases,
      window: .init(
        voltage: .unknown(reason: "not commercial; no data sheet exists to read"),
        chargeTemperature: .unknown(
          reason: "not commercial; no data sheet exists to read"),
        dischargeTemperature: .unknown(
          reason: "not commercial; no data sheet exists to read"),
        storageTemperature: .unknown(
          reason: "not commercial; no data sheet exists to read")
      )),
    .init(
      chemistry: .sulfideSolidState,
      runawayTrigger: celsius(150, 313, .batterySafetyReview, note: "NCM with Li-P-S-Cl"),
      runawayPeak: celsius(500, 700, .batterySafetyReview, note: "NCM with Li-P-S-Cl"),
      gas: gas(0.8, 1.5, .batterySafetyReview),
      toxic: sulfideGases,
      window: .init(
        voltage: .unknown(reason: "depends on the cell design; no data sheet was read"),
        chargeTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read"),
        dischargeTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read"),
        storageTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read")
      )),
    .init(
      chemistry: .oxideSolidState,
      runawayTrigger: .unknown(
        reason:
          "depends on the oxide and on lithium metal (melting at 180.5 °C); no figure was read in its source"
      ),
      runawayPeak: .unknown(
        reason:
          "some oxide electrolytes raise the peak heat-release rate tenfold (\(Source.batterySafetyReview.text)), but no temperature was read"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      window: .init(
        voltage: .unknown(reason: "depends on the cell design; no data sheet was read"),
        chargeTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read"),
        dischargeTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read"),
        storageTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read")
      )),
    .init(
      chemistry: .polymerSolidState,
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
      toxic: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      window: .init(
        voltage: .unknown(reason: "depends on the cell design; no data sheet was read"),
        chargeTemperature: .unknown(
          reason:
            "most polymers need heating to conduct, by an amount that depends on the cell"
        ),
        dischargeTemperature: .unknown(
          reason:
            "most polymers need heating to conduct, by an amount that depends on the cell"
        ),
        storageTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read")
      )),
    .init(
      chemistry: .lithiumSulfur,
      runawayTrigger: .unknown(
        reason:
          "starts from cathode reactions and runs away in a narrow range even with solid electrolytes (\(Source.huang2022.text)), but no figure was read"
      ),
      runawayPeak: .unknown(
        reason:
          "starts from cathode reactions and runs away in a narrow range even with solid electrolytes (\(Source.huang2022.text)), but no figure was read"
      ),
      gas: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      toxic: .unknown(
        reason:
          "the review of battery safety has no row for it and no other figure was read in its source"
      ),
      window: .init(
        voltage: .unknown(reason: "depends on the cell design; no data sheet was read"),
        chargeTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read"),
        dischargeTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read"),
        storageTemperature: .unknown(
          reason: "depends on the cell design; no data sheet was read")
      )),
    .init(
      chemistry: .vrla,
      runawayTrigger: .unknown(
        reason:
          "runaway of a sealed lead-acid cell is a slow rise of float current and temperature until it dries out, not an exothermic decomposition; no figure was read"
      ),
      runawayPeak: .unknown(
        reason:
          "runaway of a sealed lead-acid cell is a slow rise of float current and temperature until it dries out, not an exothermic decomposition; no figure was read"
      ),
      gas: .unknown(
        reason: "hydrogen and oxygen of overcharge follow the float current, not the capacity"),
      toxic: .unknown(
        reason:
          "overcharge is reported to release traces of hydrogen sulfide; no measured figure was read"
      ),
      window: .init(
        voltage: volts(
          1.75, 2.28, .oerlikon,
          note:
            "upper end: end of charge in float service, cyclic service charges higher; lower end: end of discharge at up to 0.2 C (\(Source.gelBattery.text))"
        ),
        chargeTemperature: celsius(-15, 50, .gelBattery),
        dischargeTemperature: celsius(-15, 50, .gelBattery),
        storageTemperature: .unknown(reason: "no data sheet was read")
      )),
  ]
}
