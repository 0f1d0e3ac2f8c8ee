//! Damaged `tokenizer.json`.
#![no_main]

assort_fuzz::target!("tokenizer.json");
