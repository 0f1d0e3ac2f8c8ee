//! Damaged `lin/features.txt`.
#![no_main]

assort_fuzz::target!("lin/features.txt");
