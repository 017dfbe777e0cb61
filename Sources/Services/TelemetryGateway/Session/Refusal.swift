// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Why a frame is refused, and the answer that each edition has for it.

public import TelemetryCodec

extension GatewaySession {
  /// Why a frame was refused.
  public enum Refusal: String, CaseIterable, Hashable, Sendable {
    /// The VIN is not that of the login, or not one that the platform may speak for.
    case foreignIdentity = "foreign_identity"
    /// The VIN is not registered.
    case unknownVehicle = "unknown_vehicle"
    /// The SIM card's number is not the registered one.
    case wrongSimCard = "wrong_sim_card"
    /// The client certificate is another peer's.
    case wrongCertificate = "wrong_certificate"
    /// The user is not registered, or the password is wrong.
    case wrongPassword = "wrong_password"
    /// The vehicle is logged in over another connection.
    case alreadyOnline = "already_online"
    /// The edition is not agreed for this peer.
    case wrongEdition = "wrong_edition"
    /// The time in the data unit is no time.
    case badTime = "bad_time"
    /// The data unit is not what the command demands.
    case malformed
    /// Encrypted without a key agreed upon.
    case encrypted
    /// The key or profile does not decrypt the data unit.
    case cannotDecrypt = "cannot_decrypt"
    /// In plain text where encryption is agreed.
    case notEncrypted = "not_encrypted"
    /// The signature does not match.
    case wrongSignature = "wrong_signature"
    /// No signature, or none that can be checked, where one is agreed.
    case notSigned = "not_signed"
    /// A command that this gateway does not serve.
    case unsupported

    /// The answer flag: the 2016 edition has only error and duplicate.
    public func acknowledgement(in edition: Edition) -> Acknowledgement {
      if self == .alreadyOnline { return .vehicleDuplicate }
      guard edition == .edition2025 else { return .error }
      switch self {
      case .unknownVehicle, .foreignIdentity: return .vehicleUnknown
      case .wrongSignature, .notSigned: return .signatureFailure
      case .badTime, .malformed: return .structureError
      case .encrypted, .cannotDecrypt, .notEncrypted: return .decryptionFailure
      default: return .error
      }
    }
  }

  /// Why a connection is closed by the gateway.
  public enum CloseReason: String, CaseIterable, Hashable, Sendable {
    /// The first frame was not a login.
    case noLogin = "no_login"
    /// The login was not valid.
    case badLogin = "bad_login"
    /// The store failed.
    case storeFailed = "store_failed"
    /// Nothing, or no login, arrived in time.
    case timedOut = "timed_out"
    /// The vehicle logged in over another connection.
    case replaced
    /// As many connections as allowed are open.
    case tooMany = "too_many"
    /// As many connections from this address as allowed are open.
    case tooManyFromAddress = "too_many_from_address"
    /// More connections came in than can be let in within the longest wait.
    case storm
    /// This address has failed to log in too often.
    case blocked
    /// Too many bytes without a frame.
    case noise
    /// The peer does not take its answers.
    case notReading = "not_reading"
    /// The TLS handshake failed.
    case tlsFailed = "tls_failed"
    /// The registry no longer admits the peer.
    case revoked
    /// The gateway shuts down.
    case shutdown
  }
}
