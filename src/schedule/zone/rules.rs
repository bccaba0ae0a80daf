//! What happens to a local time that does not exist, or comes twice.
//!
//! An expression that means a rhythm, with a `*` or a step in its second, minute or hour, needs no
//! rule: it fires whenever the clock on the wall shows one of its times, in both passes of a repeated
//! hour, and for what the clock jumps over it does not make up (`*/15 2 * * *` rests on such a day).

use jiff::civil::DateTime;

/// What becomes of a local time that the clock jumps over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gap {
    /// It fires at the first instant after the gap. Several of them, or one that is there anyway,
    /// make one slot.
    #[default]
    Shift,
    /// It does not fire.
    Skip,
}

impl Gap {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Shift, Self::Skip];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Skip => "skip",
        }
    }
}

/// When a local time fires that comes twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeated {
    /// The first time.
    #[default]
    First,
    /// The second time.
    Last,
    /// Each time.
    Both,
}

impl Repeated {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::First, Self::Last, Self::Both];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Both => "both",
        }
    }
}

/// What a schedule does in the two nights when clocks change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// For local times that do not exist.
    pub gap: Gap,
    /// For local times that come twice.
    pub repeated: Repeated,
}

/// Why a slot is where it is, when its local time alone does not say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The local time that was meant does not exist; this is the first instant after the gap.
    Shifted {
        /// The local time that was meant.
        from: DateTime,
    },
    /// The local time comes twice, and this is the first; the second does not fire.
    First,
    /// The local time comes twice, and this is the second; the first did not fire.
    Last,
    /// The local time comes twice and fires twice; this is the first time.
    FirstOfBoth,
    /// The local time comes twice and fires twice; this is the second time.
    SecondOfBoth,
}

impl std::fmt::Display for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shifted { from } => write!(
                f,
                "{} does not exist: first instant after it",
                from.strftime("%Y-%m-%d %H:%M:%S")
            ),
            Self::First => f.write_str("comes twice: the first"),
            Self::Last => f.write_str("comes twice: the second"),
            Self::FirstOfBoth => f.write_str("comes twice, fires twice: the first"),
            Self::SecondOfBoth => f.write_str("comes twice, fires twice: the second"),
        }
    }
}
