// Tests of TelemetryGateway follow.
