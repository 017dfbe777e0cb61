// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a window says of each cell: on knees at rest by what changes, in use by charge and resistance.

import NumericalMethods

extension SiblingShortDetector {
  /// Charge on either side over which a slope is taken.
  private static let span = 0.004
  /// Slopes that count, in volts for the whole charge: less is flat, more is beyond the table.
  private static let least = 0.005
  private static let most = 25.0

  /// Finds the place of the modules on the curve.
  mutating func locate(current: Double, length: Double) {
    let cell = context.cell
    let slow = window.slow / length
    let fast = window.fast / length
    let loss = place.scale * (current * cell.seriesResistance * place.factor + slow + fast)
    for module in 0..<window.modules {
      guard let median = window.median(of: module) else { continue }
      // A resting pack stands where it stopped: what its voltage still moves is relaxation.
      guard !isResting || place.charge[module].isNaN else { continue }
      place.correct(module, median: median, current: current, loss: loss, length: length)
    }
  }

  /// Moves all filters over the window.
  mutating func predict(current: Double, length: Double) {
    let cell = context.cell
    // While the pack moves the error of the curve is noise; what it is at rest, stays.
    let keep = isResting && wasResting ? 1.0 : 0
    let swing = isResting ? SiblingPlace.loopRate * cell.hysteresis * (1 - place.loop) : 0
    for module in 0..<window.modules {
      let move = SiblingMove(keep: keep, swing: swing)
      for i in window.cells(of: module) {
        errors[i] = curveError(i, module: module)
        filters.predict(
          i, duration: length, current: current, bled: window.bled[i], unknown: 0, move: move,
          error: isResting ? errors[i] : 0)
      }
    }
    wasResting = isResting
  }

  /// Variance of the curve's error between a cell and its module, in V².
  private func curveError(_ i: Int, module: Int) -> Double {
    let table = context.cell.openCircuit
    let here = place.charge[module]
    guard here.isFinite else { return 0 }
    let there = here + filters.value(0, i, .charge)
    let own = table.slope(at: there, span: Self.span)
    let middle = table.slope(at: here, span: Self.span)
    let doubt = place.doubt(module) + 0.001
    let apart = table.voltage(at: there) - table.voltage(at: here)
    let above = table.voltage(at: there + doubt) - table.voltage(at: here + doubt)
    let below = table.voltage(at: there - doubt) - table.voltage(at: here - doubt)
    let placed = max(abs(above - apart), abs(below - apart))
    // A third of the difference, and a part in a thousand of the charge where the curve is steep.
    let bounded = min(0.1, placed + 0.3 * abs(apart) + 0.001 * max(0, max(own, middle) - 1))
    return bounded * bounded
  }

  /// How far the middle of a resting module has moved among its cells since the rest began, in volts: where
  /// a shorted cell is the middle itself, another becomes it.
  private mutating func middleShift(_ cells: Range<Int>) -> Double {
    moduleNormals.removeAll(keepingCapacity: true)
    for i in cells where anchors[i].isSet {
      let moved = window.difference(of: i) - anchors[i].first
      if moved.isFinite { moduleNormals.append(moved) }
    }
    guard moduleNormals.count > 2 else { return 0 }
    moduleNormals.sort()
    return RobustStatistics.medianOfSorted(moduleNormals)
  }

  /// What the window says of each cell.
  mutating func measure(current: Double, length: Double) {
    let cell = context.cell
    let factor = place.factor
    let slow = window.slow / length
    let fast = window.fast / length
    let loss = place.scale * (current * cell.seriesResistance * factor + slow + fast)
    let size = abs(current) * cell.seriesResistance * factor + abs(slow) + abs(fast)
    // Errors of the model last for ten minutes or so: shorter windows count for less.
    let repeated = max(1, 600 / length)
    let model = 0.000_12 + 0.04 * size
    for module in 0..<window.modules {
      let range = window.cells(of: module)
      let here = place.charge[module]
      guard let median = window.median(of: module), here.isFinite else {
        for i in range { isMeasured[i] = false }
        continue
      }
      // Noise and half a step of a millivolt; the median of a module adds an eighth.
      let readings = Double(window.medianCounts[module])
      let noise = 0.000_76 * 0.000_76 / readings * (1 + 1.6 / Double(range.count))
      let shift = isResting ? middleShift(range) : 0
      for i in range {
        let difference = window.difference(of: i) - shift
        isMeasured[i] = difference.isFinite
        guard difference.isFinite else {
          if !isResting { anchors[i].isSet = false }
          continue
        }
        var m = SiblingMeasurement()
        m.leak = -cell.totalResistance * factor * place.scale
        m.series = -current * factor
        m.slow = -(slow + fast)
        m.noise = noise + repeated * (model * model + (isResting ? 0 : errors[i]))
        if isResting {
          rest(i, &m, difference: difference, open: median + loss, here: here, length: length)
        } else {
          use(i, &m, difference: difference, here: here)
        }
        measurements[i] = m
      }
    }
  }

