// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming analysis of one cell: the assessment of what came so far.

import BatteryDomain
import Cleaning
import NumericalMethods

extension CellTestAnalysis {
  /// The assessment of everything ingested so far; ingesting may go on afterwards.
  ///
  /// - Complexity: O(cycles · draws of the forecasts + fitted spectra).
  public func assessment() -> CellTestAssessment {
    var copy = self
    copy.finishAll()
    copy.spectra.finish()
    return copy.assess()
  }

  private func assess() -> CellTestAssessment {
    let discharges = halfCycles.filter(\.isDischarge)
    let cutOff = CutOff.find(
      discharges, thresholds: thresholds, format: formats.first ?? "",
      override: settings.cutOffVoltage)
    var cycles = CycleBuilder.cycles(
      halfCycles, cutOff: cutOff, thresholds: thresholds, pulses: pulseRecords,
      pulseTimes: settings.pulseTimes)
    if cycles.isEmpty { cycles = cyclesFromTable() }
    CycleBuilder.assignGroups(&cycles)
    let series = capacitySeries(cycles)
    var cleaning = CleaningSummary()
    for table in tables { cleaning.merge(table.cleaner.summary) }
    var assessment = CellTestAssessment(
      identity: identity, formats: formats, timeReference: timeReference, start: span?.lowerBound,
      end: span?.upperBound, samples: samples, unusableSamples: unusableSamples,
      cleaning: cleaning, severity: .note, risk: 0, findings: [], cutOff: cutOff, cycles: cycles,
      series: series, stateOfHealth: series?.stateOfHealth, endOfLifeCycle: series?.endOfLifeCycle,
      knee: series.flatMap { KneePoint.find(in: $0) },
      forecasts: series.map { LifeForecast.all(for: $0, seed: settings.seed) } ?? [],
      steps: steps,
      stepSummaries: StepKind.allCases.compactMap { kind in
        stepCounts[kind].map { CellTestAssessment.StepSummary(kind: kind, totals: $0) }
      }, pulseTimes: settings.pulseTimes, pulses: pulseRecords, relaxations: relaxations,
      curves: differentialCurves(),
      impedance: ImpedanceResult.read(spectra.spectra, fitLimit: settings.fittedSpectraLimit),
      minimumVoltage: voltageExtremes.minimum.isFinite ? voltageExtremes.minimum : nil,
      maximumVoltage: voltageExtremes.maximum.isFinite ? voltageExtremes.maximum : nil,
      usualChargedVoltage: usualChargedVoltage,
      maximumTemperature: temperatureExtremes.maximum.isFinite ? temperatureExtremes.maximum : nil
    )
    let findings = CellFindings(assessment: assessment, settings: settings).ranked()
    assessment.findings = findings
    assessment.severity = findings.map(\.severity).max() ?? .note
    assessment.risk = findings.map(\.risk).max() ?? 0
    return assessment
  }

  private var usualChargedVoltage: Double? {
    let highest = halfCycles.filter { !$0.isDischarge }.map(\.maximumVoltage)
    return highest.isEmpty ? nil : RobustStatistics.median(highest)
  }

  private func cyclesFromTable() -> [CycleRecord] {
    cycleTable.rows.enumerated().map { index, row in
      var record = CycleRecord(number: index + 1)
      record.sourceCycle = row.cycle
      record.capacity = row.capacity ?? row.health
      record.resistance = row.resistance
      return record
    }
  }

  /// Capacity over the cycles of the largest comparable group, with at least three of them.
  private func capacitySeries(_ cycles: [CycleRecord]) -> CapacitySeries? {
    let comparable = cycles.filter { $0.group == 0 }
    guard comparable.count >= 3 else { return nil }
    return CapacitySeries(
      cycle: comparable.map { Double($0.number) }, capacity: comparable.compactMap(\.capacity),
      nominal: settings.nominalCapacity, endOfLife: settings.endOfLifeCapacity,
      share: settings.endOfLifeShare)
  }

  private func differentialCurves() -> [DifferentialCurve] {
    var result: [DifferentialCurve] = []
    for kept in curves.all where kept.isSteady {
      func add(_ kind: DifferentialCurve.Kind, _ x: [Double], _ y: [Double], _ peaks: [CurvePeak]) {
        result.append(
          DifferentialCurve(
            kind: kind, cycle: kept.cycle, isDischarge: kept.isDischarge, x: x, y: y, peaks: peaks))
      }
      if let incremental = kept.incrementalCapacity {
        add(
          .incrementalCapacity, incremental.voltage, incremental.capacity, incremental.peaks)
      }
      // Constant-voltage parts have no slope to speak of.
      let largest = kept.curve.current.map { abs($0) }.max() ?? 0
      let steady = kept.curve.current.indices.filter {
        abs(kept.curve.current[$0]) > 0.95 * largest
      }
      let voltage = steady.map { kept.curve.voltage[$0] }
      if let differential = DifferentialAnalysis.differentialVoltage(
        charge: steady.map { kept.curve.charge[$0] }, voltage: voltage)
      {
        add(
          .differentialVoltage, differential.charge, differential.slope, differential.peaks)
      }
      if let thermal = DifferentialAnalysis.thermalVoltammetry(
        time: steady.map { kept.curve.time[$0] }, voltage: voltage,
        temperature: steady.map { kept.curve.temperature[$0] })
      {
        add(.differentialThermal, thermal.voltage, thermal.ratio, [])
      }
    }
    return result
  }
}
