//! Reads CSV text into script values; nothing is dropped or guessed unless the options say so.

use csv::{ReaderBuilder, StringRecord, Trim};
use rhai::{Array, Dynamic, Identifier, ImmutableString, Map};

/// How a table is read.
pub(super) struct Reading {
    /// What stands between fields.
    pub(super) delimiter: u8,
    /// Where the names of the columns come from.
    pub(super) header: Header,
    /// Whether spaces around fields are left out.
    pub(super) trim: bool,
    /// Whether fields become numbers, truths and `()`.
    pub(super) types: bool,
    /// Whether rows may be shorter or longer than the header.
    pub(super) flexible: bool,
}

/// Where the names of the columns come from.
pub(super) enum Header {
    /// The first row.
    FirstRow,
    /// The script.
    Names(Vec<ImmutableString>),
    /// Nowhere: rows are lists.
    None,
}

/// Reads all rows. A fault goes on behind the name of the source.
pub(super) fn rows(text: &str, reading: &Reading) -> Result<Array, String> {
    let mut records = Records::new(text, reading);
    let names = match &reading.header {
        Header::FirstRow if !records.next()? => return Ok(Array::new()),
        Header::FirstRow => Some(records.names()),
        Header::Names(names) => Some(names.iter().map(|name| name.as_str().into()).collect()),
        Header::None => None,
    };
    check_names(names.as_deref().unwrap_or_default())?;
    let mut width = names.as_ref().map(Vec::len);
    let mut rows = Array::new();
    while records.next()? {
        let width = *width.get_or_insert(records.record.len());
        if !reading.flexible {
            records.check_width(width)?;
        }
        let fields = (0..width).map(|at| value(records.field(at), reading.types));
        rows.push(match &names {
            Some(names) => names.iter().cloned().zip(fields).collect::<Map>().into(),
            None => fields.collect::<Array>().into(),
        });
    }
    Ok(rows)
}

/// The records of a text, one at a time.
struct Records<'a> {
    text: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    record: StringRecord,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, reading: &Reading) -> Self {
        let trim = if reading.trim { Trim::All } else { Trim::None };
        let reader = ReaderBuilder::new()
            .delimiter(reading.delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(trim)
            .from_reader(text.as_bytes());
        Self {
            text: text.as_bytes(),
            reader,
            record: StringRecord::new(),
        }
    }

    /// Goes to the next record, unless there is none.
    fn next(&mut self) -> Result<bool, String> {
        let more = self.reader.read_record(&mut self.record);
        let more = more.map_err(|fault| fault.to_string())?;
        self.check_quotes()?;
        Ok(more)
    }

    fn names(&self) -> Vec<Identifier> {
        self.record.iter().map(Identifier::from).collect()
    }

    fn field(&self, at: usize) -> &str {
        self.record.get(at).unwrap_or_default()
    }

    fn check_width(&self, width: usize) -> Result<(), String> {
        let fields = self.record.len();
        if fields == width {
            return Ok(());
        }
        let plural = if fields == 1 { "" } else { "s" };
        let line = self.line();
        Err(format!(
            "line {line} has {fields} field{plural}, but the number of columns is {width}"
        ))
    }

    /// Finds a last record that swallowed the rest of the text; the reader itself takes it.
    fn check_quotes(&self) -> Result<(), String> {
        let raw = &self.text[self.start()..];
        let end = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let is_last = end >= self.text.len();
        let spans_lines = || raw.trim_ascii_end().contains(&b'\n');
        if is_last && spans_lines() && raw.split(|byte| *byte == b'"').count() % 2 == 0 {
            let line = self.line();
            return Err(format!("line {line} opens a quote that is never closed"));
        }
        Ok(())
    }

    fn line(&self) -> usize {
        let before = &self.text[..self.start()];
        before.split(|byte| *byte == b'\n').count()
    }

    /// Returns where the record starts; its own position is before the empty lines it skipped.
    fn start(&self) -> usize {
        let at = self.record.position().map_or(0, csv::Position::byte);
        let at = usize::try_from(at).unwrap_or(0).min(self.text.len());
        let empty = self.text[at..].iter();
        at + empty
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count()
    }
}

