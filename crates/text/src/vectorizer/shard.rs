//! The counts of one shard of the keys.

use super::grams::hash;

/// Counts some of the keys: open addressing with linear probing.
#[derive(Default)]
pub(super) struct Shard {
    /// Number of the entry plus one; zero marks a free slot.
    pub slots: Vec<u32>,
    pub entries: Vec<Entry>,
}

pub(super) struct Entry {
    pub key: (u32, u32),
    /// In how many texts it occurs.
    pub documents: u32,
    /// The last text that held it, plus one.
    last: u32,
    /// How often it occurs.
    pub count: u64,
}

impl Shard {
    /// Counts a key of a text; its number. The keys of a text must come together.
    #[inline]
    pub(super) fn add(&mut self, key: (u32, u32), text: u32) -> u32 {
        if self.entries.len() * 2 >= self.slots.len() {
            self.enlarge();
        }
        let mask = self.slots.len() - 1;
        let mut place = hash(key.0, key.1) as usize & mask;
        loop {
            let number = self.slots[place];
            if number == 0 {
                self.entries.push(Entry { key, documents: 1, last: text + 1, count: 1 });
                self.slots[place] = self.entries.len() as u32;
                return self.entries.len() as u32 - 1;
            }
            let entry = &mut self.entries[number as usize - 1];
            if entry.key == key {
                entry.count += 1;
                entry.documents += u32::from(entry.last != text + 1);
                entry.last = text + 1;
                return number - 1;
            }
            place = (place + 1) & mask;
        }
    }

    fn enlarge(&mut self) {
        let size = (self.slots.len() * 4).max(64);
        self.slots = vec![0; size];
        for (entry, number) in self.entries.iter().zip(1..) {
            let mut place = hash(entry.key.0, entry.key.1) as usize & (size - 1);
            while self.slots[place] != 0 {
                place = (place + 1) & (size - 1);
            }
            self.slots[place] = number;
        }
    }
}
