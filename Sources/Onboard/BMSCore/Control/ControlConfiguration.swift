// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Everything the control is told: contactors, limits, thermal control, balancing, sleep.

/// Everything the control is told.
public struct ControlConfiguration<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Contactors and precharge.
  public var contactors = ContactorSettings<Real>()
  /// Derating maps and charge.
  public var limits = LimitSettings<Real>()
  /// Heater and cooling.
  public var thermal = ThermalSettings<Real>()
  /// Balancing.
  public var balancing = BalancingSettings<Real>()
  /// Sleep and wake.
  public var sleep = SleepSettings<Real>()
  /// Strings or modules that can be taken out one by one; 0 where the hardware cannot.
  public var modules: UInt8 = 0
  /// Share of the torque left while contactors are about to open.
  public var limpTorque: Real = 0.3

  /// The defaults.
  @inlinable
  public init() {}

  /// Shows every field.
  @inlinable
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.part(&contactors, "contactors", "contactors and precharge")
    visitor.part(&limits, "limits", "derating maps and charge")
    visitor.part(&thermal, "thermal", "heater and cooling")
    visitor.part(&balancing, "balancing", "balancing")
    visitor.part(&sleep, "sleep", "sleep and wake")
    visitor.integer(&modules, "modules", in: 0...64, "modules that can be taken out; 0 for none")
    visitor.number(
      &limpTorque, "limp_torque", unit: "", in: 0...1,
      "share of the torque left while contactors are about to open")
  }

  /// The first rule broken in any part.
  @inlinable
  public func inconsistency() -> ConfigurationRule? {
    limits.inconsistency() ?? balancing.inconsistency() ?? sleep.inconsistency()
  }
}
