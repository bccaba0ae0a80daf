//! Looks for what a call that was cut off may have made.
use jiff::Timestamp;

use crate::api::Client;
use crate::catalog::Call;
use crate::clock::Clock;
use crate::report::Failure;
use crate::script::Answer;

pub(crate) enum Found {
    Adopt(Answer),
    Absent,
    CannotTell { why: String },
}

pub(crate) async fn look_up(
    _: &Client,
    _: &Call,
    _: Timestamp,
    _: &dyn Clock,
) -> Result<Found, Failure> {
    Ok(Found::CannotTell {
        why: "not yet".into(),
    })
}
