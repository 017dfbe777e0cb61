// TelemetryCodec
