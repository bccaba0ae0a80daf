//! The builtins that need more of the interpreter than a [`super::door::Door`]: one line each.

use super::builtin::Builtin;
use super::{binding, human, parallel, retry, wait};

/// All of them, topic by topic.
pub(super) const ALL: &[&[Builtin]] = &[
    binding::ALL,
    parallel::ALL,
    retry::ALL,
    human::ALL,
    wait::ALL,
];
