//! Names the branches of a run so that a plan and a run agree: by which `parallel` of their parent
//! they belong to, not by how many effects came before it.

use std::collections::HashMap;

use crate::script::Branch;

/// The branches of one run.
#[derive(Debug, Default)]
pub(super) struct Branches {
    /// The steps of each parent that had branches, in order.
    forks: HashMap<String, Vec<String>>,
}

impl Branches {
    /// Notes that a branch has branches of its own from here on.
    pub(super) fn fork(&mut self, first: &[Branch]) {
        let Some((parent, step, _)) = first.first().and_then(|branch| split(&branch.0)) else {
            return;
        };
        let steps = self.forks.entry(parent.to_owned()).or_default();
        if !steps.iter().any(|known| known == step) {
            steps.push(step.to_owned());
        }
    }

    /// Returns the name of a branch: `1/2.` for the third item of its parent's first `parallel`.
    pub(super) fn name(&self, branch: &Branch) -> String {
        self.named(&branch.0)
    }

    fn named(&self, branch: &str) -> String {
        let Some((parent, step, item)) = split(branch) else {
            return branch.to_owned();
        };
        let steps = self.forks.get(parent);
        let at = steps.and_then(|steps| steps.iter().position(|known| known == step));
        format!(
            "{}{}/{item}.",
            self.named(parent),
            at.map_or(0, |at| at + 1)
        )
    }
}

/// Takes `4/2.7/0.` apart: parent `4/2.`, step `7`, item `0`.
fn split(branch: &str) -> Option<(&str, &str, &str)> {
    let (rest, item) = branch.strip_suffix('.')?.rsplit_once('/')?;
    let at = rest.rfind('.').map_or(0, |at| at + 1);
    let (parent, step) = rest.split_at(at);
    Some((parent, step, item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_earlier_effects_does_not_matter() {
        let name = |steps: [&str; 2]| {
            let mut branches = Branches::default();
            let outer = Branch(format!("{}/2.", steps[0]));
            let inner = Branch(format!("{}{}/0.", outer.0, steps[1]));
            branches.fork(std::slice::from_ref(&outer));
            branches.fork(std::slice::from_ref(&inner));
            branches.name(&inner)
        };
        assert_eq!(name(["4", "7"]), "1/2.1/0.");
        assert_eq!(name(["4", "7"]), name(["9", "1"]));
        assert_eq!(Branches::default().name(&Branch::default()), "");
    }
}
