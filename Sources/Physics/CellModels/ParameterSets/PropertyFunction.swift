// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A material property as a function of one variable, with its temperature dependence.

import Foundation
public import NumericalMethods
import Quantities

/// A material property as a function of one variable, scaled with temperature by Arrhenius' law.
///
/// The variable is the stoichiometry for electrode properties and the salt concentration in
/// mol/m³ for electrolyte properties; the value is in coherent SI.
public struct PropertyFunction: Sendable {
  /// Value at the reference temperature.
  public let value: @Sendable (Double) -> Double
  /// Activation energy, in J/mol; 0 for no dependence on temperature.
  public var activationEnergy: Double
  /// The value if it does not depend on the variable.
  public let constant: Double?
  /// How the property was given.
  public let form: Form
  /// Tables made of ``value`` so far, shared by all copies.
  let tables = TableStore()

  /// How a property was given.
  public enum Form: Sendable {
    /// The same everywhere.
    case constant
    /// By a function of the program.
    case function
    /// By an expression in `x`; `isExchangeable` when it uses nothing but what BPX allows.
    case expression(String, isExchangeable: Bool)
    /// By points, joined by a shape-preserving cubic.
    case points(x: [Double], y: [Double])
  }

  /// A property given by an expression.
  public init(
    activationEnergy: Double = 0, _ value: @escaping @Sendable (Double) -> Double
  ) {
    self.value = value
    form = .function
    self.activationEnergy = activationEnergy
    constant = nil
  }

  /// A property given by an expression of a file, in one variable.
  init(activationEnergy: Double, _ expression: PropertyExpression) {
    value = { expression.value([$0]) }
    self.activationEnergy = activationEnergy
    constant = nil
    form = .expression(expression.text, isExchangeable: expression.isExchangeable)
  }

  /// A property that is the same everywhere.
  public init(constant: Double, activationEnergy: Double = 0) {
    value = { _ in constant }
    form = .constant
    self.activationEnergy = activationEnergy
    self.constant = constant
  }

  /// A property given by points, joined by a shape-preserving cubic.
  ///
  /// - Parameters:
  ///   - x: Strictly ascending positions, at least two.
  ///   - y: Values.
  ///   - activationEnergy: In J/mol.
  /// - Throws: `NumericalError` when positions do not ascend.
  public init(
    x: [Double], y: [Double], activationEnergy: Double = 0
  ) throws(NumericalError) {
    let curve = try MonotoneCubic(x, y)
    value = { curve.value(at: $0) }
    form = .points(x: x, y: y)
    self.activationEnergy = activationEnergy
    constant = nil
  }

  /// Whether the property differs by more than a millionth over an interval, at 101 places.
  public func varies(over range: ClosedRange<Double>) -> Bool {
    if constant != nil { return false }
    let width = range.upperBound - range.lowerBound
    let samples = (0...100).map { value(range.lowerBound + width * Double($0) / 100) }
    guard let least = samples.min(), let most = samples.max() else { return false }
    return !(most - least <= 1e-6 * abs(most))
  }

  /// Arrhenius' factor of the property at a temperature, relative to a reference, both in kelvin.
  public func arrheniusFactor(at temperature: Double, reference: Double) -> Double {
    if activationEnergy == 0 { return 1 }
    return exp(activationEnergy / PhysicalConstants.gas * (1 / reference - 1 / temperature))
  }
}
