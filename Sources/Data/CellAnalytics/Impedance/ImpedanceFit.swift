// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An equivalent circuit fitted to a spectrum, with standard errors.

import Foundation
import NumericalMethods

/// A value with its standard error.
public struct Estimate: Codable, Hashable, Sendable {
  /// The value in its unit.
  public var value: Double
  /// Standard error in the same unit.
  public var standardError: Double

  /// Creates an estimate.
  public init(value: Double, standardError: Double) {
    self.value = value
    self.standardError = standardError
  }
}

/// An equivalent circuit fitted to a spectrum:
/// `Z(ω) = jωL + R₀ + Σ Rᵢ/(1 + (jωτᵢ)^αᵢ) + σ(1 − j)/√ω`.
///
/// Each arc is a ZARC element (a resistance beside a constant-phase element); `α = 1` is a
/// resistance beside a capacitor. The last term is a semi-infinite Warburg element. One or two
/// arcs, with or without the Warburg element, are fitted to the relative deviation and the circuit
/// with the lowest corrected Akaike criterion is kept.
///
/// - Reference: Barsoukov & Macdonald (2005), "Impedance Spectroscopy", 2nd ed., chapter 2.2;
///   Hurvich & Tsai (1989), doi:10.1093/biomet/76.2.297 (criterion).
public struct ImpedanceFit: Codable, Hashable, Sendable {
  /// One arc of the spectrum.
  public struct Arc: Codable, Hashable, Sendable {
    /// Width of the arc in ohms.
    public var resistance: Estimate
    /// Time constant in seconds.
    public var timeConstant: Estimate
    /// Exponent from 0.4 to 1; 1 is a semicircle.
    public var exponent: Estimate
    /// Creates an arc.
    public init(resistance: Estimate, timeConstant: Estimate, exponent: Estimate) {
      self.resistance = resistance
      self.timeConstant = timeConstant
      self.exponent = exponent
    }

    /// Frequency of the arc's summit in hertz.
    public var peakFrequency: Double { 1 / (2 * .pi * timeConstant.value) }
  }

  /// Series inductance in henries.
  public var inductance: Estimate
  /// Ohmic resistance in ohms.
  public var ohmicResistance: Estimate
  /// The arcs, the fastest first.
  public var arcs: [Arc]
  /// Warburg coefficient in Ω/√s, where the circuit has one.
  public var warburg: Estimate?
  /// Root-mean-square deviation as a share of the modulus.
  public var relativeDeviation: Double
  /// Number of points fitted.
  public var points: Int
  /// Whether the circuit describes the spectrum within 3 %; arcs of a worse fit mean little.
  public var isClose: Bool { relativeDeviation < 0.03 }

  /// Creates a circuit, for example to compute its spectrum.
  public init(
    inductance: Estimate, ohmicResistance: Estimate, arcs: [Arc], warburg: Estimate?,
    relativeDeviation: Double = 0, points: Int = 0
  ) {
    self.inductance = inductance
    self.ohmicResistance = ohmicResistance
    self.arcs = arcs
    self.warburg = warburg
    self.relativeDeviation = relativeDeviation
    self.points = points
  }

  /// The impedance of the fitted circuit at a frequency in hertz.
  public func impedance(at frequency: Double) -> (real: Double, imaginary: Double) {
    var parameters = [
      log(inductance.value), log(ohmicResistance.value),
    ]
    for arc in arcs {
      parameters += [
        log(arc.resistance.value), log(arc.timeConstant.value), Self.logit(arc.exponent.value),
      ]
    }
    if let warburg { parameters.append(log(warburg.value)) }
    return Self.model(
      parameters, arcs: arcs.count, hasWarburg: warburg != nil, omega: 2 * .pi * frequency)
  }

  /// Fits a spectrum.
  ///
  /// - Parameter spectrum: Points with frequencies, at least twelve.
  /// - Returns: The best circuit whose parameters are all determined by the data, or nil.
  /// - Complexity: O(points · iterations); about a millisecond for sixty points in release.
  public static func fit(_ spectrum: ImpedanceSpectrum) -> ImpedanceFit? {
    let ordered = spectrum.descending()
    guard ordered.hasFrequencies, ordered.real.count >= 12,
      let start = ordered.ohmicResistance(), start.resistance > 0
    else { return nil }
    var best: (fit: ImpedanceFit, criterion: Double)?
    for arcs in 1...2 {
      for hasWarburg in [false, true] {
        let candidate = fitCircuit(
          ordered, arcs: arcs, hasWarburg: hasWarburg, ohmic: start.resistance)
        if let candidate, candidate.criterion < best?.criterion ?? .infinity { best = candidate }
      }
    }
    return best?.fit
  }

