// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// CAN frames in the kernel's layout, and a bus over a real pair of sockets.

import Foundation
import TelemetryCodec
import TelemetrySources
import TestSupport
import Testing

@Suite("CAN buses")
struct SocketCANTests {
  private func random(_ source: inout Seeded) -> CANFrame {
    let isFlexible = Bool.random(using: &source)
    let isExtended = Bool.random(using: &source)
    let count = Int.random(in: 0...(isFlexible ? 64 : 8), using: &source)
    return CANFrame(
      identifier: UInt32.random(in: 0...(isExtended ? 0x1FFF_FFFF : 0x7FF), using: &source),
      isExtended: isExtended,
      data: (0..<count).map { _ in UInt8.random(in: 0...255, using: &source) },
      isFlexible: isFlexible)
  }

  @Test("the layout is that of struct can_frame and struct canfd_frame")
  func layout() throws {
    let classic = CANFrame(identifier: 0x123, isExtended: false, data: [0x11, 0x22])
    let word = withUnsafeBytes(of: UInt32(0x123)) { Array($0) }
    #expect(
      SocketCANFrame.bytes(of: classic)
        == word + [2, 0, 0, 0, 0x11, 0x22, 0, 0, 0, 0, 0, 0])
    let extended = CANFrame(identifier: 0x18FF_50E5, isExtended: true, data: [1], isFlexible: true)
    let bytes = try #require(SocketCANFrame.bytes(of: extended))
    #expect(bytes.count == 72)
    #expect(bytes.prefix(4) == withUnsafeBytes(of: UInt32(0x98FF_50E5)) { Array($0) }[...])
  }

  @Test("frames come back from their bytes; impossible ones have none")
  func roundTrip() {
    var source = Seeded(71)
    for _ in 0..<2_000 {
      let frame = random(&source)
      #expect(SocketCANFrame.bytes(of: frame).flatMap(SocketCANFrame.frame(in:)) == frame)
    }
    #expect(
      SocketCANFrame.bytes(
        of: CANFrame(identifier: 1, isExtended: false, data: Array(repeating: 0, count: 9))) == nil)
    #expect(SocketCANFrame.bytes(of: CANFrame(identifier: 0x800, isExtended: false)) == nil)
  }

  @Test("no bytes trap, and none of a wrong length are a frame")
  func hostile() {
    var source = Seeded(72)
    for _ in 0..<5_000 {
      let count = [0, 1, 15, 16, 17, 71, 72, 73].randomElement(using: &source) ?? 0
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &source) }
      guard let frame = SocketCANFrame.frame(in: bytes) else { continue }
      #expect(count == 16 || count == 72)
      #expect(frame.data.count <= (count == 72 ? 64 : 8))
    }
  }

  @Test("a bus inside the process gives every frame to every listener")
  func local() async throws {
    let bus = LocalCANBus(clock: { 12.5 })
    let first = await bus.records()
    let second = await bus.records()
    let frames = (0..<100).map {
      CANFrame(identifier: UInt32($0), isExtended: false, data: [UInt8($0)])
    }
    for frame in frames { await bus.send(frame) }
    await bus.close()
    for stream in [first, second] {
      var heard: [CANRecord] = []
      for try await record in stream { heard.append(record) }
      #expect(heard.map(\.frame) == frames)
      #expect(heard.allSatisfy { $0.seconds == 12.5 && $0.interface == "local" })
    }
  }

  #if os(Linux)
    @Test("frames pass a real socket in both directions, in order")
    func socket() async throws {
      // A pair of datagram sockets gives one frame a read, as a CAN socket does.
      var pair: [CInt] = [0, 0]
      #expect(socketpair(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0, &pair) == 0)
      let near = try await SocketCANBus(descriptor: pair[0], name: "can0")
      let far = try await SocketCANBus(descriptor: pair[1], name: "can1")
      let records = far.records()
      var source = Seeded(73)
      let frames = (0..<200).map { _ in random(&source) }
      let sending = Task { for frame in frames { try await near.send(frame) } }
      var heard: [CANRecord] = []
      for try await record in records {
        heard.append(record)
        if heard.count == frames.count { break }
      }
      try await sending.value
      #expect(heard.map(\.frame) == frames)
      #expect(heard.allSatisfy { $0.interface == "can1" && ($0.seconds ?? 0) > 1.7e9 })
      await near.close()
      await far.close()
      await #expect(throws: SourceError.self) { try await near.send(frames[0]) }
    }

    @Test("an interface that is not there is named")
    func missing() async {
      await #expect {
        try await SocketCANBus(interface: "nocan7")
      } throws: { error in
        "\(error)".contains("CAN interface nocan7 cannot be opened")
          && "\(error)".contains("ip link")
      }
    }
  #endif
}
