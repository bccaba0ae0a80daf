//! The Host of a live run: performs every effect at once and keeps no record of it.

use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::baton::Baton;
use super::console::{Console, Reply};
use super::project::Project;
use super::{transfer, wait, web};
use crate::api::Client;
use crate::catalog::Call;
use crate::clock::Clock;
use crate::ids::Chance;
use crate::report::{Failure, FailureKind};
use crate::script::{Answer, Branch, Effect, Halt, Host, Question, Request, Source, StepKey};

/// Largest file that is downloaded.
const MAX_DOWNLOAD: u64 = 1 << 30;

/// What a run needs from outside.
pub struct Surroundings {
    /// Makes the API client at its first use, so that a script without calls needs no key.
    pub connect: Box<dyn Fn() -> Result<Client, Failure> + Send + Sync>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where random numbers and ids come from.
    pub chance: Arc<Chance>,
    /// Where its waits run: a runtime of the current thread, so that a call needs no other thread.
    pub runtime: Runtime,
    /// The files it may reach.
    pub project: Arc<Project>,
    /// Where its words go.
    pub console: Arc<dyn Console>,
    /// The environment; only what the header allows is given out.
    pub environment: BTreeMap<String, String>,
    /// What the script's header allows.
    pub permissions: Permissions,
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
pub struct LiveHost {
    around: Surroundings,
    run: String,
    baton: Baton,
    cancelled: CancellationToken,
    client: OnceLock<Client>,
    web: web::Web,
    /// Signed URLs that the API gave to this run: the only ones it may transfer to and from.
    signed: Mutex<HashSet<String>>,
}

impl LiveHost {
    /// Returns the Host of a new run.
    pub fn new(around: Surroundings) -> Self {
        let baton = Baton::new(Arc::clone(&around.clock));
        Self {
            run: around.chance.uuid().to_string(),
            web: web::Web::new(around.permissions.hosts.clone()),
            baton,
            cancelled: CancellationToken::new(),
            client: OnceLock::new(),
            signed: Mutex::default(),
            around,
        }
    }

    /// Cuts off whatever the run is waiting for; it cannot go on after that.
    pub fn stop(&self) {
        self.cancelled.cancel();
        self.baton.stop();
    }

