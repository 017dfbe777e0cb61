// TelemetryGateway