  private static func fitCircuit(
    _ spectrum: ImpedanceSpectrum, arcs: Int, hasWarburg: Bool, ohmic: Double
  ) -> (fit: ImpedanceFit, criterion: Double)? {
    let count = spectrum.real.count
    let omega = spectrum.frequency.map { 2 * .pi * $0 }
    let weight = (0..<count).map { 1 / hypot(spectrum.real[$0], spectrum.imaginary[$0]) }
    let width = max(1e-2 * ohmic, (spectrum.real.max() ?? ohmic) - ohmic)
    let high = omega.first ?? 1
    let low = omega.last ?? 1
    let inductive = max(spectrum.imaginary.first ?? 0, 1e-3 * ohmic) / high
    var best: LevenbergMarquardt.Fit?
    // Arcs start at a third and two thirds of the sweep, and once faster and slower.
    for shift in [0.0, 0.15, -0.15] {
      var initial = [log(inductive), log(ohmic)]
      for arc in 0..<arcs {
        let place = (Double(arc) + 1) / (Double(arcs) + 1) + shift
        let tau = 1 / (high * pow(low / high, place))
        initial += [log(width / Double(arcs + 1)), log(tau), logit(0.8)]
      }
      if hasWarburg { initial.append(log(0.2 * width * low.squareRoot())) }
      let fit = try? LevenbergMarquardt.fit(initial, count: 2 * count, iterationLimit: 300) {
        p, r in
        for i in 0..<count {
          let z = model(p, arcs: arcs, hasWarburg: hasWarburg, omega: omega[i])
          r[2 * i] = (z.real - spectrum.real[i]) * weight[i]
          r[2 * i + 1] = (z.imaginary - spectrum.imaginary[i]) * weight[i]
        }
      }
      if let fit, fit.sumOfSquares < best?.sumOfSquares ?? .infinity { best = fit }
    }
    guard let fit = best, fit.standardErrors.allSatisfy({ $0.isFinite }) else { return nil }
    // The inductance may be undetermined in a purely capacitive sweep; arcs may not.
    guard fit.standardErrors.dropFirst().allSatisfy({ $0 < 1.5 }) else { return nil }
    let n = Double(2 * count)
    let k = Double(fit.parameters.count)
    let criterion =
      n * log(fit.sumOfSquares / n) + 2 * k + 2 * k * (k + 1) / max(1, n - k - 1)
    return (circuit(fit, arcs: arcs, hasWarburg: hasWarburg, points: count), criterion)
  }

  private static func circuit(
    _ fit: LevenbergMarquardt.Fit, arcs: Int, hasWarburg: Bool, points: Int
  ) -> ImpedanceFit {
    let p = fit.parameters
    let errors = fit.standardErrors
    func exponential(_ index: Int) -> Estimate {
      Estimate(value: exp(p[index]), standardError: exp(p[index]) * errors[index])
    }
    var found: [Arc] = []
    for arc in 0..<arcs {
      let at = 2 + 3 * arc
      let exponent = self.exponent(p[at + 2])
      let slope = (exponent - 0.4) * (1 - exponent) / 0.6
      found.append(
        Arc(
          resistance: exponential(at), timeConstant: exponential(at + 1),
          exponent: Estimate(value: exponent, standardError: slope * errors[at + 2])))
    }
    return ImpedanceFit(
      inductance: exponential(0), ohmicResistance: exponential(1),
      arcs: found.sorted { $0.timeConstant.value < $1.timeConstant.value },
      warburg: hasWarburg ? exponential(p.count - 1) : nil,
      relativeDeviation: (fit.sumOfSquares / Double(2 * points)).squareRoot(), points: points)
  }

  /// Exponent of an arc from its unbounded parameter: between 0.4 and 1.
  private static func exponent(_ parameter: Double) -> Double {
    0.4 + 0.6 / (1 + exp(-parameter))
  }

  private static func logit(_ exponent: Double) -> Double {
    let share = max(1e-6, min(1 - 1e-6, (exponent - 0.4) / 0.6))
    return log(share / (1 - share))
  }

  /// The impedance of a circuit; parameters are logarithms, exponents on the logit scale.
  private static func model(
    _ p: [Double], arcs: Int, hasWarburg: Bool, omega: Double
  ) -> (real: Double, imaginary: Double) {
    var real = exp(p[1])
    var imaginary = omega * exp(p[0])
    for arc in 0..<arcs {
      let at = 2 + 3 * arc
      let resistance = exp(p[at])
      let alpha = exponent(p[at + 2])
      let modulus = exp(alpha * (log(omega) + p[at + 1]))
      let denominatorReal = 1 + modulus * cos(alpha * .pi / 2)
      let denominatorImaginary = modulus * sin(alpha * .pi / 2)
      let square = denominatorReal * denominatorReal + denominatorImaginary * denominatorImaginary
      real += resistance * denominatorReal / square
      imaginary -= resistance * denominatorImaginary / square
    }
    if hasWarburg {
      let diffusion = exp(p[p.count - 1]) / omega.squareRoot()
      real += diffusion
      imaginary -= diffusion
    }
    return (real, imaginary)
  }
}

/// One spectrum with what was read from it.
public struct ImpedanceResult: Codable, Hashable, Sendable {
  /// Points as measured, for a Nyquist chart.
  public var spectrum: ImpedanceSpectrum
  /// Real part at the crossing of the real axis, in ohms.
  public var ohmicResistance: Double?
  /// Whether the spectrum really crosses the axis; otherwise the value is an upper bound.
  public var crossesAxis: Bool
  /// The fitted circuit, where the spectrum has frequencies and determines one.
  public var fit: ImpedanceFit?

  /// Reads spectra; at most `fitLimit`, spread evenly, are fitted.
  static func read(_ spectra: [ImpedanceSpectrum], fitLimit: Int) -> [ImpedanceResult] {
    let stride = max(1, (spectra.count + fitLimit - 1) / max(1, fitLimit))
    return spectra.enumerated().map { index, spectrum in
      let ohmic = spectrum.ohmicResistance()
      let isFitted = index % stride == 0 || index == spectra.count - 1
      return ImpedanceResult(
        spectrum: spectrum, ohmicResistance: ohmic?.resistance,
        crossesAxis: ohmic?.isCrossing ?? false, fit: isFitted ? ImpedanceFit.fit(spectrum) : nil)
    }
  }
}
