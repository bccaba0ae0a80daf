//! Skills as ZIP archives. Nothing that an archive says about itself is believed: neither paths nor
//! sizes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use bytes::Bytes;

use super::manifest::wrong;
use super::rows::Skill;
use crate::simulator::behaviour::files::clean;
use crate::simulator::reply::Refusal;
use crate::simulator::world::Content;

/// Bytes of an unpacked skill at most.
const MOST_BYTES: u64 = 20 * 1024 * 1024;

/// Files of a skill at most.
const MOST_FILES: usize = 500;

pub(super) fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Content>, Refusal> {
    let broken = |_| wrong("file", "is no ZIP archive that can be read");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MOST_FILES {
        return Err(wrong("file", "holds too many files"));
    }
    let (mut files, mut room) = (BTreeMap::new(), MOST_BYTES);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        if entry.is_dir() {
            continue;
        }
        let path = clean(&entry.name().map_err(broken)?)?;
        let mut content = Vec::new();
        // The size in the archive's directory may lie, so the reading itself is limited.
        entry
            .by_ref()
            .take(room + 1)
            .read_to_end(&mut content)
            .map_err(|_| wrong("file", "is a broken ZIP archive"))?;
        room = room
            .checked_sub(content.len() as u64)
            .ok_or_else(|| wrong("file", "is too large when unpacked"))?;
        files.insert(path, Content(content.into()));
    }
    Ok(files)
}

pub(super) fn pack(skill: &Skill) -> zip::result::ZipResult<Bytes> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in &skill.files {
        archive.start_file(path.as_str(), zip::write::SimpleFileOptions::default())?;
        archive.write_all(&content.0)?;
    }
    Ok(archive.finish()?.into_inner().into())
}
