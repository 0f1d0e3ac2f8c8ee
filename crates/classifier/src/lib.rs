//! The contract between models and all who use them.
