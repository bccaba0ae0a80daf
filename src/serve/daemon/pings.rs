//! Tells others how runs go: one that is lost harms nothing, and none holds anything up.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Client;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use url::Url;

use super::works::Works;
use crate::api::outside_client;

/// The most that are on their way at once; further ones are lost.
const MOST: usize = 64;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends pings.
pub(super) struct Pings {
    runtime: Handle,
    /// Made for the first one; none where that cannot be.
    client: OnceLock<Option<Client>>,
    places: Arc<Semaphore>,
}

impl Pings {
    /// Returns what sends on a runtime.
    pub(super) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            client: OnceLock::new(),
            places: Arc::new(Semaphore::new(MOST)),
        }
    }
}

impl Works {
    /// Sends pings on their way.
    pub(super) fn send_pings(&self, pings: Vec<Url>) {
        for url in pings {
            let Ok(place) = Arc::clone(&self.pings.places).try_acquire_owned() else {
                tracing::warn!("a ping was lost: too many are on their way");
                continue;
            };
            let client = self.pings.client.get_or_init(|| outside_client().ok());
            let client = client.clone();
            self.pings.runtime.spawn(async move {
                let host = url.host_str().unwrap_or_default().to_owned();
                let sent = async {
                    let sent = client?.get(url).timeout(PATIENCE).send().await;
                    sent.and_then(reqwest::Response::error_for_status).ok()
                };
                // The address is as good as a secret: its host alone is told.
                if sent.await.is_none() {
                    tracing::warn!(host, "a ping was lost");
                }
                drop(place);
            });
        }
    }
}
