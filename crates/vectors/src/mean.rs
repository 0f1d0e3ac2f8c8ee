//! Means of rows.

/// Makes the mean of a sum of `count` rows and these rows of a table.
pub fn mean(sum: &mut [f32], count: usize, picks: &[usize], table: &[f32]) {
    let width = sum.len();
    for &pick in picks {
        let row = table.get(pick * width..(pick + 1) * width).unwrap_or_default();
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let share = (1.0 / (count + picks.len()) as f64) as f32;
    for sum in sum {
        *sum *= share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means() {
        let mut row = [1.0, 2.0];
        mean(&mut row, 1, &[1], &[9.0, 9.0, 2.0, 5.0]);
        assert_eq!(row, [1.5, 3.5]);
    }
}
