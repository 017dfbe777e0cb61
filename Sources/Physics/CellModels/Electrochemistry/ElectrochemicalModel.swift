// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What an experiment asks of an electrochemical cell model.

public import NumericalMethods

/// An electrochemical cell model that a simulation can drive.
///
/// Conforming types are stiff systems whose current is one of the unknowns, so that current,
/// voltage and power control solve the same equations.
public protocol ElectrochemicalModel: StiffSystem, ~Copyable {
  /// Relative tolerance the accuracy figures in the validation page are stated for.
  static var standardTolerance: Double { get }
  /// What is imposed.
  var control: CellControl { get set }
  /// Where steps end.
  var limits: CellLimits { get set }
  /// Ambient temperature, in kelvin.
  var ambientTemperature: Double { get set }

  /// Writes a rested state.
  ///
  /// - Parameters:
  ///   - negative: Stoichiometry of the negative electrode.
  ///   - positive: Stoichiometry of the positive electrode.
  ///   - temperature: In kelvin.
  ///   - state: `[unknownCount]`.
  func fillRest(
    negative: Double, positive: Double, temperature: Double,
    into state: UnsafeMutablePointer<Double>)

  /// Writes the temperature of a state, in kelvin; everything else stays.
  func setTemperature(_ kelvin: Double, in state: UnsafeMutablePointer<Double>)

  /// Where in the cell an event happens at a state.
  func place(of event: CellEvent, state: UnsafePointer<Double>) -> CellPlace

  /// What can be measured or asked of a state.
  mutating func observe(_ state: UnsafePointer<Double>) -> CellObservation

  /// Profiles across the cell; nil for a model that does not resolve them.
  func crossSection(_ state: UnsafePointer<Double>) -> CellProfiles?

  /// Whether states move by formulas under an imposed current, so that nothing is integrated.
  var movesInClosedForm: Bool { get }

  /// Imposes a current that changes along a straight line, before ``move(_:by:)``.
  ///
  /// - Parameters:
  ///   - current: In amperes, written into the state.
  ///   - slope: Its change, in amperes per second.
  ///   - state: `[unknownCount]`.
  /// - Returns: False where the state has no voltage.
  mutating func imposeCurrent(
    _ current: Double, slope: Double, on state: UnsafeMutablePointer<Double>
  ) -> Bool

  /// The longest step in seconds that ``move(_:by:)`` may take from a state.
  ///
  /// - Parameters:
  ///   - state: `[unknownCount]`.
  ///   - elapsed: Seconds since the current was imposed.
  ///   - remaining: Seconds left; never exceeded.
  /// - Returns: The step in seconds.
  func closedFormStep(
    _ state: UnsafePointer<Double>, elapsed: Double, remaining: Double
  ) -> Double

  /// Moves a state under the imposed current, exactly.
  func move(_ state: UnsafeMutablePointer<Double>, by duration: Double)

  /// Unknowns that change by little from cycle to cycle; none where cycles cannot be leapt over.
  var slowUnknowns: [SlowUnknown] { get }
}

extension ElectrochemicalModel where Self: ~Copyable {
  /// 5e-5, which costs the single-particle models next to nothing.
  public static var standardTolerance: Double { 5e-5 }

  /// Nil: the model does not resolve profiles across the cell.
  public func crossSection(_ state: UnsafePointer<Double>) -> CellProfiles? { nil }

  /// False: states are integrated.
  public var movesInClosedForm: Bool { false }

  /// False: there is no closed form.
  public mutating func imposeCurrent(
    _ current: Double, slope: Double, on state: UnsafeMutablePointer<Double>
  ) -> Bool { false }

  /// Zero: there is no closed form.
  public func closedFormStep(
    _ state: UnsafePointer<Double>, elapsed: Double, remaining: Double
  ) -> Double { 0 }

  /// Does nothing: there is no closed form.
  public func move(_ state: UnsafeMutablePointer<Double>, by duration: Double) {}

  /// None: cycles of the model cannot be leapt over.
  public var slowUnknowns: [SlowUnknown] { [] }
}

/// What can be measured on a cell, or asked of its model, at one time.
public struct CellObservation: Hashable, Sendable {
  /// Current in amperes; discharge is positive.
  public var current = 0.0
  /// Terminal voltage in volts.
  public var voltage = 0.0
  /// Temperature in kelvin.
  public var temperature = 0.0
  /// Smallest potential of the negative electrode against lithium in the electrolyte, in volts;
  /// below 0 lithium plates.
  public var platingMargin = 0.0
  /// Smallest salt concentration relative to rest.
  public var salt = 0.0
  /// Mean stoichiometry of the negative electrode.
  public var negativeStoichiometry = 0.0
  /// Mean stoichiometry of the positive electrode.
  public var positiveStoichiometry = 0.0
  /// Heat generated at the last evaluation of the right side, in watts; 0 when isothermal.
  public var heat = 0.0
  /// Mean thickness of the interphase film, in metres; 0 without ageing.
  public var filmThickness = 0.0
  /// Lithium lost since the start, in moles: in films, dead, and in lost active material.
  public var lostLithium = 0.0
  /// Lithium bound in films since the start, in moles.
  public var filmLithium = 0.0
  /// Plated lithium that can be stripped, in moles.
  public var platedLithium = 0.0
  /// Plated lithium that is dead, in moles.
  public var deadLithium = 0.0
  /// Lithium in lost active material, in moles.
  public var trappedLithium = 0.0
  /// Lithium in both electrodes, in moles.
  public var electrodeLithium = 0.0
  /// Lithium in the electrolyte, in moles.
  public var electrolyteLithium = 0.0
  /// Interfaces of a solid-state cell; nil for other cells.
  public var solidState: SolidStateObservation?
  /// Temperatures by place; nil when the model has one temperature.
  public var temperatures: TemperatureSummary?
  /// Charge that left through the terminals, in coulombs, up to a constant: differences count.
  public var charge = 0.0
  /// Charge that leaked inside of the cell since the start, in coulombs.
  public var leakedCharge = 0.0
  /// Active material of the negative electrode that keeps contact, relative to the start.
  public var negativeActive = 1.0
  /// Active material of the positive electrode that keeps contact, relative to the start.
  public var positiveActive = 1.0
  /// Share of the electrodes that the electrolyte wets.
  public var wetFraction = 1.0
  /// Length of the cracks in negative particles, in metres; 0 without cracking.
  public var crackLength = 0.0
  /// Longest crack of either electrode relative to the radius of its particle; 1 is through.
  public var crackDepth = 0.0
  /// Tangential stress at the surface of negative particles, in Pa; tension is positive.
  public var negativeStress = 0.0
  /// Tangential stress at the surface of positive particles, in Pa; tension is positive.
  public var positiveStress = 0.0
  /// Change of the free thickness of the stack from particles without lithium, in metres.
  public var swelling = 0.0
  /// Gas from film growth since the start, in moles.
  public var gas = 0.0

  /// Creates an empty observation.
  public init() {}
}
