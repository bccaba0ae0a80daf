//! The table of layers in `src/lib.rs` is true: no folder uses another that the table does not
//! allow, no folder and no file is forgotten.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod imports;
mod table;
mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use table::Row;

/// Returns every fault of a crate's source: one line each, with file and line.
fn faults(root: &Path) -> Vec<String> {
    let rows = match table::rows(&fs::read_to_string(root.join("src/lib.rs")).unwrap()) {
        Ok(rows) => rows,
        Err(fault) => return vec![fault],
    };
    let tree = tree::read(root);
    let mut faults = tree.faults;
    faults.extend(table_faults(&rows));
    for row in &rows {
        if !tree
            .files
            .iter()
            .any(|file| file.folder() == Some(row.folder.as_str()))
        {
            faults.push(format!(
                "src/lib.rs: the table has a row for `{}`, but there is no such folder",
                row.folder
            ));
        }
    }
    let rows: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.folder.as_str(), row)).collect();
    for file in &tree.files {
        let Some(folder) = file.folder() else {
            continue;
        };
        let Some(row) = rows.get(folder) else {
            faults.push(format!(
                "{}: the table in src/lib.rs has no row for `{folder}`",
                file.path
            ));
            continue;
        };
        for import in file
            .imports
            .iter()
            .filter(|import| !row.allows(&import.folder))
        {
            faults.push(format!(
                "{}:{}: `{folder}` may not use `{}`",
                file.path, import.line, import.folder
            ));
        }
    }
    faults
}

/// Returns the faults of the table itself: each folder may only use folders of lower layers, so
/// that there are no cycles.
fn table_faults(rows: &[Row]) -> Vec<String> {
    let mut faults = Vec::new();
    for row in rows {
        for name in row.named() {
            let other = rows.iter().find(|other| other.folder == name);
            if other.is_none_or(|other| other.layer >= row.layer) {
                faults.push(format!(
                    "src/lib.rs: `{}` may use `{name}`, which is in no lower layer",
                    row.folder
                ));
            }
        }
    }
    faults
}

