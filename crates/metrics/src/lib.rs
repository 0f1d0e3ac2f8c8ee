//! Computes numbers from labels and scores; formats nothing.
