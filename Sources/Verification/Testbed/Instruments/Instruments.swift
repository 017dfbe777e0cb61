// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sensors and links: resolution, noise, offset, gain, lag, dropouts.

import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Quality of the instruments; the default are the steps of vehicle telemetry.
public struct InstrumentDesign: Hashable, Sendable {
  /// Steps of cell voltage, current, pack voltage and temperature, in V, A, V and K.
  public var steps = (cell: 0.001, current: 0.1, pack: 0.1, temperature: 1.0)
  /// Standard deviation of noise of a cell voltage in volts.
  public var voltageNoise = 0.000_7
  /// Standard deviation of the constant offset of a cell channel in volts.
  public var voltageOffset = 0.001
  /// Standard deviation of a cell channel's drift in volts per √day.
  public var voltageDrift = 0.000_1
  /// Standard deviation of current noise in amperes.
  public var currentNoise = 0.15
  /// Standard deviation of the current sensor's offset in amperes.
  public var currentOffset = 0.15
  /// Standard deviation of the current sensor's gain error.
  public var currentGain = 0.004
  /// Standard deviation of a probe's offset in kelvin.
  public var probeOffset = 0.4
  /// Time constant of a probe in seconds.
  public var probeLag = 20.0
  /// Probability that a cell voltage is missing in a cycle.
  public var dropout = 0.000_5
  /// Probability that a whole cycle does not arrive.
  public var lostCycles = 0.001
  /// Whether pressure and gas sensors are fitted.
  public var hasGasSensor = true

  /// The default design.
  public init() {}

  /// Finer instruments: 0.1 mV, 0.01 A, 0.1 K.
  public static let fine: InstrumentDesign = {
    var design = InstrumentDesign()
    design.steps = (0.000_1, 0.01, 0.01, 0.1)
    design.voltageNoise = 0.000_2
    design.voltageOffset = 0.000_5
    design.currentOffset = 0.05
    return design
  }()

  /// Equality by value, as tuples have none of their own.
  public static func == (left: InstrumentDesign, right: InstrumentDesign) -> Bool {
    left.steps == right.steps && left.voltageNoise == right.voltageNoise
      && left.voltageOffset == right.voltageOffset && left.dropout == right.dropout
      && left.lostCycles == right.lostCycles && left.currentOffset == right.currentOffset
  }

  /// Hash of the main figures.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(steps.cell)
    hasher.combine(voltageNoise)
    hasher.combine(dropout)
  }
}

/// The instruments of one pack: their constant errors, their drift and their faults.
public struct Instruments: Sendable {
  let design: InstrumentDesign
  var cellOffset: [Double]
  let probeOffset: [Double]
  var probeState: [Double]
  let currentOffset: Double
  let currentGain: Double
  var random: Xoshiro256
  var last: PackReading
  var sinceDrift = 0.0
  /// Insulation in ohms, as it is in truth.
  public var insulation: Double
  /// Shift of the clock in seconds.
  public var clockShift = 0.0
  /// Shift of each cell channel by a fault, in volts; NaN freezes it.
  var cellFault: [Int: Double] = [:]
  var probeFault: [Int: Double] = [:]
  /// Pair of swapped cell channels.
  var swapped: (Int, Int)?
  /// Shift of the current reading in amperes.
  public var currentFault = 0.0
  /// Whether nothing arrives.
  public var isSilent = false

  /// Creates instruments.
  public init(
    _ design: InstrumentDesign, cells: Int, probes: Int, temperature: Double, seed: UInt64
  ) {
    self.design = design
    var random = Xoshiro256(seed: seed)
    cellOffset = (0..<cells).map { _ in design.voltageOffset * random.nextNormal() }
    probeOffset = (0..<probes).map { _ in design.probeOffset * random.nextNormal() }
    probeState = Array(repeating: temperature, count: probes)
    currentOffset = design.currentOffset * random.nextNormal()
    currentGain = 1 + design.currentGain * random.nextNormal()
    insulation = Double.random(in: 3e6...12e6, using: &random)
    self.random = random
    last = PackReading(cells: cells, probes: probes)
  }

