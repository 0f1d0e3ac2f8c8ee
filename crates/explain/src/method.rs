//! The ways to attribute.

/// How a text is attributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By what the model itself says of its sums.
    Exact,
    /// By [`IntegratedGradients`](crate::IntegratedGradients).
    IntegratedGradients,
    /// By [`Occlusion`](crate::Occlusion).
    Occlusion,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Exact, Self::IntegratedGradients, Self::Occlusion];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::IntegratedGradients => "integrated-gradients",
            Self::Occlusion => "occlusion",
        }
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
