// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Why a configuration image is refused.

/// Why a configuration image is refused; a refused image leaves the core without configuration,
/// and such a core commands the safe state.
public enum ConfigurationError: Error, Hashable, Sendable {
  /// Shorter than the image of this pack must be, in bytes.
  case truncated(needed: Int, found: Int)
  /// Does not begin with the mark of a configuration image.
  case notAnImage
  /// Written for another layout of fields.
  case otherLayout(expected: UInt16, found: UInt16)
  /// Written for a pack of another size.
  case otherPack(cells: UInt16, probes: UInt16)
  /// The bytes are not those that were written.
  case checksum(expected: UInt32, found: UInt32)
  /// A field lies outside its range or is not finite; fields are counted from 0 in the order shown.
  case fieldOutOfRange(index: Int)
  /// Fields contradict each other.
  case inconsistent(ConfigurationRule)
  /// The buffer for writing is too small, in bytes.
  case bufferTooSmall(needed: Int, found: Int)
}
