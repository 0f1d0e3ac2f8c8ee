//! N-grams as a tree: a node is its first n - 1 symbols, which are a node again, and its last symbol.
//!
//! So a pair of 32-bit numbers is an n-gram's exact key, and no hash has to stand for it: two n-grams are
//! never taken for one. Single symbols are the nodes 0, 1, 2 …; longer ones follow by length, and within a
//! length by falling document frequency, so that the most frequent lie together.

/// Stands for no number at all.
pub(crate) const GAP: u32 = u32::MAX;

/// All n-grams that are known.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Grams {
    /// The number of single symbols.
    symbols: u32,
    /// Prefix and last symbol of each longer n-gram.
    keys: Vec<(u32, u32)>,
    /// The first node of each length from 2 on, and the number of nodes at the end.
    levels: Vec<u32>,
    /// In how many training texts each node occurs.
    documents: Vec<u32>,
    table: Table,
}

impl Grams {
    /// Single symbols with their document frequencies.
    pub(crate) fn new(documents: Vec<u32>) -> Self {
        let symbols = documents.len() as u32;
        Self { symbols, keys: Vec::new(), levels: vec![symbols], documents, table: Table::default() }
    }

    /// Adds the n-grams of the next length, with prefixes of the length before; gives back the place of one
    /// that comes twice, if there is one, and stops there.
    pub(crate) fn push_level(
        &mut self,
        level: impl ExactSizeIterator<Item = ((u32, u32), u32)>,
    ) -> Option<usize> {
        self.table.reserve(self.keys.len() + level.len());
        for (place, (key, documents)) in level.enumerate() {
            if !self.table.insert(key, self.documents.len() as u32) {
                return Some(place);
            }
            self.keys.push(key);
            self.documents.push(documents);
        }
        self.levels.push(self.documents.len() as u32);
        None
    }

    /// The number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }

    /// The number of single symbols.
    pub(crate) fn symbols(&self) -> u32 {
        self.symbols
    }

    /// The length of the longest n-grams.
    pub(crate) fn longest(&self) -> usize {
        self.levels.len()
    }

    /// The nodes of n-grams of this length.
    pub(crate) fn level(&self, length: usize) -> std::ops::Range<u32> {
        let end = length.checked_sub(1).and_then(|at| self.levels.get(at)).copied().unwrap_or(0);
        let start = length.checked_sub(2).and_then(|at| self.levels.get(at)).copied().unwrap_or(0);
        start.min(end)..end
    }

    /// In how many training texts a node occurs.
    pub(crate) fn documents(&self, node: u32) -> u32 {
        self.documents.get(node as usize).copied().unwrap_or(0)
    }

    /// Prefix and last symbol, or `None` for a single symbol.
    pub(crate) fn key(&self, node: u32) -> Option<(u32, u32)> {
        self.keys.get(node.checked_sub(self.symbols)? as usize).copied()
    }

    /// The n-gram of a prefix and a symbol, or [`GAP`].
    #[inline]
    pub(crate) fn find(&self, prefix: u32, symbol: u32) -> u32 {
        self.table.find((prefix, symbol))
    }

    /// The symbols of a node, from the first.
    pub(crate) fn spell(&self, mut node: u32) -> Vec<u32> {
        let mut symbols = Vec::new();
        while let Some((prefix, symbol)) = self.key(node) {
            symbols.push(symbol);
            node = prefix;
        }
        symbols.push(node);
        symbols.reverse();
        symbols
    }

    /// Turns the nodes of n-grams of one length at each position of a text into those of the next length, in
    /// place; [`GAP`] where there is none. `symbols` are the text's symbols.
    #[inline]
    pub(crate) fn lengthen(&self, nodes: &mut Vec<u32>, symbols: &[u32], length: usize) {
        nodes.truncate((symbols.len() + 1).saturating_sub(length));
        for at in 0..nodes.len().saturating_sub(1) {
            nodes[at] = match (nodes[at], nodes[at + 1]) {
                (GAP, _) | (_, GAP) => GAP,
                (prefix, _) => self.find(prefix, symbols[at + length]),
            };
        }
        nodes.pop();
    }
}

/// Open addressing with linear probing.
#[derive(Clone, Debug, Default)]
struct Table {
    slots: Vec<Slot>,
}

