//! Turns text into token ids and remembers where each came from.
