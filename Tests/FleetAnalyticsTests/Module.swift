// Tests of FleetAnalytics follow.