/// Two tables are equal if their n-grams are, which their owner compares.
impl PartialEq for Table {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    prefix: u32,
    symbol: u32,
    /// [`GAP`] marks a free slot.
    node: u32,
}

const FREE: Slot = Slot { prefix: 0, symbol: 0, node: GAP };

impl Table {
    /// Makes room for so many n-grams in all, at most half full.
    fn reserve(&mut self, count: usize) {
        let size = (count * 2).next_power_of_two().max(16);
        if size <= self.slots.len() {
            return;
        }
        let old = std::mem::replace(&mut self.slots, vec![FREE; size]);
        for slot in old.into_iter().filter(|slot| slot.node != GAP) {
            self.insert((slot.prefix, slot.symbol), slot.node);
        }
    }

    /// Whether the key is new; only then it is added.
    fn insert(&mut self, (prefix, symbol): (u32, u32), node: u32) -> bool {
        let mask = self.slots.len() - 1;
        let mut place = hash(prefix, symbol) as usize & mask;
        while self.slots[place].node != GAP {
            let slot = self.slots[place];
            if slot.prefix == prefix && slot.symbol == symbol {
                return false;
            }
            place = (place + 1) & mask;
        }
        self.slots[place] = Slot { prefix, symbol, node };
        true
    }

    #[inline]
    fn find(&self, (prefix, symbol): (u32, u32)) -> u32 {
        let Some(mask) = self.slots.len().checked_sub(1) else { return GAP };
        let mut place = hash(prefix, symbol) as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot.node == GAP || (slot.prefix == prefix && slot.symbol == symbol) {
                return slot.node;
            }
            place = (place + 1) & mask;
        }
    }
}

/// Mixes a key: the upper bits choose a shard, the lower ones a slot.
#[inline(always)]
pub(crate) fn hash(prefix: u32, symbol: u32) -> u64 {
    let product = (u64::from(prefix) << 32 | u64::from(symbol)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (product ^ (product >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_tree() {
        let mut grams = Grams::new(vec![9, 8, 7]);
        assert_eq!(grams.push_level([((0, 1), 6), ((1, 2), 5)].into_iter()), None);
        assert_eq!(grams.push_level([((3, 2), 4)].into_iter()), None);
        assert_eq!((grams.len(), grams.symbols(), grams.longest()), (6, 3, 3));
        assert_eq!(
            (grams.level(0), grams.level(1), grams.level(2), grams.level(3)),
            (0..0, 0..3, 3..5, 5..6)
        );
        assert_eq!((grams.find(0, 1), grams.find(1, 0), grams.find(3, 2)), (3, GAP, 5));
        assert_eq!((grams.spell(5), grams.spell(4), grams.spell(0)), (vec![0, 1, 2], vec![1, 2], vec![0]));
        assert_eq!((grams.documents(5), grams.key(2), grams.key(9)), (4, None, None));
        assert_eq!(grams.push_level([((5, 1), 2), ((5, 2), 2), ((5, 1), 2)].into_iter()), Some(2));
    }

    fn check(symbols: &[u32], pairs: &[u32], triples: &[u32]) {
        let mut grams = Grams::new(vec![1; 3]);
        grams.push_level([((0, 1), 6), ((1, 2), 5)].into_iter());
        grams.push_level([((3, 2), 4)].into_iter());
        let mut nodes = symbols.to_vec();
        grams.lengthen(&mut nodes, symbols, 1);
        assert_eq!(nodes, pairs, "{symbols:?}");
        grams.lengthen(&mut nodes, symbols, 2);
        assert_eq!(nodes, triples, "{symbols:?}");
        grams.lengthen(&mut nodes, symbols, 3);
        assert!(nodes.iter().all(|node| *node == GAP));
    }

    #[test]
    fn longer_and_longer() {
        check(&[], &[], &[]);
        check(&[0], &[], &[]);
        check(&[0, 1], &[3], &[]);
        check(&[0, 1, 2], &[3, 4], &[5]);
        check(&[0, 1, GAP, 2, 0, 1, 2], &[3, GAP, GAP, GAP, 3, 4], &[GAP, GAP, GAP, GAP, 5]);
    }
}
