//! Damaged `rows.tsv`.
#![no_main]

assort_fuzz::target!("rows.tsv");
