// CellAnalytics
