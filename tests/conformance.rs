//! Judges every request of the client and every answer of the simulator by the vendor's document.
//!
//! `DUVO_OPENAPI` names the document; without it there is nothing to judge by, and the test says so.
//! `cargo test --test conformance` prints how many operations were seen to succeed, and to fail in a
//! documented way; whatever is missing or wrong is told in a line of its own.

#[cfg(test)]
mod conformance {
    mod agreement;
    mod coverage;
    mod document;
    mod exceptions;
    mod exchange;
    mod judge;
    mod learned;
    mod recorder;
    mod sample;
    mod schema;
    mod steps;
    mod variants;
    mod walk;

    use std::collections::BTreeSet;
    use std::io::Write;
    use std::path::Path;

    use duvoscript::catalog;
    use duvoscript::clock::VirtualClock;
    use duvoscript::simulator::{Settings, Simulator};
    use serde_json::Value;

    use document::Promises;
    use steps::Step;
    use walk::Walk;

    #[test]
    fn the_catalog_agrees_with_the_document() {
        let Some(promises) = promises() else { return };
        let none: Vec<String> = Vec::new();
        assert_eq!(promises.strangers, none, "not in the catalog");
        assert_eq!(promises.unneeded, none, "exceptions that are not needed");
        let found = agreement::disagreements(&promises);
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, none);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn client_and_simulator_keep_the_promises() {
        let Some(promises) = promises() else { return };
        let clock = VirtualClock::new("2026-01-05T08:00:00Z".parse().expect("a time"));
        let mut settings = Settings::new().on_virtual(&clock);
        settings.rate_limit = None;
        let simulator = Simulator::start(settings).await.expect("it starts");
        let mut walk = Walk::start(&promises, (simulator.url(), simulator.key()), clock).await;
        walk.take(steps()).await;
        let coverage = walk.coverage;
        coverage.lines().iter().for_each(|line| say(line));
        assert_eq!(coverage.faults(), Vec::<String>::new());
    }

    #[test]
    fn every_endpoint_is_walked() {
        let walked: BTreeSet<_> = steps().iter().filter_map(Step::endpoint).collect();
        let missing = catalog::endpoints().filter(|endpoint| !walked.contains(endpoint.name));
        let missing: Vec<_> = missing.map(|endpoint| endpoint.name).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    /// Returns the steps of all files, in the order of their names.
    fn steps() -> Vec<Step> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/walk");
        let files = std::fs::read_dir(folder).expect("the steps are there");
        let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        files.iter().flat_map(|file| steps_of(file)).collect()
    }

    fn steps_of(file: &Path) -> Vec<Step> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(file).expect("steps are text");
        steps::read(&name, &text)
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
