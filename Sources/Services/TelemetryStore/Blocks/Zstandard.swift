// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// General-purpose compression through the system's libzstd.

import CZstd

/// General-purpose compression through libzstd; one value serves one thread.
final class Zstandard {
  private let compressor = ZSTD_createCCtx()
  private let decompressor = ZSTD_createDCtx()
  /// Most bytes that one piece may unpack to; bounds what damaged bytes can claim.
  static let limit = 1 << 28

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(decompressor)
  }

  /// Compresses a piece.
  ///
  /// - Throws: ``BlockError/compression(_:)`` with the library's words.
  func compress(_ bytes: [UInt8], level: Int32) throws(BlockError) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    var result = 0
    let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      result = ZSTD_compressCCtx(
        compressor, buffer.baseAddress, bound, bytes, bytes.count, level)
      count = ZSTD_isError(result) == 0 ? result : 0
    }
    if ZSTD_isError(result) != 0 { throw Self.failure(result) }
    return packed
  }

  /// Unpacks a piece of known length.
  func decompress(_ packed: [UInt8], count: Int) throws(BlockError) -> [UInt8] {
    guard count >= 0, count <= Self.limit else { throw .malformed("a length of \(count) bytes") }
    var result = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      result = ZSTD_decompressDCtx(
        decompressor, buffer.baseAddress, count, packed, packed.count)
      done = ZSTD_isError(result) == 0 ? result : 0
    }
    if ZSTD_isError(result) != 0 { throw Self.failure(result) }
    guard result == count else { throw .malformed("a piece is shorter than stated") }
    return bytes
  }

  private static func failure(_ code: Int) -> BlockError {
    .compression(String(cString: ZSTD_getErrorName(code)))
  }
}

/// Why a block cannot be made or read.
enum BlockError: Error, Hashable {
  /// The compression library refused.
  case compression(String)
  /// A check sum does not fit.
  case checksum(part: String)
  /// The bytes say something that cannot be.
  case malformed(String)
  /// A block decodes to other bytes than went into it.
  case notReversible(id: Int64)
  /// Written by a newer version.
  case tooNew(version: UInt16)
  /// The file could not be read.
  case file(FileFault)

  /// One clause.
  var reason: String {
    switch self {
    case .compression(let text): "zstd: \(text)"
    case .checksum(let part): "the check sum of \(part) does not fit"
    case .malformed(let text): "it states \(text)"
    case .notReversible(let id): "frame \(id) would not come back as it was"
    case .tooNew(let version): "its version \(version) is newer than this program"
    case .file(let fault): "\(fault.operation): \(PosixFiles.message(fault.code))"
    }
  }
}
