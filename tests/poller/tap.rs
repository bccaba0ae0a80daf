//! A tap on the wire to a simulator: it passes everything on, and notes each request with its time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use duvoscript::clock::{Clock, VirtualClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A request that went by.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// When, in simulated time since the start.
    pub(crate) at: Duration,
    /// Path and query.
    pub(crate) target: String,
}

impl Request {
    /// Returns whether it is for a page of the list.
    pub(crate) fn is_page(&self) -> bool {
        self.target.contains("/runs?")
    }
}

/// Notes requests.
#[derive(Clone)]
pub(crate) struct Tap {
    pub(crate) address: SocketAddr,
    clock: VirtualClock,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Tap {
    /// Starts a tap before a server.
    pub(crate) async fn before(server: SocketAddr, clock: VirtualClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tap = Self {
            address: listener.local_addr().unwrap(),
            clock,
            seen: Arc::default(),
        };
        let on_line = tap.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(server).await.unwrap();
                near.set_nodelay(true).unwrap();
                far.set_nodelay(true).unwrap();
                let ((from_near, mut to_near), (mut from_far, to_far)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(on_line.clone().pass_on(from_near, to_far));
                tokio::spawn(async move {
                    _ = copy(&mut from_far, &mut to_near).await;
                    _ = to_near.shutdown().await;
                });
            }
        });
        tap
    }

    async fn pass_on(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            self.note(&piece[..length]);
            if to.write_all(&piece[..length]).await.is_err() {
                return;
            }
        }
        _ = to.shutdown().await;
    }

    /// A request for reading is small, and comes in one piece.
    fn note(&self, piece: &[u8]) {
        let head = String::from_utf8_lossy(piece);
        let target = head
            .strip_prefix("GET ")
            .and_then(|head| head.split_whitespace().next());
        if let Some(target) = target {
            self.seen.lock().unwrap().push(Request {
                at: self.clock.elapsed(),
                target: target.to_owned(),
            });
        }
    }

    /// Returns all requests so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns when each request came.
    pub(crate) fn times(&self) -> Vec<Duration> {
        self.seen().iter().map(|request| request.at).collect()
    }

    /// Returns the most requests of any minute.
    pub(crate) fn busiest_minute(&self) -> usize {
        let seen = self.seen();
        let minute = Duration::from_secs(60);
        let within = |first: usize| {
            let in_minute = seen[first..]
                .iter()
                .take_while(|next| next.at < seen[first].at + minute);
            in_minute.count()
        };
        (0..seen.len()).map(within).max().unwrap_or(0)
    }
}
