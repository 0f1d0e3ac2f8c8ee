/// Texts in one arena: one allocation for all of them, not one a row.
///
/// ```
/// let texts: assort_datasets::Texts = ["good", "", "bad"].into_iter().collect();
/// assert_eq!(texts.len(), 3);
/// assert_eq!(texts.get(2), Some("bad"));
/// assert_eq!(texts.get(3), None);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts {
    arena: String,
    /// Where each text ends in the arena; it begins where the one before ends.
    ends: Vec<usize>,
}

impl Texts {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No texts yet, with room for `rows` texts of together `bytes` bytes.
    pub fn with_capacity(rows: usize, bytes: usize) -> Self {
        Self { arena: String::with_capacity(bytes), ends: Vec::with_capacity(rows) }
    }

    /// Appends a text.
    pub fn push(&mut self, text: &str) {
        self.arena.push_str(text);
        self.ends.push(self.arena.len());
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of all texts together.
    pub fn bytes(&self) -> usize {
        self.arena.len()
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at `index`, counted from 0, or `None` past the end.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.arena.get(start..end)
    }

    /// The texts in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// The texts in order as slices, for functions that take `&[&str]`.
    pub fn slices(&self) -> Vec<&str> {
        self.iter().collect()
    }

    pub(crate) fn shrink(&mut self) {
        // A copy is worth its time only where much would be given back.
        if self.arena.capacity() - self.arena.len() > self.arena.len() / 4 {
            self.arena.shrink_to_fit();
        }
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(iterator: I) -> Self {
        let mut texts = Self::new();
        texts.extend(iterator);
        texts
    }
}

impl<T: AsRef<str>> Extend<T> for Texts {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iterator: I) {
        iterator.into_iter().for_each(|text| self.push(text.as_ref()));
    }
}
