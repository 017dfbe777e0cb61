// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Column blocks as bytes, for everything outside the engines.

/// Column blocks as bytes, for everything outside the engines.
package enum ColumnBlock {
  /// Encodes frames of one vehicle, in the order of their ids.
  ///
  /// - Throws: ``StoreError/corrupt(path:reason:)`` if the frames would not come back as they are.
  package static func encode(_ frames: [StoredFrame]) throws(StoreError) -> [UInt8] {
    let rows = frames.map { frame in
      BlockRow(
        id: frame.id, time: frame.collectionTime,
        receiveMilliseconds: Int64((frame.receiveTime * 1_000).rounded()),
        command: frame.command, bytes: frame.bytes)
    }
    do {
      return try BlockEncoder().encode(rows, vehicle: 1).bytes
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
