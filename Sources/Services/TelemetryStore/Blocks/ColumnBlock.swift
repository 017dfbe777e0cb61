// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Column blocks as bytes, for everything outside the engines.

/// Column blocks as bytes, for everything outside the engines.
package enum ColumnBlock {
  /// Encodes frames of one vehicle, in the order of their ids.
  ///
  /// - Throws: ``StoreError/corrupt(path:reason:)`` if the frames would not come back as they are.
  package static func encode(_ frames: [StoredFrame]) throws(StoreError) -> [UInt8] {
    try encode(frames, vehicle: 1)
  }

  /// Encodes frames of one vehicle, in the order of their ids.
  ///
  /// - Parameters:
  ///   - frames: At least one, at most 65,536.
  ///   - vehicle: Key of the vehicle, kept in the block.
  /// - Returns: The block.
  /// - Throws: ``StoreError/corrupt(path:reason:)`` if the frames would not come back as they are.
  package static func encode(
    _ frames: [StoredFrame], vehicle: Int32
  ) throws(StoreError) -> [UInt8] {
    do {
      return try BlockEncoder().encode(frames.map { BlockRow($0) }, vehicle: vehicle).bytes
    } catch {
      throw StoreError(error, path: "a column block")
    }
  }

  /// Decodes all frames of a block.
  ///
  /// - Throws: ``StoreError/corrupt(path:reason:)`` if one of its check sums does not fit.
  package static func decode(_ bytes: [UInt8]) throws(StoreError) -> [StoredFrame] {
    do {
      var reader = try BlockReader(bytes, zstandard: Zstandard())
      return try reader.rows().map(\.stored)
    } catch {
      throw StoreError(error, path: "a column block")
    }
  }
}
