use crate::{LabelId, Labels, Texts};

/// Texts to predict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlabelledTexts {
    /// The texts, none of them empty.
    pub texts: Texts,
    /// For each text its row in the file, from 1. Blank lines count only in files of plain lines.
    pub rows: Vec<u64>,
    /// The labels, if the file has a label column without doubt, and one label a row.
    pub labels: Option<KnownLabels>,
    /// The file that was read.
    pub source: std::path::PathBuf,
}

/// Labels that came with texts to predict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLabels {
    /// For each text its label, where it has one.
    pub labels: Vec<Option<LabelId>>,
    /// The names of the labels.
    pub names: Labels,
}
