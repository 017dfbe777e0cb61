// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The binary image of a configuration: round trips, and refusal of everything else.

import BMSCore
import TestSupport
import Testing

@Suite("Configuration image")
struct ConfigurationImageTests {
  typealias Pack = PackConfiguration<6, 3, Float>

  func image(_ configuration: Pack = example()) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Pack.imageByteCount)
    var span = bytes.mutableSpan
    let count = try configuration.encode(into: &span)
    #expect(count == bytes.count)
    return bytes
  }

  func refusalAsSeven(_ bytes: [UInt8]) -> ConfigurationError? {
    do throws(ConfigurationError) {
      _ = try PackConfiguration<7, 3, Float>(image: bytes.span)
      return nil
    } catch {
      return error
    }
  }

  /// Why bytes are refused; nil where they are not.
  func refusal(_ bytes: [UInt8]) -> ConfigurationError? {
    do throws(ConfigurationError) {
      _ = try Pack(image: bytes.span)
      return nil
    } catch {
      return error
    }
  }

  static func example() -> Pack {
    var pack = Pack()
    pack.version = 4_000_000_007
    pack.chemistry = 9
    pack.limits.cellVoltageUpper = LevelLimits(operating: 3.65, recommended: 3.68, safety: 3.73)
    pack.sensing.cellOffset[5] = -0.0123
    pack.sensing.temperatureGain[2] = [0.25, 0.5, 0.25]
    pack.sensing.probeTemperature.medianWidth = 5
    pack.signature.key = 3
    pack.signature.bytes[63] = 0xA5
    return pack
  }

  @Test("An image reads back to the same image, signature included")
  func roundTrip() throws {
    let bytes = try image()
    let read = try Pack(image: bytes.span)
    #expect(read.version == 4_000_000_007)
    #expect(read.chemistry == 9)
    #expect(read.limits.cellVoltageUpper.recommended == 3.68)
    #expect(read.sensing.cellOffset[5] == -0.0123)
    #expect(read.sensing.temperatureGain[2][1] == 0.5)
    #expect(read.signature.key == 3 && read.signature.bytes[63] == 0xA5)
    let again = try image(read)
    #expect(again == bytes)
  }

  @Test("A Double core reads exactly the numbers of a Float core")
  func singlePrecision() throws {
    let bytes = try image()
    let read = try PackConfiguration<6, 3, Double>(image: bytes.span)
    #expect(read.sensing.cellOffset[5] == Double(Float(-0.0123)))
  }

  @Test("Any single flipped bit before the signature is noticed")
  func flippedBits() throws {
    let bytes = try image()
    // A prime stride: every kind of field is met, all bytes in release runs.
    for position in stride(
      from: 0, to: Pack.signedByteCount, by: Repetitions.of(41, long: 1))
    {
      var broken = bytes
      broken[position] ^= UInt8(1 << (position % 8))
      #expect(refusal(broken) != nil)
    }
  }

  @Test("Every truncation is refused, and says how much is missing")
  func truncated() throws {
    let bytes = try image()
    for length in stride(from: 0, to: bytes.count, by: 7) {
      let part = Array(bytes.prefix(length))
      #expect(refusal(part) == .truncated(needed: bytes.count, found: length))
    }
  }

  @Test("Random bytes are refused")
  func randomBytes() throws {
    var generator = Seeded(7)
    for round in 0..<Repetitions.of(20, long: 300) {
      var bytes = (0..<Pack.imageByteCount).map { _ in UInt8.random(in: 0...255, using: &generator)
      }
      if round % 2 == 0 { bytes.replaceSubrange(0..<16, with: try image().prefix(16)) }
      #expect(refusal(bytes) != nil)
    }
  }

  @Test("Images of another pack and another layout are told apart from damage")
  func otherPack() throws {
    var bytes = try image()
    #expect(refusalAsSeven(bytes) == .otherPack(cells: 6, probes: 3))
    bytes[4] = 0xFE
    #expect(refusal(bytes) == .otherLayout(expected: Pack.layout, found: 0xFE))
    bytes[0] = 0
    #expect(refusal(bytes) == .notAnImage)
  }

  /// Why a configuration is not written; nil where it is.
  func refusalToWrite(_ change: (inout Pack) -> Void) -> ConfigurationError? {
    var pack = Self.example()
    change(&pack)
    var bytes = [UInt8](repeating: 0, count: Pack.imageByteCount)
    var span = bytes.mutableSpan
    do throws(ConfigurationError) {
      _ = try pack.encode(into: &span)
      return nil
    } catch {
      return error
    }
  }

  @Test("Values that contradict each other or are out of range are not written")
  func inconsistent() {
    let levels = refusalToWrite { $0.limits.cellVoltageLower.safety = 3 }
    #expect(levels == .inconsistent(.levelsOutOfOrder))
    let weights = refusalToWrite { $0.sensing.temperatureGain[4][0] = 0.7 }
    #expect(weights == .inconsistent(.weightsDoNotSum))
    // Version, chemistry and 36 limits come before the first gain.
    let gain = refusalToWrite { $0.sensing.cellGain[0] = .nan }
    #expect(gain == .fieldOutOfRange(index: 38))
  }

  @Test("The checksum is CRC-32")
  func checkValue() {
    let digits = Array("123456789".utf8)
    #expect(Checksum.of(digits.span, count: 9) == 0xCBF4_3926)
  }
}
