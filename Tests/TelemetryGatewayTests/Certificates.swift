// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Certificates of a made-up authority, made by openssl when the tests run.

import Foundation
import NIOSSL

/// An authority with a server and clients, in a temporary folder.
struct Certificates {
  let folder: TemporaryFolder

  /// Makes the authority and the server's certificate for `localhost`.
  init() throws {
    folder = try TemporaryFolder()
    try Self.openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-keyout", path("ca.key"), "-out", path("ca.pem"), "-days", "2", "-subj", "/CN=Test CA")
    try issue("server", subject: "/CN=localhost", alternative: "DNS:localhost")
  }

  func path(_ name: String) -> String { folder.url.appending(path: name).path }

  /// Makes `name.pem` and `name.key`.
  func issue(_ name: String, subject: String, alternative: String? = nil) throws {
    try Self.openssl(
      "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
      path("\(name).key"), "-out", path("\(name).csr"), "-subj", subject)
    let extensions = alternative.map { "subjectAltName=\($0)\n" } ?? "basicConstraints=CA:FALSE\n"
    try Data(extensions.utf8).write(to: folder.url.appending(path: "\(name).ext"))
    try Self.openssl(
      "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
      "-CAcreateserial", "-out", path("\(name).pem"), "-days", "2", "-extfile",
      path("\(name).ext"))
  }

  /// A client that trusts the authority and shows a certificate, if named.
  func client(_ name: String? = nil) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(path("ca.pem"))
    if let name {
      configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(path("\(name).pem")).map {
        .certificate($0)
      }
      configuration.privateKey = .privateKey(
        try NIOSSLPrivateKey(file: path("\(name).key"), format: .pem))
    }
    return configuration
  }

  private static func openssl(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableNotLoadable) }
  }
}
