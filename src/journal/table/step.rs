//! The table `step`: what runs asked for, and the outcomes.

use rusqlite::types::Type;
use rusqlite::{Connection, Error, Row, params};

use super::blob::{self, Packed, damaged};
use super::time::{Time, time, timestamp};
use crate::journal::{NewStep, OutcomeRow, StepRow};

/// Adds the intent of a step; `large` is its request where that does not lie in the row.
pub(in crate::journal) fn insert(
    db: &Connection,
    run: i64,
    new: &NewStep,
    large: Option<&Packed>,
) -> rusqlite::Result<()> {
    let large = large.map(|packed| blob::keep(db, packed)).transpose()?;
    let inline = large.is_none().then_some(&new.request);
    db.prepare_cached(
        "INSERT INTO step (run, ticket, key, kind, name, fingerprint, source, line, column,
            request, request_blob, mutates, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        run,
        new.ticket,
        new.key,
        new.kind,
        new.name,
        new.fingerprint,
        new.source,
        new.line,
        new.column,
        inline,
        large,
        new.mutates,
        Time(new.at),
    ])?;
    Ok(())
}

/// How a step was completed, but for the outcome itself.
#[derive(Clone, Copy, Debug)]
pub(in crate::journal) struct Completion<'a> {
    pub(in crate::journal) ticket: u32,
    pub(in crate::journal) done_seq: u32,
    pub(in crate::journal) at: Time,
    /// How often it was sent; `None` leaves that as it is.
    pub(in crate::journal) attempts: Option<u32>,
    pub(in crate::journal) note: Option<&'a str>,
}

/// Gives a step its outcome; returns whether there is such a step, and without one.
pub(in crate::journal) fn complete(
    db: &Connection,
    run: i64,
    completion: Completion<'_>,
    outcome: &OutcomeRow,
    large: Option<&Packed>,
) -> rusqlite::Result<bool> {
    let large = large.map(|packed| blob::keep(db, packed)).transpose()?;
    let inline = large.is_none().then_some(&outcome.body);
    let changed = db
        .prepare_cached(
            "UPDATE step SET done_seq = ?3, done_at = ?4, attempts = coalesce(?5, attempts), note = ?6, ok = ?7,
                form = ?8, body = ?9, body_blob = ?10, sealed = ?11
             WHERE run = ?1 AND ticket = ?2 AND done_seq IS NULL",
        )?
        .execute(params![
            run,
            completion.ticket,
            completion.done_seq,
            completion.at,
            completion.attempts,
            completion.note,
            outcome.ok,
            outcome.form,
            inline,
            large,
            outcome.sealed,
        ])?;
    Ok(changed > 0)
}

/// Adds a step as it was exported.
pub(in crate::journal) fn restore(
    db: &Connection,
    run: i64,
    row: &StepRow,
) -> rusqlite::Result<()> {
    let request = blob::keep_large(db, row.request.as_bytes())?;
    let outcome = row.outcome.as_ref();
    let body = outcome.map(|outcome| blob::keep_large(db, &outcome.body));
    let body = body.transpose()?.flatten();
    db.prepare_cached(
        "INSERT INTO step (run, ticket, key, kind, name, fingerprint, source, line, column, request,
            request_blob, mutates, at, attempts, resend, done_seq, done_at, note, ok, form, body,
            body_blob, sealed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        run,
        row.ticket,
        row.key,
        row.kind,
        row.name,
        row.fingerprint,
        row.source,
        row.line,
        row.column,
        request.is_none().then_some(&row.request),
        request,
        row.mutates,
        Time(row.at),
        row.attempts,
        row.resend,
        row.done_seq,
        time(row.done_at),
        row.note,
        outcome.map(|outcome| outcome.ok),
        outcome.map(|outcome| &outcome.form),
        outcome.filter(|_| body.is_none()).map(|outcome| &outcome.body),
        body,
        outcome.and_then(|outcome| outcome.sealed.as_ref()),
    ])?;
    Ok(())
}

