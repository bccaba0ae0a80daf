//! The narrow port between a run and whatever executes it: the driver hands over effects, and is
//! handed back what came of them.
//!
//! Whoever implements [`Port`] decides how effects are recorded and performed: in memory for a run
//! that keeps no record, in the journal for a durable one, in a distributed engine one day. The order
//! of submits depends on nothing but the script, its input, and the order in which `next` answers.

use std::future::Future;

use crate::clock::{Participant, Sleep};
use crate::report::{Failure, Problem};
use crate::script::{Answer, Decision, Effect, Site, Step, StepKey, Uncertain};

/// The n-th effect that a run hands over; the same on every replay.
pub(super) type Ticket = u32;

/// What came of an effect.
pub(super) type Outcome = Result<Answer, Failure>;

/// How an effect was taken.
#[derive(Debug)]
pub(super) enum Submitted {
    /// It is done: it needed no wait, or the record tells.
    Done(Outcome),
    /// It is under way; [`Port::next`] will tell.
    Pending(Ticket),
}

/// What an effect under way has come to.
#[derive(Debug)]
pub(super) struct Landed {
    /// Which one.
    pub(super) ticket: Ticket,
    /// What came of it.
    pub(super) news: News,
    /// Keeps simulated time from moving until the run goes on.
    pub(super) awake: Participant,
}

/// What there is to say of an effect under way.
#[derive(Debug)]
pub(super) enum News {
    /// It is done.
    Outcome(Outcome),
    /// It was cut off, and nobody can look it up; [`Port::decide`] settles it.
    Uncertain(Box<Uncertain>),
}

/// Why a run stops before its end; not the script's doing.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// The user interrupted it.
    Interrupted,
    /// Everything it waits for can wait without it.
    Suspended,
    /// Somebody paused it.
    Paused,
    /// Somebody cancelled it.
    Cancelled,
    /// Its time is over.
    TimedOut,
    /// An effect was cut off and cannot be looked up; a person must say.
    Uncertain(Box<Uncertain>),
    /// The script asks for something else than the record says.
    Diverged(Box<Divergence>),
    /// A test has it die here: nothing more is recorded.
    Killed,
    /// The record ended; only for a replay that must not have effects.
    EndOfRecord,
    /// The record cannot be read or written, or does not fit.
    Broken(Box<Problem>),
}

/// The first difference between a script and its record.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// Where the effect stands in the run.
    pub step: StepKey,
    /// The line that asks for it now.
    pub site: Site,
    /// What the record holds.
    pub recorded: String,
    /// What the script asks for now.
    pub asked: String,
}

/// Executes the effects of one run.
pub(super) trait Port: Send {
    /// Takes an effect; never waits for the world.
    fn submit(&mut self, step: &Step, effect: Effect) -> Result<Submitted, Stop>;

    /// Settles an effect that was told to be uncertain; it is under way again, or done.
    fn decide(&mut self, step: &Step, decision: Decision) -> Result<Submitted, Stop>;

    /// Waits until an effect under way is done; the order of its answers is part of the record.
    fn next(&mut self) -> impl Future<Output = Result<Landed, Stop>> + Send;

    /// Tells that the run was cancelled, and that its clean-up begins.
    fn begin_clean_up(&mut self) -> Result<(), Stop>;

    /// Lets what changes the world come to its end after the run was stopped, so that nobody need
    /// look for it, for as long as the patience lasts; then forgets all that is under way.
    fn wind_down(&mut self, patience: Sleep) -> impl Future<Output = ()> + Send;
}
