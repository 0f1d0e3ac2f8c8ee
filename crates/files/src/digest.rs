//! SHA-256 (FIPS 180-4).

use std::io;

use sha2::Sha256;

/// A SHA-256 in the making, of bytes that come in pieces.
#[derive(Clone, Debug, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// The digest of no bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in further bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        sha2::Digest::update(&mut self.0, bytes);
    }

    /// 64 hexadecimal digits, in lower case.
    pub fn finish(self) -> String {
        sha2::Digest::finalize(self.0).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// So that [`io::copy`] can feed it from a file.
impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// SHA-256 of bytes, as 64 hexadecimal digits in lower case.
pub fn sha256(bytes: &[u8]) -> String {
    let mut digest = Digest::new();
    digest.update(bytes);
    digest.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), abc);
        let mut pieces = Digest::new();
        ["a", "", "bc"].iter().for_each(|piece| pieces.update(piece.as_bytes()));
        assert_eq!(pieces.finish(), abc);
        let mut copied = Digest::new();
        io::copy(&mut &b"abc"[..], &mut copied).unwrap();
        assert_eq!(copied.finish(), abc);
    }
}
