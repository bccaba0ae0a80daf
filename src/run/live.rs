//! Performs the effects of a run, each on its own; keeps no record of them and knows no order.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::console::{Console, Reply};
use super::poller::Poller;
use super::project::Project;
use super::{transfer, web};
use crate::api::Client;
use crate::catalog::Call;
use crate::clock::Clock;
use crate::ids::Chance;
use crate::report::{Failure, FailureKind};
use crate::script::{Answer, Effect, Question, Request};
use crate::secret::Veil;

/// Largest file that is downloaded.
const MAX_DOWNLOAD: u64 = 1 << 30;

/// What a run needs from outside.
pub struct Surroundings {
    /// Makes the way to the API at its first use, so that a script without calls needs no key.
    pub connect: Box<dyn Fn() -> Result<Link, Failure> + Send + Sync>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where random numbers and ids come from.
    pub chance: Arc<Chance>,
    /// The files it may reach.
    pub project: Arc<Project>,
    /// Where its words go.
    pub console: Arc<dyn Console>,
    /// The environment; only what the header allows is given out.
    pub environment: BTreeMap<String, String>,
    /// What the script's header allows.
    pub permissions: Permissions,
    /// The secrets that nothing may keep or show.
    pub veil: Veil,
}

/// The way to the API: a client, and the poller of all waits that go through it.
#[derive(Clone, Debug)]
pub struct Link {
    /// Makes calls.
    pub client: Client,
    /// Waits for Jobs.
    pub poller: Poller,
}

impl Link {
    /// Returns a way of its own; clones of it share rate budget and looks.
    pub fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self {
            poller: Poller::new(client.clone(), clock),
            client,
        }
    }
}

/// What a script may do beside calling the API.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Names of variables of the environment.
    pub env: Vec<String>,
    /// Hosts it may send requests to, with a port where it is not the usual one.
    pub hosts: Vec<String>,
}

/// Performs the effects of one run.
pub(super) struct Live {
    around: Surroundings,
    run: String,
    link: OnceLock<Link>,
    web: web::Web,
    /// Signed URLs that the API gave to this run: the only ones it may transfer to and from.
    signed: Mutex<HashSet<String>>,
}

impl Live {
    /// Returns what performs the effects of the run with this id.
    pub(super) fn new(around: Surroundings, run: String) -> Self {
        Self {
            run,
            web: web::Web::new(around.permissions.hosts.clone()),
            link: OnceLock::new(),
            signed: Mutex::default(),
            around,
        }
    }

    /// Returns what the run has from outside.
    pub(super) fn around(&self) -> &Surroundings {
        &self.around
    }

    /// Returns the API client.
    pub(super) fn client(&self) -> Result<&Client, Failure> {
        Ok(&self.link()?.client)
    }

    /// Returns the way to the API; it is made at its first use.
    fn link(&self) -> Result<&Link, Failure> {
        if let Some(link) = self.link.get() {
            return Ok(link);
        }
        let link = (self.around.connect)()?;
        Ok(self.link.get_or_init(|| link))
    }

    /// Performs an effect that needs no wait; gives the others back.
    pub(super) fn at_once(&self, effect: Effect) -> Result<Result<Answer, Failure>, Effect> {
        let Surroundings {
            project,
            console,
            clock,
            chance,
            ..
        } = &self.around;
        Ok(match effect {
            Effect::Now => Ok(Answer::Time(clock.now())),
            Effect::Random => Ok(Answer::Bits(chance.bits())),
            Effect::Env(name) => self.env(&name),
            Effect::ReadFile(file) => project.read(&file).map(Answer::Bytes),
            Effect::WriteFile {
                file,
                content,
                append,
            } => {
                let write = if append {
                    Project::append
                } else {
                    Project::write
                };
                write(project, &file, &content).map(|()| Answer::Nothing)
            }
            Effect::Print(line) => {
                console.print(&self.around.veil.hide(&line));
                Ok(Answer::Nothing)
            }
            Effect::Log(level, line) => {
                console.log(level, &self.around.veil.hide(&line));
                Ok(Answer::Nothing)
            }
            Effect::Test(_) => Err(Failure::new(FailureKind::Refused, "this is no test")
                .hint("`duvoscript test` runs the functions `test_…` of `*_test.rhai`")),
            effect => return Err(effect),
        })
    }

