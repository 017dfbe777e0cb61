// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A small pack of deterministic arithmetic for the closed loop on every machine.

public import BMSCore

/// Sixteen-bit noise from a 32-bit congruential generator (Numerical Recipes constants): integers
/// only, so every machine draws the same.
struct Noise {
  var state: UInt32

  /// The next value in −1…1.
  mutating func next<Real: CoreReal>(_ type: Real.Type = Real.self) -> Real {
    state = state &* 1_664_525 &+ 1_013_904_223
    return Real(Int32(bitPattern: state) >> 16) / 32768
  }
}

/// A string of cells with one relaxation each, temperatures, contactors with delay and a link.
///
/// Not a model of any particular cell: it exercises every path of the core with plausible samples.
public struct PlantPack<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// State of charge of each cell.
  public private(set) var charge = InlineArray<cells, Real>(repeating: 0.6)
  var overpotential = InlineArray<cells, Real>(repeating: 0)
  var temperature = InlineArray<cells, Real>(repeating: 298.15)
  /// Current, discharge positive, in amperes.
  public private(set) var current: Real = 0
  var link: Real = 0
  /// Contactors that are closed.
  public private(set) var closed = ContactorCommand()
  var pending = ContactorCommand()
  var noise = Noise(state: 20_261_121)
  /// Heat of a fault in one cell, in watts.
  public var faultHeat: Real = 0
  /// Leak of an internal short in one cell, in amperes.
  public var leak: Real = 0

  /// A cycle, in seconds.
  let time: Real

  /// A rested pack at about 60 %.
  ///
  /// - Parameter seconds: Period of the cycle.
  public init(seconds: Real) {
    time = seconds
    for cell in charge.indices {
      charge[cell] += 0.01 * noise.next()
    }
  }

  /// Open-circuit voltage: a cubic with the ends of an NMC cell.
  static func openCircuit(_ z: Real) -> Real {
    let a: Real = 3.0 + 1.9 * z
    let b: Real = -2.1 * z * z
    let c: Real = 1.38 * z * z * z
    return a + b + c
  }

  func voltage(_ cell: Int) -> Real {
    let open = Self.openCircuit(charge[cell])
    return open - current * 0.0012 - overpotential[cell]
  }

  /// Advances by one cycle.
  mutating func step(_ commands: ActuatorCommands<cells, Real>, demand: Real) {
    closed = pending
    pending = commands.contactors
    var string: Real = 0
    for cell in charge.indices { string += voltage(cell) }
    let isClosed = closed.contains(.negative) && closed.contains(.positive)
    if isClosed {
      let low = -commands.chargeCurrentLimit
      let high = commands.dischargeCurrentLimit
      current = demand < low ? low : demand > high ? high : demand
      link = string
    } else if closed.contains(.negative) && closed.contains(.precharge) {
      // 1 mF through 40 Ω.
      current = (string - link) / 40
      link += current * time / 0.001 * 0.2
    } else {
      current = 0
      link -= link * time / 2
    }
    for cell in charge.indices {
      let flow = current + commands.balancing[cell] + (cell == 4 ? leak : 0)
      charge[cell] -= flow * time / 180_000
      overpotential[cell] += (current * 0.0008 - overpotential[cell]) * time / 20
      var heat = current * current * 0.002
      if cell == 4 { heat += faultHeat }
      temperature[cell] += (heat - (temperature[cell] - 296.15) * 0.8) * time / 900
    }
  }

  /// The readings of now.
  mutating func readings(
    at milliseconds: UInt64, request: Request
  ) -> RawSample<cells, probes, Real> {
    var raw = RawSample<cells, probes, Real>(timeMilliseconds: milliseconds)
    var string: Real = 0
    for cell in charge.indices {
      let value = voltage(cell)
      string += value
      raw.cellVoltage[cell] = value + 0.0005 * noise.next()
      raw.redundantCellVoltage[cell] = value + 0.001 * noise.next()
    }
    for probe in raw.probeTemperature.indices {
      raw.probeTemperature[probe] = temperature[probe * cells / probes] + 0.05 * noise.next()
    }
    raw.current = current + 0.05 * noise.next()
    raw.redundantCurrent = current + 0.1 * noise.next()
    raw.packVoltage = string + 0.05 * noise.next()
    raw.linkVoltage = link + 0.05 * noise.next()
    raw.insulationResistance = 2_000_000 + 1000 * noise.next()
    raw.coolantTemperature = 295.15 + 0.05 * noise.next()
    raw.ambientTemperature = 294.15 + 0.05 * noise.next()
    raw.pressure = 101_325 + 20 * noise.next()
    var feedback = SwitchFeedback.fuseIntact | .interlockClosed
    if closed.contains(.positive) { feedback.insert(.positiveClosed) }
    if closed.contains(.negative) { feedback.insert(.negativeClosed) }
    if closed.contains(.precharge) { feedback.insert(.prechargeClosed) }
    raw.feedback = feedback
    raw.request = request
    return raw
  }
}
