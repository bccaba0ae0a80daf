//! Cases in files of one name: a script, and beside it what it is given and what it comes to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;

/// Fails when a file belongs to no case, by these endings beside `rhai`.
pub(crate) fn no_stray_files(files: &[PathBuf], parts: &[&str]) -> Result<(), Failed> {
    let cases: BTreeSet<String> = files
        .iter()
        .filter(|file| has_extension(file, "rhai"))
        .map(|file| name_of(file))
        .collect();
    let is_read = |file: &&PathBuf| {
        file.is_dir()
            || (cases.contains(&name_of(file))
                && (has_extension(file, "rhai")
                    || parts.iter().any(|part| has_extension(file, part))))
    };
    match files.iter().find(|file| !is_read(file)) {
        Some(stray) => Err(format!("no case reads `{}`", stray.display()).into()),
        None => Ok(()),
    }
}

/// Reads a part of a case; one that is not there is empty.
pub(crate) fn read(case: &Path, part: &str) -> String {
    fs::read_to_string(case.with_extension(part)).unwrap_or_default()
}

/// Writes a part of a case, or removes it when it is empty.
pub(crate) fn write(case: &Path, part: &str, text: &str) -> Result<(), Failed> {
    let file = case.with_extension(part);
    if text.is_empty() {
        // It may never have been there.
        let _ = fs::remove_file(file);
        return Ok(());
    }
    Ok(fs::write(file, text)?)
}

/// Returns what lies in a folder, in order.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    entries
}

/// Returns whether a file has an ending.
pub(crate) fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

/// Returns the name of a file without its ending.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