    fn client(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = (self.around.connect)()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Waits for something in the outside world, without the baton, until it ends or the run stops.
    fn away<T>(
        &self,
        branch: &Branch,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Halt> {
        let outcome = self.baton.without(branch, || {
            self.around.runtime.block_on(async {
                // Connections that were closed while nobody waited are noticed first.
                tokio::task::yield_now().await;
                tokio::select! {
                    biased;
                    () = self.cancelled.cancelled() => Err(Halt::Stopped),
                    outcome = work => outcome.map_err(Halt::Failed),
                }
            })
        });
        outcome?
    }

    fn call(&self, branch: &Branch, step: &StepKey, call: &Call) -> Result<Answer, Halt> {
        let client = self.client()?;
        let upload = transfer::upload_of(call, &self.around.project)?;
        let key = self.idempotency_key(step);
        let response = self.away(branch, client.call(call, upload, &key))?;
        if let Some(field) = call.endpoint.signed {
            self.remember_signed(field, &response.body);
        }
        Ok(transfer::answer_of(call.endpoint, response))
    }

    fn request(&self, branch: &Branch, step: &StepKey, request: &Request) -> Result<Answer, Halt> {
        let client = self.client()?;
        let key = self.idempotency_key(step);
        let Request {
            method,
            path,
            query,
            body,
        } = request;
        let sent = client.request(*method, path, query, body.as_ref(), &key);
        let response = self.away(branch, sent)?;
        Ok(Answer::Json(if response.body.is_empty() {
            b"null".to_vec()
        } else {
            response.body.into()
        }))
    }

    fn idempotency_key(&self, step: &StepKey) -> String {
        format!("{}/{}", self.run, step.0)
    }

    fn remember_signed(&self, field: &str, body: &[u8]) {
        let url = serde_json::from_slice::<serde_json::Value>(body).ok();
        if let Some(url) = url.as_ref().and_then(|answer| answer.get(field)?.as_str()) {
            self.signed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(url.to_owned());
        }
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

    fn upload(
        &self,
        branch: &Branch,
        file: &str,
        url: &str,
        content_type: &str,
    ) -> Result<Answer, Halt> {
        self.check_signed(url)?;
        let client = self.client()?;
        let upload = transfer::file_upload(&self.around.project, file, content_type)?;
        self.away(branch, client.upload(url, content_type, upload))?;
        Ok(Answer::Nothing)
    }

    fn download(&self, branch: &Branch, url: &str, file: &str) -> Result<Answer, Halt> {
        self.check_signed(url)?;
        let client = self.client()?;
        let content = self.away(branch, async {
            client.download(url, MAX_DOWNLOAD).await?.bytes().await
        })?;
        self.around.project.write(file, &content)?;
        Ok(Answer::Bits(content.len() as u64))
    }

    fn sleep(&self, branch: &Branch, duration: Duration) -> Result<Answer, Halt> {
        // A sleep is made where the runtime is at hand.
        let sleep = async {
            self.around.clock.sleep(duration).await;
            Ok(())
        };
        self.away(branch, sleep)?;
        Ok(Answer::Nothing)
    }

    fn ask(&self, branch: &Branch, question: &Question) -> Result<Answer, Halt> {
        let (sender, reply) = tokio::sync::oneshot::channel();
        let (console, asked) = (Arc::clone(&self.around.console), question.clone());
        // A read from a terminal cannot be cut off; the run must stop at once all the same.
        std::thread::spawn(move || _ = sender.send(console.ask(&asked, asked.deadline)));
        let reply = self.away(branch, async { Ok(reply.await.unwrap_or(Reply::Nobody)) })?;
        match (reply, question.deadline) {
            (Reply::Answered(text), _) => Ok(Answer::Json(
                serde_json::Value::from(text).to_string().into_bytes(),
            )),
            (Reply::TooLate, _) => Ok(Answer::Json(b"null".to_vec())),
            (Reply::Nobody, Some(deadline)) => {
                self.sleep(branch, deadline)?;
                Ok(Answer::Json(b"null".to_vec()))
            }
            (Reply::Nobody, None) => Err(nobody(question).into()),
        }
    }

    fn env(&self, name: &str) -> Result<Answer, Halt> {
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
            return Err(failure
                .hint(format!("add `env = [\"{name}\"]` to the script's header"))
                .into());
        }
        Ok(self
            .around
            .environment
            .get(name)
            .map_or(Answer::Nothing, |value| Answer::Text(value.clone())))
    }
}

fn nobody(question: &Question) -> Failure {
    let text = format!("there is nobody to answer `{}`", question.text);
    Failure::new(FailureKind::Refused, text)
        .hint("run it in a terminal, or give the question a `deadline` and an `otherwise`")
}

impl Host for LiveHost {
    fn perform(&self, branch: &Branch, step: &StepKey, effect: Effect) -> Result<Answer, Halt> {
        if self.cancelled.is_cancelled() {
            return Err(Halt::Stopped);
        }
        let Surroundings {
            project,
            console,
            clock,
            chance,
            ..
        } = &self.around;
        match effect {
            Effect::Call(call) => self.call(branch, step, &call),
            Effect::Request(request) => self.request(branch, step, &request),
            Effect::Http(request) => Ok(Answer::Json(self.away(branch, self.web.send(request))?)),
            Effect::Upload {
                file,
                url,
                content_type,
            } => self.upload(branch, &file, &url, &content_type),
            Effect::Download { url, file } => self.download(branch, &url, &file),
            Effect::WaitJob(wait) => {
                let watch = wait::Watch {
                    client: self.client()?,
                    clock: clock.as_ref(),
                    console: console.as_ref(),
                };
                let job = self.away(branch, watch.until(&wait));
                console.status(None);
                Ok(Answer::Json(job?))
            }
            Effect::Ask(question) => self.ask(branch, &question),
            Effect::Sleep(duration) => self.sleep(branch, duration),
            Effect::Now => Ok(Answer::Time(clock.now())),
            Effect::Random => Ok(Answer::Bits(chance.bits())),
            Effect::Env(name) => self.env(&name),
            Effect::ReadFile(file) => Ok(Answer::Bytes(project.read(&file)?)),
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
                write(project, &file, &content)?;
                Ok(Answer::Nothing)
            }
            Effect::Print(line) => {
                console.print(&line);
                Ok(Answer::Nothing)
            }
            Effect::Log(level, line) => {
                console.log(level, &line);
                Ok(Answer::Nothing)
            }
        }
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        self.baton.fork(parent, first);
    }

    fn enter(&self, branch: &Branch) -> Result<(), Halt> {
        self.baton.wait_for(branch)
    }

    fn leave(&self, branch: &Branch, next: Option<&Branch>) {
        self.baton.leave(branch, next);
    }

    fn join(&self, parent: &Branch) -> Result<(), Halt> {
        self.baton.wait_for(parent)
    }

    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        self.around.project.import(importer, path)
    }
}
