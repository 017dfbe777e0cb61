// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Images of configurations: sizes, damage, signature; and the schema.

import BMSCore
import Foundation
import OnboardConfiguration
import TestSupport
import Testing

private struct Count: SizedWork {
  mutating func run<let cells: Int, let probes: Int>(
    _ shape: PackShape<cells, probes>.Type
  ) -> [Int] { [cells, probes] }
}

@Suite("Images of configurations")
struct PackImageTests {
  @Test("Every size finds the type that has it")
  func sizes() throws {
    for cells in PackSize.cellRange {
      for probes in stride(from: 0, through: 64, by: 4) {
        var work = Count()
        let size = try #require(PackSize(cells: cells, probes: probes))
        #expect(try size.open(&work) == [cells, probes])
      }
    }
    #expect(PackSize(cells: 0, probes: 1) == nil)
    #expect(PackSize(cells: 257, probes: 1) == nil)
    #expect(PackSize(cells: 1, probes: 65) == nil)
  }

  @Test("A damaged, cut or foreign image is refused with the reason")
  func damage() throws {
    let image = try PackImage(PackConfiguration<4, 2, Double>())
    var generator = Seeded(9)
    for _ in 0..<200 {
      var bytes = image.bytes
      let place = Int.random(in: 0..<image.signedPart.count, using: &generator)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(throws: (any Error).self) { try PackImage(bytes: bytes) }
    }
    #expect(throws: (any Error).self) { try PackImage(bytes: Array(image.bytes.dropLast())) }
    #expect(throws: ConfigurationError.notAnImage) {
      try PackImage(bytes: Array(repeating: 7, count: 4_000))
    }
    #expect(throws: (any Error).self) { try PackImage(bytes: []) }
  }

  @Test("A signature fills its slot and leaves the signed part as it is")
  func signature() throws {
    var image = try PackImage(PackConfiguration<4, 2, Double>())
    #expect(image.signatureKey == 0)
    let signed = Array(image.signedPart)
    let signature = (0..<64).map { UInt8($0) }
    try image.sign(signature, key: 0x0102_0304)
    #expect(Array(image.signedPart) == signed)
    #expect(image.signatureKey == 0x0102_0304)
    let pack: PackConfiguration<4, 2, Double> = try PackImage(bytes: image.bytes).configuration()
    #expect(pack.signature.key == 0x0102_0304)
    #expect(pack.signature.bytes[63] == 63)
    #expect(throws: ImageFault.signature(found: 3)) { try image.sign([1, 2, 3], key: 1) }
  }

  @Test("Every field that is shown has its place in the schema on disk")
  func schema() throws {
    let url = Datasets.repositoryRoot.appending(path: "Docs/schema/bms-configuration.schema.json")
    let made = try ConfigurationSchema.json()
    if ProcessInfo.processInfo.environment["ANODYNE_WRITE_SCHEMA"] == "1" {
      try made.write(to: url)
    }
    #expect(try Data(contentsOf: url) == made, "run Scripts/make-schema.sh")
    let schema = try #require(try JSONSerialization.jsonObject(with: made) as? [String: Any])
    let shown = try PackImage(PackConfiguration<4, 2, Double>()).json()
    let document = try JSONSerialization.jsonObject(with: Data(shown.utf8))
    let problems = misfits(document, schema, at: "")
    #expect(problems == [])
  }

  /// Where a value does not fit a schema of the words used here.
  private func misfits(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
    if let several = schema["anyOf"] as? [[String: Any]] {
      let each = several.map { misfits(value, $0, at: path) }
      return each.contains([]) ? [] : each.flatMap { $0 }
    }
    if let table = value as? [String: Any] {
      guard let members = schema["properties"] as? [String: Any] else {
        return ["\(path): a table"]
      }
      return table.flatMap { key, inner -> [String] in
        guard let member = members[key] as? [String: Any] else {
          return ["\(path).\(key): unknown"]
        }
        return misfits(inner, member, at: "\(path).\(key)")
      }
    }
    if let list = value as? [Any] {
      guard let item = schema["items"] as? [String: Any] else { return ["\(path): a list"] }
      let isShort = list.count < (schema["minItems"] as? Int ?? 0)
      return (isShort ? ["\(path): short"] : []) + list.flatMap { misfits($0, item, at: path) }
    }
    if let words = schema["enum"] as? [String] {
      return (value as? String).map(words.contains) == true ? [] : ["\(path): \(value)"]
    }
    if let constant = schema["const"] {
      return "\(constant)" == "\(value)" ? [] : ["\(path): \(value)"]
    }
    switch schema["type"] as? String {
    case "string": return value is String ? [] : ["\(path): \(value)"]
    case "number", "integer":
      guard let number = (value as? NSNumber)?.doubleValue else { return ["\(path): \(value)"] }
      let low = (schema["minimum"] as? NSNumber)?.doubleValue ?? -.infinity
      let high = (schema["maximum"] as? NSNumber)?.doubleValue ?? .infinity
      return number >= low && number <= high ? [] : ["\(path): \(number)"]
    case "boolean": return value is Bool ? [] : ["\(path): \(value)"]
    default: return ["\(path): no type"]
    }
  }
}