#[test]
fn the_layers_are_those_of_the_table() {
    let faults = faults(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const LIB: &str = "\
//! | layer | folder | its one job | may use |
//! | --- | --- | --- | --- |
//! | 0 | `low` | a | nothing |
//! | 0 | `side` | b | nothing |
//! | 1 | `high` | c | `low` |
//! | 2 | `top` | d | all |
pub mod high;
pub mod low;
pub mod side;
pub mod top;
";

/// Returns the faults of a small crate with some files changed.
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let clean = [
        ("Cargo.toml", "[package]\nbuild = \"src/low/build.rs\"\n"),
        ("src/lib.rs", LIB),
        ("src/main.rs", "fn main() { small::top::run(); }"),
        ("src/low/mod.rs", ""),
        ("src/low/build.rs", "mod made;\nfn main() {}"),
        ("src/low/made.rs", "use crate::anything;"),
        ("src/side/mod.rs", "mod inner;"),
        ("src/side/inner.rs", "use super::Outer;\nuse std::fmt;"),
        (
            "src/high/mod.rs",
            "use crate::low::Thing;\nuse crate::high::Own;",
        ),
        ("src/top.rs", "use crate::{high::A, low, side::{b, c}};"),
    ];
    for (path, text) in clean.iter().chain(files) {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    faults(folder.path())
}

#[test]
fn a_clean_tree_has_no_faults() {
    assert_eq!(planted(&[]), [""; 0]);
}

#[test]
fn every_way_to_import_is_found() {
    for line in [
        "use crate::side::Thing;",
        "use crate::{low, side};",
        "use crate::{low::{a, b}, side::{self, c}};",
        "use crate::side as other;",
        "pub use crate::side::*;",
        "fn f() -> crate::side::Thing { loop {} }",
        "fn f() { crate::side::g(); }",
        "fn f() { g(|x: &crate::side::Thing| x.y::<crate::low::T>()) }",
        "fn f() { println!(\"{}\", crate::side::g()); }",
        "fn f() { matches!(x, [a, crate::side::B]); }",
        "macro_rules! m { () => { $crate::side::g() } }",
        "#[serde(with = \"crate::side::text\")] struct S;",
        "#[derive(crate::side::D)] struct S;",
        "impl crate::side::Trait for u8 {}",
        "use super::side::Thing;",
        "fn f() { super::side::g(); }",
        "use self::super::side::Thing;",
        "mod inner { use super::super::side::Thing; }",
        "mod inner { fn f() { crate::side::g(); } }",
        "#[cfg(test)] mod tests { use crate::side::Thing; }",
        "fn f() { use crate::side::Thing; }",
        "type T = Vec<crate::side::Thing>;",
    ] {
        let source = format!("//! Doc.\n{line}\n");
        let found = planted(&[("src/high/mod.rs", &source)]);
        assert_eq!(
            found,
            ["src/high/mod.rs:2: `high` may not use `side`"],
            "{line}"
        );
    }
}

#[test]
fn a_glob_of_the_root_is_found() {
    let found = planted(&[("src/high/mod.rs", "use crate::*;")]);
    assert_eq!(found, ["src/high/mod.rs:1: `high` may not use `*`"]);
    let found = planted(&[("src/high/mod.rs", "m! { use crate::{low, side}; }")]);
    assert_eq!(found, ["src/high/mod.rs:1: `high` may not use `{`"]);
}

#[test]
fn what_only_looks_like_an_import_is_none() {
    for line in [
        "// use crate::side::Thing;",
        "/// Like [`crate::side::Thing`].\nstruct S;",
        "const S: &str = \"crate::side::Thing\";",
        "use side::Thing;",
        "pub(crate) struct S;",
        "pub(in crate::high) struct S;",
        "mod inner { use super::side::Thing; }",
        "use ::other::side::Thing;",
    ] {
        assert_eq!(planted(&[("src/high/mod.rs", line)]), [""; 0], "{line}");
    }
}

#[test]
fn files_deep_in_a_folder_are_read() {
    let found = planted(&[
        ("src/high/mod.rs", "mod deep;"),
        ("src/high/deep.rs", "mod deeper;"),
        ("src/high/deep/deeper.rs", "\n\nuse crate::top::run;"),
    ]);
    assert_eq!(
        found,
        ["src/high/deep/deeper.rs:3: `high` may not use `top`"]
    );
}

#[test]
fn nothing_is_forgotten() {
    let lib = format!("{LIB}pub mod new;\n");
    let found = planted(&[("src/lib.rs", &lib), ("src/new/mod.rs", "")]);
    assert_eq!(
        found,
        ["src/new/mod.rs: the table in src/lib.rs has no row for `new`"]
    );

    let found = planted(&[("src/lib.rs", &LIB.replace("pub mod side;\n", ""))]);
    assert_eq!(
        found,
        [
            "src/side/inner.rs: belongs to no module",
            "src/side/mod.rs: belongs to no module",
            "src/lib.rs: the table has a row for `side`, but there is no such folder",
        ]
    );

    let found = planted(&[("src/high/stray.rs", "")]);
    assert_eq!(found, ["src/high/stray.rs: belongs to no module"]);

    let found = planted(&[("src/high/mod.rs", "mod missing;")]);
    assert_eq!(
        found,
        ["src/high/mod.rs: there is no file for the module `missing`"]
    );

    let found = planted(&[("src/high/mod.rs", "fn {")]);
    assert!(
        found[0].starts_with("src/high/mod.rs: cannot be read: "),
        "{found:?}"
    );
}

#[test]
fn the_table_allows_no_cycle() {
    let lib = LIB.replace("`low` | a | nothing", "`low` | a | `high`");
    assert_eq!(
        planted(&[("src/lib.rs", &lib)]),
        ["src/lib.rs: `low` may use `high`, which is in no lower layer"]
    );
    assert_eq!(
        planted(&[("src/lib.rs", "")])[0],
        "src/lib.rs has no table of layers"
    );
}
