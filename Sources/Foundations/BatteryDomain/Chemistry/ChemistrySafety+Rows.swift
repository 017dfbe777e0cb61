// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How rows of the safety tables are written: ranges, gases and their sources.

import Quantities

extension ChemistrySafety {
  /// All rows, in the order of ``Chemistry``.
  public static let all: [ChemistrySafety] = lithiumLiquid + otherSystems

  static func celsius(
    _ lower: Double, _ upper: Double, _ source: Source, _ verification: Verification = .read,
    note: String = ""
  ) -> Fact<ClosedRange<Temperature>> {
    .known(
      Temperature(celsius: lower)...Temperature(celsius: upper), source: source,
      verification: verification, note: note)
  }

  static func volts(
    _ lower: Double, _ upper: Double, _ source: Source, _ verification: Verification = .read,
    note: String = ""
  ) -> Fact<ClosedRange<Voltage>> {
    .known(
      Voltage(lower)...Voltage(upper), source: source, verification: verification, note: note)
  }

  /// Gas yield in litres per ampere-hour.
  static func gas(_ lower: Double, _ upper: Double, _ source: Source) -> Fact<GasRelease> {
    .known(
      .perCapacity(
        GasYield(litresPerAmpereHour: lower)...GasYield(litresPerAmpereHour: upper)),
      source: source)
  }

  private static func release(
    _ gas: ToxicGas, _ measured: MeasuredConcentration? = nil
  ) -> ToxicRelease {
    ToxicRelease(
      gas: gas,
      measured: measured.map { .known($0, source: .batterySafetyReview) }
        ?? .unknown(reason: "the review of battery safety names the gas without a figure"))
  }

  private static func gases(_ releases: [ToxicRelease]) -> Fact<[ToxicRelease]> {
    .known(releases, source: .batterySafetyReview)
  }

  /// LFP and NCM523 with liquid electrolyte, as tabulated.
  static let measuredHF = gases([
    release(.hydrogenFluoride, .above(Ratio(partsPerMillion: 130))), release(.carbonMonoxide),
  ])

  /// The gas routes of any lithium-ion cell with carbonate solvents and a fluorinated salt.
  static let carbonateGases = Fact<[ToxicRelease]>.known(
    [release(.hydrogenFluoride), release(.carbonMonoxide)], source: .batterySafetyReview,
    verification: .related,
    note: "gas routes of liquid lithium-ion cells in general; not measured for this chemistry")

  /// The tabulated sodium-ion row without hydrogen cyanide, which needs a Prussian-blue cathode.
  static let sodiumLayeredGases = gases([release(.hydrogenFluoride), release(.carbonMonoxide)])

  /// Sodium and potassium ion with Prussian-blue cathodes, as tabulated.
  static let prussianBlueGases = gases([
    release(.hydrogenCyanide, .below(Ratio(partsPerMillion: 100))), release(.hydrogenFluoride),
    release(.carbonMonoxide),
  ])

  /// NCM with a Li-P-S-Cl electrolyte, as tabulated.
  static let sulfideGases = gases([
    release(.hydrogenSulfide, .below(Ratio(partsPerMillion: 25))), release(.sulfurDioxide),
  ])
}
