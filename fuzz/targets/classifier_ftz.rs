//! Damaged `classifier.ftz`.
#![no_main]

assort_fuzz::target!("classifier.ftz");
