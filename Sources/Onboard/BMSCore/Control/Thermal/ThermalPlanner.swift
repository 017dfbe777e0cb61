// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heater, pump, fan and chiller.

/// Heating by hysteresis, cooling by PI control with the ohmic heat fed forward.
///
/// Nothing heats on an untrusted temperature; without a usable temperature the pump runs and nothing
/// heats. Whether actuators obey is checked by the heat balance of the diagnosis.
public struct ThermalPlanner<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Heater duty in 0…1.
  public var heater: Real = 0
  /// Coolant pump duty in 0…1.
  public var pump: Real = 0
  /// Fan duty in 0…1.
  public var fan: Real = 0
  /// Chiller duty in 0…1.
  public var chiller: Real = 0
  @usableFromInline var isCooling = false
  @usableFromInline var sum: Real = 0

  /// Everything off.
  @inlinable
  public init() {}

  /// What the planner sees of one cycle.
  @usableFromInline
  struct Inputs {
    @usableFromInline var highest: Real
    @usableFromInline var lowest: Real
    @usableFromInline var coolant: Real
    @usableFromInline var ambient: Real
    /// Pack current, in amperes.
    @usableFromInline var current: Real
    /// Ohmic resistance of the pack, in ohms.
    @usableFromInline var resistance: Real
    @usableFromInline var request: Request
    @usableFromInline var reaction: Reaction
    @usableFromInline var isAwake: Bool
    /// Duration of the cycle, in seconds.
    @usableFromInline var seconds: Real

    @inlinable
    init(
      highest: Real, lowest: Real, coolant: Real, ambient: Real, current: Real, resistance: Real,
      request: Request, reaction: Reaction, isAwake: Bool, seconds: Real
    ) {
      self.highest = highest
      self.lowest = lowest
      self.coolant = coolant
      self.ambient = ambient
      self.current = current
      self.resistance = resistance
      self.request = request
      self.reaction = reaction
      self.isAwake = isAwake
      self.seconds = seconds
    }
  }

  /// Advances by one cycle.
  @inlinable
  mutating func step(_ inputs: Inputs, facts: PackFacts<Real>, settings: ThermalSettings<Real>) {
    guard inputs.isAwake || inputs.reaction.contains(.cool) else {
      self = ThermalPlanner()
      return
    }
    heat(inputs, settings)
    cool(inputs, facts, settings)
    // Coolant carries the heat of the heater too.
    if heater > 0 { pump = max(pump, settings.leastPump) }
  }

  @inlinable
  mutating func heat(_ inputs: Inputs, _ settings: ThermalSettings<Real>) {
    var threshold = -Real.infinity
    if inputs.request == .charge { threshold = settings.preheatCharge }
    if inputs.request == .drive || inputs.request == .standby { threshold = settings.preheatDrive }
    let forbids =
      !inputs.reaction.isDisjoint(with: .heaterOff | .cool)
      || !(inputs.highest < settings.heaterCeiling)
    let lowest = inputs.lowest
    if forbids || !(lowest < threshold + settings.heatingHysteresis) {
      heater = 0
    } else if lowest < threshold {
      heater = 1
    } else if heater > 0 {
      // Softer towards the end, so that the set point is not passed.
      heater = ((threshold + settings.heatingHysteresis - lowest) / settings.heatingHysteresis)
        .clamped(0.2, 1)
    }
  }

  @inlinable
  mutating func cool(
    _ inputs: Inputs, _ facts: PackFacts<Real>, _ settings: ThermalSettings<Real>
  ) {
    let excess = inputs.highest - settings.coolingTarget
    if inputs.reaction.contains(.cool) || !inputs.highest.isFinite {
      pump = 1
      fan = 1
      chiller = inputs.reaction.contains(.cool) ? 1 : 0
      isCooling = true
      return
    }
    if excess > 0 { isCooling = true }
    if excess < -settings.coolingHysteresis {
      isCooling = false
      sum = 0
    }
    guard isCooling, heater == 0 else {
      pump = 0
      fan = 0
      chiller = 0
      return
    }
    let coolant = inputs.coolant.finite(or: inputs.ambient.finite(or: settings.chillerCoolant))
    let difference = max(settings.coolingTarget - coolant, 1)
    let ohmic = inputs.current.finite(or: 0) * inputs.current.finite(or: 0) * inputs.resistance
    let forward =
      facts.coolantConductance > 0 ? ohmic / (facts.coolantConductance * difference) : 0
    let free = forward + settings.proportional * excess + sum
    // Integrates only while the pump can follow.
    if (free < 1 || excess < 0) && (free > 0 || excess > 0) {
      sum = (sum + settings.integral * excess * inputs.seconds).clamped(-1, 1)
    }
    pump = max(settings.leastPump, free.clamped(0, 1))
    fan = inputs.ambient < coolant ? pump : 0
    let warm = (coolant - settings.chillerCoolant) / 5
    chiller = warm > 0 ? warm.clamped(0, 1) : 0
  }
}
