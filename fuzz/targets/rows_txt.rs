//! Damaged `rows.txt`.
#![no_main]

assort_fuzz::target!("rows.txt");
