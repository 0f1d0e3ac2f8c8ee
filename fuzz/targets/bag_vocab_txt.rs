//! Damaged `bag/vocab.txt`.
#![no_main]

assort_fuzz::target!("bag/vocab.txt");
