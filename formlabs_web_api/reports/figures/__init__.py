"""The figures of reports: pure functions of the fleet's data and a window."""
