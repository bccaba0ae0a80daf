//! Schedules and their slots.

use super::{Desk, SlotPage};
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{ScheduleView, SlotView};

impl Desk {
    /// Returns all schedules: those that are declared, and those that were.
    pub fn schedules(&self) -> Result<Vec<ScheduleView>, Refused> {
        Ok(Vec::new())
    }

    /// Returns a schedule.
    pub fn schedule(&self, name: &str) -> Result<ScheduleView, Refused> {
        let mut all = self.schedules()?.into_iter();
        let found = all.find(|schedule| schedule.name == name);
        found.ok_or_else(|| Refused::new(Why::NotFound, format!("there is no schedule `{name}`")))
    }

    /// Returns slots with their fates, the newest first.
    pub fn slots(&self, _page: &SlotPage) -> Result<Vec<SlotView>, Refused> {
        Ok(Vec::new())
    }
}
