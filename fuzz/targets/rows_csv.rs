//! Damaged `rows.csv`.
#![no_main]

assort_fuzz::target!("rows.csv");
