//! How a time is kept: nanoseconds since 1970; what lies beyond 1677 or 2262 is kept as that limit.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// A time as a value of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Time(pub(in crate::journal) Timestamp);

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let nanoseconds = self.0.as_nanosecond();
        let limit = if nanoseconds < 0 { i64::MIN } else { i64::MAX };
        Ok(i64::try_from(nanoseconds).unwrap_or(limit).into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let nanoseconds = value.as_i64()?;
        Timestamp::from_nanosecond(nanoseconds.into())
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(nanoseconds))
    }
}

/// Wraps a time that may be missing.
pub(in crate::journal) fn time(at: Option<Timestamp>) -> Option<Time> {
    at.map(Time)
}

/// Unwraps a time that may be missing.
pub(in crate::journal) fn timestamp(at: Option<Time>) -> Option<Timestamp> {
    at.map(|at| at.0)
}
