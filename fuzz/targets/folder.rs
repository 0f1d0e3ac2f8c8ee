//! Damaged `rows/fruit/1.txt`.
#![no_main]

assort_fuzz::target!("rows/fruit/1.txt");
