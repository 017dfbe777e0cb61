// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Writes a file of column blocks that appears whole or not at all.

/// Writes a file of column blocks that appears whole or not at all.
struct BlockFileWriter {
  let number: Int64
  private let files: any StoreFiles
  private let folder: String
  private let file: any StoreFile
  private let encoder = BlockEncoder()
  private let hasty = BlockEncoder(aim: .haste)
  private let settings: StoreSettings
  /// Whether short blocks are made in haste, because they are merged soon.
  private let isHasty: Bool
  private(set) var end = 0
  private(set) var blocks: [BlockEntry] = []

  private var openPath: String { folder + "/" + BlockHandles.name(number) + ".new" }

  init(
    number: Int64, files: any StoreFiles, folder: String, settings: StoreSettings,
    isHasty: Bool = false
  ) throws(FileFault) {
    self.isHasty = isHasty
    self.number = number
    self.files = files
    self.folder = folder
    self.settings = settings
    file = try files.open(folder + "/" + BlockHandles.name(number) + ".new", create: true)
  }

  /// Adds frames of a vehicle, in the order of their ids, as one block or several.
  mutating func add(_ rows: [BlockRow], vehicle: Int32) throws {
    var start = 0
    var bytes = 0
    for index in rows.indices {
      bytes += rows[index].bytes.count
      let isFull = index + 1 - start >= settings.rowsPerBlock || bytes >= settings.bytesPerBlock
      guard isFull || index == rows.count - 1 else { continue }
      let isShort =
        index + 1 - start < settings.rowsPerBlock / 2
        && bytes < settings.bytesPerBlock / 2
      let block = try (isHasty && isShort ? hasty : encoder)
        .encode(Array(rows[start...index]), vehicle: vehicle)
      try file.writeAll(block.bytes, at: end)
      blocks.append(BlockEntry(block, vehicle: vehicle, file: number, place: end))
      end += block.bytes.count
      start = index + 1
      bytes = 0
    }
  }

  /// Flushes the file and gives it its name.
  func finish() throws(FileFault) {
    try file.sync()
    try files.rename(openPath, to: folder + "/" + BlockHandles.name(number))
    try files.syncFolder(folder)
  }

  /// Takes back what was written; the next opening does it if this fails.
  func abandon() {
    try? files.remove(openPath)
    try? files.remove(folder + "/" + BlockHandles.name(number))
  }
}
