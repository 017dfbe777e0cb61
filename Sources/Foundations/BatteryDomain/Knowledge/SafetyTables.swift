// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The limit and safety tables as a Markdown page.

import Quantities

/// The limit and safety tables as a Markdown page for people.
///
/// The page `Docs/safety/limits.md` is this text; a test compares the two, so that the page can
/// never say anything else than the program uses.
public enum SafetyTables {
  /// The whole page.
  public static var markdown: String {
    """
    # Limits and safety data by chemistry

    Generated from the tables in `BatteryDomain`; do not edit. These are reference values for \
    plausibility, alarms and defaults. The data sheet of the cell at hand decides. This software \
    is not a certified safety function.

    Marks: no mark, read in the source; † quoted at second hand, check before relying on it; ‡ \
    read for a related or unnamed cell of the family.

    ## Levels

    | level | beyond it | reaction |
    |---|---|---|
    \(levels)

    Voltage: the operating limit (MOL) is the end of the voltage window, RSL and MSL lie \
    \(millivolts(LimitSpacing.voltageToRecommended)) and \
    \(millivolts(LimitSpacing.voltageToSafety)) outside. Temperature: MSL is the end of the \
    window, RSL and MOL lie \(kelvins(LimitSpacing.temperatureToRecommended)) and \
    \(kelvins(LimitSpacing.temperatureToSafety)) inside. Source of the levels and distances: \
    \(Source.foxBMS.text).

    ## Default limits (MOL / RSL / MSL)

    | chemistry | cell voltage, upper V | cell voltage, lower V | charge, upper °C | charge, \
    lower °C | discharge and rest, upper °C | discharge and rest, lower °C |
    |---|---|---|---|---|---|---|
    \(Chemistry.allCases.map(limitRow).joined(separator: "\n"))

    ## Operating windows

    | chemistry | voltage V | charge °C | discharge °C | storage °C |
    |---|---|---|---|---|
    \(Chemistry.allCases.map(windowRow).joined(separator: "\n"))

    ## Runaway and gas

    | chemistry | trigger °C | peak °C | gas | toxic gases |
    |---|---|---|---|---|
    \(Chemistry.allCases.map(hazardRow).joined(separator: "\n"))

    Values depend on state of charge, ageing history, heating rate and chamber.

    ## Concentrations immediately dangerous to life or health

    | gas | ppm |
    |---|---|
    \(ToxicGas.allCases.map { "| \($0.formula) | \(number($0.immediatelyDangerous.partsPerMillion, 0)) |" }.joined(separator: "\n"))

    Source: \(Source.nioshIDLH.text).

    ## Conditions and what is unknown

    \(Chemistry.allCases.map(notes).joined(separator: "\n"))

    """
  }

  private static var levels: String {
    let names: [(LimitLevel, String)] = [
      (.maximumOperatingLimit, "maximum operating limit"),
      (.recommendedSafetyLimit, "recommended safety limit"),
      (.maximumSafetyLimit, "maximum safety limit"),
    ]
    return names.map { level, name in
      "| \(level.rawValue.uppercased()) | \(name) | \(level.reaction) |"
    }.joined(separator: "\n")
  }

  private static func number(_ value: Double, _ digits: Int) -> String {
    DecimalText.fixed(value, fractionDigits: digits)
  }

  private static func millivolts(_ voltage: Voltage) -> String {
    "\(number(voltage.millivolts, 0)) mV"
  }

  private static func kelvins(_ difference: TemperatureDifference) -> String {
    "\(number(difference.value, 0)) K"
  }

  private static func limitRow(_ chemistry: Chemistry) -> String {
    let set = LimitSet.defaults(for: chemistry)
    func cell(
      _ quantity: LimitedQuantity, _ side: ThreeLevelLimit.Side, _ activity: BatteryActivity
    ) -> String {
      let limit = set.limits(of: quantity).first {
        $0.side == side && $0.activities.contains(activity)
      }
      guard let limit else { return "unknown" }
      return [limit.operating, limit.recommended, limit.safety].map { curve in
        let unit = quantity.displayUnit
        let value = unit.number(fromSI: curve.points[0].value)
        return number(value, quantity == .cellVoltage ? 2 : 0)
      }.joined(separator: " / ")
    }
    return "| \(chemistry.label) | \(cell(.cellVoltage, .upper, .rest)) | "
      + "\(cell(.cellVoltage, .lower, .rest)) | \(cell(.cellTemperature, .upper, .charge)) | "
      + "\(cell(.cellTemperature, .lower, .charge)) | "
      + "\(cell(.cellTemperature, .upper, .discharge)) | "
      + "\(cell(.cellTemperature, .lower, .discharge)) |"
  }

  private static func mark<Value>(_ fact: Fact<Value>) -> String {
    switch fact.sourced?.verification {
    case .secondHand: "†"
    case .related: "‡"
    case .read, nil: ""
    }
  }

  private static func text(_ fact: Fact<ClosedRange<Temperature>>) -> String {
    guard let range = fact.value else { return "unknown" }
    return "\(number(range.lowerBound.celsius, 0)) to \(number(range.upperBound.celsius, 0))"
      + mark(fact)
  }

  private static func windowRow(_ chemistry: Chemistry) -> String {
    let window = chemistry.safety.window
    let voltage =
      window.voltage.value.map {
        "\(number($0.lowerBound.value, 2)) to \(number($0.upperBound.value, 2))"
          + mark(window.voltage)
      } ?? "unknown"
    return "| \(chemistry.label) | \(voltage) | \(text(window.chargeTemperature)) | "
      + "\(text(window.dischargeTemperature)) | \(text(window.storageTemperature)) |"
  }

  private static func hazardRow(_ chemistry: Chemistry) -> String {
    let safety = chemistry.safety
    let gas = safety.gas.value.map { $0.text + mark(safety.gas) } ?? "unknown"
    let toxic =
      safety.toxic.value.map { releases in
        releases.map { release in
          release.gas.formula + (release.measured.value.map { " \($0.text)" } ?? "")
        }.joined(separator: ", ") + mark(safety.toxic)
      } ?? "unknown"
    return "| \(chemistry.label) | \(text(safety.runawayTrigger)) | "
      + "\(text(safety.runawayPeak)) | \(gas) | \(toxic) |"
  }

  private static func notes(_ chemistry: Chemistry) -> String {
    let safety = chemistry.safety
    let lines = [
      line("runaway trigger", safety.runawayTrigger), line("runaway peak", safety.runawayPeak),
      line("gas", safety.gas), line("toxic gases", safety.toxic),
      line("voltage", safety.window.voltage),
      line("charge temperature", safety.window.chargeTemperature),
      line("discharge temperature", safety.window.dischargeTemperature),
      line("storage temperature", safety.window.storageTemperature),
    ]
    return "### \(chemistry.label)\n\n" + lines.joined(separator: "\n") + "\n"
  }

  private static func line<Value>(_ name: String, _ fact: Fact<Value>) -> String {
    switch fact {
    case .unknown(let reason): return "- \(name): unknown. \(reason)"
    case .known(let sourced):
      let note = sourced.note.isEmpty ? "" : " (\(sourced.note))"
      return "- \(name): \(sourced.source.text)\(note)"
    }
  }
}
