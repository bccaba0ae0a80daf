//! The SKILL.md that names and describes a skill: written from parts, and read back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::rows::Package;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;

/// The file that names and describes a skill.
pub(super) const MANIFEST: &str = "SKILL.md";

/// Writes the SKILL.md of a skill that is given by its parts.
pub(super) fn described(request: &Request) -> Package {
    let (name, description) = (
        request.text("name").unwrap_or_default(),
        request.text("description").unwrap_or_default(),
    );
    let mut head = format!("name: {name}\ndescription: {}\n", json!(description));
    for field in ["license", "compatibility", "allowed-tools"] {
        if let Some(text) = request.text(field) {
            _ = writeln!(head, "{field}: {}", json!(text));
        }
    }
    if let Some(metadata) = request.body.get("metadata") {
        _ = writeln!(head, "metadata: {metadata}");
    }
    package(
        name,
        description,
        &format!(
            "---\n{head}---\n\n{}",
            request.text("content").unwrap_or_default()
        ),
    )
}

/// Returns a package that holds a SKILL.md and nothing else.
pub(crate) fn package(name: &str, description: &str, manifest: &str) -> Package {
    let files = BTreeMap::from([(MANIFEST.to_owned(), manifest.to_owned().into())]);
    Package {
        name: name.into(),
        description: description.into(),
        files,
    }
}

/// Reads name and description from the front matter of a SKILL.md.
pub(super) fn read_head(text: &str) -> Result<(String, String), Refusal> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let head = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---"))
        .map(|(head, _)| head);
    let head = head.ok_or_else(|| {
        wrong(
            "SKILL.md",
            "must begin with front matter between lines of ---",
        )
    })?;
    let field = |name: &str| {
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?
            .trim();
        Some(
            serde_json::from_str::<String>(line)
                .unwrap_or_else(|_| line.trim_matches(['"', '\'']).to_owned()),
        )
    };
    let name = field("name").ok_or_else(|| wrong("name", "is missing"))?;
    check_name(&name)?;
    let description = field("description").filter(|text| !text.is_empty());
    let description = description.ok_or_else(|| wrong("description", "is missing"))?;
    if description.chars().count() > 1024 {
        Err(wrong("description", "must have 1024 characters at most"))
    } else {
        Ok((name, description))
    }
}

/// Refuses what is no name of a skill.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = !name.is_empty() && name.len() <= 64 && name.chars().all(is_fine);
    if fits && !name.starts_with('-') && !name.ends_with('-') && !name.contains("--") {
        Ok(())
    } else {
        Err(wrong(
            "name",
            "must be small letters, digits and single hyphens, 64 at most",
        ))
    }
}

/// Returns the refusal of a field, in the way that skill calls have for it.
pub(super) fn wrong(field: &str, message: &str) -> Refusal {
    Refusal::invalid(format!("`{field}` {message}")).with(
        "validationErrors",
        json!([{ "field": field, "message": message }]),
    )
}
