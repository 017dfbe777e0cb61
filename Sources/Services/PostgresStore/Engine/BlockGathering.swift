// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads parts of many blocks in few round trips.

import TelemetryStore

/// Reads parts of many blocks in few round trips.
///
/// The heads of all blocks come in one statement; what reading then needs of any of them comes in
/// the next, and so on: as many statements as one block needs parts, usually three.
struct BlockGathering {
  /// Blocks whose heads are held at once.
  private static let batch = 512
  private static let head = 4_096

  private let connection: PostgresConnection
  private let vehicle: Int32
  private let span: ClosedRange<Int64>

  /// Blocks of a vehicle with collection times in a span.
  init(_ connection: PostgresConnection, vehicle: Int32, in span: ClosedRange<Int64>) {
    self.connection = connection
    self.vehicle = vehicle
    self.span = span
  }

  /// Reads each block and takes the values in the order of ids.
  ///
  /// - Parameters:
  ///   - read: Reads a block, or says which bytes it needs first; may be called again.
  ///   - take: Takes the key of a block and what was read.
  /// - Throws: What the two throw, or an error of the database.
  func each<Value>(
    _ read: (PartialBlock) throws -> PartialBlock.Outcome<Value>,
    take: (Int64, Value) throws -> Void
  ) throws {
    var after: Int64 = 0
    while true {
      let rows = try connection.run(
        """
        SELECT id, last_id, length, substring(data FROM 1 FOR \(Self.head)) FROM block
        WHERE vehicle_id = $1 AND last_time >= $2 AND first_time <= $3 AND last_id > $4
        ORDER BY last_id LIMIT \(Self.batch)
        """,
        [
          .int32(vehicle), .int64(span.lowerBound), .int64(span.upperBound), .int64(after),
        ])
      if rows.count == 0 { return }
      var blocks: [(key: Int64, block: PartialBlock, value: Value?)] = []
      for row in 0..<rows.count {
        let key = try rows.integer(row, 0)
        after = try rows.integer(row, 1)
        let block = PartialBlock(
          length: Int(try rows.integer(row, 2)), start: try rows.bytes(row, 3),
          place: "\(connection.place), block \(key)")
        blocks.append((key, block, nil))
      }
      var waiting = Array(blocks.indices)
      while !waiting.isEmpty {
        var missing: [(key: Int64, block: PartialBlock, range: Range<Int>)] = []
        var next: [Int] = []
        for index in waiting {
          let (key, block, _) = blocks[index]
          switch try read(block) {
          case .done(let value): blocks[index].value = value
          case .needs(let range):
            missing.append((key, block, range))
            next.append(index)
          }
        }
        if !missing.isEmpty { try fetch(missing) }
        waiting = next
      }
      for (key, _, value) in blocks {
        if let value { try take(key, value) }
      }
      if rows.count < Self.batch { return }
    }
  }

  private func fetch(_ missing: [(key: Int64, block: PartialBlock, range: Range<Int>)]) throws {
    let rows = try connection.run(
      """
      SELECT w.place, substring(b.data FROM w.start FOR w.length)
      FROM unnest($2::bigint[], $3::integer[], $4::integer[])
        WITH ORDINALITY w(key, start, length, place)
      JOIN block b ON b.vehicle_id = $1 AND b.id = w.key
      """,
      [
        .int32(vehicle), .int64s(missing.map(\.key)),
        .int32s(missing.map { Int32($0.range.lowerBound + 1) }),
        .int32s(missing.map { Int32($0.range.count) }),
      ])
    guard rows.count == missing.count else {
      throw StoreError.corrupt(
        path: connection.place, reason: "\(rows.count) blocks where there were \(missing.count)")
    }
    for row in 0..<rows.count {
      let member = missing[Int(try rows.integer(row, 0)) - 1]
      let bytes = try rows.bytes(row, 1)
      guard bytes.count == member.range.count else {
        throw StoreError.corrupt(
          path: "\(connection.place), block \(member.key)", reason: "it is shorter than it says")
      }
      member.block.add(bytes, at: member.range.lowerBound)
    }
  }
}
