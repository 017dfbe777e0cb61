// Tests of SafetyReport follow.
