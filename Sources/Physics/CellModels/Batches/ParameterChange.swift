// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Changes of single parameters by their names.

/// A change of one parameter: a value, or a factor on the value of the set.
public enum ParameterChange: Hashable, Sendable {
  /// The value, in the unit of the parameter's name.
  case set(Double)
  /// The factor by which the set's value is multiplied.
  case multiply(Double)

  /// Reads `2.5e-14`, or `*1.1` for a factor.
  ///
  /// - Parameter text: A number, with `*` in front for a factor.
  public init?(_ text: String) {
    let isFactor = text.hasPrefix("*")
    guard let number = Double(isFactor ? String(text.dropFirst()) : text), number.isFinite
    else { return nil }
    self = isFactor ? .multiply(number) : .set(number)
  }

  /// The changed value.
  func applied(to old: Double, scale: Double = 1) -> Double {
    switch self {
    case .set(let value): value * scale
    case .multiply(let factor): old * factor
    }
  }

  /// The changed property: a constant with the old dependence on temperature, or a multiple.
  func applied(to old: PropertyFunction) -> PropertyFunction {
    switch self {
    case .set(let value):
      return PropertyFunction(constant: value, activationEnergy: old.activationEnergy)
    case .multiply(let factor):
      if let constant = old.constant {
        return PropertyFunction(
          constant: constant * factor, activationEnergy: old.activationEnergy)
      }
      let value = old.value
      return PropertyFunction(activationEnergy: old.activationEnergy) { factor * value($0) }
    }
  }
}

extension CellParameters {
  /// Changes one parameter by PyBaMM's name for it.
  ///
  /// - Parameters:
  ///   - key: Name with unit, such as `Negative electrode thickness [m]`; see ``changeableKeys``.
  ///   - change: The value or factor. Diffusivities and conductivities that are functions keep
  ///     their dependence on temperature; exchange-current densities take factors alone.
  /// - Throws: ``ParameterError/unknown(key:nearest:)`` or
  ///   ``ParameterError/unsupported(key:reason:)``.
  public mutating func change(_ key: String, _ change: ParameterChange) throws(ParameterError) {
    guard let apply = Self.changes[key] else {
      let words = Set(key.lowercased().split(separator: " "))
      let nearest = Self.changeableKeys.max { a, b in
        words.intersection(a.lowercased().split(separator: " ")).count
          < words.intersection(b.lowercased().split(separator: " ")).count
      }
      throw .unknown(key: key, nearest: nearest)
    }
    guard apply(&self, change) else {
      throw .unsupported(
        key: key, reason: "can be multiplied (*1.1) but not set, or the set has none of it")
    }
  }

  /// Names of the parameters that can be changed one by one, in order.
  public static let changeableKeys: [String] = changes.keys.sorted()

  private typealias Apply = @Sendable (inout CellParameters, ParameterChange) -> Bool

  private static let changes: [String: Apply] = {
    var all: [String: Apply] = [:]
    func number(
      _ key: String, scale: Double = 1,
      _ path: any WritableKeyPath<CellParameters, Double> & Sendable
    ) {
      all[key] = { set, change in
        set[keyPath: path] = change.applied(to: set[keyPath: path], scale: scale)
        return true
      }
    }
    func function(
      _ key: String, _ path: any WritableKeyPath<CellParameters, PropertyFunction> & Sendable
    ) {
      all[key] = { set, change in
        set[keyPath: path] = change.applied(to: set[keyPath: path])
        return true
      }
    }
    func heat(_ key: String, _ path: any WritableKeyPath<CellHeatParameters, Double> & Sendable) {
      all[key] = { set, change in
        guard var heat = set.heat else { return false }
        heat[keyPath: path] = change.applied(to: heat[keyPath: path])
        set.heat = heat
        return true
      }
    }
    func electrode(
      _ side: String,
      _ path: any WritableKeyPath<CellParameters, PorousElectrodeParameters> & Sendable
    ) {
      let name = "\(side) electrode"
      let lower = name.lowercased()
      let numbers: [(String, any WritableKeyPath<PorousElectrodeParameters, Double> & Sendable)] = [
        ("\(name) thickness [m]", \.thickness), ("\(name) porosity", \.porosity),
        ("\(name) active material volume fraction", \.activeFraction),
        ("\(side) particle radius [m]", \.particleRadius),
        ("Maximum concentration in \(lower) [mol.m-3]", \.maximumConcentration),
        ("Initial concentration in \(lower) [mol.m-3]", \.initialConcentration),
        ("\(name) conductivity [S.m-1]", \.conductivity),
        ("\(name) Bruggeman coefficient (electrolyte)", \.bruggemanElectrolyte),
        ("\(name) Bruggeman coefficient (electrode)", \.bruggemanElectrode),
        ("\(name) density [kg.m-3]", \.density),
        ("\(name) specific heat capacity [J.kg-1.K-1]", \.specificHeat),
      ]
      for (key, inner) in numbers {
        all[key] = { set, change in
          let old = set[keyPath: path][keyPath: inner]
          set[keyPath: path][keyPath: inner] = change.applied(to: old)
          return true
        }
      }
      all["\(side) particle diffusivity [m2.s-1]"] = { set, change in
        set[keyPath: path].diffusivity = change.applied(to: set[keyPath: path].diffusivity)
        return true
      }
      all["\(name) exchange-current density [A.m-2]"] = { set, change in
        guard case .multiply(let factor) = change else { return false }
        set[keyPath: path].reactionRate *= factor
        return true
      }
    }
    electrode("Negative", \.negative)
    electrode("Positive", \.positive)
    number("Separator thickness [m]", \.separator.thickness)
    number("Separator porosity", \.separator.porosity)
    number("Separator Bruggeman coefficient (electrolyte)", \.separator.bruggemanElectrolyte)
    number("Initial concentration in electrolyte [mol.m-3]", \.electrolyte.initialConcentration)
    number("Cation transference number", \.electrolyte.transferenceNumber)
    number("Thermodynamic factor", \.electrolyte.thermodynamicFactor)
    function("Electrolyte diffusivity [m2.s-1]", \.electrolyte.diffusivity)
    function("Electrolyte conductivity [S.m-1]", \.electrolyte.conductivity)
    number("Number of electrodes connected in parallel to make a cell", \.pairCount)
    number("Contact resistance [Ohm]", \.contactResistance)
    number("Nominal cell capacity [A.h]", scale: 3_600, \.nominalCapacity)
    number("Lower voltage cut-off [V]", \.lowerCutOff)
    number("Upper voltage cut-off [V]", \.upperCutOff)
    number("Ambient temperature [K]", \.ambientTemperature)
    heat("Total heat transfer coefficient [W.m-2.K-1]", \.transferCoefficient)
    heat("Cell cooling surface area [m2]", \.coolingArea)
    return all
  }()
}
