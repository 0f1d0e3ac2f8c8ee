//! Reads labelled corpora from local files, splits and audits them.
