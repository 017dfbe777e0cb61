// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Many vehicles that come back at once, and clocks that are off.

import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite(.timeLimit(.minutes(2))) struct StormTests {
  @Test func `a fleet that comes back at once is let in at a pace, and nobody is lost`()
    async throws
  {
    var settings = GatewaySettings(port: 0)
    settings.admission.acceptsPerSecond = 100
    settings.admission.acceptBurst = 10
    let sink = BrittleSink()
    let vehicles = 60
    try await withGateway(store: sink, settings: settings) { gateway in
      let began = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<vehicles {
          group.addTask {
            try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
              let name = "LTEST0000000000\(10 + number)"
              #expect(try await peer.ask(try login(name)).acknowledgement == .success)
              #expect(try await peer.ask(try report(name, at: start)).acknowledgement == .success)
            }
          }
        }
        try await group.waitForAll()
      }
      // Fifty of them had to wait their turn, a hundredth of a second each.
      #expect(ContinuousClock.now - began > .milliseconds(450))
      #expect(value("connections_closed_total", in: gateway.metrics) == 0)
    }
    #expect(await sink.stored.count == 2 * vehicles)
  }

  @Test func `password guesses are answered without being checked once they come too fast`()
    async throws
  {
    try await withGateway(store: BrittleSink()) { gateway in
      for _ in 0..<130 {
        let answer = try? await RawPeer.with(port: gateway.port) {
          (peer: inout RawPeer) async throws -> Frame? in
          try await peer.send(try platformLogin())
          return try await peer.next()
        }
        if let answer { #expect(answer.acknowledgement == .error) }
      }
      // After fifty failures the address is turned away before it can ask.
      #expect(value("frames_refused_total", "wrong_password", in: gateway.metrics) == 50)
      #expect(value("connections_closed_total", "blocked", in: gateway.metrics) == 80)
    }
  }

  @Test func `the clock offset of each vehicle comes from new live reports alone`() {
    let book = ClockBook()
    func frame(_ identity: String, _ command: Command, at sample: Int64, _ received: Double)
      -> NewFrame
    {
      NewFrame(
        identity: identity, collectionTime: sample, receiveTime: received,
        command: command.rawValue, bytes: [0], unit: 0..<1)
    }
    for second in 0..<30 as Range<Int64> {
      let sample = start + second
      let live = Double(sample) + 200
      book.add(
        [
          frame("slow", .realTimeReport, at: sample, live),
          // Reissues are old by nature; a repeated report has had its turn.
          frame("slow", .reissuedReport, at: sample - 86_400, live),
          frame("slow", .realTimeReport, at: sample - 5_000, live),
          frame("fast", .realTimeReport, at: sample, Double(sample) - 45),
          frame("good", .realTimeReport, at: sample, Double(sample) + 0.2),
        ],
        [.stored(id: 1), .stored(id: 2), .duplicate(id: 1), .stored(id: 3), .stored(id: 4)])
    }
    #expect(book.offset(of: "slow") == 200)
    #expect(book.offset(of: "fast") == -45)
    #expect(book.offset(of: "unknown") == nil)
    #expect(book.suspects == (warning: 1, error: 1))
  }
}
