// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// TLS: the files of both sides, and the contexts made of them.

import NIOSSL

/// Port and certificates of the TLS listener.
public struct TLSListener: Hashable, Sendable {
  /// Whether peers have to show a certificate.
  public enum ClientCertificates: String, CaseIterable, Hashable, Sendable {
    /// Every peer must show one that the client authority has issued.
    case required
    /// None is asked for.
    case off
  }

  /// Port; 0 lets the system choose.
  public var port: Int
  /// File of the server's certificate chain, PEM.
  public var certificate: String
  /// File of the server's private key, PEM.
  public var privateKey: String
  /// File of the authorities that issue client certificates, PEM.
  public var clientAuthority: String?
  /// Whether peers have to show a certificate.
  public var clientCertificates: ClientCertificates

  /// Names the files.
  public init(
    port: Int, certificate: String, privateKey: String, clientAuthority: String? = nil,
    clientCertificates: ClientCertificates = .required
  ) {
    self.port = port
    self.certificate = certificate
    self.privateKey = privateKey
    self.clientAuthority = clientAuthority
    self.clientCertificates = clientCertificates
  }

  /// Reads the files.
  func context() throws(GatewayError) -> NIOSSLContext {
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(certificate)
      guard !chain.isEmpty else {
        throw GatewayError.badCertificate(file: certificate, reason: "no certificate in it")
      }
      let key = try readKey(privateKey)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv12
      if clientCertificates == .required {
        guard let clientAuthority else {
          throw GatewayError.badCertificate(
            file: "client_authority", reason: "client certificates are required, but no file named")
        }
        configuration.trustRoots = .certificates(try readCertificates(clientAuthority))
        configuration.certificateVerification = .noHostnameVerification
      }
      return try NIOSSLContext(configuration: configuration)
    } catch let error as GatewayError {
      throw error
    } catch {
      throw .badCertificate(file: certificate, reason: String(describing: error))
    }
  }
}

/// How a client speaks TLS.
public struct TLSClient: Hashable, Sendable {
  /// File of the authorities that issue server certificates, PEM; nil for those of the system.
  public var authority: String?
  /// File of the client's certificate chain, PEM; nil for none.
  public var certificate: String?
  /// File of the client's private key, PEM.
  public var privateKey: String?
  /// Name that the server's certificate must carry; nil for the host that is connected to.
  public var serverName: String?

  /// Names the files.
  public init(
    authority: String? = nil, certificate: String? = nil, privateKey: String? = nil,
    serverName: String? = nil
  ) {
    self.authority = authority
    self.certificate = certificate
    self.privateKey = privateKey
    self.serverName = serverName
  }

  /// Reads the files.
  func context() throws(GatewayError) -> NIOSSLContext {
    do {
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.minimumTLSVersion = .tlsv12
      if let authority {
        configuration.trustRoots = .certificates(try readCertificates(authority))
      }
      if let certificate, let privateKey {
        configuration.certificateChain = try readCertificates(certificate).map { .certificate($0) }
        configuration.privateKey = .privateKey(try readKey(privateKey))
      }
      return try NIOSSLContext(configuration: configuration)
    } catch let error as GatewayError {
      throw error
    } catch {
      throw .badCertificate(file: certificate ?? "", reason: String(describing: error))
    }
  }
}

private func readCertificates(_ file: String) throws(GatewayError) -> [NIOSSLCertificate] {
  do {
    let found = try NIOSSLCertificate.fromPEMFile(file)
    if !found.isEmpty { return found }
  } catch {
    throw .badCertificate(file: file, reason: "not readable as PEM certificates")
  }
  throw .badCertificate(file: file, reason: "no certificate in it")
}

private func readKey(_ file: String) throws(GatewayError) -> NIOSSLPrivateKey {
  do { return try NIOSSLPrivateKey(file: file, format: .pem) } catch {
    // Never the library's own words: they might hold a part of the file.
    throw .badCertificate(file: file, reason: "not readable as a PEM private key")
  }
}
