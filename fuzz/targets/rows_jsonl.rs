//! Damaged `rows.jsonl`.
#![no_main]

assort_fuzz::target!("rows.jsonl");
