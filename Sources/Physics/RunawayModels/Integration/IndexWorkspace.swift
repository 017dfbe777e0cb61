// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A block of indices that lives as long as its owner.

/// A block of indices that lives as long as its owner.
struct IndexWorkspace: ~Copyable {
  /// First element.
  let base: UnsafeMutablePointer<Int32>

  /// Allocates zeros.
  init(count: Int) {
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: 0, count: max(1, count))
  }

  deinit { base.deallocate() }
}
