// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// TLS and mutual TLS over real sockets; identity bound to certificates.

import Foundation
import FrameCryptography
import NIOSSL
import ServiceLifecycle
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite(.timeLimit(.minutes(2))) struct TLSTests {
  private func settings(
    _ files: Certificates, _ access: AccessRegistry = .open,
    clients: TLSListener.ClientCertificates = .required
  ) -> GatewaySettings {
    GatewaySettings(
      port: nil,
      tls: TLSListener(
        port: 0, certificate: files.path("server.pem"), privateKey: files.path("server.key"),
        clientAuthority: files.path("ca.pem"), clientCertificates: clients), access: access)
  }

  @Test func `a vehicle reports over TLS and its link checks the server`() async throws {
    let files = try Certificates()
    let sink = BrittleSink()
    try await withGateway(store: sink, settings: settings(files, clients: .off)) { gateway in
      #expect(gateway.port == 0)
      var rest: [Frame]? = [try report(at: start), try report(at: start + 1)]
      let summary = try await VehicleLink(
        identity: try identifier(),
        settings: LinkSettings(
          host: "127.0.0.1", port: try #require(gateway.tlsPort), attempts: 1,
          tls: TLSClient(authority: files.path("ca.pem"), serverName: "localhost"))
      ).send(from: {
        defer { rest = nil }
        return rest
      })
      #expect(summary.isComplete)
      // Another authority does not vouch for this server.
      let other = try Certificates()
      await #expect(throws: GatewayError.self) {
        _ = try await VehicleLink(
          identity: try identifier(),
          settings: LinkSettings(
            host: "127.0.0.1", port: gateway.tlsPort ?? 0, attempts: 1,
            tls: TLSClient(authority: other.path("ca.pem"), serverName: "localhost"))
        ).send(from: { nil })
      }
    }
    #expect(await sink.stored.map(\.command) == [1, 2, 2, 4])
  }

  @Test func `a forwarder goes on trying when the upstream's certificate has another name`()
    async throws
  {
    let (files, folder) = (try Certificates(), try TemporaryFolder())
    let store = try TelemetryStore(folder: folder.url)
    try await withGateway(store: BrittleSink(), settings: settings(files, clients: .off)) {
      gateway in
      var forward = ForwardSettings(
        name: "up", host: "127.0.0.1", port: try #require(gateway.tlsPort),
        tls: TLSClient(authority: files.path("ca.pem"), serverName: "elsewhere.example"),
        identity: "PLATFORM000000001", user: "centre", password: "open sesame", vehicles: [])
      forward.firstPause = .milliseconds(5)
      forward.longestPause = .milliseconds(20)
      let forwarder = PlatformForwarder(
        forward, source: store, folder: folder.url, logger: quiet)
      try await withThrowingTaskGroup(of: Void.self) { group in
        let services = ServiceGroup(services: [forwarder], logger: quiet)
        group.addTask { try await services.run() }
        group.addTask {
          while value("tls_connections_total", in: gateway.metrics) < 3 {
            try await Task.sleep(for: .milliseconds(5))
          }
          await services.triggerGracefulShutdown()
        }
        // An error of the forwarder would end the service group and throw here.
        try await group.waitForAll()
      }
      #expect(value("frames_received_total", in: gateway.metrics) == 0)
    }
    try await store.close()
  }

  @Test func `without a certificate of the authority nobody gets as far as a login`() async throws {
    let files = try Certificates()
    let foreign = try Certificates()
    try foreign.issue("vehicle", subject: "/CN=\(vin)")
    let sink = BrittleSink()
    try await withGateway(store: sink, settings: settings(files)) { gateway in
      let port = try #require(gateway.tlsPort)
      var strange = try foreign.client("vehicle")
      strange.trustRoots = .file(files.path("ca.pem"))
      for tls in [try files.client(), strange] {
        let answer = try? await RawPeer.with(port: port, tls: tls) {
          (peer: inout RawPeer) async throws in
          try await peer.send(try login())
          return try await peer.next()
        }
        #expect((answer ?? nil) == nil)
      }
      // Plain bytes are no handshake either.
      let answer = try? await RawPeer.with(port: port) { (peer: inout RawPeer) async throws in
        try await peer.send(try login())
        return try await peer.next()
      }
      #expect((answer ?? nil) == nil)
      #expect(value("connections_closed_total", "tls_failed", in: gateway.metrics) >= 2)
    }
    #expect(await sink.stored.isEmpty)
  }

  @Test(arguments: [
    ("/CN=LTEST000000000001", nil),
    ("/CN=terminal 7", "URI:urn:vin:LTEST000000000001"),
    ("/CN=terminal 8", "DNS:LTEST000000000001"),
  ])
  func `the name in a certificate decides for which vehicle it may speak`(
    subject: String, alternative: String?
  ) async throws {
    let files = try Certificates()
    try files.issue("vehicle", subject: subject, alternative: alternative)
    let sink = BrittleSink()
    try await withGateway(store: sink, settings: settings(files)) { gateway in
      let port = try #require(gateway.tlsPort)
      let tls = try files.client("vehicle")
      try await RawPeer.with(port: port, tls: tls) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        #expect(try await peer.ask(try report(at: start)).acknowledgement == .success)
        // Under its own login, it cannot write another's data.
        let other = try await peer.ask(try report("LTEST000000000002", at: start))
        #expect(other.acknowledgement == .error)
      }
      // Nor can it log in as another.
      try await RawPeer.with(port: port, tls: tls) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login("LTEST000000000002")).acknowledgement == .error)
        #expect(try await peer.next() == nil)
      }
      #expect(value("frames_refused_total", "wrong_certificate", in: gateway.metrics) == 1)
    }
    #expect(await Set(sink.stored.map(\.identity)) == [vin])
  }

  @Test func `a fingerprint in the registry counts more than the name`() async throws {
    let files = try Certificates()
    try files.issue("right", subject: "/CN=box 1")
    try files.issue("wrong", subject: "/CN=\(vin)")
    let der = try #require(
      try NIOSSLCertificate.fromPEMFile(files.path("right.pem")).first
    ).toDERBytes()
    let facts = try #require(CertificateFacts(der: der))
    #expect(facts.names == ["box 1"])
    let access = AccessRegistry(
      vehicles: [vin: AccessRegistry.Vehicle(certificate: facts.fingerprint.uppercased())])
    try await withGateway(store: BrittleSink(), settings: settings(files, access)) { gateway in
      let port = try #require(gateway.tlsPort)
      for (name, flag) in [("right", Acknowledgement.success), ("wrong", .error)] {
        try await RawPeer.with(port: port, tls: try files.client(name)) {
          (peer: inout RawPeer) async throws in
          #expect(try await peer.ask(try login()).acknowledgement == flag)
        }
      }
    }
  }

  @Test func `a reload takes new certificates and closes who is no longer admitted`() async throws {
    let files = try Certificates()
    let sink = BrittleSink()
    try await withGateway(store: sink, settings: settings(files, clients: .off)) { gateway in
      let port = try #require(gateway.tlsPort)
      try await RawPeer.with(port: port, tls: try files.client()) {
        (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        try files.issue("server", subject: "/CN=second", alternative: "DNS:second.example")
        try gateway.reload(AccessRegistry())
        #expect(try await peer.next() == nil)
      }
      // The new certificate carries the new name.
      try await RawPeer.with(port: port, tls: try files.client(), serverName: "second.example") {
        (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .error)
      }
      #expect(value("connections_closed_total", "revoked", in: gateway.metrics) == 1)
    }
  }

  @Test func `a reload leaves alone whose entry did not change, and ends platforms whose did`()
    async throws
  {
    func platform(_ pattern: String) throws -> AccessRegistry.Platform {
      AccessRegistry.Platform(
        password: try #require(
          PasswordHash(
            written: PasswordHash(of: "open sesame", iterations: 10).written)),
        vehicles: [try #require(VehiclePattern(pattern))])
    }
    var settings = GatewaySettings(port: 0)
    settings.access = AccessRegistry(
      unlisted: AccessRegistry.Vehicle(), platforms: ["centre": try platform("LTEST*")])
    let after = AccessRegistry(
      unlisted: AccessRegistry.Vehicle(), platforms: ["centre": try platform("OTHER*")])
    try await withGateway(store: BrittleSink(), settings: settings) { gateway in
      try await RawPeer.with(port: gateway.port) { (vehicle: inout RawPeer) async throws in
        #expect(try await vehicle.ask(try login()).acknowledgement == .success)
        try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
          #expect(try await peer.ask(try platformLogin()).acknowledgement == .success)
          try gateway.reload(after)
          #expect(try await peer.next() == nil)
        }
        #expect(try await vehicle.ask(try report(at: start)).acknowledgement == .success)
      }
      #expect(value("connections_closed_total", "revoked", in: gateway.metrics) == 1)
    }
  }

  @Test func `files that are no certificates are a clear error, without their content`()
    async throws
  {
    let files = try Certificates()
    var broken = settings(files)
    broken.tls?.privateKey = files.path("server.ext")
    do {
      _ = try await GatewayServer.bind(broken, store: BrittleSink(), logger: quiet)
      Issue.record("a text is no key")
    } catch .badCertificate(let file, let reason) {
      #expect(file == files.path("server.ext"))
      #expect(reason == "not readable as a PEM private key")
    } catch {
      Issue.record("unexpected: \(error)")
    }
  }
}
