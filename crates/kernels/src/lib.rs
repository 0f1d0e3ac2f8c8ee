//! Fused forward passes with hand-written backward passes, and one-pass optimizer steps.
