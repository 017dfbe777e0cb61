// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Open block files and blocks read lately.

import Synchronization

/// Open block files and blocks read lately; both few.
final class BlockHandles: Sendable {
  private struct Place: Hashable {
    var file: Int64
    var place: Int
  }

  private struct Contents {
    var files: [Int64: any StoreFile] = [:]
    var rows: [Place: [BlockRow]] = [:]
    var order: [Place] = []
  }

  private static let mostFiles = 64
  private static let mostBlocks = 8
  private let contents = Mutex(Contents())

  static func name(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".blocks"
  }

  static func number(ofName name: String) -> Int64? {
    guard name.hasSuffix(".blocks") else { return nil }
    return Int64(name.dropLast(7))
  }

  /// An open file.
  func file(
    _ number: Int64, in folder: String, _ files: any StoreFiles
  ) throws(FileFault) -> any StoreFile {
    if let open = contents.withLock({ $0.files[number] }) { return open }
    let file = try files.open(folder + "/" + Self.name(number), create: false)
    contents.withLock { contents in
      if contents.files.count >= Self.mostFiles { contents.files = [:] }
      contents.files[number] = file
    }
    return file
  }

  /// Frames of a block, if it was read lately.
  func rows(_ block: BlockEntry) -> [BlockRow]? {
    contents.withLock { $0.rows[Place(file: block.file, place: block.place)] }
  }

  /// Keeps the frames of a block for the next reader.
  func keep(_ rows: [BlockRow], of block: BlockEntry) {
    let place = Place(file: block.file, place: block.place)
    contents.withLock { contents in
      if contents.rows.updateValue(rows, forKey: place) == nil { contents.order.append(place) }
      while contents.order.count > Self.mostBlocks {
        contents.rows[contents.order.removeFirst()] = nil
      }
    }
  }

  /// Lets files go.
  func close(_ numbers: Set<Int64>) {
    contents.withLock { contents in
      for number in numbers { contents.files[number] = nil }
    }
  }

  func closeAll() { contents.withLock { $0 = Contents() } }
}
