// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The two published editions of the vehicle protocol.

/// An edition of GB/T 32960.3; the two start bytes of a frame select it.
public enum Edition: UInt8, CaseIterable, Hashable, Sendable {
  /// GB/T 32960.3-2016, start bytes `##`.
  case edition2016 = 0x23
  /// GB/T 32960.3-2025, start bytes `$$`.
  case edition2025 = 0x24

  /// The byte that stands twice at the start of a frame.
  public var startByte: UInt8 { rawValue }

  /// The year in the edition's name.
  public var year: Int {
    switch self {
    case .edition2016: 2016
    case .edition2025: 2025
    }
  }
}
