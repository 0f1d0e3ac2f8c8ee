/// The columns that are kept beside the texts of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Carry {
    /// None of them.
    #[default]
    None,
    /// All of them, in the order of the file, the text among them.
    All,
    /// Those of these names, in this order.
    Named(Vec<String>),
}
