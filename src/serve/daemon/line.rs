//! The line of runs that are due, fair between schedules: each gets its turn, however many of another
//! are due. It is read from the journal again and again, so that it never holds much.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

/// Whom a run belongs to: a schedule; or nobody, when people start it.
pub(super) type Group = Option<String>;

/// Runs that are due, in turns.
#[derive(Debug, Default)]
pub(super) struct Line {
    groups: BTreeMap<Group, VecDeque<String>>,
    /// Whose turn was last.
    last: Group,
}

impl Line {
    /// Takes the place of what stood in line before.
    pub(super) fn fill(&mut self, due: impl IntoIterator<Item = (Group, String)>) {
        self.groups.clear();
        for (group, run) in due {
            self.groups.entry(group).or_default().push_back(run);
        }
    }

    /// Returns how many stand in line.
    pub(super) fn len(&self) -> usize {
        self.groups.values().map(VecDeque::len).sum()
    }

    /// Takes the next one whose group may have a turn.
    pub(super) fn next(&mut self, may: impl Fn(&Group) -> bool) -> Option<(Group, String)> {
        let after = (Bound::Excluded(self.last.clone()), Bound::Unbounded);
        let upto = (Bound::Unbounded, Bound::Included(self.last.clone()));
        let turns = self.groups.range(after).chain(self.groups.range(upto));
        let group = turns.map(|(group, _)| group).find(|group| may(group))?;
        let group = group.clone();
        let runs = self.groups.get_mut(&group)?;
        let run = runs.pop_front();
        if runs.is_empty() {
            self.groups.remove(&group);
        }
        self.last.clone_from(&group);
        run.map(|run| (group, run))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> Group {
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn line(due: &[(&str, &str)]) -> Line {
        let mut line = Line::default();
        line.fill(
            due.iter()
                .map(|(name, run)| (group(name), (*run).to_owned())),
        );
        line
    }

    #[test]
    fn schedules_take_turns_however_many_of_one_are_due() {
        let many: Vec<_> = (0..1000).map(|number| format!("a{number}")).collect();
        let mut due: Vec<_> = many.iter().map(|run| ("a", run.as_str())).collect();
        due.extend([("b", "b0"), ("", "by hand"), ("c", "c0")]);
        let mut line = line(&due);
        let first: Vec<_> = (0..6).filter_map(|_| line.next(|_| true)).collect();
        let first: Vec<_> = first.iter().map(|(_, run)| run.as_str()).collect();
        assert_eq!(first, ["a0", "b0", "c0", "by hand", "a1", "a2"]);
        assert_eq!(line.len(), 997);
    }

    #[test]
    fn a_schedule_that_may_have_no_more_is_passed_over_and_keeps_its_place() {
        let mut line = line(&[("a", "a0"), ("b", "b0")]);
        let only_b = |name: &Group| name.as_deref() == Some("b");
        assert_eq!(line.next(only_b), Some((group("b"), "b0".to_owned())));
        assert_eq!(line.next(only_b), None);
        assert_eq!(line.next(|_| true), Some((group("a"), "a0".to_owned())));
        assert_eq!(line.next(|_| true), None);
    }
}
