//! Listens: takes connections within limits, and lets those that are open come to their end.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::access::Access;
use super::guard::Guard;
use super::hooks::{Hooked, Hooks};
use super::listen::Listen;
use super::pace::Pace;
use super::router::{Door, router};
use super::{secure, stream};
use crate::clock::Clock;
use crate::report::Problem;
use crate::secret::Secret;
use crate::serve::desk::Desk;
use crate::serve::page::Gate;

/// Connections that are open at once at most; further ones wait.
const MOST_CONNECTIONS: usize = 256;
/// How long the head of a request, or a handshake, may take.
const SLOWEST: Duration = Duration::from_secs(10);
/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 32 << 10;
/// The most headers of a request.
const MOST_HEADERS: usize = 64;
/// After a connection could not be taken, none is for so long.
const PAUSE: Duration = Duration::from_millis(100);
/// How long open connections may take to come to their end.
const PATIENCE: Duration = Duration::from_secs(2);

/// A daemon that listens.
pub struct Served {
    address: SocketAddr,
    scheme: &'static str,
    ended: CancellationToken,
    tracker: TaskTracker,
    access: Access,
    gate: Gate,
}

impl Served {
    /// Listens, until it is told to end. `token` lets in.
    pub async fn start(
        desk: &Desk,
        listen: &Listen,
        token: Secret<String>,
        hooks: Hooks,
    ) -> Result<Self, Problem> {
        listen.check()?;
        let tls = listen.tls.as_ref().map(secure::acceptor).transpose()?;
        let (listener, address) = bind(listen.address).await?;
        let clock = desk.clock();
        let pace = |per_second, most| Pace::new(Arc::clone(&clock), per_second, most);
        let guard = Guard::new(address, tls.is_some(), &listen.hosts, pace(200, 1000));
        let ended = CancellationToken::new();
        let access = Access::new(token, pace(1, 20));
        let gate = Gate::new(access.clone(), tls.is_some());
        let door = Door {
            desk: desk.clone(),
            access: access.clone(),
            hooked: Hooked {
                hooks,
                pace: pace(50, 200),
            },
            streams: Arc::new(Semaphore::new(stream::MOST)),
            ended: ended.clone(),
            clock: Arc::clone(&clock),
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let tracker = TaskTracker::new();
        let reception = Reception {
            router: router(door, gate.clone(), guard),
            tls,
            clock,
            ended: ended.clone(),
            tracker: tracker.clone(),
        };
        tracker.spawn(reception.receive(listener));
        tracker.close();
        Ok(Self {
            address,
            scheme,
            ended,
            tracker,
            access,
            gate,
        })
    }

    /// Returns the address that people open.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Returns what lets people in.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Returns an address that lets whoever opens it in, once, within a quarter of an hour.
    pub fn link(&self) -> String {
        format!("{}{}", self.url(), self.gate.link())
    }

    /// Takes no further connections, and waits a moment for those that are open.
    pub async fn stop(&self) {
        self.ended.cancel();
        _ = timeout(PATIENCE, self.tracker.wait()).await;
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Problem> {
    let unusable = |fault: std::io::Error| {
        Problem::usage(format!("cannot listen at `{address}`"))
            .cause(&fault)
            .hint("`--listen 127.0.0.1:0` takes a free port")
    };
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let address = listener.local_addr().map_err(unusable)?;
    Ok((listener, address))
}

/// Takes connections.
#[derive(Clone)]
struct Reception {
    router: Router,
    tls: Option<TlsAcceptor>,
    clock: Arc<dyn Clock>,
    ended: CancellationToken,
    tracker: TaskTracker,
}

impl Reception {
    async fn receive(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                () = self.ended.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let reception = self.clone();
                    self.tracker.spawn(async move {
                        reception.connect(stream).await;
                        drop(place);
                    });
                }
                // The system has no more files for us, or the caller has gone.
                Err(_) => self.clock.sleep(PAUSE).await,
            }
        }
    }

    async fn connect(self, stream: TcpStream) {
        _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.converse(stream).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = timeout(SLOWEST, tls.accept(stream)).await {
                    self.converse(stream).await;
                }
            }
        }
    }

    fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
    ) -> impl Future<Output = ()> + Send + use<S> {
        let service = TowerToHyperService::new(self.router.clone());
        let ended = self.ended.clone();
        let conversation = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(SLOWEST)
            .max_buf_size(LARGEST_HEAD)
            .max_headers(MOST_HEADERS)
            .serve_connection(TokioIo::new(stream), service);
        async move {
            let mut conversation = std::pin::pin!(conversation);
            tokio::select! {
                _ = conversation.as_mut() => return,
                () = ended.cancelled() => conversation.as_mut().graceful_shutdown(),
            }
            // How it ends concerns nobody but the other side.
            _ = conversation.await;
        }
    }
}
