//! One column of a group of rows.

use std::io::Cursor;

use assort_files::{Bytes, free_memory};
use polars_arrow::array::{Array, ListArray, Utf8ViewArray};
use polars_arrow::datatypes::Field;
use polars_buffer::Buffer;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::read::PageMetaData;
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, PageReader, RowGroupMetadata, column_iter_to_arrays,
};

use super::Room;
use crate::cells::{is_nested_type, strings};

/// Bytes of unpacked pages that are read at a time.
const AT_A_TIME: usize = 4 << 20;

/// The lists of a column; `None` for a row that has no value.
pub(super) type Lists = Vec<Option<Vec<String>>>;

/// Reads the values of a column in a group of rows, some pages at a time. Where a row has several values,
/// all pages at once: none of them says how many rows it has.
pub(super) struct ColumnReader<'a> {
    room: &'a Room,
    field: Field,
    chunks: Vec<&'a ColumnChunkMetadata>,
    rows: usize,
    /// Where the next page begins, and where the last one ends.
    at: u64,
    end: u64,
    /// The page of the values that others name by number.
    dictionary: Option<Buffer<u8>>,
    /// Bytes that were fetched ahead, from `at` on.
    ahead: Buffer<u8>,
}

impl<'a> ColumnReader<'a> {
    /// The error is the fault of the column.
    pub(super) fn new(room: &'a Room, group: &'a RowGroupMetadata, field: &Field) -> Result<Self, String> {
        let chunks = group.columns_under_root_iter(&field.name).map(Iterator::collect::<Vec<_>>);
        let chunks = chunks.filter(|chunks| !chunks.is_empty()).ok_or("a group of rows lacks it")?;
        let range = chunks.first().map(|chunk| chunk.byte_range()).unwrap_or_default();
        if range.start > range.end || range.end > room.len() {
            return Err(format!("its bytes {} to {} lie outside the file", range.start, range.end));
        }
        let (at, end) = (range.start, range.end);
        let ahead = Buffer::default();
        let rows = group.num_rows();
        Ok(Self { room, field: field.clone(), chunks, rows, at, end, dictionary: None, ahead })
    }

