//! Products by the `gemm` crate, which has kernels for every processor: what runs where none of our own does.

use crate::cpu::Blank;

/// Matrix in memory: element (i, j) lies `i * row + j * column` behind the start.
#[derive(Clone, Copy)]
pub(crate) struct Strided<P = *const f32> {
    pub(crate) start: P,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl<P> Strided<P> {
    /// Rows that begin `step` apart, the values of each side by side.
    pub(crate) fn rows(start: P, step: usize) -> Self {
        Self { start, row: step, column: 1 }
    }

    /// The same values, rows as columns.
    pub(crate) fn transposed(self) -> Self {
        Self { row: self.column, column: self.row, ..self }
    }
}

/// Product of pointers: out (M, N) = scale · left (M, K) · right (K, N), or that added to what out has.
#[derive(Clone, Copy)]
pub(crate) struct Gemm {
    /// M, N and K.
    pub(crate) size: (usize, usize, usize),
    pub(crate) scale: f32,
    /// Whether the product is added to what stands in the output.
    pub(crate) adds: bool,
    /// Whether other threads may help.
    pub(crate) shares: bool,
}

impl Gemm {
    /// The product of these sizes, on this thread.
    pub(crate) fn new(size: (usize, usize, usize)) -> Self {
        Self { size, scale: 1.0, adds: false, shares: false }
    }

    /// Computes the product.
    ///
    /// # Safety
    /// All three matrices have the elements that the sizes say, where their steps say, and no two elements of
    /// out share a place. out overlaps neither of the others, and nobody else uses it. If the product is
    /// added, the values of out are written.
    pub(crate) unsafe fn run(self, out: Strided<*mut f32>, left: Strided, right: Strided) {
        let Self { size: (m, n, k), adds, .. } = self;
        if m == 0 || n == 0 {
            return;
        }
        if k == 0 {
            if !adds {
                for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                    // SAFETY: element (i, j) of out is there and the caller's own; it need not be written
                    // before.
                    unsafe {
                        out.start.cast::<Blank>().add(i * out.row + j * out.column).write(Blank::new(0.0))
                    };
                }
            }
            return;
        }
        if m == 1 || n == 1 {
            // SAFETY: passed on to the caller.
            return unsafe { self.run_doubled(out, left, right) };
        }
        // SAFETY: passed on to the caller.
        unsafe { self.run_whole(out, left, right) };
    }

    /// Product whose output is a single row or column, as a part of one with that row or column twice.
    ///
    /// `gemm` adds up a single row or column in another order than those of a wider output, so that a row's
    /// values would depend on whether others lie beside it, and the answer to a text on the batch it falls
    /// in. Products of very few rows may still differ in the last bit from larger ones, where it takes
    /// another path.
    ///
    /// # Safety
    /// As for [`Gemm::run`].
    unsafe fn run_doubled(self, out: Strided<*mut f32>, left: Strided, right: Strided) {
        let (m, n, k) = self.size;
        let (rows, columns) = (m.max(2), n.max(2));
        let mut doubled = vec![0f32; rows * columns];
        let places = || (0..m).flat_map(|i| (0..n).map(move |j| (i, j)));
        if self.adds {
            for (i, j) in places() {
                // SAFETY: element (i, j) of out is there and written by the caller's promise.
                doubled[i * columns + j] = unsafe { *out.start.add(i * out.row + j * out.column) };
            }
        }
        let left = if m == 1 { Strided { row: 0, ..left } } else { left };
        let right = if n == 1 { Strided { column: 0, ..right } } else { right };
        let twice = Self { size: (rows, columns, k), ..self };
        // SAFETY: with a step of 0 the doubled row or column is the one that is there; the output is this
        // function's own.
        unsafe { twice.run_whole(Strided::rows(doubled.as_mut_ptr(), columns), left, right) };
        for (i, j) in places() {
            // SAFETY: element (i, j) of out is there and the caller's own; it need not be written before.
            unsafe {
                out.start
                    .cast::<Blank>()
                    .add(i * out.row + j * out.column)
                    .write(Blank::new(doubled[i * columns + j]))
            };
        }
    }

    /// # Safety
    /// As for [`Gemm::run`]; no size is 0.
    unsafe fn run_whole(self, out: Strided<*mut f32>, left: Strided, right: Strided) {
        let Self { size: (m, n, k), scale, adds, shares } = self;
        let threads = if shares { gemm::Parallelism::Rayon(0) } else { gemm::Parallelism::None };
        // SAFETY: gemm reads left at i·row + j·column for i < M, j < K, right likewise for K and N, and
        // writes out likewise for M and N: all there by the caller's promise. It reads out only to add to it.
        // Steps are those of slices and fit isize.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                out.start,
                out.column as isize,
                out.row as isize,
                adds,
                left.start,
                left.column as isize,
                left.row as isize,
                right.start,
                right.column as isize,
                right.row as isize,
                if adds { 1.0 } else { 0.0 },
                scale,
                false,
                false,
                false,
                threads,
            );
        }
    }
}
