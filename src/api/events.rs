//! Reads a stream of server-sent events, as MCP servers answer with.

use bytes::Bytes;

/// Returns the data of the last event that has any; empty when none has.
pub(super) fn last_data(body: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(body);
    let (mut last, mut data) = (None, None::<String>);
    // An event ends at an empty line; what the stream's end cuts off counts too.
    for line in lines(text.trim_start_matches('\u{feff}')).chain([""]) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        match name {
            "" if line.is_empty() => last = data.take().or(last),
            "data" => {
                let value = value.strip_prefix(' ').unwrap_or(value);
                data = Some(data.map_or_else(|| value.into(), |data| format!("{data}\n{value}")));
            }
            _ => {}
        }
    }
    last.unwrap_or_default().into()
}

/// Lines end with `\n`, `\r\n` or `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

#[cfg(test)]
mod tests {
    use super::last_data;

    #[test]
    fn takes_the_last_event_with_data() {
        let cases = [
            ("data: {\"a\":1}\n\n", "{\"a\":1}"),
            (
                "event: message\r\nid: 1\r\ndata: 1\r\n\r\ndata:2\r\n\r\n: ping\r\n\r\n",
                "2",
            ),
            ("data: {\ndata: }\n\n", "{\n}"),
            ("data: 1\n\ndata: 2", "2"),
            ("data: 1\r\rdata: 2\r\r", "2"),
            ("\u{feff}data: 1\n\n", "1"),
            ("event: ping\n\n", ""),
            ("", ""),
        ];
        for (body, data) in cases {
            assert_eq!(last_data(body.as_bytes()), data, "{body:?}");
        }
    }
}
