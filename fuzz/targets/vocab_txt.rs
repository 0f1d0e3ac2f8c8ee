//! Damaged `vocab.txt`.
#![no_main]

assort_fuzz::target!("vocab.txt");
