// Tests of CellAnalytics follow.
