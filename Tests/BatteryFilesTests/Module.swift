// Tests of BatteryFiles follow.
