//! Damaged `vectors.vec`.
#![no_main]

assort_fuzz::target!("vectors.vec");
