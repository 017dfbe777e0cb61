// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A lithium metal cell with a solid electrolyte: events and what can be measured.

import Quantities

extension SolidStateModel {
  /// Writes the distances to the limits; one that falls to zero ends a step.
  public mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    for event in CellEvent.allCases { values[event.rawValue] = 1 }
    prepareFactors(state[temperatureIndex])
    let voltage = voltage(state)
    values[CellEvent.lowerVoltage.rawValue] = voltage - max(limits.lowerVoltage, -1e3)
    values[CellEvent.upperVoltage.rawValue] = min(limits.upperVoltage, 1e3) - voltage
    values[CellEvent.currentBelow.rawValue] = abs(state[currentIndex]) - limits.currentBelow
    values[CellEvent.temperatureAbove.rawValue] =
      min(limits.temperatureAbove, 1e4) - state[temperatureIndex]
    values[CellEvent.criticalPlating.rawValue] =
      1 + localCurrentDensity(state) / platingLimit
    values[CellEvent.lithiumDepleted.rawValue] = state[lithiumIndex]
  }

  /// The lithium for all that happens to it.
  public func place(of event: CellEvent, state: UnsafePointer<Double>) -> CellPlace {
    switch event {
    case .lowerVoltage, .upperVoltage, .currentBelow: CellPlace(.terminals)
    case .criticalPlating, .lithiumDepleted: CellPlace(.negative)
    default: CellPlace(.cell)
    }
  }

  /// Current density at the lithium over the area that voids leave, in A/m².
  private func localCurrentDensity(_ state: UnsafePointer<Double>) -> Double {
    state[currentIndex] / (area * voidContact(state))
  }

  /// What can be measured of a state.
  ///
  /// The plating margin is the potential of the lithium against the electrolyte beside the
  /// interphase, negative while charging; there is no salt to deplete.
  public mutating func observe(_ state: UnsafePointer<Double>) -> CellObservation {
    prepareFactors(state[temperatureIndex])
    var result = CellObservation()
    result.current = state[currentIndex]
    result.voltage = voltage(state)
    result.temperature = state[temperatureIndex]
    result.salt = 1
    result.heat = heatRate
    result.negativeStoichiometry = state[lithiumIndex]
    for i in 0..<nodes { result.positiveStoichiometry += state[modesOffset + i] / Double(nodes) }
    let hosts = parameters.hostCapacity
    result.charge = PhysicalConstants.faraday * hosts.positive * result.positiveStoichiometry
    result.electrodeLithium =
      hosts.negative * result.negativeStoichiometry + hosts.positive * result.positiveStoichiometry
    result.filmThickness = state[filmIndex] * solid.interphaseThickness
    result.lostLithium = (state[filmIndex] - 1) * filmLithium
    var interface = SolidStateObservation()
    interface.lithiumContact = pressedContact * voidContact(state)
    interface.cathodeContact = cathodeContact
    interface.voidThickness = max(0, state[voidIndex]) * solid.voidRefilling
    interface.interphaseThickness = result.filmThickness
    interface.interphaseResistance = interphaseResistance(state)
    interface.localCurrentDensity = localCurrentDensity(state)
    interface.strippingLimit = strippingLimit
    interface.platingLimit = platingLimit
    result.solidState = interface
    // From the lithium to beside the separator: what the first volume sees less its ohmic part.
    let density = result.current / area
    let separator =
      parameters.separator.thickness / conductivity + 0.5 * width / (conductivity * ionicFactor)
    result.platingMargin = -state[0] - density * separator
    return result
  }
}

extension SolidStateModel: ZoneCellModel {
  /// Index of the temperature among the unknowns.
  public var temperatureUnknown: Int { temperatureIndex }
  /// Index of the current among the unknowns.
  public var currentUnknown: Int { currentIndex }
  /// Heat generated at the last evaluation, in watts.
  public var generatedHeat: Double { heatRate }
}
