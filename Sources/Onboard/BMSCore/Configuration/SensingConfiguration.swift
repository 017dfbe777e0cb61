// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Calibration, plausibility and reconstruction data of the measuring chain.

/// What `Sensing` needs to know of the measuring chain, in coherent SI.
///
/// A reading becomes a value as `gain · reading + offset`.
public struct SensingConfiguration<let cells: Int, let probes: Int, Real: CoreReal>:
  ConfigurationPart
{
  /// Gain of each cell voltage channel.
  public var cellGain = InlineArray<cells, Real>(repeating: 1)
  /// Offset of each cell voltage channel, in volts.
  public var cellOffset = InlineArray<cells, Real>(repeating: 0)
  /// Gain of each probe.
  public var probeGain = InlineArray<probes, Real>(repeating: 1)
  /// Offset of each probe, in kelvin.
  public var probeOffset = InlineArray<probes, Real>(repeating: 0)
  /// Gains of the current, redundant current, pack voltage and link voltage channels.
  public var busGain = InlineArray<4, Real>(repeating: 1)
  /// Offsets of the same channels, in amperes and volts.
  public var busOffset = InlineArray<4, Real>(repeating: 0)

  /// Cell voltages.
  public var cellVoltage = ChannelLimits<Real>(
    low: -0.3, high: 5, greatestRate: 20, noise: 0.02, frozenExcursion: 0.05,
    recoverySeconds: 0.05)
  /// Probes.
  public var probeTemperature = ChannelLimits<Real>(
    low: 223.15, high: 1273.15, greatestRate: 50, noise: 1, frozenExcursion: 5,
    lowPassSeconds: 0.1)
  /// Pack current, both sensors.
  public var current = ChannelLimits<Real>(
    low: -2000, high: 2000, greatestRate: 0, noise: 0.5, frozenExcursion: 0.02, medianWidth: 3)
  /// Pack and link voltage.
  public var packVoltage = ChannelLimits<Real>(
    low: -50, high: 1500, greatestRate: 0, noise: 1, frozenExcursion: 0)
  /// Insulation resistance.
  public var insulation = ChannelLimits<Real>(
    low: 0, high: 1e9, greatestRate: 0, noise: 0, frozenExcursion: 0)
  /// Coolant and ambient temperature.
  public var surroundings = ChannelLimits<Real>(
    low: 213.15, high: 423.15, greatestRate: 20, noise: 1, frozenExcursion: 0,
    lowPassSeconds: 1)
  /// Pressure in the housing.
  public var pressure = ChannelLimits<Real>(
    low: 10_000, high: 1_000_000, greatestRate: 0, noise: 0, frozenExcursion: 0)
  /// Gas in the housing.
  public var gas = ChannelLimits<Real>(
    low: 0, high: 1_000_000, greatestRate: 0, noise: 0, frozenExcursion: 0)
  /// Acoustic emission.
  public var acoustic = ChannelLimits<Real>(
    low: 0, high: 1_000_000, greatestRate: 0, noise: 0, frozenExcursion: 0)

  /// Greatest difference between the two paths of one cell voltage.
  public var cellDisagreement: Real = 0.01
  /// Greatest difference between the two current sensors, in amperes.
  public var currentDisagreement: Real = 2
  /// Greatest difference between the two current sensors, as a share of the current.
  public var currentDisagreementShare: Real = 0.02
  /// Greatest difference between the sum of the cells and the pack voltage, in volts.
  public var sumDisagreement: Real = 3
  /// Share of the median cell voltage within which an open or swapped wire's pattern must match.
  public var wirePatternShare: Real = 0.05
  /// Rise of the current, in amperes, from which its sign is checked against the cells' answer.
  public var polarityStep: Real = 20

  /// Largest offset the zero calibration of the current may correct, in amperes.
  public var zeroLimit: Real = 2
  /// How long the contactors are open before the calibration averages, in seconds.
  public var zeroSettleSeconds: Real = 2
  /// How long it averages, in seconds.
  public var zeroAverageSeconds: Real = 5

  /// Longest interval between two samples, in milliseconds; a longer one is a jump of the clock.
  public var longestIntervalMilliseconds: UInt32 = 10_000

  /// Weight of each probe in each cell's temperature.
  public var temperatureGain = InlineArray<cells, InlineArray<probes, Real>>(
    repeating: InlineArray(repeating: 0))
  /// Weight of the coolant inlet in each cell's temperature.
  public var temperatureFromCoolant = InlineArray<cells, Real>(repeating: 0)
  /// Warming of each cell above that by its own heat, in kelvin a square ampere.
  public var temperatureFromHeat = InlineArray<cells, Real>(repeating: 0)
  /// Time constant of that heat, in seconds.
  public var heatSeconds: Real = 300

  /// Channels that read true, limits of common hardware, each cell at the temperature of its
  /// nearest probe when probes are spread evenly along the string.
  public init() {
    guard probes > 0 else { return }
    for cell in temperatureGain.indices {
      temperatureGain[cell][cell * probes / cells] = 1
    }
  }
}
