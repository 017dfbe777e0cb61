// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ways of decrypting, judged by the data unit that they give.

import TelemetryCodec

/// Candidates for the plain data unit of a frame, judged by what they decode to.
struct Trials {
  private let frame: Frame
  private var bestScore = 0
  private(set) var best: KeyRing.Opened?

  init(_ frame: Frame) { self.frame = frame }

  /// Whether nothing better can come.
  var isSettled: Bool { bestScore >= 3 }

  /// Adds a candidate; it is authentic when the cipher itself has proved the bytes, by a tag, a hash
  /// or because nothing was left to trial.
  mutating func offer(_ bytes: [UInt8], isAuthentic: Bool, _ way: @autoclosure () -> String) {
    let score = max(Self.score(frame.withPlainUnit(bytes)), isAuthentic ? 1 : 0)
    guard score > bestScore else { return }
    bestScore = score
    best = KeyRing.Opened(bytes: bytes, way: way())
  }

  /// 3: a whole unit with a real time; 2: with unknown items; 0: no such unit.
  private static func score(_ frame: Frame) -> Int {
    guard let unit = try? frame.decodedUnit() else { return 0 }
    func real(_ time: WireTime?) -> Int { time?.unixSeconds == nil ? 0 : 3 }
    switch unit {
    case .empty: return frame.unit.isEmpty ? 3 : 0
    case .vehicleLogin(let login): return real(login.time)
    case .logout(let logout): return real(logout.time)
    case .platformLogin(let login): return real(login.time)
    case .report(let report):
      return real(report.time) == 0 ? 0 : report.isComplete ? 3 : 2
    case .activation(let activation): return real(activation.time)
    case .activationResult(let result): return (1...2).contains(result.status) ? 3 : 0
    case .keyExchange(let exchange):
      return min(real(exchange.validFrom), real(exchange.validUntil))
    case .parameterQuery(let query): return real(query.time)
    case .parameters(let list):
      return real(list.time) == 0 ? 0 : list.opaqueRest.isEmpty ? 3 : 2
    case .terminalControl(let control): return real(control.time)
    case .answer(let time, let rest): return real(time) == 0 ? 0 : rest.isEmpty ? 3 : 2
    case .opaque: return 1
    case .encrypted: return 0
    }
  }
}

extension KeyRing {
  /// Tries modes, initial vectors and paddings of a block cipher.
  func blockTrials(
    _ algorithm: BlockCipher.Algorithm, _ frame: Frame
  ) throws(ProtectionError) -> Trials {
    guard !symmetricKeys.isEmpty else { throw .noKey(frame.encryption) }
    var trials = Trials(frame)
    for key in symmetricKeys {
      for mode in profile.mode.map({ [$0] }) ?? CipherProfile.Mode.allCases {
        let cipher = BlockCipher(algorithm: algorithm, mode: mode, key: key)
        guard cipher.isAvailable else { continue }
        for vector in vectors(mode) {
          open(frame.unit, cipher, vector, &trials)
          if trials.isSettled { return trials }
        }
      }
    }
    return trials
  }

  private func vectors(_ mode: CipherProfile.Mode) -> [CipherProfile.InitialVector] {
    if mode == .ecb { return [.zero] }
    return profile.initialVector.map { [$0] } ?? [.prefix, .key, .zero]
  }

  private func open(
    _ text: [UInt8], _ cipher: BlockCipher, _ vector: CipherProfile.InitialVector,
    _ trials: inout Trials
  ) {
    let length = cipher.vectorLength
    var body = text
    let bytes: [UInt8]
    let name: String
    switch vector {
    case .prefix:
      guard text.count >= length else { return }
      bytes = Array(text.prefix(length))
      body = Array(text.dropFirst(length))
      name = "prefix"
    case .key: (bytes, name) = (Array(cipher.key.prefix(length)), "key")
    case .zero: (bytes, name) = (Array(repeating: 0, count: length), "zero")
    case .bytes(let given): (bytes, name) = (Array(given.prefix(length)), "given")
    }
    guard let plain = cipher.decrypt(body, vector: bytes) else { return }
    let start =
      "\(cipher.algorithm.rawValue)-\(cipher.mode.rawValue)"
      + (cipher.mode == .ecb ? "" : " iv=\(name)")
    let isGiven = profile.mode != nil && (cipher.mode == .ecb || profile.initialVector != nil)
    guard cipher.isBlockwise else {
      trials.offer(plain, isAuthentic: cipher.mode == .gcm || isGiven, start)
      return
    }
    for padding in profile.padding.map({ [$0] }) ?? [.pkcs7, .none, .zero] {
      let isCertain = isGiven && profile.padding != nil
      switch padding {
      case .pkcs7:
        if let unit = BlockPadding.removePKCS7(plain) {
          trials.offer(unit, isAuthentic: isCertain, start + " pkcs7")
        }
      case .none: trials.offer(plain, isAuthentic: isCertain, start + " unpadded")
      case .zero:
        // A unit may end with zeros of its own: the shortest cut that gives a unit counts.
        var unit = plain
        for _ in 0..<BlockCipher.blockLength {
          trials.offer(unit, isAuthentic: isCertain, start + " zero-padded")
          guard !trials.isSettled, unit.last == 0 else { break }
          unit.removeLast()
        }
      }
      if trials.isSettled { return }
    }
  }

  /// Tries RSA paddings, with private keys first.
  func rsaTrials(_ frame: Frame) throws(ProtectionError) -> Trials {
    let keys = (privateKeys + publicKeys).filter { $0.algorithm == .rsa }
    guard !keys.isEmpty else { throw .noKey(frame.encryption) }
    var trials = Trials(frame)
    for key in keys {
      for padding in profile.rsaPadding.map({ [$0] }) ?? CipherProfile.RSAPadding.allCases {
        guard let plain = PublicKeyCipher.decryptRSA(frame.unit, key, padding) else { continue }
        trials.offer(
          plain, isAuthentic: profile.rsaPadding != nil,
          "rsa-\(key.bitCount) \(padding.rawValue)" + (key.isPrivate ? "" : " recovered"))
        if trials.isSettled { return trials }
      }
    }
    return trials
  }

  /// Tries the forms of SM2 ciphertexts.
  func sm2Trials(_ frame: Frame) throws(ProtectionError) -> Trials {
    let keys = privateKeys.filter { $0.algorithm == .sm2 }
    guard !keys.isEmpty else { throw .noKey(frame.encryption) }
    var trials = Trials(frame)
    for key in keys {
      for form in profile.sm2Form.map({ [$0] }) ?? CipherProfile.SM2Form.allCases {
        guard let plain = PublicKeyCipher.decryptSM2(frame.unit, key, form) else { continue }
        trials.offer(plain, isAuthentic: true, "sm2 \(form.rawValue)")
        if trials.isSettled { return trials }
      }
    }
    return trials
  }
}
