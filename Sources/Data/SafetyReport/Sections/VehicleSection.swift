// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The section of a page about one vehicle.

import BatteryDomain
import Cleaning
import FleetAnalytics
import Quantities
import ReportPages

/// The section of a page about one vehicle: facts, figures and tables.
struct VehicleSection {
  let assessment: VehicleAssessment
  let input: ReportDocument.Input
  let charts: VehicleCharts

  init(
    assessment: VehicleAssessment, input: ReportDocument.Input, pointLimit: Int
  ) {
    self.assessment = assessment
    self.input = input
    charts = VehicleCharts(assessment, pointLimit: pointLimit)
  }

  private var clock: SourceClock { charts.clock }

  /// The section with its facts, figures and tables.
  func section(id: String) -> SubjectSection {
    SubjectSection(
      id: id, identity: assessment.identity,
      subtitle: "Vehicle telemetry from \(input.file), read as \(input.format).",
      severity: assessment.findings.map(\.severity).max(), facts: facts, charts: charts.all(),
      tables: tables)
  }

  private var facts: [PageFact] {
    let rows = assessment.rows
    let pack = assessment.pack
    var facts: [PageFact] = [
      .init("Risk, 0 to 100", DisplayText.number(assessment.risk, significant: 3)),
      .init(
        "Time span",
        "\(clock.day(assessment.span.start)) to \(clock.day(assessment.span.end)) (\(clock.zone))"),
      .init(
        "Rows used",
        "\(DisplayText.count(rows.used)) of \(DisplayText.count(rows.received))"
          + ", \(DisplayText.count(rows.steady)) at low current"),
      .init(
        "Pack",
        "\(assessment.cellCount) cells in \(assessment.modules.count) modules, "
          + "\(assessment.probeCount) probes"),
    ]
    if let first = pack.firstSpread, let last = pack.lastSpread {
      facts.append(.init("Voltage spread, first → last", "\(mV(first)) → \(mV(last))"))
    }
    if let low = pack.temperatureMinimum, let high = pack.temperatureMaximum {
      facts.append(.init("Temperature seen", "\(celsius(low)) to \(celsius(high))"))
    }
    if let capacity = pack.capacity {
      facts.append(
        .init(
          "Capacity, \(pack.capacitySource)",
          "\(ampereHours(capacity.low)) to \(ampereHours(capacity.high))"))
    }
    if let interval = assessment.telemetry.interval {
      facts.append(
        .init(
          "Interval, gaps",
          "\(DisplayText.duration(interval)), \(DisplayText.count(assessment.telemetry.gaps)) gaps"
        ))
    }
    return facts
  }

  private var tables: Markup {
    var result: Markup = ""
    for (title, markup) in [
      ("Standing of every cell", cellTable.markup), ("Temperature probes", probeTable.markup),
      ("The vehicle's own alarms", alarmTable.markup),
      ("Lead time before the vehicle's own alarms", leadTable.markup),
      ("Charge sessions", chargeTable.markup),
    ] where !markup.text.isEmpty {
      result += PageSection.fold(title, markup)
    }
    result += CleaningTables(summary: assessment.cleaning, clock: clock).markup
    return result
  }

  private var cellTable: TableMarkup {
    let ranked = assessment.cells.sorted {
      ($0.severity, $0.risk, abs($0.deviation ?? 0), $1.cell)
        > ($1.severity, $1.risk, abs($1.deviation ?? 0), $0.cell)
    }
    return TableMarkup(
      caption: "Deviations are against the module's median at like state of charge; z is robust.",
      columns: [
        .text("Cell"), .text("Finding"), .number("Module"), .number("First"), .number("Latest"),
        .number("z module"), .number("z pack"), .number("Drift a week"), .text("Since"),
        .number("Resistance"), .number("Correlation"),
      ],
      rows: ranked.map { cell in
        [
          "cell\u{00A0}\(cell.cell)",
          cell.severity > .note ? Severity.badge(cell.severity) : "–",
          "\(cell.module)", optional(cell.firstDeviation, mV), optional(cell.deviation, mV),
          optional(cell.moduleScore) { DisplayText.number($0, significant: 2) },
          optional(cell.packScore) { DisplayText.number($0, significant: 2) },
          optional(cell.driftRate) { mV($0 * Self.week) },
          optional(cell.onset, clock.day),
          optional(cell.resistanceDeviation) {
            "\(DisplayText.number($0 * 1000, significant: 2))\u{202F}mΩ"
          },
          optional(cell.correlation) { DisplayText.number($0) },
        ]
      })
  }

