// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Expat behind a small Swift door: chunks in, elements and text out.

import CExpat

/// What listens to a push parser.
protocol XMLListener: AnyObject {
  /// An element begins; the name has no namespace prefix.
  func begin(_ name: String, attribute: (String) -> String?)
  /// An element ends.
  func end(_ name: String)
  /// Text between elements, perhaps in several pieces.
  func text(_ bytes: UnsafeBufferPointer<UInt8>)
}

/// Parses XML in chunks. External entities are never loaded, and expat 2.4 and later refuse
/// exponential entity expansion by themselves.
///
/// - Note: A class because it owns expat's parser and hands its own address to C callbacks, which
///   run only inside ``feed(_:isFinal:)`` while `self` is alive.
final class XMLPushParser {
  private let parser: XML_Parser
  private unowned let listener: any XMLListener

  /// A failure of the XML itself.
  struct Failure: Error {
    let line: Int
    let message: String
  }

  init?(listener: any XMLListener) {
    guard let parser = XML_ParserCreate(nil) else { return nil }
    self.parser = parser
    self.listener = listener
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(
      parser,
      { data, name, attributes in
        guard let data, let name else { return }
        let this = Unmanaged<XMLPushParser>.fromOpaque(data).takeUnretainedValue()
        this.listener.begin(XMLPushParser.local(name)) { wanted in
          XMLPushParser.value(of: wanted, in: attributes)
        }
      },
      { data, name in
        guard let data, let name else { return }
        let this = Unmanaged<XMLPushParser>.fromOpaque(data).takeUnretainedValue()
        this.listener.end(XMLPushParser.local(name))
      })
    XML_SetCharacterDataHandler(parser) { data, text, length in
      guard let data, let text, length > 0 else { return }
      let this = Unmanaged<XMLPushParser>.fromOpaque(data).takeUnretainedValue()
      text.withMemoryRebound(to: UInt8.self, capacity: Int(length)) {
        this.listener.text(UnsafeBufferPointer(start: $0, count: Int(length)))
      }
    }
  }

  deinit { XML_ParserFree(parser) }

  /// Parses a chunk; callbacks run before it returns.
  func feed(_ bytes: UnsafeRawBufferPointer, isFinal: Bool) throws(Failure) {
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    let status = XML_Parse(parser, start, Int32(clamping: bytes.count), isFinal ? 1 : 0)
    guard status == XML_STATUS_OK else {
      let code = XML_GetErrorCode(parser)
      throw Failure(
        line: Int(XML_GetCurrentLineNumber(parser)),
        message: XML_ErrorString(code).map { String(cString: $0) } ?? "malformed XML")
    }
  }

  private static func local(_ name: UnsafePointer<CChar>) -> String {
    let full = String(cString: name)
    guard let colon = full.lastIndex(of: ":") else { return full }
    return String(full[full.index(after: colon)...])
  }

  private static func value(
    of wanted: String, in attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
  ) -> String? {
    guard var pair = attributes else { return nil }
    while let name = pair[0], let value = pair[1] {
      let full = String(cString: name)
      if full == wanted || (full.hasSuffix(wanted) && full.dropLast(wanted.count).last == ":") {
        return String(cString: value)
      }
      pair += 2
    }
    return nil
  }
}
