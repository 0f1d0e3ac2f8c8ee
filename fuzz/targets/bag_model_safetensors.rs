//! Damaged `bag/model.safetensors`.
#![no_main]

assort_fuzz::target!("bag/model.safetensors");
