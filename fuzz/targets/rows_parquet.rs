//! Damaged `rows.parquet`.
#![no_main]

assort_fuzz::target!("rows.parquet");
