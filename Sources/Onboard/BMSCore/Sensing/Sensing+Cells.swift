// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cell voltages: wire patterns, plausibility and vote of two paths.

extension Sensing {
  @inlinable
  mutating func stepCells(
    _ raw: inout RawSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>, interval: Real,
    isBalancing: InlineArray<4, UInt64>, into sample: inout PackSample<cells, probes, Real>
  ) {
    var flags = Quality()
    if raw.link.contains(.frontEndChecksum) { flags.formUnion(.linkFault) }
    if raw.link.contains(.frontEndSilent) { flags.formUnion(.missing) }
    let typical = meanVoltage.isFinite ? meanVoltage : firstTypical(&raw, &configuration)
    for index in cell.indices {
      let first = configuration.cellGain[index] * raw.cellVoltage[index]
      let reading = first + configuration.cellOffset[index]
      let second = raw.redundantCellVoltage[index]
      if second.isFinite { hasRedundantCells = true }
      let agree = (reading - second).magnitude <= configuration.cellDisagreement
      var own = flags
      // Only a reading that no single cell can have needs a look at its neighbours.
      if reading < typical / 2 || reading > typical * (2 - 5 * configuration.wirePatternShare) {
        own.formUnion(
          WirePatterns.flags(
            reading, below: index > 0 ? raw.cellVoltage[index - 1] : .nan,
            above: index + 1 < cells ? raw.cellVoltage[index + 1] : .nan, typical: typical,
            share: configuration.wirePatternShare))
      }
      cell[index].step(
        reading, configuration.cellVoltage, interval: interval, reference: cellMovement,
        isCorroborated: agree, flags: own)
      if hasRedundantCells {
        redundantCell[index].step(
          second, configuration.cellVoltage, interval: interval, reference: cellMovement,
          isCorroborated: agree, flags: flags)
      }
    }
    vote(&configuration, isBalancing: isBalancing, into: &sample)
    if hasRedundantCells { findExchanged(&configuration, into: &sample) }
    var sum: Real = 0
    var count: Real = 0
    for index in cell.indices where sample.cellVoltage[index].isUsable {
      sum += sample.cellVoltage[index].value
      count += 1
    }
    if count > 0 { meanVoltage = sum / count }
  }

  /// One value out of the two paths of each cell.
  @inlinable
  mutating func vote(
    _ configuration: inout SensingConfiguration<cells, probes, Real>,
    isBalancing: InlineArray<4, UInt64>, into sample: inout PackSample<cells, probes, Real>
  ) {
    // What a load does to every cell is no disagreement: it is taken from those that agree.
    var change: Real = 0
    var agreeing: Real = 0
    if hasRedundantCells {
      for index in cell.indices {
        let value = cell[index].value
        let gap = (value - redundantCell[index].value).magnitude
        if gap <= configuration.cellDisagreement {
          change += value - sample.cellVoltage[index].value
          agreeing += 1
        }
      }
    }
    change = agreeing > 0 && !isFirst ? change / agreeing : .nan
    var moved: Real = 0
    var movers: Real = 0
    for index in cell.indices {
      var voted = cellVote[index].step(
        cell[index].measured, redundantCell[index].measured, hasSecond: hasRedundantCells,
        limit: configuration.cellDisagreement, change: change)
      // A balanced cell sags by the resistances of its wires.
      let isDisturbed = index < 256 && isBalancing[index >> 6] >> UInt64(index & 63) & 1 == 1
      if isDisturbed { voted.quality.formUnion(.disturbed) }
      let last = sample.cellVoltage[index]
      if voted.isUsable && last.isUsable {
        moved += voted.value - last.value
        movers += 1
      }
      sample.cellVoltage[index] = voted
    }
    if movers > 0 { cellMovement += moved / movers }
  }

  /// Two neighbours whose paths show each other's cell: no one can tell which path is right.
  @inlinable
  mutating func findExchanged(
    _ configuration: inout SensingConfiguration<cells, probes, Real>,
    into sample: inout PackSample<cells, probes, Real>
  ) {
    guard cells > 1 else { return }
    for index in 0..<cells - 1 where sample.cellVoltage[index].quality.contains(.disagrees) {
      let isExchanged = WirePatterns.areExchanged(
        first: cell[index].value, second: cell[index + 1].value,
        redundantFirst: redundantCell[index].value,
        redundantSecond: redundantCell[index + 1].value, limit: configuration.cellDisagreement)
      if isExchanged {
        sample.cellVoltage[index].quality.formUnion(.swapped)
        sample.cellVoltage[index + 1].quality.formUnion(.swapped)
      }
    }
  }

  /// Mean of the readings in range, before any cell is believed.
  @inlinable
  mutating func firstTypical(
    _ raw: inout RawSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>
  ) -> Real {
    var sum: Real = 0
    var count: Real = 0
    for index in cell.indices {
      let reading = raw.cellVoltage[index]
      if reading > configuration.cellVoltage.low && reading < configuration.cellVoltage.high {
        sum += reading
        count += 1
      }
    }
    return count > 0 ? sum / count : .nan
  }
}
