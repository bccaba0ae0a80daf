//! The inbox: what waits for a person, and their answers.

use super::Desk;
use crate::inbox::{Answered, Given, Item, Listing};
use crate::serve::refused::Refused;

impl Desk {
    /// Returns everything that waits for a person.
    pub async fn inbox(&self) -> Result<Listing, Refused> {
        Ok(self.0.inbox.list().await?)
    }

    /// Returns one of them by its id, or by a unique beginning of it.
    pub async fn inbox_item(&self, id: &str) -> Result<Item, Refused> {
        Ok(self.0.inbox.find(id).await?)
    }

    /// Answers one of them; the first answer counts, and a later one is told so. `by` is kept with
    /// the answer.
    pub async fn answer(
        &self,
        id: &str,
        given: &Given,
        by: Option<&str>,
    ) -> Result<Answered, Refused> {
        Ok(self.0.inbox.answer(id, given, by).await?)
    }
}
