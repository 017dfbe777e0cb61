// Tests of TelemetryStore follow.
