//! The bytes of a baseline: stable, versioned, read strictly.
//!
//! `WHYB`, the version, runs (4 bytes), then each table: limit (4), entries (4), and for each entry in ascending order the
//! difference to the hash before (LEB128), runs and age (a byte each). Numbers are little-endian.

use super::{
    Baseline, BaselineError,
    table::{Seen, Table},
};

/// How the file begins.
const MAGIC: [u8; 4] = *b"WHYB";
/// Changes with the masking, the hash or this format: baselines of other versions know nothing about our lines.
const VERSION: u8 = 1;

impl Baseline {
    /// The bytes to store: hashes and counts, nothing that could be read back. At most [`Baseline::MAX_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Baseline::MAX_BYTES);
        bytes.extend(MAGIC);
        bytes.push(VERSION);
        bytes.extend(self.runs.to_le_bytes());
        for table in self.tables() {
            bytes.extend(table.limit.to_le_bytes());
            let entries = u32::try_from(table.entries.len()).unwrap_or(u32::MAX);
            bytes.extend(entries.to_le_bytes());
            let mut before = 0;
            for (hash, seen) in &table.entries {
                push_number(&mut bytes, hash - before);
                bytes.extend([seen.runs, seen.age]);
                before = *hash;
            }
        }
        bytes
    }

    /// Reads what [`Baseline::encode`] wrote. Anything else is an error, and costs no more memory than a baseline may have.
    pub fn decode(bytes: &[u8]) -> Result<Baseline, BaselineError> {
        let mut rest = bytes;
        if take(&mut rest)? != MAGIC {
            return Err(BaselineError::NotOne);
        }
        let [version] = take(&mut rest)?;
        if version != VERSION {
            return Err(BaselineError::OtherVersion { version });
        }
        let mut baseline = Baseline { runs: u32::from_le_bytes(take(&mut rest)?), ..Baseline::default() };
        for table in baseline.tables_mut() {
            read_table(table, &mut rest)?;
        }
        if rest.is_empty() { Ok(baseline) } else { Err(BaselineError::Broken) }
    }
}

fn read_table(table: &mut Table, rest: &mut &[u8]) -> Result<(), BaselineError> {
    table.limit = u32::from_le_bytes(take(rest)?);
    let entries = u32::from_le_bytes(take(rest)?) as usize;
    if entries > table.room {
        return Err(BaselineError::Broken);
    }
    let mut hash: u32 = 0;
    for number in 0..entries {
        let step = take_number(rest)?;
        hash = hash.checked_add(step).ok_or(BaselineError::Broken)?;
        let [runs, age] = take(rest)?;
        if (step == 0 && number > 0) || runs == 0 || hash > table.limit {
            return Err(BaselineError::Broken);
        }
        table.entries.insert(hash, Seen { runs, age });
    }
    Ok(())
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], BaselineError> {
    let (taken, behind) = rest.split_first_chunk::<N>().ok_or(BaselineError::Broken)?;
    *rest = behind;
    Ok(*taken)
}

fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// A LEB128 number in its shortest form.
fn take_number(rest: &mut &[u8]) -> Result<u32, BaselineError> {
    let mut number: u32 = 0;
    for shift in (0..35).step_by(7) {
        let [byte] = take(rest)?;
        let part = u32::from(byte & 0x7f);
        if (shift == 28 && part > 0xf) || (shift > 0 && byte == 0) {
            return Err(BaselineError::Broken);
        }
        number |= part << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(BaselineError::Broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn full() -> Baseline {
        let mut baseline = Baseline { runs: 3, ..Baseline::default() };
        for table in baseline.tables_mut() {
            for number in 0..u32::try_from(table.room).unwrap() * 2 {
                table.note(number.wrapping_mul(2_654_435_761));
            }
        }
        baseline
    }

    #[test]
    fn a_full_baseline_stays_within_its_bound_and_reads_back() {
        let full = full();
        let bytes = full.encode();
        assert!(bytes.len() <= Baseline::MAX_BYTES, "{}", bytes.len());
        assert_eq!(Baseline::decode(&bytes).unwrap(), full);
    }

    #[test]
    fn what_is_no_baseline_is_told_from_one_of_another_version() {
        assert!(matches!(Baseline::decode(b"PK\x03\x04rest"), Err(BaselineError::NotOne)));
        assert!(matches!(Baseline::decode(b"WHY"), Err(BaselineError::Broken)));
        let mut newer = Baseline::default().encode();
        newer[4] = 9;
        assert!(matches!(Baseline::decode(&newer), Err(BaselineError::OtherVersion { version: 9 })));
    }

    proptest! {
        #[test]
        fn bytes_that_decode_encode_to_themselves(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut framed = Baseline::default().encode()[..9].to_vec();
            framed.extend(bytes);
            if let Ok(baseline) = Baseline::decode(&framed) {
                prop_assert_eq!(baseline.encode(), framed);
            }
        }

        #[test]
        fn a_changed_byte_never_reads_as_something_that_writes_differently(at in 0_usize..60_000, byte: u8) {
            let mut bytes = full().encode();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(baseline) = Baseline::decode(&bytes) {
                prop_assert_eq!(baseline.encode(), bytes);
            }
        }
    }
}
