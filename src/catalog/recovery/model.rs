//! The types of what an entry says about its recovery; static data, compiled like the rest of it.

/// How to find out whether a call that was cut off has been carried out.
#[derive(Debug)]
pub struct Recovery {
    /// Fields of the call, and the value with which it changes nothing: such a call is sent again.
    pub harmless: &'static [Pair],
    /// The way to find out.
    pub way: Way,
}

/// The way to find out.
#[derive(Debug)]
pub enum Way {
    /// There is none; why, in words for the person who is asked.
    Impossible(&'static str),
    /// Look at what the call may have made or changed.
    LookUp(&'static LookUp),
}

/// Where to look, what to compare, and what to make of it.
///
/// Places are paths of names with dots: in a row of `list`, or below `get.` and `detail.` in what
/// was read about it. On its way to its end, a path goes through every item of a list.
#[derive(Debug)]
pub struct LookUp {
    /// Fields of the call of which the first given one holds what is looked up item by item; a call
    /// without any of them cannot be looked up. Without a list, each item's own state decides.
    pub each: &'static [&'static str],
    /// Lists what the call may have made, or where the thing that it changes lies.
    pub list: Option<Reading>,
    /// Reads one thing: a row of the list, or the one that the call's path names.
    pub get: Option<Reading>,
    /// Finds what belongs to a row, or to the one thing where there is no list: the first item of
    /// another list for which its conditions hold.
    pub detail: Option<Reading>,
    /// Place of the time at which a row came to be: only those since the intent count.
    pub since: Option<&'static str>,
    /// Whether rows since the intent are only a trace of the call: any number of them will do.
    pub trace: bool,
    /// What must be so, or it is another thing.
    pub same: &'static [Pair],
    /// What should be so; where it is not, the thing may have been changed since.
    pub like: &'static [Pair],
    /// What is so only while the call has not been carried out: all of any of these.
    pub open: &'static [&'static [Pair]],
    /// What is so once it has been: all of any of these.
    pub done: &'static [&'static [Pair]],
    /// Place of the time of the last change: a thing unchanged since the intent was left alone.
    pub changed: Option<&'static str>,
    /// Whether a thing that is not `done` shows that the call was not carried out.
    pub otherwise_send: bool,
    /// Places in the answer (`""`: all of it), and what stands there; none: nothing is adopted.
    pub answer: &'static [Pair],
}

impl LookUp {
    /// Returns whether the call makes things that no other call can have made.
    pub fn makes(&self) -> bool {
        self.since.is_some() && !self.trace
    }
}

/// A call that only reads, made for a look-up.
///
/// Its path parameters come from `with`, from the call's field of the same name, or are the `id` of
/// the row.
#[derive(Debug)]
pub struct Reading {
    /// Full name of the endpoint; `None`: it is a part of what `get` has answered.
    pub endpoint: Option<&'static str>,
    /// Place of the list in the answer, where the endpoint does not name it.
    pub within: Option<&'static str>,
    /// Its fields; a field with any of several values is asked for with each of them.
    pub with: &'static [Pair],
    /// What must hold for an item to count.
    pub only: &'static [Pair],
    /// Whether the list begins with the oldest.
    pub oldest_first: bool,
    /// Whether a row without it still counts.
    pub optional: bool,
}

/// A place or a field, and what is expected or stands there.
#[derive(Debug)]
pub struct Pair {
    /// The place or the field.
    pub at: &'static str,
    /// What is there.
    pub term: Term,
}

/// A value that is known at the time of the look-up.
#[derive(Clone, Copy, Debug)]
pub enum Term {
    /// The value of the call's field or path parameter; an item of `each` stands for its list.
    Given(&'static str),
    /// What is found at a place; only in answers.
    At(&'static str),
    /// This value, as JSON text.
    Is(&'static str),
    /// Any of these values, each as JSON text.
    AnyOf(&'static [&'static str]),
    /// Nothing: it is not there, or empty.
    Nothing,
    /// The id of the row; only in the fields of a reading.
    RowId,
    /// A time since the intent; as a field of a reading, the start of that time.
    Since,
    /// A time clearly before the intent, or none.
    Before,
    /// No time that is clearly after the intent.
    Until,
    /// The id of the user whom the key belongs to.
    Me,
    /// The path of a team file once `newFilenameOnly` is its name.
    NewPath,
    /// The rows that were found, in the order of `each`.
    Rows,
    /// How many items of `each` were found.
    Found,
    /// How many items of `each` were not found.
    Missing,
}
