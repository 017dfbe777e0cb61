// Tests of ScenarioTests follow.
