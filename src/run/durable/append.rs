//! Adding to the end of a file, exactly once: the intent says how long the file was before.

use serde_json::Value;

use crate::run::port::Outcome;
use crate::run::project::Project;
use crate::script::Answer;

/// Adds the file's present size to the request that is recorded.
pub(super) fn with_size(project: &Project, file: &str, mut request: Value) -> Value {
    if let Some(fields) = request.as_object_mut() {
        fields.insert("at".into(), project.size(file).unwrap_or(0).into());
    }
    request
}

/// Finishes an append that was cut off; `None` when somebody else has changed the file since.
pub(super) fn go_on(
    project: &Project,
    file: &str,
    content: &[u8],
    request: &str,
) -> Option<Outcome> {
    let request: Value = serde_json::from_str(request).ok()?;
    let before = request.get("at")?.as_u64()?;
    let now = match project.size(file) {
        Ok(size) => size,
        Err(failure) => return Some(Err(failure)),
    };
    let written = usize::try_from(now.checked_sub(before)?).ok()?;
    let rest = content.get(written..)?;
    let tail = match project.read(file) {
        Ok(whole) => whole.get(usize::try_from(before).ok()?..)?.to_vec(),
        Err(_) if now == 0 => Vec::new(),
        Err(failure) => return Some(Err(failure)),
    };
    if tail != content[..written] {
        return None;
    }
    if rest.is_empty() && written > 0 {
        return Some(Ok(Answer::Nothing));
    }
    Some(project.append(file, rest).map(|()| Answer::Nothing))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_append_is_finished_wherever_it_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::open(folder.path()).unwrap();
        for written in 0..=4 {
            project.write("a.txt", b"old\n").unwrap();
            let request = with_size(&project, "a.txt", json!({})).to_string();
            project.append("a.txt", &b"new\n"[..written]).unwrap();
            let outcome = go_on(&project, "a.txt", b"new\n", &request);
            assert!(matches!(outcome, Some(Ok(_))), "{written} bytes written");
            assert_eq!(project.read("a.txt").unwrap(), b"old\nnew\n");
        }
    }

    #[test]
    fn a_file_that_was_not_there_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::open(folder.path()).unwrap();
        let request = with_size(&project, "a.txt", json!({})).to_string();
        assert!(matches!(
            go_on(&project, "a.txt", b"x", &request),
            Some(Ok(_))
        ));
        assert_eq!(project.read("a.txt").unwrap(), b"x");
    }

    #[test]
    fn a_file_that_others_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::open(folder.path()).unwrap();
        project.write("a.txt", b"old\n").unwrap();
        let request = with_size(&project, "a.txt", json!({})).to_string();
        for other in ["old\nothers\n", "o", "old\nnewer\n"] {
            project.write("a.txt", other.as_bytes()).unwrap();
            assert!(go_on(&project, "a.txt", b"new\n", &request).is_none());
            assert_eq!(project.read("a.txt").unwrap(), other.as_bytes());
        }
    }
}
