//! The builtins that need more of the interpreter than a [`super::door::Door`]: one line each.

use super::builtin::Builtin;

/// All of them, topic by topic.
pub(super) const ALL: &[&[Builtin]] = &[];
