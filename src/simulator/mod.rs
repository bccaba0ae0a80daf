//! The Duvo API in memory, over real HTTP: for tests, for `--sim`, and for people without an account.
//!
//! [`Simulator::start`] listens on 127.0.0.1 and serves every endpoint of the catalog: by a behaviour
//! of its own (`behaviour/<section>.rs`), else with a sample of the documented answer. All state is
//! one `World` behind one lock; nothing in it waits. What happens by itself is an event in a queue,
//! and every request first runs what is due, each event at its own time, so the world is the same
//! on a real, an accelerated and a virtual clock. With the same seed and the same calls, ids included,
//! everything is the same.
//!
//! # A new section
//! One file `behaviour/<section>.rs` with its rows, its `State`, a table `ROUTES` and the functions;
//! one field in `World` for the state, one line in `behaviour/routes.rs` for the table; an `Event`
//! where something happens by itself. Answers are judged to the letter by the tests' `Trial`.
//!
//! # What the vendor's document leaves open
//! Here the simulator had to decide; a script must not depend on it:
//!
//! - **Envelope.** `{error, message}` and no more, for the document forbids other fields; `error` is a
//!   word for machines (`not_found`, `validation_error`, `invalid_state`, `conflict`, …). Dashboards,
//!   old processes and wrong kinds of snapshots have `error` alone. The request id is in `x-request-id`.
//! - **Statuses.** What is wrong in itself is 400 everywhere, documented or not. A wrong state or a
//!   clash is 409 where the document has it, else 400; what is not there, or in another team, is 404,
//!   else 403, else 400. A foreign team is 403 where documented. Unknown paths and methods are 404.
//! - **Fields.** Fields that the document does not know are ignored; wrong and missing ones are 400.
//! - **Paths.** `.`, `..`, NUL, backslashes and encoded slashes in a segment are 400.
//! - **Limits.** Bodies above 16 MB are 413, direct sandbox uploads above 10 MB too; signed uploads
//!   may have 128 MB, all files together 256 MB, and there may be a million cases and half a million jobs.
//!   A state of more than 1 GB as JSON takes in no more until something is deleted; the ledger keeps the
//!   last 200,000 mutations, or 128 MB of them. A request has 30 s for its head, and 30 s for its body.
//! - **Rate limit.** 300 a minute, in windows that begin with a request; 429 carries `retry-after`.
//!   Without a limit a very high one is announced, so that clients do not hold back.
//! - **Idempotency-Key.** Successful answers to mutations are kept for 24 hours by method, path and key;
//!   the same key with another body is 400. It can be switched off.
//! - **Jobs.** Start as `pending`, are `starting` after 0.3 s and `running` after 1 s. A stopped job is
//!   `interrupted`; the filters `stopped` and `needs_attention` mean interrupted, and failed or waiting.
//!   Messages resume waiting, completed and interrupted jobs; an open request is then withdrawn.
//!   A failed job refuses messages. A denied request leads on, it does not fail the job. Evaluations
//!   are there 3 s after the end. The key sees its own jobs and those without an owner.
//! - **Cases.** The dispatcher looks once a second: due after postponement, then priority, then age.
//!   A trigger without a limit has ten jobs at a time; a waiting job counts. A job that ends without
//!   ending its case, or is stopped, leaves it failed. A case whose queue is not linked to the
//!   consumer's slot fails after three jobs. Events are named `created`, `claimed`, `completed`, `failed`,
//!   `postponed`, `retried`, `delegated`, `reset`, `human_request_created`, `human_request_responded`,
//!   `approvals_requested`, `approvals_resolved`, `approvals_cancelled`.
//! - **Case approvals.** A batch leaves its job `waiting`, without a human request, until all rows are decided;
//!   one rejection rejects it. A message to the job, or its end, cancels it: with `bulk-update-status`, too,
//!   after which the platform leaves batches open in its own pages.
//! - **Deprecated.** `bulk-retry` and `bulk-delegate` answer 308, or 404 on wish.
//! - **Setups.** New ones are drafts; the first one, made with its assignment, is live at once. Promoting
//!   the live one is refused. A trigger whose queue the new live setup does not cover is switched off.
//! - **Files.** Upload addresses work 15 minutes, download addresses an hour, sandboxes an hour. In a form
//!   any single file part is taken, under any name. An upload address may be used again until it expires.
//! - **Labels.** Creating one that exists gives it back.
//! - **Logins.** `password` and `otp_secret` come back as opaque text that does not change.
//! - **OAuth.** The authorization page is `/_sim/oauth/…`; opening it is consent. Probes of addresses that
//!   hold `broken` or `unreachable` fail, all others succeed; no foreign server is asked.
//! - **Webhooks.** `{event, run_id, status, timestamp}`, and `human_request` where there is one; to loopback
//!   only, three tries. In order for each address, unless asked otherwise; other targets get nothing.
//! - **Processes.** A generation takes five seconds a stage, four stages for the current process and five for
//!   a proposal, and ends live; without a finished capture it fails. A chat's turn takes six seconds and ends
//!   in a text (after a question), a question (after fewer than four words) or a patch. An assignment is built
//!   in twenty, bears the name of the process, and leaves that `complete`. Archived snapshots are gone.
//! - **Landscape.** Eight levels at most; cycles, blank names and links to areas are 422. A generation takes
//!   seventeen seconds. Deleting a process's node deletes the process; nested ones become unsorted.
//! - **Organizations.** Jobs count when they were created. Roles rank member, admin, owner, executive.
//! - **Dashboards.** Made in eleven seconds from figures of the team; fewer than three words are asked back
//!   about; a broken connection fails the generation. Restoring moves back and makes no version.
//! - **MCP.** Every operation is a tool but clearing a queue; what is refused is a result with `isError`.
//! - **Schedules.** Fire in their time zone; an assignment has five active ones at most; a day of the month
//!   that a month does not have is its last day.
//!
//! # Scenario files
//! A TOML file declares the company: `[[team]]` and `[[member]]` (the key belongs to the first of each),
//! `[[folder]]`, `[[connection]]` (`broken = "why"`), `[[queue]]` with `case = […]`, `[[secret]]`, `[[login]]`,
//! `[[skill]]`, `[[file]]`, `[[process]]`, `[[fault]]`, and `[[assignment]]` with `[[assignment.course]]`: how its jobs behave.
//! The first course is taken whose conditions all hold: `on` (`case`, `message`, `resume`), `when` (text in
//! title, message or data), `where` (`data.amount > 1000 and attempt < 2`), `attempt`, `share`. Its steps
//! each do one thing (`say`, `think`, `tool`, `approve`, `ask`, `review`, `case`, `add_to`, `write`, `remember`,
//! `end`) and take two seconds unless they say otherwise. Texts may hold `{title}`, `{data.FIELD}`, `{money.FIELD}`,
//! `{answer}` and more. `scenario/company.toml` is the built-in one.
//!
//! ```
//! use duvoscript::simulator::Scenario;
//!
//! let scenario = Scenario::parse("returns.toml", r#"
//!     [[team]]
//!     name = "Returns"
//!
//!     [[member]]
//!     name = "Kim"
//!     email = "kim@example.com"
//!     role = "admin"
//!
//!     [[queue]]
//!     name = "Claims"
//!     case = [{ title = "Claim 1", data = { amount = 1250 } }]
//!
//!     [[assignment]]
//!     name = "Claims clerk"
//!     consumes = ["Claims"]
//!     trigger = true
//!
//!     [[assignment.course]]
//!     where = "data.amount > 1000"
//!     steps = [
//!         { approve = "Refund {money.amount} EUR", approved = [{ case = "complete" }], denied = [{ case = "fail" }] },
//!     ]
//! "#);
//! assert!(scenario.is_ok());
//! ```
//!
//! # Control
//! On loopback only, without a key: `GET /_sim/ledger[?since=N&endpoint=NAME]` (every mutation received, in
//! order), `GET|POST /_sim/clock` (`{"seconds": 60}`, on a virtual clock, a year at most), `POST /_sim/reset`,
//! `GET|PUT /_sim/state` (address and key stay those of the simulator), `GET|POST|DELETE /_sim/faults`. A fault rule names `kind` (`latency`, `rate_limited`,
//! `error`, `reset_before`, `reset_after`, `truncate`, `slow`, `change_enum`, `add_field`, `drop_field`) and, to
//! taste, `endpoint` (`jobs.*`), `nth`, `share`, `times`, `milliseconds`, `status`, `retry_after`.

mod behaviour;
mod judge;
mod reply;
mod request;
mod sample;
mod scenario;
mod server;
mod settings;
#[cfg(test)]
mod trial;
mod world;

pub use sample::documented;
pub use scenario::{Scenario, ScenarioError};
pub use server::{Simulator, SimulatorError};
pub use settings::{Deprecated, Settings, Webhooks};
