// CellModels
