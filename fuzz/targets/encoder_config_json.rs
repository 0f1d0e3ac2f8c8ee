//! Damaged `encoder/config.json`.
#![no_main]

assort_fuzz::target!("encoder/config.json");
