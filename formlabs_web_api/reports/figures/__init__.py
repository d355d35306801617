"""The figures of reports: functions of the fleet's data and a window, which read nothing else."""
