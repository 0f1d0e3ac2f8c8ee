//! Damaged `encoder/model.safetensors`.
#![no_main]

assort_fuzz::target!("encoder/model.safetensors");
