// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Memory of the stiff integrator, allocated once.

/// Memory of doubles that is allocated once, zeroed, and freed with its owner.
public struct DoubleWorkspace: ~Copyable {
  /// First element.
  public let base: UnsafeMutablePointer<Double>
  /// Number of elements.
  public let count: Int

  /// Allocates `count` zeros.
  public init(count: Int) {
    self.count = max(1, count)
    base = .allocate(capacity: self.count)
    base.initialize(repeating: 0, count: self.count)
  }

  deinit { base.deallocate() }
}

extension StiffIntegrator {
  /// Highest order of the formulas.
  static var orderLimit: Int { 5 }

  /// Slots of the one block of memory, in multiples of the number of unknowns.
  enum Slot: Int, CaseIterable {
    case difference0, difference1, difference2, difference3, difference4, difference5
    case state, rate, predicted, predictedRate, correction, residual
    case weights, errorWeights, absolute, relative, mass, output
  }

  /// Pointer to a slot.
  func vector(_ slot: Slot) -> UnsafeMutablePointer<Double> {
    memory.base + slot.rawValue * unknownCount
  }

  /// Pointer to the scaled divided difference of an order.
  func difference(_ order: Int) -> UnsafeMutablePointer<Double> {
    memory.base + order * unknownCount
  }
}

/// Six coefficients in registers or on the stack, so that a step allocates nothing.
struct OrderCoefficients {
  private var storage: InlineArray<7, Double> = .init(repeating: 0)

  subscript(index: Int) -> Double {
    get { storage[index] }
    set { storage[index] = newValue }
  }
}
