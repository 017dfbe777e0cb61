// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How a vehicle is used: trips, charging habits, weather.

import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a vehicle is used and where: plausible assumptions, not a recorded driver.
public struct UsagePattern: Codable, Hashable, Sendable {
  /// Mean duration of a trip in seconds.
  public var tripDuration: Double
  /// Trips on a working day; weekends have one less.
  public var tripsPerDay: Int
  /// Probability of plugging in at home on an evening with charge to spare.
  public var eveningChargeProbability: Double
  /// State of charge below which the vehicle is always plugged in after a trip.
  public var chargeBelow: Double
  /// Current of charging at home in amperes.
  public var homeCurrent: Double
  /// Current of fast charging in amperes, used when the battery is nearly empty.
  public var fastCurrent: Double
  /// Highest cell voltage while charging, in volts.
  public var chargeVoltage: Double
  /// Mass of the vehicle in kilograms.
  public var mass: Double
  /// Yearly mean of the air temperature in kelvin.
  public var meanAmbient: Double
  /// Half the difference between summer and winter in kelvin.
  public var seasonalSwing: Double
  /// Half the difference between afternoon and night in kelvin.
  public var dailySwing: Double
  /// Offset of local time from UTC in seconds, for the hours of trips and the weather.
  public var localOffset: Double

  /// Creates a pattern; the default is a commuter in a temperate climate.
  public init(
    tripDuration: Double = 2_400, tripsPerDay: Int = 3, eveningChargeProbability: Double = 0.35,
    chargeBelow: Double = 0.45, homeCurrent: Double = 30, fastCurrent: Double = 100,
    chargeVoltage: Double = 4.15, mass: Double = 1_900, meanAmbient: Double = 290.15,
    seasonalSwing: Double = 10, dailySwing: Double = 4, localOffset: Double = 28_800
  ) {
    self.tripDuration = tripDuration
    self.tripsPerDay = tripsPerDay
    self.eveningChargeProbability = eveningChargeProbability
    self.chargeBelow = chargeBelow
    self.homeCurrent = homeCurrent
    self.fastCurrent = fastCurrent
    self.chargeVoltage = chargeVoltage
    self.mass = mass
    self.meanAmbient = meanAmbient
    self.seasonalSwing = seasonalSwing
    self.dailySwing = dailySwing
    self.localOffset = localOffset
  }

  /// Air temperature in kelvin: warmest in late July and at three in the afternoon.
  ///
  /// - Parameter time: Seconds since the Unix epoch.
  /// - Returns: Temperature in kelvin.
  public func ambient(at time: Double) -> Double {
    let day = PhysicalConstants.secondsPerDay
    let local = time + localOffset
    // Day 200 of the year is 19 July.
    let season = cos(2 * .pi * (local / day - 200) / 365.25)
    let hour = cos(2 * .pi * (local / day - 15.0 / 24))
    return meanAmbient + seasonalSwing * season + dailySwing * hour
  }

  /// Power at the battery for a motion, in watts, discharge positive.
  ///
  /// Rolling 0.010, drag area 0.65 m², air 1.2 kg/m³, drive efficiency 0.88, recovery 0.65 up to
  /// 40 kW: typical of a compact electric car.
  ///
  /// - Parameters:
  ///   - speed: Mean speed in m/s.
  ///   - acceleration: In m/s².
  ///   - slope: Rise per distance.
  ///   - ambient: Air temperature in kelvin; heating and cooling draw on its distance from 22 °C.
  /// - Returns: Power in watts.
  public func power(
    speed: Double, acceleration: Double, slope: Double, ambient: Double
  ) -> Double {
    let resistance = mass * 9.81 * (0.010 + slope) + 0.5 * 1.2 * 0.65 * speed * speed
    let wheel = (resistance + mass * acceleration) * speed
    let comfort = 300 + min(3_000, 80 * (ambient - 295.15).magnitude)
    return (wheel > 0 ? wheel / 0.88 : max(-40_000, 0.65 * wheel)) + comfort
  }

  /// The trips of a day as start and end in seconds since the Unix epoch, in order.
  func trips(ofDay midnight: Double, using random: inout Xoshiro256) -> [ClosedRange<Double>] {
    let weekday = Int(((midnight + localOffset) / 86_400).rounded()) % 7
    // 1970-01-01 was a Thursday: days 2 and 3 modulo 7 are Saturday and Sunday.
    let isWeekend = weekday == 2 || weekday == 3
    let count = max(1, tripsPerDay - (isWeekend ? 1 : 0))
    let hours: [Double] = isWeekend ? [10.5, 15, 19.5, 21] : [7.8, 17.8, 20, 12.3, 14]
    var trips: [ClosedRange<Double>] = []
    for hour in hours.prefix(count).sorted() {
      let start = midnight + 3_600 * hour + 900 * random.nextNormal()
      let length = tripDuration * max(0.3, 1 + 0.35 * random.nextNormal())
      // A trip keeps a quarter of an hour's distance from the one before and ends the same day.
      let begin = max(start, (trips.last?.upperBound ?? midnight) + 900)
      let end = min(begin + length, midnight + 86_000)
      if end > begin + 300 { trips.append(begin...end) }
    }
    return trips
  }
}
