//! The model card in Markdown, with the sections and the front matter that model hubs read, and pages of the
//! documentation that are made from the code.

mod card;
mod escape;
mod models;
mod settings;

pub use card::card;
pub use models::models;
pub use settings::settings;
