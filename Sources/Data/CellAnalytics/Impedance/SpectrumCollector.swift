// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cuts a table of impedances into spectra.

import BatteryDomain
import Cleaning

/// Cuts a table of impedances into spectra and keeps them in bounded memory.
struct SpectrumCollector: Sendable {
  static let limit = 2048
  private(set) var spectra: [ImpedanceSpectrum] = []
  private var open: ImpedanceSpectrum?
  /// The step of the test the open spectrum belongs to; NaN where the source numbers none.
  private var openStep = Double.nan
  private var stride = 1
  private(set) var count = 0

  mutating func add(_ cleaned: CleanedBatch, plan: TablePlan) {
    guard let real = plan.real, let imaginary = plan.imaginary else { return }
    for row in cleaned.acceptedRows {
      let re = cleaned.values[real][row]
      let im = cleaned.values[imaginary][row]
      guard !re.isNaN, !im.isNaN else { continue }
      let frequency = plan.frequency.map { cleaned.values[$0][row] } ?? .nan
      let cycleValue = plan.cycle.map { cleaned.values[$0][row] } ?? .nan
      let cycle = cycleValue.isNaN ? nil : Int(cycleValue)
      let step = plan.step.map { cleaned.values[$0][row] } ?? .nan
      if let open {
        let isNextStep = step.isFinite && openStep.isFinite && step != openStep
        if open.sourceCycle != cycle || isNextStep || open.turnsBack(frequency) { close() }
      }
      if open == nil {
        open = ImpedanceSpectrum(sourceCycle: cycle)
        openStep = step
      }
      open?.append(frequency: frequency, real: re, imaginary: im)
    }
  }

  private mutating func close() {
    guard let spectrum = open else { return }
    open = nil
    count += 1
    guard spectrum.real.count >= 3, (count - 1) % stride == 0 else { return }
    spectra.append(spectrum)
    if spectra.count >= Self.limit {
      stride *= 2
      spectra = Swift.stride(from: 0, to: spectra.count, by: 2).map { spectra[$0] }
    }
  }

  /// Ends the data.
  mutating func finish() { close() }
}
