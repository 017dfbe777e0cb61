// Tests of Testbed follow.
