//! How tests went, as the XML that CI servers read.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::text;
use crate::testing::{Suite, Tested};

/// Returns how all tests went, as `JUnit` XML: a suite a file.
pub fn junit(suite: &Suite) -> String {
    let mut report = Report::new("duvoscript test");
    report.set_time(suite.took);
    for tests in suite.tests.chunk_by(|one, other| one.file == other.file) {
        let file = tests.first().map_or("", |test| test.file.as_str());
        let mut of_file = TestSuite::new(file);
        of_file.add_test_cases(tests.iter().map(case));
        report.add_test_suite(of_file);
    }
    // A report in memory can always be written.
    report.to_string().unwrap_or_default()
}

fn case(test: &Tested) -> TestCase {
    let status = match &test.fault {
        None => TestCaseStatus::success(),
        Some(fault) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(fault.problem.what.as_str());
            status.set_description(text::fault(test, false));
            status
        }
    };
    let name = match test.name.as_str() {
        "" => "it parses",
        name => name,
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(test.file.as_str()).set_time(test.took);
    case.extra.insert("file".into(), test.file.as_str().into());
    case.extra
        .insert("line".into(), test.line.to_string().into());
    if !test.printed.is_empty() {
        case.set_system_out(test.printed.join("\n"));
    }
    case
}
