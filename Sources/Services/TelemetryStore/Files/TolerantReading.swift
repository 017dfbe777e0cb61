// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reading a file whose disk has sectors that cannot be read.

import Foundation

/// Bytes of a file, with zeros where the disk gives none.
struct TolerantBytes {
  var bytes: [UInt8]
  /// What could not be read.
  var unreadable: [Range<Int>] = []
}

extension StoreFile {
  /// Reads from the beginning and goes on past sectors that cannot be read.
  ///
  /// - Parameter size: How many bytes.
  /// - Returns: The bytes, and where they are zeros in place of what the disk would not give.
  /// - Throws: ``FileFault`` if the file fails in another way.
  /// - Complexity: O(n); a call for each sector of a stretch that has an unreadable one.
  func readPastDamage(_ size: Int) throws(FileFault) -> TolerantBytes {
    let stretch = 1 << 20
    let sector = 512
    var result = TolerantBytes(bytes: [])
    result.bytes.reserveCapacity(size)
    var place = 0
    while place < size {
      let count = min(stretch, size - place)
      do throws(FileFault) {
        let bytes = try read(count, at: place)
        result.bytes += bytes
        // The file became shorter meanwhile.
        if bytes.count < count { return result }
      } catch {
        guard error.code == EIO else { throw error }
        for start in Swift.stride(from: place, to: place + count, by: sector) {
          let length = min(sector, place + count - start)
          do throws(FileFault) {
            let bytes = try read(length, at: start)
            result.bytes += bytes
            if bytes.count < length { return result }
          } catch {
            guard error.code == EIO else { throw error }
            result.bytes += [UInt8](repeating: 0, count: length)
            if let last = result.unreadable.last, last.upperBound == start {
              result.unreadable[result.unreadable.count - 1] = last.lowerBound..<start + length
            } else {
              result.unreadable.append(start..<start + length)
            }
          }
        }
      }
      place += count
    }
    return result
  }
}
