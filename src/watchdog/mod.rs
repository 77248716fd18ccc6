//! Watches the watch: health cases and the canary.