fn check_names(names: &[Identifier]) -> Result<(), String> {
    for (at, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(format!("has no name for column {}", at + 1));
        }
        if names[..at].contains(name) {
            return Err(format!("has two columns with the name `{name}`"));
        }
    }
    Ok(())
}

fn value(field: &str, types: bool) -> Dynamic {
    if !types {
        return field.into();
    }
    match field {
        "" => Dynamic::UNIT,
        "true" => true.into(),
        "false" => false.into(),
        _ => number(field).unwrap_or_else(|| field.into()),
    }
}

/// Reads a number that would be written just so, but for zeros at the end of decimals.
fn number(field: &str) -> Option<Dynamic> {
    let digits = field.strip_prefix('-').unwrap_or(field);
    let (whole, part) = match digits.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    match part {
        None => field.parse::<i64>().ok().map(Dynamic::from),
        Some(part) if all_digits(part) && digits.len() <= 16 => {
            field.parse::<f64>().ok().map(Dynamic::from)
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{FakeHost, run_on};

    fn read(content: &str, options: &str) -> Result<serde_json::Value, String> {
        let host = FakeHost::new();
        host.put("in.csv", content.as_bytes());
        run_on(&host, &format!("csv::read(\"in.csv\", #{{ {options} }})"))
    }

    #[test]
    fn reads_what_spreadsheets_write() {
        let rows = read(
            "\u{feff}id;note\r\n1;\"a\r\nb \"\"c\"\"\"\r\n\r\n2;\r\n",
            "delimiter: ';'",
        );
        let expected = json!([{ "id": "1", "note": "a\r\nb \"c\"" }, { "id": "2", "note": "" }]);
        assert_eq!(rows, Ok(expected));
        assert_eq!(
            read(" a , b \n 1 , 2 ", "trim: true"),
            Ok(json!([{ "a": "1", "b": "2" }]))
        );
        assert_eq!(
            read("1\t2", "delimiter: \"\\t\", header: [\"x\", \"y\"]"),
            Ok(json!([{ "x": "1", "y": "2" }]))
        );
        assert_eq!(read("", ""), Ok(json!([])));
        assert_eq!(read("a,b\n", ""), Ok(json!([])));
    }

    #[test]
    fn types_are_made_only_of_what_loses_nothing() {
        let fields = "12,-3,1.50,007,1e5,+4,true,,9223372036854775808,0,-0.5,1.,x";
        let rows = read(fields, "header: false, types: true");
        let expected = json!([[
            12,
            -3,
            1.5,
            "007",
            "1e5",
            "+4",
            true,
            null,
            "9223372036854775808",
            0,
            -0.5,
            "1.",
            "x"
        ]]);
        assert_eq!(rows, Ok(expected));
    }

    #[test]
    fn faults_name_file_and_line() {
        for (content, options, fault) in [
            (
                "a,b\n\n\"1\n1\",2\n3\n",
                "",
                "`in.csv` line 5 has 1 field, but the number of columns is 2",
            ),
            (
                "a,b\n1,2,3\n",
                "",
                "`in.csv` line 2 has 3 fields, but the number of columns is 2",
            ),
            (
                "1,2\n1\n",
                "header: false",
                "`in.csv` line 2 has 1 field, but the number of columns is 2",
            ),
            ("a,b,a\n", "", "`in.csv` has two columns with the name `a`"),
            ("a,,c\n", "", "`in.csv` has no name for column 2"),
            (
                "a,b\n1,\"2\n3,4\n",
                "",
                "`in.csv` line 2 opens a quote that is never closed",
            ),
        ] {
            assert_eq!(
                read(content, options).unwrap_err(),
                format!("csv::read: {fault}")
            );
        }
        let filled = read("a,b\n1\n1,2,3\n", "flexible: true");
        assert_eq!(
            filled,
            Ok(json!([{ "a": "1", "b": "" }, { "a": "1", "b": "2" }]))
        );
        for options in [
            "delimiter: \"ab\"",
            "delimiter: '\"'",
            "header: 3",
            "trim: 1",
            "tpyes: true",
        ] {
            assert!(read("a\n1", options).is_err(), "{options}");
        }
    }
}
