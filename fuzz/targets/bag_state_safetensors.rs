//! Damaged `bag/state.safetensors`.
#![no_main]

assort_fuzz::target!("bag/state.safetensors");