/// Lets a step without outcome be sent again; returns whether there is such a step.
pub(in crate::journal) fn resend(db: &Connection, run: i64, ticket: u32) -> rusqlite::Result<bool> {
    let changed = db
        .prepare_cached(
            "UPDATE step SET resend = 1 WHERE run = ? AND ticket = ? AND done_seq IS NULL",
        )?
        .execute(params![run, ticket])?;
    Ok(changed > 0)
}

/// Returns the place behind all completions of a run.
pub(in crate::journal) fn next_done_seq(db: &Connection, run: i64) -> rusqlite::Result<u32> {
    db.prepare_cached("SELECT coalesce(max(done_seq) + 1, 0) FROM step WHERE run = ?")?
        .query_row([run], |row| row.get(0))
}

/// Gives a run the completed steps of another below a ticket, with no gap in their order.
pub(in crate::journal) fn copy(
    db: &Connection,
    from: i64,
    to: i64,
    ticket: u32,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO step (run, ticket, key, kind, name, fingerprint, source, line, column, request,
            request_blob, mutates, at, attempts, resend, done_seq, done_at, note, ok, form, body,
            body_blob, sealed)
         SELECT ?2, ticket, key, kind, name, fingerprint, source, line, column, request,
            request_blob, mutates, at, attempts, resend,
            (SELECT min(done_seq) FROM step WHERE run = ?1) - 1 + row_number() OVER (ORDER BY done_seq),
            done_at, note, ok, form, body, body_blob, sealed
         FROM step WHERE run = ?1 AND ticket < ?3 AND done_seq IS NOT NULL",
    )?
    .execute(params![from, to, ticket])?;
    Ok(())
}

/// Returns the steps of a run, by ticket.
pub(in crate::journal) fn of_run(db: &Connection, run: &str) -> rusqlite::Result<Vec<StepRow>> {
    db.prepare_cached(
        "SELECT ticket, step.key, kind, name, fingerprint, step.source, line, column,
            request, asked.size, asked.packed, mutates, at, attempts, resend, note,
            done_seq, done_at, ok, form, body, answered.size, answered.packed, sealed
         FROM run JOIN step ON step.run = run.key
         LEFT JOIN blob AS asked ON asked.key = request_blob
         LEFT JOIN blob AS answered ON answered.key = body_blob
         WHERE run.id = ? ORDER BY ticket",
    )?
    .query_map([run], |row| read(run, row))?
    .collect()
}

fn read(run: &str, row: &Row<'_>) -> rusqlite::Result<StepRow> {
    let done_seq = row.get(16)?;
    Ok(StepRow {
        run: run.to_owned(),
        ticket: row.get(0)?,
        key: row.get(1)?,
        kind: row.get(2)?,
        name: row.get(3)?,
        fingerprint: row.get(4)?,
        source: row.get(5)?,
        line: row.get(6)?,
        column: row.get(7)?,
        request: text(row, 8)?,
        mutates: row.get(11)?,
        at: row.get::<_, Time>(12)?.0,
        attempts: row.get(13)?,
        resend: row.get(14)?,
        note: row.get(15)?,
        done_seq,
        done_at: timestamp(row.get(17)?),
        outcome: done_seq.map(|_: u32| read_outcome(row)).transpose()?,
    })
}

fn read_outcome(row: &Row<'_>) -> rusqlite::Result<OutcomeRow> {
    Ok(OutcomeRow {
        ok: row.get(18)?,
        form: row.get(19)?,
        body: bytes(row, 20)?,
        sealed: row.get(23)?,
    })
}

/// Returns bytes that lie in a column, or else as size and packed form in the two behind it.
fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    if let Some(inline) = row.get_ref(column)?.as_bytes_or_null()? {
        return Ok(inline.to_vec());
    }
    let Some(packed) = row.get_ref(column + 2)?.as_bytes_or_null()? else {
        return Err(damaged("a large value is missing"));
    };
    blob::unpack(row.get(column + 1)?, packed)
}

/// Returns a text that lies in a column, or else as size and packed form in the two behind it.
pub(super) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    let bytes = bytes(row, column)?;
    String::from_utf8(bytes)
        .map_err(|fault| Error::FromSqlConversionFailure(column, Type::Text, Box::new(fault)))
}
