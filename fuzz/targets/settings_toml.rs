//! Damaged `settings.toml`.
#![no_main]

assort_fuzz::target!("settings.toml");
