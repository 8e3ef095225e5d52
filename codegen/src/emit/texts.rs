//! Many short texts in one.

/// Texts that are read several times, copied from the codes of a table. A large table does not fit into the fast memory of
/// the processor, and its texts alone do.
#[derive(Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Makes room for a number of texts of usual length.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self { all: String::with_capacity(24 * count), ends: Vec::with_capacity(count) }
    }

    /// Adds a text that is written in parts.
    pub(super) fn add(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.all.push_str(part));
        self.ends.push(self.all.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.all[start..self.ends[at]]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }
}
