// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Registered vehicles, platforms, encryption and signatures in the state machine, without I/O.

import FrameCryptography
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite struct SessionRoleTests {
  private static let second = "LTEST000000000002"

  private func session(
    _ access: AccessRegistry, _ first: Frame, certificate: CertificateFacts? = nil
  ) -> (GatewaySession, GatewaySession.Action) {
    var session = GatewaySession(registry: access, certificate: certificate)
    let action = session.handle(.received(first, at: 0))
    return (session, action)
  }

  private func refusal(_ action: GatewaySession.Action) -> GatewaySession.Refusal? {
    switch action {
    case .refuse(let reason, _, _): reason
    case .close(_, refusal: let reason, _): reason
    default: nil
    }
  }

  private func isStored(_ action: GatewaySession.Action) -> Bool {
    if case .store = action { true } else { false }
  }

  // MARK: - Vehicles

  @Test func `a vehicle that is not registered is unknown, in the word of each edition`() throws {
    let access = AccessRegistry(vehicles: [vin: AccessRegistry.Vehicle()])
    #expect(isStored(session(access, try login()).1))
    for (edition, flag) in [
      (Edition.edition2016, Acknowledgement.error), (.edition2025, .vehicleUnknown),
    ] {
      let request = try login(Self.second, edition: edition)
      #expect(
        session(access, request).1
          == .close(.badLogin, refusal: .unknownVehicle, answer: request.answer(flag)))
    }
  }

  @Test func `the SIM card, the edition and the certificate have to be those of the registry`()
    throws
  {
    let zeros = String(repeating: "0", count: 20)
    let facts = CertificateFacts(fingerprint: "AB12", names: [vin])
    let cases: [(AccessRegistry.Vehicle, CertificateFacts?, GatewaySession.Refusal?)] = [
      (AccessRegistry.Vehicle(simCard: zeros), nil, nil),
      (AccessRegistry.Vehicle(simCard: "89860000000000000001"), nil, .wrongSimCard),
      (AccessRegistry.Vehicle(editions: [.edition2025]), nil, .wrongEdition),
      (AccessRegistry.Vehicle(certificate: "ab12"), facts, nil),
      (AccessRegistry.Vehicle(certificate: "ab12"), nil, .wrongCertificate),
      (AccessRegistry.Vehicle(certificate: "cd34"), facts, .wrongCertificate),
      (AccessRegistry.Vehicle(), facts, nil),
      (
        AccessRegistry.Vehicle(), CertificateFacts(fingerprint: "1", names: [Self.second]),
        .wrongCertificate
      ),
    ]
    for (vehicle, certificate, reason) in cases {
      let (state, action) = session(
        AccessRegistry(vehicles: [vin: vehicle]), try login(), certificate: certificate)
      #expect(refusal(action) == reason)
      #expect(state.phase == (reason == nil ? .active(identity: vin) : .closed))
    }
  }

  // MARK: - Platforms

  private func platforms(_ patterns: [String]) -> AccessRegistry {
    AccessRegistry(platforms: [
      "centre": AccessRegistry.Platform(
        password: PasswordHash(of: "open sesame", iterations: 10),
        vehicles: patterns.compactMap { VehiclePattern($0) })
    ])
  }

  @Test func `a platform logs in with its password and speaks for its vehicles alone`() throws {
    let access = platforms(["LTEST*"])
    let request = try platformLogin()
    var (state, action) = session(access, request)
    #expect(action == .answer(request.answer(.success)))
    #expect(state.phase == .platform(user: "centre"))
    for frame in [
      try login(), try report(at: start), try report(Self.second, at: start),
      try report(at: start, command: .reissuedReport),
    ] {
      guard case .store(let stored, _) = state.handle(.received(frame, at: 1)) else {
        Issue.record("a platform's frame must be stored")
        continue
      }
      #expect(stored.identity == frame.identifier.text)
    }
    let foreign = try report("XOTHER00000000001", at: start)
    #expect(refusal(state.handle(.received(foreign, at: 1))) == .foreignIdentity)
    let logout = try Frame(
      edition: .edition2016, command: .platformLogout,
      identifier: try identifier("PLATFORM000000001"),
      unit: .logout(Logout(time: try wireTime(start), serial: 1)))
    #expect(state.handle(.received(logout, at: 2)) == .answer(logout.answer(.success)))
    #expect(state.phase == .awaitingLogin)
    #expect(
      state.handle(.received(try report(at: start), at: 2))
        == .close(.noLogin, refusal: nil, answer: nil))
  }

  @Test func `a wrong password and an unknown user get the same answer`() throws {
    for request in [
      try platformLogin(password: "open Sesame"), try platformLogin(password: ""),
      try platformLogin(user: "nobody"),
    ] {
      let (state, action) = session(platforms(["*"]), request)
      #expect(
        action == .close(.badLogin, refusal: .wrongPassword, answer: request.answer(.error)))
      #expect(state.phase == .closed)
    }
    // The open registry admits vehicles, no platform.
    #expect(refusal(session(.open, try platformLogin()).1) == .wrongPassword)
  }

  // MARK: - Encryption

  private func ring() throws -> KeyRing {
    var ring = KeyRing()
    ring.symmetricKeys = [Array("0123456789abcdef".utf8)]
    return ring
  }

  private func sealed(_ frame: Frame, _ encryption: Encryption, _ ring: KeyRing) throws -> Frame {
    var sealed = frame
    sealed.encryption = encryption
    sealed.unit = try ring.ciphertext(of: frame.unit, for: sealed)
    return sealed
  }

  @Test(arguments: [Encryption.aes128, .sm4])
  func `encrypted frames are deciphered, stored in plain and answered encrypted`(
    encryption: Encryption
  ) throws {
    let ring = try ring()
    let access = AccessRegistry(
      vehicles: [vin: AccessRegistry.Vehicle(keys: ring, requiresEncryption: true)])
    let plain = try report(at: start)
    var (state, action) = session(access, try sealed(try login(), encryption, ring))
    #expect(isStored(action))
    guard
      case .store(let stored, let answer) = state.handle(
        .received(try sealed(plain, encryption, ring), at: 1))
    else {
      Issue.record("an encrypted report must be stored")
      return
    }
    #expect(try stored.bytes == plain.encoded())
    #expect(answer.encryption == encryption)
    #expect(try ring.plaintext(of: answer) == Array(plain.unit.prefix(6)))
    // In plain text, where encryption is agreed, it is refused; so is another key's text.
    #expect(refusal(state.handle(.received(plain, at: 1))) == .notEncrypted)
    var other = KeyRing()
    other.symmetricKeys = [Array("fedcba9876543210".utf8)]
    #expect(
      refusal(state.handle(.received(try sealed(plain, encryption, other), at: 1)))
        == .cannotDecrypt)
  }

  // MARK: - Signatures

  /// A P-256 key as its bare number, so that tests need no file.
  private func signer(_ last: UInt8) throws -> AsymmetricKey {
    let number = [UInt8](repeating: 7, count: 31) + [last]
    return try #require(try KeyReader.privateKeys(number).first { $0.algorithm == .ecc })
  }

  private func signed(_ seconds: Int64, by key: AsymmetricKey?) throws -> Frame {
    var items: [ReportItem] = []
    let time = try wireTime(seconds)
    if let key {
      var ring = KeyRing()
      ring.privateKeys = [key]
      let bytes = try DataUnit.report(Report(time: time, items: [])).encoded(for: .edition2025)
      items = [.signature(try ring.signature(over: bytes, by: try identifier()))]
    }
    return try Frame(
      edition: .edition2025, command: .realTimeReport, identifier: try identifier(),
      unit: .report(Report(time: time, items: items)))
  }

  @Test func `signatures of 2025 are checked with the registered key`() throws {
    let (right, wrong) = (try signer(1), try signer(2))
    var keys = KeyRing()
    keys.publicKeys = [right]
    for isRequired in [true, false] {
      let access = AccessRegistry(
        vehicles: [vin: AccessRegistry.Vehicle(keys: keys, requiresSignature: isRequired)])
      var (state, action) = session(access, try login(edition: .edition2025))
      #expect(isStored(action))
      #expect(isStored(state.handle(.received(try signed(start, by: right), at: 0))))
      let forged = try signed(start, by: wrong)
      guard
        case .refuse(.wrongSignature, _, answer: let answer) = state.handle(
          .received(forged, at: 0))
      else {
        Issue.record("a forged report must be refused")
        continue
      }
      #expect(answer.acknowledgement == .signatureFailure)
      // A changed byte under the right signature.
      var bent = try signed(start, by: right)
      bent.unit[5] ^= 1
      #expect(refusal(state.handle(.received(bent, at: 0))) == .wrongSignature)
      let unsigned = state.handle(.received(try signed(start, by: nil), at: 0))
      #expect(refusal(unsigned) == (isRequired ? .notSigned : nil))
    }
    // Without a key a signature is accepted, and counted as unchecked, unless one is demanded.
    var (state, _) = session(.open, try login(edition: .edition2025))
    #expect(isStored(state.handle(.received(try signed(start, by: right), at: 0))))
    #expect(state.uncheckedSignatures == 1)
  }

  @Test(arguments: ["A*B", "*LTEST", "", "LTEST 1", "LTEST0000000000012*"])
  func `patterns that could match by accident are refused`(text: String) {
    #expect(VehiclePattern(text) == nil)
  }
}
