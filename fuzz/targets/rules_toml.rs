//! Damaged `rules.toml`.
#![no_main]

assort_fuzz::target!("rules.toml");
