// Tests of Cleaning follow.
