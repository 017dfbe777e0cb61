// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One number for all that a core has decided, to compare machines and versions.

extension Checksum {
  /// Takes in a number by its exact value; every NaN counts as the same, as machines differ in its
  /// bits and no decision depends on them.
  public mutating func add<Real: CoreReal>(number: Real) {
    add(number.isNaN ? 0x7FF8_0000_0000_0000 : Double(number).bitPattern)
  }

  mutating func add<let n: Int, Real: CoreReal>(numbers: InlineArray<n, Real>) {
    for index in numbers.indices { add(number: numbers[index]) }
  }

  mutating func add<Real: CoreReal>(measured: Measured<Real>) {
    add(number: measured.value)
    add(UInt32(measured.quality.rawValue))
  }
}

extension PackController {
  /// Adds everything the last cycle found and decided, bit by bit: values with quality, estimates,
  /// levels, the newest trip and the commands.
  ///
  /// Two cores that were fed the same samples decide alike if and only if (but for chance, one in
  /// 2³²) their digests are equal.
  public mutating func addDigest(to checksum: inout Checksum) {
    for index in sample.cellVoltage.indices {
      checksum.add(measured: sample.cellVoltage[index])
      checksum.add(measured: sample.cellTemperature[index])
    }
    checksum.add(measured: sample.current)
    checksum.add(measured: sample.packVoltage)
    addEstimate(to: &checksum)
    for row in diagnosis.state.level.indices {
      checksum.add(diagnosis.state.level[row].rawValue)
    }
    let trip = diagnosis.state.lastTrip
    checksum.add(trip.number)
    checksum.add(trip.fault.rawValue)
    checksum.add(number: trip.value)
    addCommands(to: &checksum)
  }

  private mutating func addEstimate(to checksum: inout Checksum) {
    checksum.add(number: estimate.stateOfCharge)
    checksum.add(number: estimate.stateOfChargeDeviation)
    checksum.add(numbers: estimate.cellStateOfCharge)
    checksum.add(numbers: estimate.cellCapacity)
    checksum.add(numbers: estimate.cellResistanceRatio)
    checksum.add(numbers: estimate.internalShortResistance)
    checksum.add(numbers: estimate.residual)
    checksum.add(numbers: estimate.coreTemperature)
    checksum.add(numbers: estimate.dischargePower)
    checksum.add(numbers: estimate.chargePower)
    checksum.add(number: estimate.remainingEnergy)
    checksum.add(number: estimate.platingIndicator)
  }

  private mutating func addCommands(to checksum: inout Checksum) {
    checksum.add(commands.contactors.rawValue)
    checksum.add(commands.state.rawValue)
    checksum.add(commands.firePyroFuse ? UInt8(1) : 0)
    checksum.add(UInt32(supervisor.reason.rawValue))
    checksum.add(number: commands.dischargeCurrentLimit)
    checksum.add(number: commands.chargeCurrentLimit)
    checksum.add(number: commands.torqueLimit)
    checksum.add(number: commands.heater)
    checksum.add(number: commands.pump)
    checksum.add(number: commands.fan)
    checksum.add(number: commands.chiller)
    checksum.add(numbers: commands.balancing)
  }
}
