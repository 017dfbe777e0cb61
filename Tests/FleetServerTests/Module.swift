// Tests of FleetServer follow.
