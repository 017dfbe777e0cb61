// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rates, heat and derivatives of a compiled reaction network.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ReactionKernel {
  /// Writes the contents of a node.
  ///
  /// - Parameters:
  ///   - initial: `[contentCount]` contents at the start.
  ///   - extents: `[reactionCount]` extents since the start.
  ///   - charge: Charge taken out since the start, as a fraction of the capacity.
  ///   - contents: `[contentCount]` result.
  /// - Complexity: O(contentCount · reactionCount).
  @inline(__always)
  public func fillContents(
    initial: UnsafePointer<Double>, extents: UnsafePointer<Double>, charge: Double = 0,
    into contents: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<contentCount {
      var sum = initial[j] + chargeColumn[j] * charge
      for i in 0..<reactionCount { sum += changes[j * reactionCount + i] * extents[i] }
      contents[j] = sum
    }
  }

  /// Evaluates rates and heat.
  ///
  /// - Parameters:
  ///   - temperature: In kelvin; held at 1 K where it is below.
  ///   - contents: `[contentCount]` contents.
  ///   - rates: `[reactionCount]` result: rates of the extents, in 1/s.
  /// - Returns: Heat released, in watts.
  /// - Complexity: O(reactions and factors).
  @inline(__always)
  public func evaluate(
    temperature: Double, contents: UnsafePointer<Double>,
    rates: UnsafeMutablePointer<Double>
  ) -> Double {
    var heat = 0.0
    let inverse = 1 / max(temperature, 1)
    for i in 0..<reactionCount {
      let program = programs[i]
      let gate = gate(program, temperature).value
      guard gate > 0 else {
        rates[i] = 0
        continue
      }
      var rate = gate
      for f in program.firstFactor..<program.lastFactor {
        rate *= value(factors[f], contents[factors[f].content]).value
      }
      if rate != 0 {
        rate *= exp(min(logHighestRate, program.logFrequency - program.energyOverGas * inverse))
      }
      rates[i] = rate
      heat += rate * heats[i]
    }
    return heat
  }

  /// Evaluates rates and heat with their derivatives.
  ///
  /// - Parameters:
  ///   - temperature: In kelvin.
  ///   - contents: `[contentCount]` contents.
  ///   - rates: `[reactionCount]` result: rates of the extents, in 1/s.
  ///   - slopes: `[reactionCount]` result: derivatives of the rates by temperature, in 1/(s·K).
  ///   - jacobian: `[reactionCount × reactionCount]`, row-major, result: derivatives of the rates
  ///     (row) by the extents (column), in 1/s.
  ///   - chargeSlopes: `[reactionCount]` result: derivatives of the rates by the charge taken out, in
  ///     1/s per capacity; nil where they are not wanted.
  ///   - holdsSlopes: Whether first-order factors keep the slope of one for their own reaction where
  ///     their content is used up. A linearly implicit step needs that: with the true slope of an
  ///     exhausted content it would step explicitly through a fast reaction.
  /// - Returns: Heat released, in watts. Its derivatives are the products of ``heats`` with
  ///   `slopes` and `jacobian`.
  /// - Complexity: O(factors · reactionCount).
  public func linearize(
    temperature: Double, contents: UnsafePointer<Double>,
    rates: UnsafeMutablePointer<Double>, slopes: UnsafeMutablePointer<Double>,
    jacobian: UnsafeMutablePointer<Double>,
    chargeSlopes: UnsafeMutablePointer<Double>? = nil, holdsSlopes: Bool = false
  ) -> Double {
    var heat = 0.0
    let bounded = max(temperature, 1)
    let inverse = 1 / bounded
    for i in 0..<reactionCount {
      let row = jacobian + i * reactionCount
      for k in 0..<reactionCount { row[k] = 0 }
      chargeSlopes?[i] = 0
      let program = programs[i]
      let gate = gate(program, temperature)
      guard gate.value > 0 else {
        rates[i] = 0
        slopes[i] = 0
        continue
      }
      let free = program.logFrequency - program.energyOverGas * inverse
      let isFree = free < logHighestRate
      let constant = exp(min(logHighestRate, free))
      var product = 1.0
      for f in program.firstFactor..<program.lastFactor {
        product *= value(factors[f], contents[factors[f].content]).value
      }
      let rate = gate.value * constant * product
      rates[i] = rate
      heat += rate * heats[i]
      let slope = isFree ? program.energyOverGas * inverse * inverse : 0
      slopes[i] = constant * product * (gate.value * slope + gate.slope)
      for f in program.firstFactor..<program.lastFactor {
        // The product of the other factors, without dividing by one that may be zero.
        var others = gate.value * constant
        for g in program.firstFactor..<program.lastFactor where g != f {
          others *= value(factors[g], contents[factors[g].content]).value
        }
        let content = factors[f].content
        let change = content * reactionCount
        if holdsSlopes, factors[f].kind == .linear, contents[content] <= 0 {
          // Used up: only the reaction's own extent has a slope, and brings the rate to rest. With
          // slopes by charge or other reactions a step would run this one backwards.
          row[i] += others * min(0, changes[change + i])
          continue
        }
        others *= value(factors[f], contents[content]).slope
        guard others != 0 else { continue }
        for k in 0..<reactionCount { row[k] += others * changes[change + k] }
        chargeSlopes?[i] += others * chargeColumn[content]
      }
    }
    return heat
  }

  /// A factor and its derivative by the content.
  @inline(__always)
  private func value(_ factor: Factor, _ content: Double) -> (value: Double, slope: Double) {
    switch factor.kind {
    case .linear:
      // A corner at zero, and no bend: with the own slope held, what is used up then settles at zero
      // in a few steps and its rate vanishes.
      return content > 0 ? (content, 1) : (0, 0)
    case .power:
      guard content > 0 else { return (0, 0) }
      let edge = Self.smallestContent
      if content < edge, factor.parameter < 1 {
        let slope = pow(edge, factor.parameter - 1)
        return (slope * content, slope)
      }
      let value = pow(content, factor.parameter)
      return (value, factor.parameter * value / content)
    case .inhibition:
      let value = exp(-max(0, content) * factor.parameter)
      return (value, content > 0 ? -value * factor.parameter : 0)
    case .tunnelling:
      let value = exp(-max(0, min(content, factor.limit)) * factor.parameter)
      return (value, content > 0 && content < factor.limit ? -value * factor.parameter : 0)
    }
  }

  /// How far a reaction is switched on by its window, and the derivative by temperature.
  @inline(__always)
  private func gate(_ program: Program, _ temperature: Double) -> (value: Double, slope: Double) {
    let low = smoothStep(temperature - program.lower)
    let high = smoothStep(program.upper - temperature)
    return (low.value * high.value, low.slope * high.value - low.value * high.slope)
  }

  @inline(__always)
  private func smoothStep(_ distance: Double) -> (value: Double, slope: Double) {
    let t = distance / TemperatureWindow.width + 0.5
    if t <= 0 { return (0, 0) }
    if t >= 1 { return (1, 0) }
    return (t * t * (3 - 2 * t), 6 * t * (1 - t) / TemperatureWindow.width)
  }
}
