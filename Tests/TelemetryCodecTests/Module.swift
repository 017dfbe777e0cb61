// Tests of TelemetryCodec follow.
