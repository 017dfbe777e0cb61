// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameters of a terminal: what a platform asks for, sets, and is told.

/// The platform asks for parameters.
public struct ParameterQuery: Hashable, Sendable {
  /// When the platform asked.
  public var time: WireTime
  /// Numbers of the parameters.
  public var identifiers: Counted<UInt8>

  /// Creates a query.
  public init(time: WireTime, identifiers: Counted<UInt8>) {
    self.time = time
    self.identifiers = identifiers
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    time = try reader.time()
    let count = try reader.count8()
    identifiers = Counted(rawCount: count.raw, elements: try reader.bytes(count.elements))
  }

  func write(to writer: inout ByteWriter) throws(CodecError) {
    writer.time(time)
    try writer.count8(of: identifiers)
    writer.append(identifiers.elements)
  }
}

/// One parameter with its value.
public struct Parameter: Hashable, Sendable {
  /// A value as wide as it stands on the wire.
  public enum Value: Hashable, Sendable {
    /// One byte; 0xFE abnormal, 0xFF invalid.
    case byte(UInt8)
    /// Two bytes; 0xFFFE abnormal, 0xFFFF invalid.
    case word(UInt16)
    /// Text.
    case text([UInt8])
  }

  /// Number of the parameter.
  public var identifier: UInt8
  /// Its value.
  public var value: Value

  /// Creates a parameter.
  public init(identifier: UInt8, value: Value) {
    self.identifier = identifier
    self.value = value
  }
}

/// Parameters with values: what a platform sets, or what a terminal answers to a query.
public struct ParameterList: Hashable, Sendable {
  /// When the sender wrote it.
  public var time: WireTime
  /// Number of parameters as announced.
  public var count: UInt8
  /// The parameters in wire order.
  public var parameters: [Parameter]
  /// Bytes from the first parameter of unknown number to the end: its length is not stated.
  public var opaqueRest: [UInt8]

  /// Creates a list; the default count is that of the parameters.
  public init(
    time: WireTime, parameters: [Parameter], count: UInt8? = nil, opaqueRest: [UInt8] = []
  ) {
    self.time = time
    self.parameters = parameters
    self.count = count ?? UInt8(clamping: parameters.count)
    self.opaqueRest = opaqueRest
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    time = try reader.time()
    count = try reader.byte()
    parameters = []
    opaqueRest = []
    for _ in 0..<(count < 0xFE ? count : 0) {
      let unread = reader
      let identifier = try reader.byte()
      guard let definition = ParameterDefinition.of(identifier, in: edition),
        let value = try Self.value(definition.layout, &reader, known: parameters)
      else {
        reader = unread
        opaqueRest = reader.rest()
        return
      }
      parameters.append(Parameter(identifier: identifier, value: value))
    }
  }

  /// Reads a value; nil for a text whose length has not been sent.
  private static func value(
    _ layout: ParameterDefinition.Layout, _ reader: inout ByteReader, known: [Parameter]
  ) throws(CodecError) -> Parameter.Value? {
    switch layout {
    case .byte: return .byte(try reader.byte())
    case .word: return .word(try reader.word())
    case .text(let length): return .text(try reader.bytes(length))
    case .textOfLength(let identifier):
      guard let length = length(of: identifier, in: known) else { return nil }
      return .text(try reader.bytes(length))
    }
  }

  private static func length(of identifier: UInt8, in known: [Parameter]) -> Int? {
    guard let last = known.last(where: { $0.identifier == identifier }),
      case .byte(let length) = last.value
    else { return nil }
    return length < 0xFE ? Int(length) : 0
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    writer.time(time)
    writer.byte(count)
    let announced = count < 0xFE ? Int(count) : 0
    guard parameters.count == announced || (!opaqueRest.isEmpty && parameters.count < announced)
    else { throw .countMismatch(count: Int(count), elements: parameters.count) }
    var known: [Parameter] = []
    for parameter in parameters {
      guard let definition = ParameterDefinition.of(parameter.identifier, in: edition) else {
        throw .notInEdition(edition)
      }
      writer.byte(parameter.identifier)
      switch (definition.layout, parameter.value) {
      case (.byte, .byte(let value)): writer.byte(value)
      case (.word, .word(let value)): writer.word(value)
      case (.text(let length), .text(let text)): try writer.exactly(length, text)
      case (.textOfLength(let identifier), .text(let text)):
        guard let length = Self.length(of: identifier, in: known) else {
          throw .wrongLength(found: text.count, expected: 0)
        }
        try writer.exactly(length, text)
      default: throw .notInEdition(edition)
      }
      known.append(parameter)
    }
    writer.append(opaqueRest)
  }
}
