//! Names every use of chance: seeds that split into streams, counter-based generators, shuffles.
