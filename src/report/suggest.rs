//! "Did you mean …": the nearest of some known names.

/// Returns the known name that is most like the given one, when one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::normalized_damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_swapped_letters_and_nothing_far_off() {
        assert_eq!(nearest("strat", ["start", "stop", "list"]), Some("start"));
        assert_eq!(
            nearest("Agent_Id", ["agent_id", "message"]),
            Some("agent_id")
        );
        assert_eq!(nearest("colour", ["agent_id", "message"]), None);
        assert_eq!(nearest("", ["a"]), None);
    }
}
