// SafetyReport
