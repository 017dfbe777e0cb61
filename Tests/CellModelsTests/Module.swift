// Tests of CellModels follow.
