// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Item 06 of 2016 and item 32 of 2025: highest and lowest cell and probe.

/// The highest and lowest cell voltage and probe temperature, and where they are.
///
/// Item 06 of 2016 counts cells and probes in one byte (``FieldKind/number8``); the
/// supercapacitor extremes of 2025, item 32, count them in two (``FieldKind/number16``).
public struct ExtremesData: Hashable, Sendable {
  /// One extreme with its place.
  public struct Place: Hashable, Sendable {
    /// Number of the subsystem: ``FieldKind/number8``.
    public var subsystem: WireValue
    /// Number of the cell or probe in it.
    public var element: WireValue
    /// The value: ``FieldKind/cellVoltage`` or ``FieldKind/temperature``.
    public var value: WireValue

    /// Creates a place.
    public init(subsystem: WireValue, element: WireValue, value: WireValue) {
      self.subsystem = subsystem
      self.element = element
      self.value = value
    }

    init(
      _ reader: inout ByteReader, element kind: FieldKind, value valueKind: FieldKind
    ) throws(CodecError) {
      subsystem = try reader.value(.number8)
      element = try reader.value(kind)
      value = try reader.value(valueKind)
    }

    func write(
      to writer: inout ByteWriter, element kind: FieldKind, value valueKind: FieldKind
    ) throws(CodecError) {
      try writer.value(subsystem, as: .number8)
      try writer.value(element, as: kind)
      try writer.value(value, as: valueKind)
    }
  }

  /// The highest cell voltage.
  public var highestVoltage: Place
  /// The lowest cell voltage.
  public var lowestVoltage: Place
  /// The highest probe temperature.
  public var highestTemperature: Place
  /// The lowest probe temperature.
  public var lowestTemperature: Place

  /// Creates an item.
  public init(
    highestVoltage: Place, lowestVoltage: Place, highestTemperature: Place,
    lowestTemperature: Place
  ) {
    self.highestVoltage = highestVoltage
    self.lowestVoltage = lowestVoltage
    self.highestTemperature = highestTemperature
    self.lowestTemperature = lowestTemperature
  }

  init(_ reader: inout ByteReader, element kind: FieldKind) throws(CodecError) {
    highestVoltage = try Place(&reader, element: kind, value: .cellVoltage)
    lowestVoltage = try Place(&reader, element: kind, value: .cellVoltage)
    highestTemperature = try Place(&reader, element: kind, value: .temperature)
    lowestTemperature = try Place(&reader, element: kind, value: .temperature)
  }

  func write(to writer: inout ByteWriter, element kind: FieldKind) throws(CodecError) {
    try highestVoltage.write(to: &writer, element: kind, value: .cellVoltage)
    try lowestVoltage.write(to: &writer, element: kind, value: .cellVoltage)
    try highestTemperature.write(to: &writer, element: kind, value: .temperature)
    try lowestTemperature.write(to: &writer, element: kind, value: .temperature)
  }
}
