// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The indicators that follow directly from one sample.

extension Diagnosis {
  @inlinable
  mutating func put(_ fault: FaultClass, _ indicator: Indicator<Real>) {
    state.indicator[fault.row] = indicator
  }

  /// Voltages, currents, temperatures.
  @inlinable
  mutating func fillMeasured(
    _ sample: inout PackSample<cells, probes, Real>,
    commands: inout ActuatorCommands<cells, Real>,
    configuration: inout DiagnosisConfiguration<Real>
  ) {
    put(.cellOverVoltage, features.highestVoltage)
    put(.cellUnderVoltage, features.lowestVoltage)
    let pack = value(of: sample.packVoltage)
    put(.packOverVoltage, Indicator(pack))
    put(.packUnderVoltage, Indicator(pack))
    let current = value(of: sample.current)
    put(.chargeOverCurrent, Indicator(-current))
    put(.dischargeOverCurrent, Indicator(current))
    let excess =
      current > 0
      ? current - commands.dischargeCurrentLimit : -current - commands.chargeCurrentLimit
    put(.currentLimitIgnored, Indicator(excess / configuration.facts.capacityAmpereHours))
    put(.chargeOverTemperature, features.highestTemperature)
    put(.dischargeOverTemperature, features.highestTemperature)
    put(.chargeUnderTemperature, features.lowestTemperature)
    put(.dischargeUnderTemperature, features.lowestTemperature)
    put(
      .voltageSpread,
      Indicator(
        features.highestVoltage.value - features.lowestVoltage.value,
        at: farthest(
          features.highestVoltage, features.lowestVoltage, from: features.meanVoltage)))
    put(
      .temperatureSpread,
      Indicator(
        features.highestTemperature.value - features.lowestTemperature.value,
        at: Int(features.highestTemperature.index)))
  }

  /// The value of a usable reading, NaN else.
  @inlinable
  mutating func value(of reading: Measured<Real>) -> Real {
    reading.isUsable ? reading.value : .nan
  }

  /// The index of the extreme that lies farther from the mean.
  @inlinable
  mutating func farthest(_ high: Indicator<Real>, _ low: Indicator<Real>, from mean: Real) -> Int {
    Int(high.value - mean > mean - low.value ? high.index : low.index)
  }

  /// Quality flags, redundancy, zero of the current, share of usable input.
  @inlinable
  mutating func fillSensors(
    _ sample: inout PackSample<cells, probes, Real>,
    commands: inout ActuatorCommands<cells, Real>, interval: Real,
    configuration: inout DiagnosisConfiguration<Real>
  ) {
    fillFlag(.openWire, .openWire, &sample)
    fillFlag(.sensorOutOfRange, .outOfRange, &sample)
    fillFlag(.sensorFrozen, .frozen, &sample)
    fillFlag(.redundantDisagreement, .disagrees, &sample)
    fillFlag(.channelSwapped, .swapped, &sample)
    let whole = features.usableCells == cells && sample.packVoltage.isUsable
    let connected = sample.packVoltage.value - features.voltageSum
    put(.sumDisagreement, whole ? Indicator(connected.magnitude) : .unknown)
    if commands.contactors.isEmpty {
      openMilliseconds = min(openMilliseconds &+ min(state.cycleMilliseconds, 1 << 30), 1 << 30)
    } else {
      openMilliseconds = 0
      offset = 0
    }
    if openMilliseconds >= configuration.settings.disconnectedMilliseconds,
      sample.current.isUsable, sample.current.value.isFinite
    {
      offset += interval / (1 + interval) * (sample.current.value - offset)
    }
    put(
      .currentOffset,
      Indicator((offset / configuration.facts.capacityAmpereHours).magnitude))
    put(.untrustedInput, untrusted(&sample))
  }

  @inlinable
  mutating func fillFlag(
    _ fault: FaultClass, _ flag: Quality, _ sample: inout PackSample<cells, probes, Real>
  ) {
    put(
      fault,
      features.flags.isDisjoint(with: flag) && sample.packVoltage.quality.isDisjoint(with: flag)
        ? Indicator(0) : PackFeatures<Real>.channels(with: flag, in: &sample))
  }

  /// The largest unusable share of cells, probes and current.
  @inlinable
  mutating func untrusted(
    _ sample: inout PackSample<cells, probes, Real>
  ) -> Indicator<Real> {
    let cellShare = cells > 0 ? Real(cells - features.usableCells) / Real(cells) : 0
    let probeShare = probes > 0 ? Real(probes - features.usableProbes) / Real(probes) : 0
    let isCurrentKnown = sample.current.isUsable && sample.current.value.isFinite
    return Indicator(isCurrentKnown ? max(cellShare, probeShare) : 1)
  }

