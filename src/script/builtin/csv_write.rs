//! Writes rows as CSV text; what does not fit the table is refused, never dropped silently.

use csv::{Writer, WriterBuilder};
use rhai::{Array, Dynamic, ImmutableString, Map};

use super::arguments::{MAX_TEXT, kind, plain};
use super::csv::keys;

/// How a table is written.
pub(super) struct Writing {
    /// What stands between fields.
    pub(super) delimiter: u8,
    /// The columns in order; else the keys of the first row.
    pub(super) columns: Option<Vec<ImmutableString>>,
    /// Whether the first line holds the names of the columns.
    pub(super) header: bool,
}

/// Writes rows as text.
pub(super) fn table(rows: &[Dynamic], writing: &Writing) -> Result<String, String> {
    let mut writer = WriterBuilder::new()
        .delimiter(writing.delimiter)
        .flexible(true)
        .from_writer(Vec::new());
    let columns = match (&writing.columns, rows.first()) {
        (Some(columns), _) => Some(columns.clone()),
        (None, Some(first)) => {
            let map = first.read_lock::<Map>();
            map.map(|map| keys(&map).map(Into::into).collect())
        }
        (None, None) => return Ok(String::new()),
    };
    if let (true, Some(columns)) = (writing.header, &columns) {
        put(&mut writer, columns)?;
    }
    let first_is_list = rows.first().is_some_and(Dynamic::is_array);
    let mut width = columns.as_ref().map(Vec::len);
    for (index, row) in rows.iter().enumerate() {
        let name = format!("rows[{index}]");
        if row.is_array() != first_is_list && (row.is_array() || row.is_map()) {
            let (row, first) = (kind(row), kind(&rows[0]));
            return Err(format!("`{name}` is {row}, but the first row is {first}"));
        }
        if let Some(map) = row.read_lock::<Map>() {
            let columns = columns.as_deref().unwrap_or_default();
            if writing.columns.is_none() {
                check_keys(&map, columns, &name)?;
            }
            put(&mut writer, &by_name(&map, columns, &name)?)?;
        } else if let Some(items) = row.read_lock::<Array>() {
            let width = *width.get_or_insert(items.len());
            put(&mut writer, &by_place(&items, width, &name)?)?;
        } else {
            let kind = kind(row);
            return Err(format!(
                "`{name}` must be a map or a list, but it is {kind}"
            ));
        }
    }
    let bytes = writer.into_inner().map_err(|fault| fault.to_string())?;
    let text = String::from_utf8(bytes).map_err(|fault| fault.to_string())?;
    Ok(with_its_first_field(text, writing.delimiter))
}

/// Quotes a first field that begins with a byte order mark, which readers would take off.
fn with_its_first_field(mut text: String, delimiter: u8) -> String {
    if text.starts_with('\u{feff}') {
        // Were there a quote or a line break within, it would be quoted already.
        let end = text.find([char::from(delimiter), '\n']);
        text.insert(end.unwrap_or(text.len()), '"');
        text.insert(0, '"');
    }
    text
}

fn check_keys(map: &Map, columns: &[ImmutableString], name: &str) -> Result<(), String> {
    let strange = keys(map).find(|key| !columns.iter().any(|column| column == key));
    strange.map_or(Ok(()), |key| {
        Err(format!(
            "`{name}` has the key `{key}`, which the first row lacks: \
             name the columns with the option `columns`"
        ))
    })
}

fn by_name(
    map: &Map,
    columns: &[ImmutableString],
    name: &str,
) -> Result<Vec<ImmutableString>, String> {
    let columns = columns.iter();
    columns
        .map(|column| {
            let value = map.get(column.as_str()).unwrap_or(&Dynamic::UNIT);
            field(value, || format!("{name}.{column}"))
        })
        .collect()
}

fn by_place(items: &[Dynamic], width: usize, name: &str) -> Result<Vec<ImmutableString>, String> {
    if items.len() > width {
        let fields = items.len();
        return Err(format!(
            "`{name}` has {fields} fields, but the number of columns is {width}"
        ));
    }
    (0..width)
        .map(|at| {
            let value = items.get(at).unwrap_or(&Dynamic::UNIT);
            field(value, || format!("{name}[{at}]"))
        })
        .collect()
}

fn field(value: &Dynamic, name: impl Fn() -> String) -> Result<ImmutableString, String> {
    plain(value).ok_or_else(|| {
        let (name, kind) = (name(), kind(value));
        format!("`{name}` is {kind}, which a CSV field cannot hold: `json::text` makes text of it")
    })
}

fn put(writer: &mut Writer<Vec<u8>>, fields: &[ImmutableString]) -> Result<(), String> {
    let fields = fields.iter().map(|field| field.as_bytes());
    writer
        .write_record(fields)
        .map_err(|fault| fault.to_string())?;
    if writer.get_ref().len() > MAX_TEXT {
        return Err(format!("the text is longer than {MAX_TEXT} bytes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn what_is_written_reads_the_same() {
        let code = "let rows = [#{ a: \"x\\\"y\", b: \"1\\n2\" }, #{ a: \" ,\", b: \"\" }, #{ a: \"é\", b: \"\" }]; \
                    csv::write(\"o.csv\", rows); csv::read(\"o.csv\") == rows";
        assert_eq!(run(code), Ok(true.into()));
        let mark = "let rows = [[\"\\ufeffa\", \"\\ufeffb\"], [\"\\ufeff\", \"2\"]]; let plain = #{ header: false }; \
                    csv::parse(csv::text(rows, plain), plain) == rows";
        assert_eq!(run(mark), Ok(true.into()));
        assert_eq!(run("csv::text([])"), Ok("".into()));
        assert_eq!(
            run("csv::text([[1, 2.0, true, ()], [3]], #{ delimiter: ';' })"),
            Ok("1;2.0;true;\n3;;;\n".into())
        );
        assert_eq!(
            run("csv::text([], #{ columns: [\"a\", \"b\"] })"),
            Ok("a,b\n".into())
        );
        assert_eq!(
            run("csv::text([#{ a: 1 }], #{ header: false })"),
            Ok("1\n".into())
        );
    }

    #[test]
    fn rows_that_make_no_table_are_refused() {
        for (rows, fault) in [
            (
                "[1]",
                "`rows[0]` must be a map or a list, but it is an integer",
            ),
            (
                "[#{ a: [] }]",
                "`rows[0].a` is a list, which a CSV field cannot hold: `json::text` makes text of it",
            ),
            (
                "[#{ a: 1 }, #{ b: 1 }]",
                "`rows[1]` has the key `b`, which the first row lacks: name the columns with the option `columns`",
            ),
            (
                "[#{ a: 1 }, [1]]",
                "`rows[1]` is a list, but the first row is a map",
            ),
            (
                "[[1], [1, 2]]",
                "`rows[1]` has 2 fields, but the number of columns is 1",
            ),
        ] {
            assert_eq!(
                run(&format!("csv::text({rows})")).unwrap_err(),
                format!("csv::text: {fault}")
            );
        }
    }
}
