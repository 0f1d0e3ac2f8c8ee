//! Damaged `classifier.bin`.
#![no_main]

assort_fuzz::target!("classifier.bin");