  /// Nearly normal noise of unit deviation from one draw: the sum of four even numbers
  /// (Irwin–Hall), which ends at 3.5.
  @inline(__always)
  static func noise(_ bits: UInt64) -> Double {
    let a = Double(bits & 0xFFFF) + Double(bits >> 16 & 0xFFFF)
    let b = Double(bits >> 32 & 0xFFFF) + Double(bits >> 48)
    return ((a + b) / 65_536 - 2) * 1.732_050_8
  }

  /// Reads the plant.
  ///
  /// - Parameters:
  ///   - plant: Truth.
  ///   - current: True current in amperes.
  ///   - interval: Since the last reading, in seconds.
  ///   - reading: Replaced where a value arrived, NaN where not.
  /// - Returns: Whether the cycle arrived at all.
  public mutating func read(
    _ plant: borrowing PlantPack, current: Double, interval: Double, into reading: inout PackReading
  ) -> Bool {
    var random = random
    defer { self.random = random }
    let layout = plant.layout
    let follow = 1 - exp(-interval / design.probeLag)
    for probe in 0..<layout.probes {
      probeState[probe] +=
        (plant.temperature[layout.cell(ofProbe: probe)] - probeState[probe]) * follow
    }
    let isLost = Double.random(in: 0..<1, using: &random) < design.lostCycles
    if isSilent || isLost { return false }
    // Drift is drawn every quarter of an hour or so, as it is far below a step.
    sinceDrift += interval
    let drifts = sinceDrift > 1_000
    let drift = design.voltageDrift * (sinceDrift / 86_400).squareRoot()
    if drifts { sinceDrift = 0 }
    let step = design.steps.cell
    let inverse = 1 / step
    for cell in 0..<layout.cells {
      let bits = random.next()
      if drifts { cellOffset[cell] += drift * Self.noise(bits &* 0x9E37_79B9_7F4A_7C15) }
      let value = plant.voltage[cell] + cellOffset[cell] + design.voltageNoise * Self.noise(bits)
      reading.cellVoltage[cell] = max(0, (value * inverse).rounded() * step)
    }
    for probe in 0..<layout.probes {
      let t = design.steps.temperature
      let value = probeState[probe] + probeOffset[probe] - 273.15
      reading.probeTemperature[probe] = (value / t).rounded() * t + 273.15
    }
    if Double.random(in: 0..<1, using: &random) < design.dropout * Double(layout.cells) {
      reading.cellVoltage[Int.random(in: 0..<layout.cells, using: &random)] = .nan
    }
    let noise = current == 0 ? 0 : design.currentNoise * Self.noise(random.next())
    let measured = current * currentGain + currentOffset + noise + currentFault
    reading.current = (measured / design.steps.current).rounded() * design.steps.current
    reading.packVoltage =
      ((plant.packVoltage + 0.05 * Self.noise(random.next())) / design.steps.pack).rounded()
      * design.steps.pack
    reading.insulation = (insulation / 1_000).rounded() * 1_000
    if design.hasGasSensor {
      reading.pressure = (plant.housingPressure + 30 * Self.noise(random.next())).rounded()
      reading.gas = max(0, (plant.gasPartsPerMillion + 20 * Self.noise(random.next())).rounded())
    }
    reading.ambient = plant.ambient.rounded()
    reading.coolant = plant.coolantInlet.rounded()
    reading.time = plant.time + clockShift
    spoil(&reading)
    last = reading
    return true
  }

  private func spoil(_ reading: inout PackReading) {
    if let swapped { reading.cellVoltage.swapAt(swapped.0, swapped.1) }
    for (cell, shift) in cellFault {
      reading.cellVoltage[cell] =
        shift.isNaN ? last.cellVoltage[cell] : reading.cellVoltage[cell] + shift
    }
    for (probe, shift) in probeFault {
      reading.probeTemperature[probe] =
        shift.isNaN ? last.probeTemperature[probe] : reading.probeTemperature[probe] + shift
    }
  }
}
