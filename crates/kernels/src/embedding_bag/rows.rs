//! The touched rows of a table, and the sum of each one's tokens.

use assort_tensor::Ragged;

use super::loops::{Token, sum_scaled, sum_won};
use crate::cpu::by_rows;
use crate::dispatch::Level;

/// The tokens of a batch by the table's row that they name.
pub(super) struct Touched {
    /// Ids, ascending, each once (R).
    rows: Vec<u32>,
    /// Where the tokens of each begin, and the end (R + 1).
    starts: Vec<u32>,
    /// By id, and then by position (N).
    tokens: Vec<Token>,
}

impl Touched {
    pub(super) fn new(bag: &Ragged) -> Self {
        let mut all = Vec::with_capacity(bag.tokens());
        for (row, ids) in (0u32..).zip(bag.iter()) {
            for &id in ids {
                all.push((id, Token { position: all.len() as u32, row }));
            }
        }
        sort_by_id(&mut all);
        let (mut rows, mut starts) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len() + 1));
        for (at, (id, _)) in (0u32..).zip(&all) {
            if rows.last() != Some(id) {
                rows.push(*id);
                starts.push(at);
            }
        }
        starts.push(all.len() as u32);
        Self { rows, starts, tokens: all.into_iter().map(|(_, token)| token).collect() }
    }

    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Where the tokens of the touched row `r` stand.
    fn place(&self, r: usize) -> std::ops::Range<usize> {
        self.starts[r] as usize..self.starts[r + 1] as usize
    }

    /// Σ over each row's tokens: factor of the token · gradient of its batch row.
    pub(super) fn sum_scaled(
        &self,
        gradient: &[f32],
        factor: impl Fn(Token) -> f32,
        width: usize,
    ) -> Vec<f32> {
        let level = Level::best();
        let factors: Vec<f32> = self.tokens.iter().map(|&token| factor(token)).collect();
        // SAFETY: `sum_scaled` writes each value of the row that it is given, and the rows are the whole
        // place.
        unsafe {
            by_rows(self.rows.len(), width, self.tokens.len() * width, |first, out| {
                for (r, out) in (first..).zip(out.chunks_mut(width)) {
                    let place = self.place(r);
                    sum_scaled(level, gradient, &self.tokens[place.clone()], &factors[place], out);
                }
            })
        }
    }

    /// Σ over each row's tokens: gradient of the batch row in the columns that the token won.
    pub(super) fn sum_won(&self, gradient: &[f32], winners: &[u32], width: usize) -> Vec<f32> {
        let level = Level::best();
        // SAFETY: `sum_won` writes each value of the row that it is given, and the rows are the whole place.
        unsafe {
            by_rows(self.rows.len(), width, self.tokens.len() * width, |first, out| {
                for (r, out) in (first..).zip(out.chunks_mut(width)) {
                    sum_won(level, gradient, winners, &self.tokens[self.place(r)], out);
                }
            })
        }
    }
}

/// Sorts by id and keeps the order of equal ids: a counting sort for each byte, from the lowest to the
/// highest in use.
fn sort_by_id(tokens: &mut Vec<(u32, Token)>) {
    let largest = tokens.iter().map(|(id, _)| *id).max().unwrap_or(0);
    let mut sorted = tokens.clone();
    for shift in (0..32).step_by(8).take_while(|&shift| largest >> shift > 0) {
        let digit = |id: u32| (id >> shift) as usize & 255;
        let mut places = [0u32; 256];
        tokens.iter().for_each(|(id, _)| places[digit(*id)] += 1);
        let mut next = 0;
        for place in &mut places {
            (*place, next) = (next, next + *place);
        }
        for token in tokens.iter() {
            let place = &mut places[digit(token.0)];
            sorted[*place as usize] = *token;
            *place += 1;
        }
        std::mem::swap(tokens, &mut sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_keeps_the_order_of_equals() {
        for bits in [0, 1, 7, 8, 9, 16, 17, 24, 31, 32] {
            let ids = (0..700u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) & ((1 << bits) - 1));
            let mut tokens: Vec<_> = ids
                .zip(0..)
                .map(|(id, position)| (id as u32, Token { position, row: position / 7 }))
                .collect();
            let mut expect = tokens.clone();
            expect.sort_by_key(|(id, _)| *id);
            sort_by_id(&mut tokens);
            assert_eq!(tokens, expect, "{bits} bits");
        }
    }

    #[test]
    fn rows_and_their_tokens() {
        let touched = Touched::new(&Ragged::from_rows([&[7, 2][..], &[], &[7, 7]]));
        assert_eq!((touched.rows.clone(), touched.starts.clone()), (vec![2, 7], vec![0, 1, 4]));
        let tokens: Vec<_> = touched.tokens.iter().map(|t| (t.position, t.row)).collect();
        assert_eq!(tokens, [(1, 0), (0, 0), (2, 2), (3, 2)]);
        assert_eq!(Touched::new(&Ragged::default()).starts, [0]);
    }
}
