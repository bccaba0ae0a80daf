//! Reads the table of layers in the documentation of `src/lib.rs`.

use std::collections::BTreeSet;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) layer: u32,
    pub(crate) folder: String,
    /// The folders it may use; `None` for all.
    may_use: Option<BTreeSet<String>>,
}

impl Row {
    /// Returns whether the folder may use another.
    pub(crate) fn allows(&self, other: &str) -> bool {
        let listed = self.may_use.as_ref();
        other == self.folder || listed.is_none_or(|listed| listed.contains(other))
    }

    /// Returns the folders that it names.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        self.may_use.iter().flatten().map(String::as_str)
    }
}

/// Returns the rows of the table: `//! | layer | folder in backticks | its job | may use |`.
pub(crate) fn rows(lib: &str) -> Result<Vec<Row>, String> {
    let lines = lib.lines().filter_map(|line| line.strip_prefix("//! |"));
    let rows: Vec<_> = lines.skip(2).map(row).collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Err("src/lib.rs has no table of layers".into());
    }
    Ok(rows)
}

fn row(line: &str) -> Result<Row, String> {
    let fault = || format!("src/lib.rs: no row of the table of layers: `|{line}`");
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let [layer, folder, _, may_use, ""] = cells.as_slice() else {
        return Err(fault());
    };
    let folder = match quoted(folder).as_slice() {
        [only] => only.clone(),
        _ => return Err(fault()),
    };
    let may_use = match *may_use {
        "all" => None,
        "nothing" => Some(BTreeSet::new()),
        listed => Some(quoted(listed).into_iter().collect()),
    };
    let layer = layer.parse().map_err(|_| fault())?;
    Ok(Row {
        layer,
        folder,
        may_use,
    })
}

/// Returns what stands in backticks.
fn quoted(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}
