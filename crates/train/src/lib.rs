//! One training loop: forward, loss, backward, step, evaluate, keep the best.
