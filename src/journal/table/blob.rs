//! Large values: kept once by their SHA-256, compressed where that makes them shorter.

use ring::digest::{SHA256, digest};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, Error, OptionalExtension, params};

/// Values of up to so many bytes lie in the row that they belong to.
pub(in crate::journal) const INLINE: usize = 4096;

/// A compressed value cannot be more than so many times as long as its compressed form.
const RATIO: usize = 256;

/// A SHA-256.
pub(in crate::journal) type Hash = [u8; 32];

/// A large value, ready to be kept.
#[derive(Debug)]
pub(in crate::journal) struct Packed {
    hash: Hash,
    size: usize,
    bytes: Vec<u8>,
}

/// Returns the SHA-256 of a value.
pub(in crate::journal) fn hash(value: &[u8]) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest(&SHA256, value).as_ref());
    hash
}

/// Packs a value that is too large to lie in its row.
pub(in crate::journal) fn pack(value: &[u8]) -> Option<Packed> {
    if value.len() <= INLINE {
        return None;
    }
    let mut bytes = lz4_flex::block::compress(value);
    if bytes.len() >= value.len() {
        bytes = value.to_vec();
    }
    Some(Packed {
        hash: hash(value),
        size: value.len(),
        bytes,
    })
}

/// Returns the key of a packed value, which is kept if it is new.
pub(in crate::journal) fn keep(db: &Connection, packed: &Packed) -> rusqlite::Result<i64> {
    let known = db
        .prepare_cached("SELECT key FROM blob WHERE hash = ?")?
        .query_row([&packed.hash], |row| row.get(0))
        .optional()?;
    if let Some(key) = known {
        return Ok(key);
    }
    let size = i64::try_from(packed.size).unwrap_or(i64::MAX);
    db.prepare_cached("INSERT INTO blob (hash, size, packed) VALUES (?, ?, ?)")?
        .insert(params![packed.hash, size, packed.bytes])
}

/// Packs and keeps a value that is too large to lie in its row, and returns its key.
pub(in crate::journal) fn keep_large(
    db: &Connection,
    value: &[u8],
) -> rusqlite::Result<Option<i64>> {
    pack(value).map(|packed| keep(db, &packed)).transpose()
}

/// Returns the value of a row of `blob`.
pub(in crate::journal) fn unpack(size: i64, packed: &[u8]) -> rusqlite::Result<Vec<u8>> {
    let size = usize::try_from(size).map_err(|_| damaged("a blob has no size"))?;
    if size == packed.len() {
        return Ok(packed.to_vec());
    }
    // The size is what gets allocated, so a damaged one must not be believed.
    if size > packed.len().saturating_mul(RATIO) {
        return Err(damaged("a blob has an impossible size"));
    }
    match lz4_flex::block::decompress(packed, size) {
        Ok(value) if value.len() == size => Ok(value),
        _ => Err(damaged("a blob cannot be unpacked")),
    }
}

/// Returns the keys of a run's large values.
pub(in crate::journal) fn of_run(db: &Connection, run: i64) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached(
        "SELECT request_blob FROM step WHERE run = ?1 AND request_blob IS NOT NULL
         UNION SELECT body_blob FROM step WHERE run = ?1 AND body_blob IS NOT NULL
         UNION SELECT value_blob FROM event WHERE run = ?1 AND value_blob IS NOT NULL",
    )?
    .query_map([run], |row| row.get(0))?
    .collect()
}

/// Removes those of some large values that nobody points to.
pub(in crate::journal) fn sweep(db: &Connection, keys: &[i64]) -> rusqlite::Result<()> {
    let mut remove = db.prepare_cached(
        "DELETE FROM blob WHERE key = ?1
            AND NOT EXISTS (SELECT 1 FROM step WHERE body_blob = ?1)
            AND NOT EXISTS (SELECT 1 FROM step WHERE request_blob = ?1)
            AND NOT EXISTS (SELECT 1 FROM event WHERE value_blob = ?1)",
    )?;
    for key in keys {
        remove.execute([key])?;
    }
    Ok(())
}

/// Returns what is wrong with the blobs.
pub(in crate::journal) fn damages(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut blobs = db.prepare("SELECT key, hash, size, packed FROM blob")?;
    let mut rows = blobs.query([])?;
    while let Some(row) = rows.next()? {
        let (key, known): (i64, Hash) = (row.get(0)?, row.get(1)?);
        match unpack(row.get(2)?, row.get_ref(3)?.as_blob()?) {
            Ok(value) if hash(&value) == known => {}
            Ok(_) => faults.push(format!("the blob {key} is not what it was")),
            Err(_) => faults.push(format!("the blob {key} cannot be unpacked")),
        }
    }
    Ok(faults)
}

/// Returns an error for content that this program has not written.
pub(in crate::journal) fn damaged(what: &'static str) -> Error {
    Error::FromSqlConversionFailure(0, Type::Blob, Box::new(FromSqlError::other(Damage(what))))
}

#[derive(Debug)]
struct Damage(&'static str);

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Damage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_what_is_large_and_gets_it_back() {
        assert!(pack(&[7; INLINE]).is_none());
        let mut noise = Vec::new();
        for at in 0_u64..1000 {
            noise.extend(hash(&at.to_be_bytes()));
        }
        for value in [vec![7; INLINE + 1], noise] {
            let packed = pack(&value).unwrap();
            let size = i64::try_from(packed.size).unwrap();
            assert!(packed.bytes.len() <= value.len());
            assert_eq!(unpack(size, &packed.bytes).unwrap(), value);
        }
    }

    #[test]
    fn a_damaged_blob_is_an_error_and_costs_no_memory() {
        let packed = pack(&[7; 10_000]).unwrap();
        for size in [i64::MIN, -1, 0, 9_999, 10_001, 1 << 40, i64::MAX] {
            assert!(unpack(size, &packed.bytes).is_err(), "{size}");
        }
        let half = &packed.bytes[..packed.bytes.len() / 2];
        assert!(unpack(10_000, half).is_err());
        assert!(unpack(10, &[]).is_err());
    }
}
