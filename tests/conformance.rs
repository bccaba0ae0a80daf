//! Judges every request of the client and every answer of the simulator by the vendor's document.
//!
//! `DUVO_OPENAPI` names the document; without it there is nothing to judge by, and the test says so.
//! `cargo test --test conformance` prints how many operations were seen to succeed, and to fail in a
//! documented way; whatever is missing or wrong is told in a line of its own.

#[cfg(test)]
mod conformance {
    mod agreement;
    mod document;
    mod exceptions;
    mod exchange;
    mod judge;
    mod recorder;
    mod sample;
    mod schema;

    use std::io::Write;

    use serde_json::Value;

    use document::Promises;

    #[test]
    fn the_catalog_agrees_with_the_document() {
        let Some(promises) = promises() else { return };
        assert_eq!(
            promises.strangers,
            Vec::<String>::new(),
            "not in the catalog"
        );
        let found = agreement::disagreements(&promises);
        for complaint in &found {
            say(&complaint.to_string());
        }
        assert!(found.is_empty(), "{} disagreements", found.len());
    }

    /// Returns what the vendor's document promises, if the environment names one.
    fn promises() -> Option<Promises> {
        #[expect(
            clippy::disallowed_methods,
            reason = "only the environment knows where it lies"
        )]
        let Some(path) = std::env::var_os("DUVO_OPENAPI") else {
            say("conformance: skipped, for `DUVO_OPENAPI` names no OpenAPI document to judge by");
            return None;
        };
        let text = std::fs::read_to_string(&path).expect("DUVO_OPENAPI names a file");
        let document: Value = serde_json::from_str(&text).expect("DUVO_OPENAPI names a document");
        Some(Promises::read(&document))
    }

    /// Tells something even when the test passes, when the harness keeps what is printed.
    fn say(line: &str) {
        _ = writeln!(std::io::stderr(), "{line}");
    }
}