    /// The next values; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Box<dyn Array>>>, String> {
        if self.at >= self.end {
            return Ok(None);
        }
        if is_nested_type(&self.field.dtype) {
            self.at = self.end;
            return self.all().map(Some);
        }
        let Some(chunk) = self.chunks.first().copied() else { return Ok(None) };
        let mut pages = Vec::new();
        let (mut values, mut unpacked) = (0, 0);
        while self.at < self.end && unpacked < AT_A_TIME {
            let (page, bytes) = self.page(chunk)?;
            match page {
                CompressedPage::Dict(_) => self.dictionary = Some(bytes),
                CompressedPage::Data(page) => {
                    check_page(page.num_values(), page.uncompressed_size(), self.rows)?;
                    values += page.num_values();
                    unpacked += page.uncompressed_size();
                    pages.extend_from_slice(&bytes);
                }
            }
        }
        if values == 0 {
            return Ok(None);
        }
        let mut bytes = self.dictionary.as_ref().map(|page| page.as_slice().to_vec()).unwrap_or_default();
        bytes.extend_from_slice(&pages);
        let about = PageMetaData { num_values: values as i64, ..chunk.into() };
        let reader = PageReader::new_with_page_meta(Cursor::new(bytes.into()), about, Vec::new(), usize::MAX);
        self.decode(vec![BasicDecompressor::new(reader, Vec::new())]).map(Some)
    }

    /// The next page with its header, as its bytes are in the file.
    fn page(&mut self, chunk: &ColumnChunkMetadata) -> Result<(CompressedPage, Buffer<u8>), String> {
        /// Bytes that are fetched at first: many pages, or a part of one.
        const FETCHED: u64 = 1 << 20;
        let mut wanted = FETCHED;
        loop {
            // One value is wanted, and that is a page.
            let about = PageMetaData { num_values: 1, ..chunk.into() };
            let bytes = self.ahead.clone();
            let mut reader =
                PageReader::new_with_page_meta(Cursor::new(bytes), about, Vec::new(), usize::MAX);
            let page = if self.ahead.is_empty() { None } else { reader.next() };
            let is_all = self.at + self.ahead.len() as u64 >= self.end;
            match page {
                Some(Ok(page)) => {
                    let length = reader.into_inner().0.position() as usize;
                    let bytes = self.ahead.clone().sliced(..length);
                    self.ahead = std::mem::take(&mut self.ahead).sliced(length..);
                    self.at += length as u64;
                    return Ok((page, bytes));
                }
                Some(Err(error)) if is_all => return Err(error.to_string()),
                None if is_all => return Err("its pages end too early".into()),
                // Perhaps the page goes on behind what was fetched.
                _ => {
                    let end = self.end.min(self.at + wanted.max(2 * self.ahead.len() as u64));
                    self.ahead = self.room.bytes(self.at..end)?;
                    wanted *= 2;
                }
            }
        }
    }

    /// All values of the group.
    fn all(&self) -> Result<Vec<Box<dyn Array>>, String> {
        let mut columns = Vec::new();
        for chunk in &self.chunks {
            let bytes = self.room.bytes(chunk.byte_range())?;
            let pages = || PageReader::new(Cursor::new(bytes.clone()), chunk, Vec::new(), usize::MAX);
            for page in pages() {
                if let CompressedPage::Data(page) = page.map_err(|error| error.to_string())? {
                    check_page(page.num_values(), page.uncompressed_size(), most_values())?;
                }
            }
            columns.push(BasicDecompressor::new(pages(), Vec::new()));
        }
        self.decode(columns)
    }

    fn decode(&self, columns: Vec<BasicDecompressor>) -> Result<Vec<Box<dyn Array>>, String> {
        let kinds = self.chunks.iter().map(|chunk| &chunk.descriptor().descriptor.primitive_type).collect();
        let read = column_iter_to_arrays(columns, kinds, self.field.clone(), None);
        read.map(|(arrays, _)| arrays).map_err(|error| error.to_string())
    }
}

/// The values that pages of rows with several may tell of: as many as find room as numbers of 16 bytes.
fn most_values() -> usize {
    free_memory().map_or(i32::MAX as usize, |free| (free / 16).min(i32::MAX as u64) as usize)
}

/// Refuses a page that says that it holds more than there are rows, or than finds room: the decoder asks for
/// the memory that it tells of.
fn check_page(values: usize, size: usize, rows: usize) -> Result<(), String> {
    /// Bytes of pages too small to look for room.
    const SMALL: usize = 1 << 24;
    if values > rows {
        return Err(format!("a page says that it has {} of {rows} values", values as i32));
    }
    if size > SMALL && free_memory().is_some_and(|free| size as u64 > free) {
        return Err(format!("a page says that it holds {}", Bytes(size as u64)));
    }
    Ok(())
}

/// The lists of an array.
pub(super) fn lists(array: &dyn Array) -> Result<Lists, String> {
    let any = array.as_any();
    let parts: Vec<Option<Box<dyn Array>>> = match (any.downcast_ref(), any.downcast_ref()) {
        (Some(narrow), _) => ListArray::<i32>::iter(narrow).collect(),
        (None, Some(wide)) => ListArray::<i64>::iter(wide).collect(),
        (None, None) => return Err("its lists are of an unknown kind".into()),
    };
    let list = |part: Option<Box<dyn Array>>| -> Result<Option<Vec<String>>, String> {
        let members = part.map(|part| strings(part.as_ref())).transpose()?;
        let owned = |members: Utf8ViewArray| members.iter().flatten().map(str::to_owned).collect();
        Ok(members.map(owned))
    };
    parts.into_iter().map(list).collect()
}
