// Tests of NumericalMethods follow.
