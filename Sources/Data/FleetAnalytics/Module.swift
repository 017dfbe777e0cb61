// FleetAnalytics
