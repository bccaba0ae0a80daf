//! The builtins that need more of the interpreter than a [`Door`](super::door::Door): closures side
//! by side, Jobs and people to wait for.

mod compare;
mod human;
mod item;
pub(in crate::script) mod options;
mod parallel;
mod remind;
mod response;
mod retry;
mod testing;
pub(super) mod uncertain;
mod wait;

use super::{binding, builtin::Builtin};

/// All of them, topic by topic.
pub(super) const ALL: &[&[Builtin]] = &[
    binding::ALL,
    parallel::ALL,
    retry::ALL,
    human::ALL,
    wait::ALL,
    uncertain::ALL,
];

/// The functions that only tests have.
pub(super) const TESTING: &[Builtin] = testing::ALL;
