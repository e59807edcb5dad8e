"""Scheduled jobs: commands of dsapp at times, each time run once, also where several schedulers share a store.

The order of the files is the way of a run: ``times`` says when, ``store`` keeps what, ``claims`` gives one scheduler the
right to a time, ``command`` runs it under ``guard``, ``notify`` tells of it, ``scheduler`` does all this in a loop.
``systemd`` and ``crontab`` write a schedule for another scheduler.
"""
