//! Damaged `bag/assort.json`.
#![no_main]

assort_fuzz::target!("bag/assort.json");
