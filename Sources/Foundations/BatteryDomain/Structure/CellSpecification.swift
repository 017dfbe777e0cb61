// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a cell is: chemistry, shape, capacity and limits.

public import Quantities

/// What a cell is, as its data sheet says.
public struct CellSpecification: Codable, Hashable, Sendable {
  /// Maker and type, for example `LG INR18650HG2`.
  public var name: String
  /// The chemistry.
  public var chemistry: Chemistry
  /// Outer shape.
  public var geometry: CellGeometry
  /// Mass, where it is known.
  public var mass: Mass?
  /// Capacity the maker guarantees when new.
  public var nominalCapacity: Charge
  /// Mean voltage of a slow discharge.
  public var nominalVoltage: Voltage
  /// Limits of the cell.
  public var limits: LimitSet
  /// Where the numbers come from.
  public var source: Source

  /// Creates a specification.
  ///
  /// - Parameters:
  ///   - name: Maker and type.
  ///   - chemistry: The chemistry.
  ///   - geometry: Outer shape; all dimensions positive.
  ///   - mass: Mass, where it is known.
  ///   - nominalCapacity: Capacity when new; positive.
  ///   - nominalVoltage: Mean voltage of a slow discharge; positive.
  ///   - limits: Limits of the cell; nil for the defaults of the chemistry.
  ///   - source: Where the numbers come from.
  public init(
    name: String, chemistry: Chemistry, geometry: CellGeometry, mass: Mass? = nil,
    nominalCapacity: Charge, nominalVoltage: Voltage, limits: LimitSet? = nil, source: Source
  ) {
    if let fault = Self.fault(geometry, mass, nominalCapacity, nominalVoltage) {
      preconditionFailure(fault)
    }
    self.name = name
    self.chemistry = chemistry
    self.geometry = geometry
    self.mass = mass
    self.nominalCapacity = nominalCapacity
    self.nominalVoltage = nominalVoltage
    self.limits = limits ?? .defaults(for: chemistry)
    self.source = source
  }

  /// Energy at nominal voltage and capacity.
  public var nominalEnergy: Energy { nominalVoltage * nominalCapacity }

  /// The current that empties the cell in an hour times a rate.
  ///
  /// - Parameter rate: C-rate per hour, for example 0.5; discharge positive.
  /// - Returns: The current.
  public func current(atRate rate: Double) -> Current {
    nominalCapacity / Duration(hours: 1) * rate
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case chemistry
    case geometry
    case mass
    case nominalCapacity = "nominal_capacity"
    case nominalVoltage = "nominal_voltage"
    case limits
    case source
  }

  /// Reads a specification; sizes, masses and capacities that are not positive are refused.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    chemistry = try values.decode(Chemistry.self, forKey: .chemistry)
    geometry = try values.decode(CellGeometry.self, forKey: .geometry)
    mass = try values.decodeIfPresent(Mass.self, forKey: .mass)
    nominalCapacity = try values.decode(Charge.self, forKey: .nominalCapacity)
    nominalVoltage = try values.decode(Voltage.self, forKey: .nominalVoltage)
    limits =
      try values.decodeIfPresent(LimitSet.self, forKey: .limits) ?? .defaults(for: chemistry)
    source = try values.decode(Source.self, forKey: .source)
    if let fault = Self.fault(geometry, mass, nominalCapacity, nominalVoltage) {
      throw DecodingError.dataCorruptedError(
        forKey: .geometry, in: values, debugDescription: fault)
    }
  }

  private static func fault(
    _ geometry: CellGeometry, _ mass: Mass?, _ capacity: Charge, _ voltage: Voltage
  ) -> String? {
    if !geometry.isValid { return "a cell needs positive dimensions" }
    if let mass, !(mass.isFinite && mass > .zero) { return "a cell needs a positive mass" }
    let holdsEnergy =
      capacity.isFinite && capacity > .zero && voltage.isFinite && voltage > .zero
    return holdsEnergy ? nil : "a cell needs a positive capacity and voltage"
  }
}