  private var probeTable: TableMarkup {
    TableMarkup(
      caption: "Deviation is against the median of the live probes.",
      columns: [
        .text("Probe"), .text("Condition"), .number("Usable rows"), .number("Deviation"),
        .number("Latest"), .number("Highest"),
      ],
      rows: assessment.probes.map { probe in
        [
          "probe\u{00A0}\(probe.probe)", Markup(escaping: probe.condition.rawValue),
          Markup(escaping: DisplayText.percent(probe.validShare)),
          optional(probe.deviation) { DisplayText.quantity($0, "K") },
          optional(probe.latestDeviation) { DisplayText.quantity($0, "K") },
          optional(probe.maximum, celsius),
        ]
      })
  }

  private var alarmTable: TableMarkup {
    let episodes = assessment.alarms.suffix(50)
    return TableMarkup(
      caption: assessment.alarms.count > episodes.count
        ? "The last \(episodes.count) of \(assessment.alarms.count) episodes."
        : "All episodes with a level above 0.",
      columns: [.text("From"), .text("Duration"), .number("Highest level"), .number("Rows")],
      rows: episodes.map { alarm in
        [
          Markup(escaping: clock.minute(alarm.span.start)),
          Markup(escaping: DisplayText.duration(alarm.span.duration)), "\(alarm.level)",
          Markup(escaping: DisplayText.count(alarm.rows)),
        ]
      })
  }

  private var leadTable: TableMarkup {
    TableMarkup(
      caption: "When the analysis, fed with the rows up to then, could first say so.",
      columns: [.text("Part"), .text("Detected"), .number("Lead"), .text("In words")],
      rows: assessment.leadTimes.map { lead in
        [
          Markup(escaping: lead.subject.label), Markup(escaping: clock.minute(lead.detected)),
          optional(lead.lead, DisplayText.duration), Markup(escaping: lead.statement),
        ]
      })
  }

  private var chargeTable: TableMarkup {
    let sessions = assessment.chargeSessions.suffix(50)
    return TableMarkup(
      caption: assessment.chargeSessions.count > sessions.count
        ? "The last \(sessions.count) of \(assessment.chargeSessions.count) sessions."
        : "All sessions; capacity is charge over change of the reported state of charge.",
      columns: [
        .text("From"), .text("Duration"), .text("State of charge"), .number("Charge"),
        .number("Mean current"), .number("Highest cell"), .number("Hottest probe"),
        .number("Capacity"), .text("Known from"),
      ],
      rows: sessions.map { session in
        let from = session.startStateOfCharge.map { DisplayText.percent($0) } ?? "?"
        let to = session.endStateOfCharge.map { DisplayText.percent($0) } ?? "?"
        return [
          Markup(escaping: clock.minute(session.span.start)),
          Markup(escaping: DisplayText.duration(session.span.duration)), "\(from) → \(to)",
          Markup(escaping: ampereHours(session.charge)),
          Markup(escaping: DisplayText.quantity(session.meanCurrent, "A")),
          optional(session.endCellVoltageMaximum) { DisplayText.quantity($0, "V") },
          optional(session.temperatureMaximum, celsius), optional(session.capacity, ampereHours),
          session.isInferred ? "current and speed" : "charge state",
        ]
      })
  }

  private static let week = 7 * 86_400.0

  private func mV(_ volts: Double) -> String {
    DisplayText.quantity((volts * 10_000).rounded() / 10, "mV")
  }
  private func celsius(_ kelvin: Double) -> String {
    DisplayText.quantity((Temperature(kelvin).celsius * 10).rounded() / 10, "°C")
  }
  private func ampereHours(_ coulombs: Double) -> String {
    DisplayText.quantity(Charge(coulombs).ampereHours, "Ah")
  }
  private func optional(_ value: Double?, _ text: (Double) -> String) -> Markup {
    Markup(escaping: value.map(text) ?? "–")
  }
}
