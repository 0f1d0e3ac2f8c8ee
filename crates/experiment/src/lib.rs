//! One run from files to a judged model folder.
