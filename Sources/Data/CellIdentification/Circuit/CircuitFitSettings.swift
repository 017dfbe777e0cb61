// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Nodes, priors and limits of the circuit fit.

/// Nodes, priors and limits of the circuit fit.
public struct CircuitFitSettings: Sendable {
  /// Nodes of the resistances over the state of charge, ascending from 0 to 1.
  public var nodes: [Double] = [
    0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  ]
  /// Number of uniform nodes of the correction of the open-circuit voltage.
  public var openNodes = 21
  /// Numbers of pairs to choose from, 0 to 3, by the error in blocks of time left out of the fit.
  public var pairCounts: [Int] = [0, 1, 2, 3]
  /// Most rounds of the search for time constants.
  public var rounds = 8
  /// Recordings whose median temperatures differ by less, in kelvin, are fitted together.
  public var temperatureGap = 6.0
  /// Activation energy assumed where only one temperature is known, in J/mol: between those of the
  /// charge transfer (30 to 60) and of the electrolyte and diffusion (10 to 20 kJ/mol).
  public var assumedEnergy = 20_000.0

  /// Typical size of the change of the open-circuit voltage with temperature, in V/K; full cells
  /// have 0.05 to 0.4 mV/K.
  public var entropy = 2e-4

  /// Creates the settings that the validation page states results for.
  public init() {}

  /// Curvature of the resistances from node to node, as a multiple of the step resistance.
  var mapCurvature: Double { 0.15 }
  /// Difference of charge and discharge resistance, as a multiple of the step resistance.
  var asymmetry: Double { 0.25 }
  /// Largest plausible resistance of one element, as a multiple of the step resistance.
  var largest: Double { 20 }
  /// Curvature of the open-circuit correction from node to node, in volts.
  var openCurvature: Double { 5e-3 }
  /// Size of the open-circuit correction, in volts.
  var openLevel: Double { 30e-3 }
}