  /// What a window at rest says: the change since the rest began.
  ///
  /// - Parameters:
  ///   - i: Cell from 0.
  ///   - m: Completed.
  ///   - difference: To the middle of the module in volts.
  ///   - open: Voltage of the middle without overpotential, in volts.
  ///   - here: Charge of the middle.
  ///   - length: Of the window in seconds.
  private mutating func rest(
    _ i: Int, _ m: inout SiblingMeasurement, difference: Double, open: Double, here: Double,
    length: Double
  ) {
    let table = context.cell.openCircuit
    let there = here + filters.value(0, i, .charge)
    // On a knee the cell's own voltage tells the slope, on a plateau its charge.
    let own = open + difference + context.cell.hysteresis * place.loop
    let steep = table.slope(at: place.charge(at: own), span: Self.span)
    let flat = max(Self.least, table.slope(at: there, span: Self.span))
    let slope = steep > 1 ? min(Self.most, steep) : min(1, flat)
    let isNew = !anchors[i].isSet
    if isNew {
      anchors[i] = SiblingAnchor(
        first: difference, difference: difference, charge: there - here,
        curve: table.voltage(at: there) - table.voltage(at: here), slope: slope, isSet: true)
    } else if abs(difference - anchors[i].difference) > 0.005 {
      // A cell that moved along its curve meets another slope.
      let moved = difference - anchors[i].difference
      anchors[i].charge += 2 * moved / (slope + anchors[i].slope)
      anchors[i].curve += moved
      anchors[i].difference = difference
      anchors[i].slope = slope
    }
    if !isNew {
      // All cells lose some charge by themselves, which shows where one's curve is steeper.
      let middle = table.slope(at: here, span: Self.span)
      let steepness = anchors[i].slope - min(Self.most, max(Self.least, middle))
      let rate = steepness * SiblingPlace.selfDischarge
      let before = anchors[i].age
      anchors[i].age = before + length
      anchors[i].curve -= rate * length
      filters.doubtCurve(
        i, variance: rate * rate * (anchors[i].age * anchors[i].age - before * before))
    }
    let anchor = anchors[i]
    m.slope = anchor.slope
    m.residual =
      difference - filters.apart(i, m) - anchor.curve
      - anchor.slope * (filters.value(0, i, .charge) - anchor.charge)
    guard isNew else { return }
    // What does not fit at once is the curve's; what changes later tells.
    filters.doubtCurve(i, variance: m.residual * m.residual)
    if max(steep, flat) > 0.8 {
      anchors[i].curve += m.residual
      m.residual = 0
    }
  }

  /// What a window in use says: nothing on a knee.
  private mutating func use(
    _ i: Int, _ m: inout SiblingMeasurement, difference: Double, here: Double
  ) {
    let table = context.cell.openCircuit
    let there = here + filters.value(0, i, .charge)
    let expected = table.voltage(at: there)
    anchors[i].isSet = false
    m.residual = difference - (expected - table.voltage(at: here)) - filters.apart(i, m)
    m.slope = max(Self.least, table.slope(at: there, span: Self.span))
    if max(m.slope, table.slope(at: here, span: Self.span)) > Self.steep {
      isMeasured[i] = false
    } else if abs(m.residual) > 0.003 {
      // Across a bend the slope between the expected and the measured place counts.
      let found = place.charge(at: expected + m.residual)
      if abs(found - there) > 1e-4 {
        m.slope = max(Self.least, min(Self.most, m.residual / (found - there)))
      }
    }
  }
}
