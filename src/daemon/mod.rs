//! Boot sequence, lifecycle, schedule.