  /// Links, clock, storage, switches.
  @inlinable
  mutating func fillSwitches(
    _ sample: inout PackSample<cells, probes, Real>,
    commands: inout ActuatorCommands<cells, Real>
  ) {
    func flag(_ isSet: Bool) -> Indicator<Real> { Indicator(isSet ? 1 : 0) }
    let silent: LinkFaults = .frontEndSilent | .currentSensorSilent
    let nothing = features.usableCells == 0
    put(.communicationLoss, flag(!sample.link.isDisjoint(with: silent) || nothing))
    put(.vehicleBusLoss, flag(sample.link.contains(.vehicleBusSilent)))
    put(.frontEndChecksum, flag(sample.link.contains(.frontEndChecksum)))
    put(.storageCorruption, flag(sample.link.contains(.storedStateCorrupt)))
    let stands = !(sample.interval > 0 && sample.interval.isFinite)
    put(.clockJump, flag(sample.clockJumped || (stands && hasStarted)))
    let isolation = value(of: sample.insulationResistance)
    let pack = value(of: sample.packVoltage)
    put(.insulation, pack > 1 ? Indicator(isolation / pack) : .unknown)
    put(.interlock, flag(!sample.feedback.contains(.interlockClosed)))
    put(.fuseBlown, flag(!sample.feedback.contains(.fuseIntact)))
    put(.contactorWeld, flag(commands.contactorFault.contains(.weld)))
    put(.contactorNoClose, flag(commands.contactorFault.contains(.noClose)))
    put(.prechargeVoltage, flag(commands.contactorFault.contains(.prechargeVoltage)))
    put(.prechargeCurrent, flag(commands.contactorFault.contains(.prechargeCurrent)))
  }

  /// The detectors with memory.
  @inlinable
  mutating func fillDetected(
    _ sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>,
    commands: inout ActuatorCommands<cells, Real>, milliseconds: UInt32,
    configuration: inout DiagnosisConfiguration<Real>
  ) {
    let interval = Real(milliseconds) / 1000
    let settings = configuration.settings
    let facts = configuration.facts
    let rise = slope.advance(&sample, interval: interval, settings: settings)
    put(.temperatureRise, rise)
    put(.sensorStuck, stuck.advance(&sample, features: features, settings: settings))
    put(.looseConnection, loose.advance(&sample, facts: facts))
    put(
      .externalShort,
      short.advance(
        &sample, milliseconds: milliseconds, isConnected: commands.contactors.contains(.positive),
        configuration: &configuration))
    put(
      .thermalEvent,
      event.advance(
        &sample, features: features, slope: rise, interval: interval, settings: settings))
    let balance = heat.advance(
      &sample, mean: features.meanTemperature, resistanceRatio: estimate.cellResistanceRatio.mean,
      commands: &commands, interval: interval, configuration: &configuration)
    put(.coolingFailure, balance.cooling)
    put(.stuckActuator, balance.heater)
    let verdict = rest.advance(
      &sample, features: features, estimate: &estimate, commands: &commands, interval: interval,
      configuration: &configuration)
    put(.selfDischarge, verdict.selfDischarge)
    put(.balancingSurplus, verdict.balancingSurplus)
    put(.restDrift, verdict.restDrift)
    put(
      .suddenDrop,
      drop.advance(
        &sample, features: features, interval: interval, configuration: &configuration))
    let watch = estimator.advance(
      &sample, estimate: &estimate, capacity: facts.capacityAmpereHours, milliseconds: milliseconds)
    put(.estimatorDead, watch.silence)
    put(.stateOfChargeJump, watch.leap)
    put(.lithiumPlating, Indicator(estimate.platingIndicator))
    put(.internalShort, leastShort(&estimate))
  }

  /// The smallest estimated resistance of an internal short with its cell.
  @inlinable
  mutating func leastShort(_ estimate: inout PackEstimate<cells, Real>) -> Indicator<Real> {
    var least = Indicator<Real>(.infinity)
    for cell in 0..<cells where estimate.internalShortResistance[cell] < least.value {
      least = Indicator(estimate.internalShortResistance[cell], at: cell)
    }
    return least
  }
}

extension InlineArray where Element: CoreReal {
  /// Mean of the elements; 0 for none.
  @inlinable
  var mean: Element {
    var sum: Element = 0
    for place in indices { sum += self[place] }
    return count > 0 ? sum / Element(count) : 0
  }
}