    /// Performs an effect that talks to the outside. `key` is that of its step.
    pub(super) async fn perform(&self, key: &str, effect: Effect) -> Result<Answer, Failure> {
        match effect {
            Effect::Call(call) => self.call(key, &call).await,
            Effect::Request(request) => self.request(key, &request).await,
            Effect::Http(request) => Ok(Answer::Json(self.web.send(request).await?)),
            Effect::Upload {
                file,
                url,
                content_type,
            } => self.upload(&file, &url, &content_type).await,
            Effect::Download { url, file } => self.download(&url, &file).await,
            Effect::WaitJob(wait) => {
                let console = self.around.console.as_ref();
                let progress = |told: &str| console.status(Some(told));
                let job = self.link()?.poller.wait(&wait, &progress).await;
                console.status(None);
                job.map(Answer::Json)
            }
            // The port waits for these in its own way, and the others need no wait.
            effect => {
                let what = format!("`{effect:?}` is no effect of the outside");
                self.at_once(effect).unwrap_or(Err(Failure::invalid(what)))
            }
        }
    }

    /// Asks the person at the terminal.
    pub(super) async fn ask(&self, question: &Question) -> Reply {
        let (sender, reply) = tokio::sync::oneshot::channel();
        let (console, asked) = (Arc::clone(&self.around.console), question.clone());
        // A read from a terminal cannot be cut off; the run must stop at once all the same.
        std::thread::spawn(move || _ = sender.send(console.ask(&asked, asked.deadline)));
        reply.await.unwrap_or(Reply::Nobody)
    }

    /// Notes the signed URL that the answer of a call holds.
    pub(super) fn remember_signed(&self, call: &Call, body: &[u8]) {
        let Some(field) = call.endpoint.signed else {
            return;
        };
        let url = serde_json::from_slice::<serde_json::Value>(body).ok();
        if let Some(url) = url.as_ref().and_then(|answer| answer.get(field)?.as_str()) {
            self.signed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(url.to_owned());
        }
    }

    async fn call(&self, key: &str, call: &Call) -> Result<Answer, Failure> {
        let client = self.client()?;
        let upload = transfer::upload_of(call, &self.around.project)?;
        let key = self.idempotency_key(key);
        let response = client.call(call, upload, &key).await?;
        self.remember_signed(call, &response.body);
        Ok(transfer::answer_of(call.endpoint, response))
    }

    async fn request(&self, key: &str, request: &Request) -> Result<Answer, Failure> {
        let client = self.client()?;
        let key = self.idempotency_key(key);
        let Request {
            method,
            path,
            query,
            body,
        } = request;
        let sent = client.request(*method, path, query, body.as_ref(), &key);
        Ok(transfer::json_of(sent.await?))
    }

    fn idempotency_key(&self, step: &str) -> String {
        format!("{}/{step}", self.run)
    }

    fn check_signed(&self, url: &str) -> Result<(), Failure> {
        if self
            .signed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(url)
        {
            return Ok(());
        }
        let what = "only signed URLs that the API gave to this run can be used for a transfer";
        Err(Failure::new(FailureKind::Refused, what)
            .hint("for other hosts, use `http` and list them in the header"))
    }

    async fn upload(&self, file: &str, url: &str, content_type: &str) -> Result<Answer, Failure> {
        self.check_signed(url)?;
        let upload = transfer::file_upload(&self.around.project, file, content_type)?;
        self.client()?.upload(url, content_type, upload).await?;
        Ok(Answer::Nothing)
    }

    async fn download(&self, url: &str, file: &str) -> Result<Answer, Failure> {
        self.check_signed(url)?;
        let download = self.client()?.download(url, MAX_DOWNLOAD).await?;
        let content = download.bytes().await?;
        self.around.project.write(file, &content)?;
        Ok(Answer::Bits(content.len() as u64))
    }

    fn env(&self, name: &str) -> Result<Answer, Failure> {
        if !self
            .around
            .permissions
            .env
            .iter()
            .any(|allowed| allowed == name)
        {
            let failure = Failure::new(
                FailureKind::Refused,
                format!("the script may not read the variable `{name}`"),
            );
            return Err(failure.hint(format!("add `env = [\"{name}\"]` to the script's header")));
        }
        let value = self.around.environment.get(name);
        Ok(value.map_or(Answer::Nothing, |value| Answer::Text(value.clone())))
    }
}
