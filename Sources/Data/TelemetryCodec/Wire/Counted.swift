// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A list with the count that announces it, sentinel counts included.

/// A list behind a count field.
///
/// All ones and all ones minus one in the count mean that no list follows; the raw count is kept
/// so that such an item encodes to the same bytes.
public struct Counted<Element: Hashable & Sendable>: Hashable, Sendable {
  /// The count as it stands on the wire.
  public private(set) var rawCount: UInt16
  /// The elements.
  public let elements: [Element]

  /// Wraps a list whose count is its length.
  ///
  /// A list of more than 65,535 elements is kept, but cannot be encoded.
  public init(_ elements: [Element]) {
    self.rawCount = UInt16(truncatingIfNeeded: elements.count)
    self.elements = elements
  }

  /// Wraps a list with the count it is announced by; encoding checks that the two agree.
  public init(rawCount: UInt16, elements: [Element]) {
    self.rawCount = rawCount
    self.elements = elements
  }

  /// Checks the count against the list for a count field of one or two bytes.
  func checkedCount(bytes: Int) throws(CodecError) -> UInt16 {
    let allOnes: UInt16 = bytes == 1 ? 0xFF : 0xFFFF
    guard elements.count < Int(allOnes) - 1 else {
      throw .listTooLong(elements: elements.count, limit: Int(allOnes) - 2)
    }
    let isSentinel = rawCount == allOnes || rawCount == allOnes - 1
    guard Int(rawCount) == elements.count || (isSentinel && elements.isEmpty) else {
      throw .countMismatch(count: Int(rawCount), elements: elements.count)
    }
    return rawCount
  }
}
