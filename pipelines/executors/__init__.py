"""Where a job runs: in this process, or on worker processes of this machine."""
