//! `csv`: tables from and to files and text.

use rhai::{Dynamic, Identifier, Map};

use super::Builtin;
use super::arguments::{list, text};
use super::charset::read_file;
use super::csv_read::{Header, Reading, rows};
use super::csv_write::{Writing, table};
use super::files::path;
use super::options::Options;
use crate::script::door::{Door, Raise};
use crate::script::host::Effect;

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "csv::read",
        params: &[
            "file: String",
            "options?: #{ delimiter: String, header: bool | Array, trim: bool, types: bool, flexible: bool, encoding: String }",
        ],
        returns: "Array",
        doc: "Returns the rows of a CSV file of the project, as maps by column name. \
              All values are text; `types: true` makes numbers, true and false, and `()` of \
              empty fields (`007` stays text). Further options: `delimiter`; `header`, a list of \
              names where the file has none, or `false` for rows as lists; `trim: true` for spaces \
              around fields; `encoding`, such as `windows-1252`; `flexible: true` fills short rows \
              with empty text and drops what is too much. Else a row of another length fails, with \
              file and line, as do columns without a name or with the same one.",
        examples: &[(
            "files::write(\"a.csv\", \"id,name\\n1,\\\"Novák, s.r.o.\\\"\\n\"); csv::read(\"a.csv\")",
            "[{\"id\":\"1\",\"name\":\"Novák, s.r.o.\"}]",
        )],
        run: read,
    },
    Builtin {
        name: "csv::parse",
        params: &[
            "text: String",
            "options?: #{ delimiter: String, header: bool | Array, trim: bool, types: bool, flexible: bool }",
        ],
        returns: "Array",
        doc: "Returns the rows of CSV text, as `csv::read` does of a file, with the same options \
              but `encoding`.",
        examples: &[
            (
                "csv::parse(\"id;sum\\n007;1.50\", #{ delimiter: \";\", types: true })",
                "[{\"id\":\"007\",\"sum\":1.5}]",
            ),
            (
                "csv::parse(\"a,b\\n1,2\", #{ header: false })",
                "[[\"a\",\"b\"],[\"1\",\"2\"]]",
            ),
        ],
        run: parse,
    },
    Builtin {
        name: "csv::text",
        params: &[
            "rows: Array",
            "options?: #{ columns: Array, delimiter: String, header: bool }",
        ],
        returns: "String",
        doc: "Writes rows (maps, or lists) as CSV text with a line of column names. \
              The option `columns` names and orders the columns; left out, they are the sorted keys \
              of the first row. What a row lacks, and `()`, is empty. `delimiter` is a comma when \
              left out; `header: false` leaves out the names. Fails on values that are lists or \
              maps, and on keys that the first row lacks while `columns` is not given.",
        examples: &[(
            "csv::text([#{ b: 1, a: \"x,y\" }, #{ a: () }], #{ columns: [\"b\", \"a\"] })",
            "\"b,a\\n1,\\\"x,y\\\"\\n,\\n\"",
        )],
        run: to_text,
    },
    Builtin {
        name: "csv::write",
        params: &[
            "file: String",
            "rows: Array",
            "options?: #{ columns: Array, delimiter: String, header: bool }",
        ],
        returns: "()",
        doc: "Writes rows to a CSV file of the project, as `csv::text` does, with the same options.",
        examples: &[(
            "csv::write(\"b.csv\", [#{ a: 1 }]); files::read(\"b.csv\")",
            "\"a\\n1\\n\"",
        )],
        run: write,
    },
];

fn read(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let file = path(door, args, 0)?;
    let options = Options::read(door, args, 1)?;
    let reading = reading(&options)?;
    let text = read_file(door, &file, &options)?;
    let rows = rows(&text, &reading).map_err(|fault| door.invalid(format!("`{file}` {fault}")))?;
    Ok(rows.into())
}

fn parse(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    let reading = reading(&Options::read(door, args, 1)?)?;
    let text = text.trim_start_matches('\u{feff}');
    let rows = rows(text, &reading).map_err(|fault| door.invalid(format!("`text` {fault}")))?;
    Ok(rows.into())
}

fn to_text(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    Ok(written(door, args, 0)?.into())
}

fn write(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let file = path(door, args, 0)?.to_string();
    let content = written(door, args, 1)?.into_bytes();
    door.value(Effect::WriteFile {
        file,
        content,
        append: false,
    })
}

/// Writes the rows at a position, with the options behind them.
fn written(door: &Door<'_>, args: &[&mut Dynamic], at: usize) -> Result<String, Raise> {
    let rows = list(door, args, at, "rows")?;
    let options = Options::read(door, args, at + 1)?;
    let header = options.value("header").map(Dynamic::as_bool);
    let writing = Writing {
        delimiter: delimiter(&options)?,
        columns: options.texts("columns")?,
        header: match header {
            Some(Err(_)) => return Err(options.wrong("header", "true or false")),
            Some(Ok(header)) => header,
            None => true,
        },
    };
    table(&rows, &writing).map_err(|fault| door.invalid(fault))
}

fn reading(options: &Options<'_>) -> Result<Reading, Raise> {
    let header = match options.value("header").map(Dynamic::as_bool) {
        None | Some(Ok(true)) => Header::FirstRow,
        Some(Ok(false)) => Header::None,
        Some(Err(_)) => match options.texts("header") {
            Ok(names) => Header::Names(names.unwrap_or_default()),
            Err(_) => return Err(options.wrong("header", "true, false or a list of names")),
        },
    };
    Ok(Reading {
        delimiter: delimiter(options)?,
        header,
        trim: options.flag("trim")?,
        types: options.flag("types")?,
        flexible: options.flag("flexible")?,
    })
}

fn delimiter(options: &Options<'_>) -> Result<u8, Raise> {
    let Some(text) = options.text("delimiter")? else {
        return Ok(b',');
    };
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => Err(options.wrong("delimiter", "one character, such as `;` or a tab")),
    }
}

/// Returns the keys of a map as text.
pub(super) fn keys(map: &Map) -> impl Iterator<Item = &str> {
    map.keys().map(Identifier::as_str)
}
