// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Probes, pack and link voltage, insulation, coolant, ambient, pressure, gas and sound.

extension Sensing {
  @inlinable
  mutating func stepProbes(
    _ raw: inout RawSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>, interval: Real,
    into sample: inout PackSample<cells, probes, Real>
  ) {
    var flags = Quality()
    if raw.link.contains(.frontEndChecksum) { flags.formUnion(.linkFault) }
    if raw.link.contains(.frontEndSilent) { flags.formUnion(.missing) }
    var moved: Real = 0
    var movers: Real = 0
    for index in probe.indices {
      let reading =
        configuration.probeGain[index] * raw.probeTemperature[index]
        + configuration.probeOffset[index]
      probe[index].step(
        reading, configuration.probeTemperature, interval: interval, reference: probeMovement,
        flags: flags)
      let measured = probe[index].measured
      let last = sample.probeTemperature[index]
      if measured.isUsable && last.isUsable {
        moved += measured.value - last.value
        movers += 1
      }
      sample.probeTemperature[index] = measured
    }
    if movers > 0 { probeMovement += moved / movers }
  }

  @inlinable
  mutating func stepSurroundings(
    _ raw: inout RawSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>, interval: Real,
    into sample: inout PackSample<cells, probes, Real>
  ) {
    packVoltage.step(
      configuration.busGain[2] * raw.packVoltage + configuration.busOffset[2],
      configuration.packVoltage, interval: interval, reference: .nan)
    linkVoltage.step(
      configuration.busGain[3] * raw.linkVoltage + configuration.busOffset[3],
      configuration.packVoltage, interval: interval, reference: .nan)
    insulation.step(
      raw.insulationResistance, configuration.insulation, interval: interval, reference: .nan)
    coolant.step(
      raw.coolantTemperature, configuration.surroundings, interval: interval, reference: .nan)
    ambient.step(
      raw.ambientTemperature, configuration.surroundings, interval: interval, reference: .nan)
    pressure.step(raw.pressure, configuration.pressure, interval: interval, reference: .nan)
    gas.step(raw.gas, configuration.gas, interval: interval, reference: .nan)
    acoustic.step(raw.acoustic, configuration.acoustic, interval: interval, reference: .nan)
    sample.packVoltage = packVoltage.measured
    sample.linkVoltage = linkVoltage.measured
    sample.insulationResistance = insulation.measured
    sample.coolantTemperature = coolant.measured
    sample.ambientTemperature = ambient.measured
    sample.pressure = pressure.measured
    sample.gas = gas.measured
    sample.acoustic = acoustic.measured
  }

  /// Compares the pack voltage with the sum of the cells, or takes the sum where it is missing.
  @inlinable
  mutating func compareSum(
    _ configuration: inout SensingConfiguration<cells, probes, Real>,
    into sample: inout PackSample<cells, probes, Real>
  ) {
    var sum: Real = 0
    for index in cell.indices {
      guard sample.cellVoltage[index].isUsable else { return }
      sum += sample.cellVoltage[index].value
    }
    if !sample.packVoltage.isUsable {
      sample.packVoltage = Measured(sum, quality: .substituted)
    } else if (sum - sample.packVoltage.value).magnitude > configuration.sumDisagreement {
      sample.packVoltage.quality.formUnion(.disagrees)
    }
  }
}
