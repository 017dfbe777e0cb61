// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Circuits fitted to spectra whose elements are known.

import CellAnalytics
import Foundation
import NumericalMethods
import Testing

/// Spectrum of a circuit given as an `ImpedanceFit`, with relative noise.
private func spectrum(
  _ circuit: ImpedanceFit, points: Int = 60, noise: Double = 0, rising: Bool = false
) -> ImpedanceSpectrum {
  var random = Xoshiro256(seed: 11)
  var spectrum = ImpedanceSpectrum(sourceCycle: 1)
  for k in 0..<points {
    let place = Double(rising ? points - 1 - k : k) / Double(points - 1)
    let frequency = 20_000 * pow(0.02 / 20_000, place)
    let z = circuit.impedance(at: frequency)
    let modulus = hypot(z.real, z.imaginary)
    spectrum.append(
      frequency: frequency, real: z.real + noise * modulus * random.nextNormal(),
      imaginary: z.imaginary + noise * modulus * random.nextNormal())
  }
  return spectrum
}

private func value(_ value: Double) -> Estimate { Estimate(value: value, standardError: 0) }

private var circuit: ImpedanceFit {
  ImpedanceFit(
    inductance: value(2e-7), ohmicResistance: value(0.03),
    arcs: [
      .init(resistance: value(0.01), timeConstant: value(1e-3), exponent: value(0.9)),
      .init(resistance: value(0.025), timeConstant: value(0.2), exponent: value(0.85)),
    ], warburg: value(0.004), relativeDeviation: 0, points: 0)
}

@Suite struct ImpedanceTests {
  @Test("a single arc is not split")
  func single() throws {
    var simple = circuit
    simple.arcs = [circuit.arcs[1]]
    simple.warburg = nil
    let fit = try #require(ImpedanceFit.fit(spectrum(simple, noise: 0.002)))
    #expect(fit.arcs.count == 1)
    #expect(abs(fit.arcs[0].resistance.value / 0.025 - 1) < 0.03)
  }

  @Test("the ohmic resistance is the crossing of the real axis")
  func crossing() throws {
    var spectrum = ImpedanceSpectrum()
    spectrum.append(frequency: 1000, real: 0.030, imaginary: 0.002)
    spectrum.append(frequency: 500, real: 0.032, imaginary: -0.002)
    spectrum.append(frequency: 100, real: 0.040, imaginary: -0.006)
    let ohmic = try #require(spectrum.ohmicResistance())
    #expect(abs(ohmic.resistance - 0.031) < 1e-12)
    #expect(ohmic.isCrossing)
    // Without frequencies the inductive end is the fast one, whichever comes first.
    var slowFirst = ImpedanceSpectrum()
    for (real, imaginary) in zip(spectrum.real.reversed(), spectrum.imaginary.reversed()) {
      slowFirst.append(frequency: .nan, real: real, imaginary: imaginary)
    }
    #expect(abs(try #require(slowFirst.ohmicResistance()).resistance - 0.031) < 1e-12)
    var bare = ImpedanceSpectrum()
    bare.append(frequency: .nan, real: 1, imaginary: -1)
    #expect(bare.ohmicResistance() == nil)
    #expect(ImpedanceFit.fit(bare) == nil)
  }
}

@Suite(.enabled(if: NASACapacityReleaseTests.isEnabled)) struct ImpedanceReleaseTests {
  @Test("an exact spectrum gives its elements back", arguments: [false, true])
  func exact(rising: Bool) throws {
    let fit = try #require(ImpedanceFit.fit(spectrum(circuit, rising: rising)))
    #expect(fit.relativeDeviation < 1e-6)
    #expect(fit.arcs.count == 2)
    #expect(abs(fit.ohmicResistance.value / 0.03 - 1) < 1e-3)
    #expect(abs(fit.arcs[0].resistance.value / 0.01 - 1) < 1e-2)
    #expect(abs(fit.arcs[1].timeConstant.value / 0.2 - 1) < 1e-2)
    #expect(abs((fit.warburg?.value ?? 0) / 0.004 - 1) < 1e-2)
  }

  @Test("with noise the truth lies within three and a half standard errors")
  func noisy() throws {
    let fit = try #require(ImpedanceFit.fit(spectrum(circuit, noise: 0.002)))
    #expect(fit.relativeDeviation < 0.003)
    func check(_ estimate: Estimate?, _ truth: Double) {
      guard let estimate else {
        Issue.record("an element is missing")
        return
      }
      #expect(abs(estimate.value - truth) < 3.5 * estimate.standardError)
    }
    check(fit.ohmicResistance, 0.03)
    check(fit.arcs.first?.resistance, 0.01)
    check(fit.arcs.last?.resistance, 0.025)
    check(fit.arcs.last?.timeConstant, 0.2)
    check(fit.warburg, 0.004)
  }
}
