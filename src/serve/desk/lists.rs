//! Schedules and their slots.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Desk, at_most};
use crate::journal::{ScheduleRow, SlotFilter, SlotRow};
use crate::schedule::{Declaration, Plan};
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{PauseView, ScheduleView, SlotView};

/// How many slots to come are shown.
const NEXT: usize = 5;
/// How many slots of the past are shown.
const LAST: usize = 20;

impl Desk {
    /// Returns all schedules: those that are declared, and those that were.
    pub fn schedules(&self) -> Result<Vec<ScheduleView>, Refused> {
        let rows = self.journal().schedules()?.into_iter();
        let mut rows: BTreeMap<_, _> = rows.map(|row| (row.name.clone(), row)).collect();
        let declared: Vec<Declaration> = self.0.keeper().declarations().cloned().collect();
        let served: BTreeSet<_> = declared.iter().map(|one| one.name().to_owned()).collect();
        let mut views = Vec::with_capacity(rows.len());
        for declaration in &declared {
            let row = rows.remove(declaration.name());
            views.push(self.schedule_view(declaration.name(), Some(declaration), row)?);
        }
        for (name, row) in rows.into_iter().filter(|(name, _)| !served.contains(name)) {
            views.push(self.schedule_view(&name, None, Some(row))?);
        }
        views.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(views)
    }

    /// Returns a schedule.
    pub fn schedule(&self, name: &str) -> Result<ScheduleView, Refused> {
        let declaration = self.0.keeper().declaration(name).cloned();
        let row = self.journal().schedule(name)?;
        if declaration.is_none() && row.is_none() {
            let what = format!("there is no schedule `{name}`");
            return Err(Refused::new(Why::NotFound, what));
        }
        self.schedule_view(name, declaration.as_ref(), row)
    }

    /// Returns slots with their fates, the newest first: a hundred unless the filter says more, and
    /// a thousand at most.
    pub fn slots(&self, wanted: SlotFilter) -> Result<Vec<SlotView>, Refused> {
        let limit = Some(at_most(wanted.limit));
        let rows = self.journal().slots(&SlotFilter { limit, ..wanted })?;
        rows.into_iter().map(|row| self.slot_view(row)).collect()
    }

    /// Returns a slot for people.
    pub(super) fn slot_view(&self, row: SlotRow) -> Result<SlotView, Refused> {
        let run = match &row.run {
            Some(run) => self.journal().run(run)?,
            None => None,
        };
        Ok(SlotView {
            schedule: row.schedule,
            at: row.at,
            kind: row.kind.as_str().to_owned(),
            due: row.due,
            fate: row.fate.as_str().to_owned(),
            reason: row.reason,
            decided_at: row.decided_at,
            run: row.run,
            run_state: run.map(|run| self.brief(&run).state),
        })
    }

    fn schedule_view(
        &self,
        name: &str,
        declaration: Option<&Declaration>,
        row: Option<ScheduleRow>,
    ) -> Result<ScheduleView, Refused> {
        let last = self.slots(SlotFilter {
            schedule: Some(name.to_owned()),
            limit: Some(LAST),
            ..SlotFilter::default()
        })?;
        let now = self.0.clock.now();
        let place = |one: &Declaration| format!("{}:{}", one.place.source, one.place.line);
        let zone = |one: &Declaration| one.plan.zone.iana_name().map(str::to_owned);
        let warnings = declaration.map(|one| one.warnings.as_slice());
        Ok(ScheduleView {
            name: name.to_owned(),
            script: declaration.map(|one| one.script.clone()),
            timing: declaration.map(|one| one.plan.timing.to_string()),
            timezone: declaration.and_then(zone),
            declared_at: declaration.map(place),
            overlap: declaration.map(|one| one.policy.overlap.as_str().to_owned()),
            failures: row.as_ref().map_or(0, |row| row.failures),
            paused: row.and_then(|row| row.paused).map(|pause| PauseView {
                at: pause.at,
                by: pause.by,
                reason: Some(pause.reason),
            }),
            next: declaration.map_or_else(Vec::new, |one| next(&one.plan, now)),
            last,
            warnings: warnings
                .unwrap_or_default()
                .iter()
                .map(|warning| warning.what.clone())
                .collect(),
        })
    }
}

/// Returns when the next slots are due that will run.
fn next(plan: &Plan, now: Timestamp) -> Vec<Timestamp> {
    // A plan may exclude every day there is.
    let slots = plan.after(now).take(1000);
    let running = slots.filter(|slot| slot.excluded.is_none());
    running.take(NEXT).map(|slot| slot.due).collect()
}
