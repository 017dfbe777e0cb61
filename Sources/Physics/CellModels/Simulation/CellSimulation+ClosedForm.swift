// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Steps of a model that moves in closed form: no integration, events by roots of exact states.

import NumericalMethods

extension CellSimulation where Model: ~Copyable {
  /// Moves through a step of imposed current in closed form: in `duration` seconds, from `current`
  /// amperes that change by `slope` amperes per second. `scratch` holds a state and all limits.
  static func moveInClosedForm(
    _ model: inout Model, _ time: inout Double, _ state: UnsafeMutablePointer<Double>,
    _ scratch: UnsafeMutablePointer<Double>, over duration: Double, current: Double, slope: Double,
    _ recording: inout Recording,
    _ record: (Double, UnsafePointer<Double>, inout Model) -> Bool
  ) -> StepEnd {
    let count = model.unknownCount
    let trial = scratch
    let values = scratch + count
    let start = time
    guard model.imposeCurrent(current, slope: slope, on: state) else { return .impossible }
    if recording.start { _ = record(time, state, &model) }
    model.evaluateEvents(time: 0, state: state, into: values)
    if let event = Self.firstEvent(values) { return .alreadyPast(event) }
    var elapsed = 0.0
    func place(_ model: borrowing Model, _ step: Double) {
      for n in 0..<count { trial[n] = state[n] }
      model.move(trial, by: step)
    }
    while true {
      let remaining = duration - elapsed
      guard remaining > 16 * Double.ulpOfOne * duration else { return .duration }
      var step = model.closedFormStep(state, elapsed: elapsed, remaining: remaining)
      guard step > 0, step.isFinite else { return .failed }
      place(model, step)
      model.evaluateEvents(time: 0, state: trial, into: values)
      let event = Self.firstEvent(values)
      if var event {
        // The least time at which any limit is passed: regula falsi in the Illinois form.
        var low = 0.0
        var high = step
        place(model, 0)
        model.evaluateEvents(time: 0, state: trial, into: values)
        var below = values[event.rawValue]
        place(model, high)
        model.evaluateEvents(time: 0, state: trial, into: values)
        var above = values[event.rawValue]
        var side = 0
        for _ in 0..<200 where high - low > 1e-12 * (elapsed + high) && above != 0 {
          var middle = low + (high - low) * below / (below - above)
          if !(middle > low && middle < high) { middle = 0.5 * (low + high) }
          guard middle > low, middle < high else { break }
          place(model, middle)
          model.evaluateEvents(time: 0, state: trial, into: values)
          if let first = Self.firstEvent(values) {
            if first != event {
              event = first
              place(model, low)
              model.evaluateEvents(time: 0, state: trial, into: values)
              below = values[event.rawValue]
              place(model, middle)
              model.evaluateEvents(time: 0, state: trial, into: values)
            }
            (high, above) = (middle, values[event.rawValue])
            if side == -1 { below *= 0.5 }
            side = -1
          } else {
            (low, below) = (middle, values[event.rawValue])
            if side == 1 { above *= 0.5 }
            side = 1
          }
        }
        step = high
      }
      while recording.next < recording.begun + elapsed + step - 1e-9 * max(1, duration) {
        place(model, max(0, recording.next - recording.begun - elapsed))
        _ = record(start + recording.next - recording.begun, trial, &model)
        recording.next += recording.interval ?? .infinity
      }
      place(model, step)
      for n in 0..<count { state[n] = trial[n] }
      elapsed = event == nil && step >= remaining ? duration : elapsed + step
      time = start + elapsed
      model.evaluateEvents(time: 0, state: state, into: values)
      let passed = Self.firstEvent(values)
      let ended = passed != nil || elapsed == duration
      guard ended || recording.steps else { continue }
      let isTold = recording.steps || recording.end || passed != nil
      if isTold, !record(time, state, &model) {
        recording.isStopped = true
        if !ended { return .duration }
      }
      if let passed { return .event(passed) }
    }
  }

  /// The first limit that is not kept.
  private static func firstEvent(_ values: UnsafePointer<Double>) -> CellEvent? {
    for event in CellEvent.allCases where values[event.rawValue] <= 0 { return event }
    return nil
  }
}
