//! The model card in Markdown, with the sections and the front matter that model hubs read.

mod card;
mod escape;

pub use card::card;
