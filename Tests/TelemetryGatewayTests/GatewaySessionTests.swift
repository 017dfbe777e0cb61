// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The state machine of a connection, without I/O.

import FrameCryptography
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite struct GatewaySessionTests {
  private func active() throws -> GatewaySession {
    var session = GatewaySession()
    _ = session.handle(.received(try login(), at: 0))
    return session
  }

  @Test func `only a login is accepted on a fresh connection`() throws {
    for command in [Command.realTimeReport, .heartbeat, .platformLogout, .vehicleLogout] {
      var session = GatewaySession()
      let frame = Frame(edition: .edition2016, command: command, identifier: try identifier())
      #expect(
        session.handle(.received(frame, at: 0)) == .close(.noLogin, refusal: nil, answer: nil))
      #expect(session.phase == .closed)
      #expect(session.handle(.received(try login(), at: 0)) == .ignore)
    }
  }

  @Test func `after a new registry only who is admitted as before stays`() throws {
    let platform = AccessRegistry.Platform(
      password: PasswordHash(of: "open sesame", iterations: 10),
      vehicles: [try #require(VehiclePattern("LTEST*"))])
    let before = AccessRegistry(vehicles: [vin: .init()], platforms: ["centre": platform])
    var other = KeyRing()
    other.symmetricKeys = [Array(repeating: 7, count: 16)]
    var fewer = platform
    fewer.vehicles = []
    let changes: [(AccessRegistry, vehicleStays: Bool, platformStays: Bool)] = [
      (before, true, true),
      (AccessRegistry(platforms: ["centre": platform]), false, true),
      (AccessRegistry(vehicles: [vin: .init()]), true, false),
      (
        AccessRegistry(vehicles: [vin: .init(keys: other)], platforms: ["centre": fewer]), false,
        false
      ),
      (
        AccessRegistry(
          vehicles: [vin: .init(requiresSignature: true), "X": .init()],
          platforms: ["centre": platform]), false, true
      ),
    ]
    for (after, vehicleStays, platformStays) in changes {
      for (frame, stays) in [(try login(), vehicleStays), (try platformLogin(), platformStays)] {
        var session = GatewaySession(registry: before)
        _ = session.handle(.received(frame, at: 0))
        let action = session.handle(.registryChanged(after))
        #expect(action == (stays ? .ignore : .close(.revoked, refusal: nil, answer: nil)))
      }
    }
    // Who has logged out, or not yet in, meets the new registry.
    var session = GatewaySession(registry: before)
    #expect(session.handle(.registryChanged(AccessRegistry())) == .ignore)
    guard case .close(.badLogin, .unknownVehicle, _) = session.handle(.received(try login(), at: 0))
    else {
      Issue.record("the old registry still counts")
      return
    }
  }

  @Test func `a certificate that cannot be read is not taken for none`() throws {
    let facts = CertificateFacts.shown(der: [0x30, 0x03, 0x02, 0x01, 0x01])
    #expect(facts.names.isEmpty)
    for shown in [facts, .shown(der: nil)] {
      var session = GatewaySession(certificate: shown)
      guard
        case .close(.badLogin, .wrongCertificate, _) = session.handle(.received(try login(), at: 0))
      else {
        Issue.record("nobody has proved to be the vehicle")
        return
      }
    }
    // Its registered fingerprint names it all the same.
    let access = AccessRegistry(vehicles: [vin: .init(certificate: facts.fingerprint)])
    var session = GatewaySession(registry: access, certificate: facts)
    _ = session.handle(.received(try login(), at: 0))
    #expect(session.phase == .active(identity: vin))
  }

  @Test func `a login is stored before it is answered`() throws {
    var session = GatewaySession()
    let request = try login()
    guard
      case .store(let stored, let answer) = session.handle(.received(request, at: 7))
    else {
      Issue.record("a login must be stored")
      return
    }
    #expect(answer == request.answer(.success))
    #expect(stored.identity == vin)
    #expect(stored.collectionTime == start)
    #expect(stored.receiveTime == 7)
    #expect(try stored.bytes == request.encoded())
    #expect(Array(stored.bytes[stored.unit]) == request.unit)
    #expect(session.phase == .active(identity: vin))
  }

  @Test func `a broken login is answered with an error and the connection closed`() throws {
    var short = try login()
    short.unit.removeLast(5)
    var encrypted = try login()
    encrypted.encryption = .aes128
    var nameless = try login()
    nameless.identifier = try #require(UniqueIdentifier(bytes: Array(repeating: 0, count: 17)))
    var timeless = try login()
    timeless.unit[1] = 13
    let cases: [(Frame, GatewaySession.Refusal)] = [
      (short, .malformed), (encrypted, .encrypted), (nameless, .malformed), (timeless, .badTime),
    ]
    for (frame, reason) in cases {
      var session = GatewaySession()
      #expect(
        session.handle(.received(frame, at: 0))
          == .close(.badLogin, refusal: reason, answer: frame.answer(.error)))
      #expect(session.phase == .closed)
    }
  }

  @Test func `a report of the vehicle is stored, of another refused`() throws {
    var session = try active()
    let own = try report(at: start)
    guard case .store(let stored, let answer) = session.handle(.received(own, at: 1)) else {
      Issue.record("a report must be stored")
      return
    }
    #expect(stored.command == 2)
    #expect(answer == own.answer(.success))
    let foreign = try report("LTEST000000000002", at: start)
    #expect(
      session.handle(.received(foreign, at: 1))
        == .refuse(.foreignIdentity, detail: "", answer: foreign.answer(.error)))
    #expect(session.phase == .active(identity: vin))
  }

  @Test func `malformed, untimed, encrypted and unsupported frames are refused with the reason`()
    throws
  {
    for edition in [Edition.edition2016, .edition2025] {
      var session = GatewaySession()
      _ = session.handle(.received(try login(edition: edition), at: 0))
      #expect(session.phase == .active(identity: vin))
      var sound = try report(at: start)
      sound.edition = edition
      // Items of the editions differ; the time alone is a report in both.
      sound.unit = Array(sound.unit.prefix(6))
      var truncated = sound
      truncated.unit += [0x05, 0x00]
      var untimed = sound
      untimed.unit[2] = 40
      var encrypted = sound
      encrypted.encryption = .aes128
      let query = Frame(edition: edition, command: .parameterQuery, identifier: try identifier())
      let newer = edition == .edition2025
      let cases: [(Frame, GatewaySession.Refusal, Acknowledgement)] = [
        (truncated, .malformed, newer ? .structureError : .error),
        (untimed, .badTime, newer ? .structureError : .error),
        (encrypted, .encrypted, newer ? .decryptionFailure : .error),
        (query, .unsupported, .error),
      ]
      for (frame, reason, flag) in cases {
        guard
          case .refuse(reason, _, answer: let answer) = session.handle(.received(frame, at: 0))
        else {
          Issue.record("\(reason) must be refused in \(edition)")
          continue
        }
        #expect(answer == frame.answer(flag))
      }
      #expect(session.phase == .active(identity: vin))
    }
  }

  @Test func `an item of unknown type does not lose the report`() throws {
    var session = try active()
    var frame = try report(at: start)
    frame.unit += [0x55, 1, 2, 3]
    guard case .store = session.handle(.received(frame, at: 0)) else {
      Issue.record("a report with an unknown item must be stored")
      return
    }
  }

  @Test func `heartbeat and time are answered at once`() throws {
    var session = try active()
    let heartbeat = Frame(
      edition: .edition2016, command: .heartbeat, identifier: try identifier())
    #expect(
      session.handle(.received(heartbeat, at: 0)) == .answer(heartbeat.answer(.success)))
    let clock = Frame(
      edition: .edition2016, command: .timeSynchronisation, identifier: try identifier())
    guard case .answer(let answer) = session.handle(.received(clock, at: 1_555_321_350.9))
    else {
      Issue.record("the time must be answered")
      return
    }
    #expect(answer.time?.unixSeconds == 1_555_321_350)
    #expect(answer.acknowledgement == .success)
  }

  @Test func `answers are never answered`() throws {
    let answer = try report(at: start).answer(.success)
    var fresh = GatewaySession()
    #expect(
      fresh.handle(.received(answer, at: 0)) == .close(.noLogin, refusal: nil, answer: nil))
    var session = try active()
    #expect(session.handle(.received(answer, at: 0)) == .answered(answer))
  }

  @Test func `after a logout only a login is accepted`() throws {
    var session = try active()
    let logout = try Frame(
      edition: .edition2016, command: .vehicleLogout, identifier: try identifier(),
      unit: .logout(Logout(time: try wireTime(start), serial: 1)))
    guard case .store = session.handle(.received(logout, at: 0)) else {
      Issue.record("a logout must be stored")
      return
    }
    #expect(session.phase == .awaitingLogin)
    #expect(
      session.handle(.received(try report(at: start), at: 0))
        == .close(.noLogin, refusal: nil, answer: nil))
  }

  @Test(arguments: [
    (GatewaySession.Event.storeFailed, GatewaySession.CloseReason.storeFailed),
    (.timedOut, .timedOut), (.replaced, .replaced),
  ])
  func `failures close`(event: GatewaySession.Event, reason: GatewaySession.CloseReason) throws {
    var session = try active()
    #expect(session.handle(event) == .close(reason, refusal: nil, answer: nil))
    #expect(session.handle(event) == .ignore)
  }

  @Test func `no sequence of random frames makes a fresh session store anything but a login`()
    throws
  {
    var random = SystemLikeGenerator(state: 7)
    for _ in 0..<2_000 {
      var session = GatewaySession()
      let frame = Frame(
        edition: .edition2016,
        command: Command(rawValue: UInt8.random(in: 0...255, using: &random)),
        identifier: try identifier(),
        unit: (0..<Int.random(in: 0...60, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        })
      if case .store(let stored, answer: _) = session.handle(.received(frame, at: 0)) {
        #expect(stored.command == Command.vehicleLogin.rawValue)
      }
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014, doi:10.1145/2714064.2660195).
struct SystemLikeGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
