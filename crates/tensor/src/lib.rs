//! The few tensor things that candle lacks: ragged batches, gradients by name, gradient checks.
