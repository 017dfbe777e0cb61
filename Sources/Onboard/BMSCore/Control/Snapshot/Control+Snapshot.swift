// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What of the control survives sleep and a loss of power.

extension Control {
  /// Writes the latched state of the contactors, isolated modules, the balancing plan and what was
  /// learnt about plating.
  public func save<let capacity: Int>(to image: inout StateImage<capacity>) {
    image.put(contactors.machine.state.rawValue)
    image.put(contactors.machine.isFaultPending ? UInt8(1) : 0)
    image.put(isolated)
    image.put(limits.isFull ? UInt8(1) : 0)
    image.put(limits.wasPlating ? UInt8(1) : 0)
    image.put(real: limits.platingFactor)
    image.put(real: balancing.untilPlan)
    for cell in 0..<cells { image.put(real: balancing.surplus[cell]) }
  }

  /// Restores what `save` wrote: latched states stay latched, contactors start open.
  ///
  /// - Returns: False where the content makes no sense; then nothing was restored.
  public mutating func restore<let capacity: Int>(from image: inout StateImage<capacity>) -> Bool {
    guard let state = ContactorState(rawValue: image.byte()) else { return false }
    var copy = self
    let isPending = image.byte() != 0
    copy.contactors.machine = ContactorMachine(stored: state, isFaultPending: isPending)
    copy.isolated = image.longWord()
    copy.limits.isFull = image.byte() != 0
    copy.limits.wasPlating = image.byte() != 0
    let factor: Real = image.real()
    copy.limits.platingFactor = factor.clamped(0.3, 1)
    copy.balancing.untilPlan = image.real()
    for cell in 0..<cells { copy.balancing.surplus[cell] = image.real() }
    copy.commands.state = copy.contactors.machine.state
    copy.commands.firePyroFuse = copy.contactors.machine.state == .severed
    guard image.isWhole else { return false }
    self = copy
    return true
  }
}
